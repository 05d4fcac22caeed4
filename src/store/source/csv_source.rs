//! Lines of text to typed rows.
//!
//! The first lines that are neither blank nor comments show the layout ([`TextPlan`]); the delimiter is
//! the one they use most among comma, semicolon, tab and bar. A byte-order mark is skipped. Every
//! line is accounted for: a header, a comment (it begins with `#`), blank, or records that are each
//! accepted or refused with their reason.

use std::path::Path;

use super::{
    RowKind, SourceColumn, SourceOptions,
    intake::Intake,
    layout::{Head, Layout, TextPlan, symbol_in},
    packed::{Part, unreadable},
    raw_bars::{Fault, RejectReason},
    reading::only_symbol,
    text_lines::{Fields, LineEnd, Lines},
};
use crate::error::{Error, Result};

/// Lines that show the layout, as long as there are so many.
const HEAD_LINES: usize = 24;

/// What the lines of a text were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    /// The layout they are in.
    pub(super) layout: Layout,
    /// The columns found, in the order of the house.
    pub(super) columns: Vec<SourceColumn>,
    /// The symbol, where it was taken from the options or the name of the file.
    pub(super) only_symbol: Option<String>,
}

struct Line {
    number: u64,
    bytes: Vec<u8>,
    end: LineEnd,
}

/// Reads a text of `path` into `intake`.
pub(super) fn read(
    path: &Path,
    part: &mut Part<'_>,
    options: &SourceOptions,
    intake: &mut Intake<'_>,
) -> Result<Shape> {
    let (name, member) = (part.name, part.member);
    let mut lines = Lines::new(&mut *part.input);
    let (head, mut number) = first_lines(path, &mut lines, intake)?;
    let telling: Vec<&[u8]> = head.iter().map(|line| &line.bytes[..]).collect();
    if telling.is_empty() {
        return Err(Error::data(format!("{} holds no line", intake.file())));
    }
    let plan = TextPlan::of(&Head::of(&telling, intake.file(), name)?, options)?;
    let symbol = symbol_of(path, member, &plan, options)?;
    let mut reader = Reader::new(&plan, options, symbol.as_deref().unwrap_or_default());
    for line in &head {
        reader.take(line.number, &line.bytes, line.end, intake)?;
    }
    let mut line = Vec::new();
    while let Some(end) = lines.next_into(&mut line).map_err(|e| unreadable(path, &e))? {
        number += 1;
        reader.take(number, &line, end, intake)?;
    }
    Ok(Shape { layout: plan.layout(), columns: plan.columns(), only_symbol: symbol })
}

/// The first lines that are neither blank nor comments, and how many lines were read for them; the
/// others are counted at once.
fn first_lines<R: std::io::BufRead>(
    path: &Path,
    lines: &mut Lines<R>,
    intake: &mut Intake<'_>,
) -> Result<(Vec<Line>, u64)> {
    let (mut head, mut number) = (Vec::new(), 0);
    let mut bytes = Vec::new();
    while head.len() < HEAD_LINES {
        let Some(end) = lines.next_into(&mut bytes).map_err(|e| unreadable(path, &e))? else {
            break;
        };
        number += 1;
        if number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        if is_blank(&bytes) {
            intake.blank();
        } else if is_comment(&bytes) {
            intake.comment();
        } else {
            head.push(Line { number, bytes: bytes.clone(), end });
        }
    }
    Ok((head, number))
}

/// The symbol of a text whose rows name none: the one that is said, else the one in its name.
fn symbol_of(
    path: &Path,
    member: Option<&str>,
    plan: &TextPlan,
    options: &SourceOptions,
) -> Result<Option<String>> {
    if !plan.is_of_one_symbol() {
        return Ok(None);
    }
    if let Some(symbol) = &options.symbol {
        return Ok(Some(symbol.clone()));
    }
    match member {
        Some(member) => Ok(Some(symbol_in(plan.layout(), member))),
        None if options.rows == RowKind::Bars => {
            only_symbol(path, options, plan.layout()).map(Some)
        }
        None => only_symbol(path, options, Layout::Barline).map(Some),
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

fn is_comment(line: &[u8]) -> bool {
    line.first() == Some(&b'#')
}

/// Takes line after line of one text.
struct Reader<'a> {
    plan: &'a TextPlan,
    options: &'a SourceOptions,
    only_symbol: &'a str,
    /// Lines that are still to come before the first row.
    comments_left: usize,
    header_left: usize,
    fields: Fields,
}

impl<'a> Reader<'a> {
    fn new(plan: &'a TextPlan, options: &'a SourceOptions, only_symbol: &'a str) -> Self {
        let header = plan.header();
        Self {
            plan,
            options,
            only_symbol,
            comments_left: header.comments,
            header_left: header.lines,
            fields: Fields::default(),
        }
    }

    fn take(
        &mut self,
        number: u64,
        line: &[u8],
        end: LineEnd,
        intake: &mut Intake<'_>,
    ) -> Result<()> {
        if is_blank(line) {
            intake.blank();
        } else if is_comment(line) {
            intake.comment();
        } else if self.comments_left > 0 {
            self.comments_left -= 1;
            intake.comment();
        } else if self.header_left > 0 {
            self.header_left -= 1;
            intake.header();
        } else {
            return self.row(number, line, end, intake);
        }
        Ok(())
    }

    fn row(
        &mut self,
        number: u64,
        line: &[u8],
        end: LineEnd,
        intake: &mut Intake<'_>,
    ) -> Result<()> {
        let split = match end {
            LineEnd::Cut => Err(Fault::row(RejectReason::LongLine)),
            LineEnd::Whole => self.plan.split(line, &mut self.fields),
        };
        let moment = split.and_then(|()| self.plan.moment(&self.fields, self.options));
        let moment = match moment {
            Ok(moment) => moment,
            Err(fault) => return intake.refuse(number, fault, line),
        };
        for at in 0..self.plan.records() {
            match self.plan.record(at, &self.fields, moment, self.only_symbol) {
                Some(record) => intake.take(number, record, || line.to_vec())?,
                None => intake.blank(),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::store::source::{
        Accounting, Gathered, RejectReason, SourceOptions, SourceReading, read_source,
    };

    fn read(bytes: impl AsRef<[u8]>) -> (SourceReading, Gathered) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ABC.csv");
        fs::write(&path, bytes).expect("a file");
        let mut gathered = Gathered::default();
        let reading = read_source(&path, &SourceOptions::default(), &mut gathered);
        (reading.expect("a readable file"), gathered)
    }

    fn reasons(gathered: &Gathered) -> Vec<(u64, RejectReason)> {
        gathered.rejects().iter().map(|reject| (reject.line, reject.reason)).collect()
    }

    const CLEAN: &str = "ts,symbol,open,high,low,close,volume\n\
        2024-01-01T00:00:00Z,A,1,2,0.5,1.5,10\n\
        2024-01-01T00:00:00Z,B,10,20,5,15,100\n\
        2024-01-01T01:00:00Z,A,1.5,2,1,1.25,\n";

    #[test]
    fn one_table_in_every_dress_gives_the_same_bars() {
        let (plain, gathered) = read(CLEAN);
        assert_eq!(
            plain.accounting,
            Accounting { read: 4, accepted: 3, header: 1, ..Accounting::default() }
        );
        let expected = format!("{:?}", gathered.settle().symbols);
        assert!(expected.contains("1.25"));
        for dress in [
            format!("\u{feff}{CLEAN}"),
            CLEAN.replace('\n', "\r\n"),
            CLEAN.replace('\n', "\r"),
            CLEAN.replace(',', ";"),
            CLEAN.replace(',', "\t"),
            CLEAN.replace("A,", "\"A\","),
            CLEAN.replace("ts,symbol,open", " Timestamp , TICKER,Open"),
            CLEAN.replace("2024-01-01T00:00:00Z", "1704067200000"),
            CLEAN.replace('T', " "),
            CLEAN.trim_end().to_owned(),
            format!("\n\n{CLEAN}"),
        ] {
            let (_, gathered) = read(&dress);
            assert_eq!(format!("{:?}", gathered.settle().symbols), expected, "{dress:?}");
        }
    }

    #[test]
    fn every_bad_line_is_refused_with_its_reason_and_the_rest_is_kept() {
        let rows: [(&[u8], RejectReason); 16] = [
            (b"2024-01-02,A,1,2", RejectReason::TooFewFields),
            (b"2024-01-02,A,1,2,1,1,1,", RejectReason::TooManyFields),
            (b"2024-01-02,\"A,1,2,1,1,1", RejectReason::OpenQuote),
            (b"2024-01-02,caf\xe9,1,2,1,1,1", RejectReason::NotText),
            (b"2024-01-02,A,1,2,1,1.\x000,1", RejectReason::NotText),
            (b"2024-01-02,A,1,2,1,,1", RejectReason::Missing),
            (b"2024-01-02,A,1,2,1,NaN,1", RejectReason::Missing),
            (b"2024-01-02,A,1,inf,1,1,1", RejectReason::NotFinite),
            (b"2024-01-02,A,1,2,1,1e400,1", RejectReason::NotFinite),
            (b"2024-01-02,A,1,2,1,1e-400,1", RejectReason::NotPositive),
            (b"2024-01-02,A,1,2,1,-1,1", RejectReason::NotPositive),
            (b"2024-01-02,A,1,2,1,$1,1", RejectReason::NotANumber),
            (b"2024-01-02,A,1,2,1,1,-1", RejectReason::Negative),
            (b"2024-01-02,A,1,1,2,1,1", RejectReason::HighBelowLow),
            (b"02/01/2024,A,1,2,1,1,1", RejectReason::NotAMoment),
            (b",A,1,2,1,1,1", RejectReason::Missing),
        ];
        let mut bytes = CLEAN.as_bytes().to_vec();
        for (row, _) in rows {
            bytes.extend_from_slice(row);
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(b"  \n2024-01-03,A,1,2,1,1,1\n");
        let (reading, gathered) = read(&bytes);
        let expected: Vec<_> = (5u64..).zip(rows.map(|(_, reason)| reason)).collect();
        assert_eq!(reasons(&gathered), expected);
        let counts = reading.accounting;
        assert_eq!((counts.read, counts.accepted, counts.rejected, counts.blank), (22, 4, 16, 1));
        assert_eq!(counts.without_zone, 1);
    }

    #[test]
    fn an_endless_line_costs_one_row() {
        let text = format!("ts,close\n{}\n2024-01-01,1\n", "9".repeat(3 << 20));
        let (reading, gathered) = read(text);
        assert_eq!(reasons(&gathered), [(2, RejectReason::LongLine)]);
        assert_eq!(reading.accounting.accepted, 1);
    }

    #[test]
    fn a_header_alone_is_a_file_without_bars() {
        let (reading, _) = read("ts,symbol,close\n");
        let header = Accounting { read: 1, header: 1, ..Accounting::default() };
        assert_eq!(reading.accounting, header);
        assert!(reading.symbols.is_empty());
    }
}
