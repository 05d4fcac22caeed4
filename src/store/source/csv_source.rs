//! CSV with a header: lines to typed rows.
//!
//! The first line that is not blank is the header; the delimiter is the one it uses most among
//! comma, semicolon, tab and bar. A byte-order mark is skipped. Every later line is a row of its
//! own: accepted, refused with its reason, or blank.

use std::{fs::File, io::BufReader, path::Path};

use super::{
    SourceColumn, SourceOptions,
    column_map::ColumnMap,
    intake::{Intake, Row},
    moment,
    raw_bars::{Fault, RejectReason},
    reading::only_symbol,
    row_rules,
    text_lines::{Fields, LineEnd, Lines},
};
use crate::{
    domain::{Bar, Timestamp},
    error::{Error, Result},
};

const BUFFER_BYTES: usize = 1 << 18;
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// Reads `path` into `intake`; the columns found.
pub(super) fn read(
    path: &Path,
    options: &SourceOptions,
    intake: &mut Intake<'_>,
) -> Result<ColumnMap> {
    let file = File::open(path).map_err(|e| Error::io("open", path, &e))?;
    let mut lines = Lines::new(BufReader::with_capacity(BUFFER_BYTES, file));
    let mut line = Vec::new();
    let mut number = 0;
    let header = loop {
        number += 1;
        match lines.next_into(&mut line).map_err(|e| Error::io("read", path, &e))? {
            None => return Err(Error::data(format!("{} holds no line", intake.file()))),
            Some(_) if is_blank(&line) => {}
            Some(_) => break Header::of(&line, options, intake.file())?,
        }
    };
    let only_symbol = only_symbol(path, options);
    let mut fields = Fields::default();
    while let Some(end) = lines.next_into(&mut line).map_err(|e| Error::io("read", path, &e))? {
        number += 1;
        if is_blank(&line) {
            intake.blank();
            continue;
        }
        let row = match end {
            LineEnd::Cut => Err(Fault::row(RejectReason::LongLine)),
            LineEnd::Whole => header.row(&line, &mut fields, &only_symbol, options),
        };
        intake.take(number, row, || line.clone())?;
    }
    Ok(header.map)
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

/// What the first line says about all others.
struct Header {
    delimiter: char,
    map: ColumnMap,
}

impl Header {
    fn of(line: &[u8], options: &SourceOptions, file: &str) -> Result<Self> {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let text = std::str::from_utf8(line).map_err(|_| {
            Error::data(format!("{file} is not UTF-8 text")).with_hint("save it as UTF-8")
        })?;
        let uses = |delimiter: &char| text.matches(*delimiter).count();
        let mut delimiter = DELIMITERS[0];
        for other in &DELIMITERS[1..] {
            if uses(other) > uses(&delimiter) {
                delimiter = *other;
            }
        }
        let mut fields = Fields::default();
        fields.split(text, delimiter).map_err(|_| {
            Error::data(format!("{file}: a quotation mark in the header is not closed"))
        })?;
        let names: Vec<String> = fields.iter().map(str::to_owned).collect();
        Ok(Self { delimiter, map: ColumnMap::find(&names, options, file)? })
    }

    fn row<'a>(
        &self,
        line: &[u8],
        fields: &'a mut Fields,
        only_symbol: &'a str,
        options: &SourceOptions,
    ) -> Result<Row<'a>, Fault> {
        let text = std::str::from_utf8(line).map_err(|_| Fault::row(RejectReason::NotText))?;
        if text.contains('\0') {
            return Err(Fault::row(RejectReason::NotText));
        }
        let split = fields.split(text, self.delimiter);
        split.map_err(|_| Fault::row(RejectReason::OpenQuote))?;
        let fields = &*fields;
        match fields.len().cmp(&self.map.width()) {
            std::cmp::Ordering::Less => return Err(Fault::row(RejectReason::TooFewFields)),
            std::cmp::Ordering::Greater => return Err(Fault::row(RejectReason::TooManyFields)),
            std::cmp::Ordering::Equal => {}
        }
        let field = |column| self.map.place(column).map(|place| fields.field(place).trim());
        let number = |column| match field(column) {
            Some(text) => row_rules::number(column, text),
            None => Ok(f64::NAN),
        };
        let ts = field(SourceColumn::Ts).unwrap_or_default();
        let at = if ts.is_empty() {
            Err(RejectReason::Missing)
        } else {
            moment::read(ts, &options.zone)
        };
        let at = at.map_err(|reason| Fault::at(SourceColumn::Ts, reason))?;
        let symbol = row_rules::symbol(field(SourceColumn::Symbol).unwrap_or(only_symbol))?;
        let bar = Bar {
            ts: Timestamp(at.micros),
            open: number(SourceColumn::Open)?,
            high: number(SourceColumn::High)?,
            low: number(SourceColumn::Low)?,
            close: number(SourceColumn::Close)?,
            volume: number(SourceColumn::Volume)?,
        };
        Ok(Row { symbol, bar, without_zone: at.without_zone })
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
        assert_eq!(plain.accounting, Accounting { read: 3, accepted: 3, ..Accounting::default() });
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
        assert_eq!((counts.read, counts.accepted, counts.rejected, counts.blank), (21, 4, 16, 1));
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
        assert_eq!(reading.accounting, Accounting::default());
        assert!(reading.symbols.is_empty());
    }
}
