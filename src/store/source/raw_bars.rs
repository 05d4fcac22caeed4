//! Typed rows on their way from a file to the store, and the account of those that did not make it.

use std::fmt;

use super::{RowKind, SourceColumn};
use crate::{
    domain::{Bar, EventKind},
    error::Result,
};

/// Typed bars in the order of the file. All columns have the same length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RawBars {
    /// Index of the bar's symbol among the symbols of the file, in order of first appearance.
    pub symbol: Vec<u32>,
    /// Line (CSV, the header is line 1) or row (Parquet, from 1) it stands on.
    pub line: Vec<u64>,
    /// The bar; prices and volumes the file does not give are NaN.
    pub bar: Vec<Bar>,
}

impl RawBars {
    /// Rows of a full batch.
    pub(super) const BATCH_ROWS: usize = 65_536;

    /// Number of bars.
    pub fn len(&self) -> usize {
        self.bar.len()
    }

    /// True if it holds none.
    pub fn is_empty(&self) -> bool {
        self.bar.is_empty()
    }

    pub(super) fn push(&mut self, symbol: u32, line: u64, bar: Bar) {
        self.symbol.push(symbol);
        self.line.push(line);
        self.bar.push(bar);
    }

    pub(super) fn clear(&mut self) {
        self.symbol.clear();
        self.line.clear();
        self.bar.clear();
    }
}

/// Receives what a file holds.
pub trait BarSink {
    /// A batch of bars; `symbols` are the symbols of the file seen so far.
    ///
    /// # Errors
    /// Whatever the sink cannot do; reading stops.
    fn bars(&mut self, symbols: &[String], batch: &RawBars) -> Result<()>;

    /// A row that was refused.
    ///
    /// # Errors
    /// Whatever the sink cannot do; reading stops.
    fn reject(&mut self, reject: Reject) -> Result<()>;
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Line (CSV, the header is line 1) or row (Parquet, from 1).
    pub line: u64,
    /// The column at fault, where there is one.
    pub column: Option<SourceColumn>,
    /// What that column is called in a file of such rows: `ratio` where `close` stands for it.
    pub field: Option<&'static str>,
    /// What is wrong with it.
    pub reason: RejectReason,
    /// The row as it stands in the file, cut at [`Reject::RAW_BYTES`] bytes.
    pub raw: String,
}

impl Reject {
    /// Most bytes of a refused row that are kept.
    pub const RAW_BYTES: usize = 200;

    pub(super) fn new(line: u64, fault: Fault, kind: RowKind, raw: &[u8]) -> Self {
        let Fault { column, reason } = fault;
        let field = column.map(|column| column.name_in(kind));
        Self { line, column, field, reason, raw: excerpt(raw) }
    }
}

impl fmt::Display for Reject {
    /// `line 7, close: not a number: 2024-01-01,A,1,5`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(field) = self.field {
            write!(f, ", {field}")?;
        }
        write!(f, ": {}: {}", self.reason, self.raw)
    }
}

/// Printable text of at most [`Reject::RAW_BYTES`] bytes.
fn excerpt(raw: &[u8]) -> String {
    let cut = &raw[..raw.len().min(Reject::RAW_BYTES)];
    let text: String = String::from_utf8_lossy(cut)
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    let mut end = text.len().min(Reject::RAW_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// Why a row is refused, before it is known where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) column: Option<SourceColumn>,
    pub(super) reason: RejectReason,
}

impl Fault {
    pub(super) fn row(reason: RejectReason) -> Self {
        Self { column: None, reason }
    }

    pub(super) fn at(column: SourceColumn, reason: RejectReason) -> Self {
        Self { column: Some(column), reason }
    }
}

/// What is wrong with a refused row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectReason {
    /// Fewer fields than the header.
    TooFewFields,
    /// More fields than the header.
    TooManyFields,
    /// A quotation mark that is not closed on its line.
    OpenQuote,
    /// Bytes that are not UTF-8, or a NUL.
    NotText,
    /// A longer line than any bar needs.
    LongLine,
    /// An empty field, or `null`, `NA`, `NaN`, where a value is needed.
    Missing,
    /// Not a number.
    NotANumber,
    /// An infinite number, or one too large for 64 bits.
    NotFinite,
    /// A price or a ratio of zero or less.
    NotPositive,
    /// A volume, an amount or a fee below zero.
    Negative,
    /// A borrow fee that nobody ever paid.
    TooLarge,
    /// The highest price is below the lowest.
    HighBelowLow,
    /// Not a moment in any form that is read.
    NotAMoment,
    /// A moment outside the years that are accepted.
    YearOutOfRange,
    /// A local time that its zone skips or repeats.
    AmbiguousLocalTime,
    /// A count, or a form of it, in another unit than the layout's.
    WrongUnit,
    /// A time without the offset that the layout has.
    WithoutOffset,
    /// Two moments of one row that cannot both be.
    ContradictoryTimes,
    /// A symbol longer than any market uses.
    LongSymbol,
    /// A symbol with a comma: commas join the symbols of a combination.
    CommaInSymbol,
}

impl RejectReason {
    /// The name used in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooFewFields => "too_few_fields",
            Self::TooManyFields => "too_many_fields",
            Self::OpenQuote => "open_quote",
            Self::NotText => "not_text",
            Self::LongLine => "long_line",
            Self::Missing => "missing",
            Self::NotANumber => "not_a_number",
            Self::NotFinite => "not_finite",
            Self::NotPositive => "not_positive",
            Self::Negative => "negative",
            Self::TooLarge => "too_large",
            Self::HighBelowLow => "high_below_low",
            Self::NotAMoment => "not_a_moment",
            Self::YearOutOfRange => "year_out_of_range",
            Self::AmbiguousLocalTime => "ambiguous_local_time",
            Self::WrongUnit => "wrong_unit",
            Self::WithoutOffset => "without_offset",
            Self::ContradictoryTimes => "contradictory_times",
            Self::LongSymbol => "long_symbol",
            Self::CommaInSymbol => "comma_in_symbol",
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => {
                let most = EventKind::MOST_BORROW_BPS;
                return write!(f, "more than {most} basis points a year, which nobody ever paid");
            }
            Self::TooFewFields => "fewer fields than the header",
            Self::TooManyFields => "more fields than the header",
            Self::OpenQuote => "a quotation mark is not closed on this line",
            Self::NotText => "not UTF-8 text",
            Self::LongLine => "a longer line than any bar needs",
            Self::Missing => "no value",
            Self::NotANumber => "not a number",
            Self::NotFinite => "not a finite number",
            Self::NotPositive => "not above zero",
            Self::Negative => "below zero",
            Self::HighBelowLow => "the high is below the low",
            Self::NotAMoment => "not a moment",
            Self::YearOutOfRange => "a year outside 1800 to 2199",
            Self::AmbiguousLocalTime => "a local time its zone skips or repeats",
            Self::WrongUnit => "not in a unit of this layout",
            Self::WithoutOffset => "a time without the offset that this layout has",
            Self::ContradictoryTimes => "two times of this row contradict each other",
            Self::LongSymbol => "a symbol of more than 64 bytes",
            Self::CommaInSymbol => "a comma in the symbol",
        })
    }
}

/// How the records of a file ended: `read = accepted + rejected + blank + comment + header`. A record is a
/// line, a row of Parquet or a bar of JSON; a line with several symbols is a record for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accounting {
    /// Records, those included that are no rows.
    pub read: u64,
    /// Rows handed on as bars.
    pub accepted: u64,
    /// Rows refused, each with its reason.
    pub rejected: u64,
    /// Lines without any field, and symbols without a value on a line of several.
    pub blank: u64,
    /// Lines that say something to people: they begin with `#`, or tell where the file is from.
    pub comment: u64,
    /// Lines of column names.
    pub header: u64,
    /// Accepted rows whose open or close lies outside their low and high: kept as they are.
    pub outside_range: u64,
    /// Accepted rows whose moment came without a zone.
    pub without_zone: u64,
}

impl Accounting {
    /// True if every record is one of these.
    pub fn adds_up(&self) -> bool {
        self.read == self.accepted + self.rejected + self.blank + self.comment + self.header
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Reject, RejectReason};
    use crate::{
        domain::EventKind,
        store::source::{RowKind, SourceColumn},
    };

    #[test]
    fn a_reject_shows_where_and_why_within_bounds() {
        let fault = Fault::at(SourceColumn::Close, RejectReason::NotANumber);
        let of = |kind| Reject::new(7, fault, kind, b"2024-01-01,A,x\t").to_string();
        assert_eq!(of(RowKind::Bars), "line 7, close: not a number: 2024-01-01,A,x\u{fffd}");
        assert!(of(RowKind::Events(EventKind::Split)).starts_with("line 7, ratio: not a number"));
        assert!(of(RowKind::Weights).starts_with("line 7, weight: not a number"));
        for raw in ["é".repeat(500).into_bytes(), vec![0xff; 5_000], vec![0; 5_000]] {
            let fault = Fault::row(RejectReason::NotText);
            let cut = Reject::new(1, fault, RowKind::Bars, &raw).raw;
            assert!(!cut.is_empty() && cut.len() <= Reject::RAW_BYTES);
        }
    }
}
