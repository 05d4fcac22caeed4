//! What an import of a file found and did.

use super::{
    super::source::{Layout, Reject, SourceFormat},
    ImportSummary,
};
use crate::domain::{CalendarClass, Interval, Timestamp};

/// What an import of a file found and did.
#[derive(Debug, Clone, PartialEq)]
pub struct FileReport {
    /// The file.
    pub name: String,
    /// Its kind.
    pub format: SourceFormat,
    /// How it is packed, where it is.
    pub packing: Option<&'static str>,
    /// How its columns are laid out.
    pub layout: Layout,
    /// True if the layout was said.
    pub layout_given: bool,
    /// Number of symbols.
    pub symbols: u64,
    /// Length of the bars.
    pub interval: Interval,
    /// Calendar class they are stored under.
    pub calendar: CalendarClass,
    /// Where the calendar class comes from.
    pub calendar_from: CalendarFrom,
    /// Opening time of the first bar.
    pub first: Timestamp,
    /// Opening time of the last bar.
    pub last: Timestamp,
    /// What became of the rows.
    pub counts: ImportSummary,
    /// True if the file gives closes without opens.
    pub is_close_only: bool,
    /// Rows whose moment came without a zone.
    pub without_zone: u64,
    /// Bars whose open or close lies outside their low and high.
    pub outside_range: u64,
    /// Symbols that did not stand in order of time.
    pub unordered_symbols: u64,
    /// The first rejected row.
    pub first_reject: Option<Reject>,
}

/// Where a calendar class comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarFrom {
    /// It was said.
    Given,
    /// The store has the symbols under it.
    Stored,
    /// It was inferred from the bars.
    Inferred,
}

/// Shortest span that shows which days a market is open, in days.
const TELLING_SPAN_DAYS: i64 = 14;

impl FileReport {
    /// What the person should know about the file, a line each.
    pub fn remarks(&self) -> Vec<String> {
        let counts = &self.counts;
        let mut remarks = Vec::new();
        if self.layout != Layout::Barline {
            let found = if self.layout_given { "given" } else { "recognised" };
            remarks.push(format!(
                "layout {} ({found}): {}",
                self.layout,
                self.layout.conventions()
            ));
        }
        if self.layout == Layout::BinanceSpot && !self.layout_given {
            remarks.push(
                "older USD-M files look the same: give those with --layout binance-um".to_owned(),
            );
        }
        if self.is_close_only {
            remarks.push("closes only: decisions on them are filled at the next close".to_owned());
        }
        let span = self.last.micros() - self.first.micros();
        let inferred = self.calendar_from == CalendarFrom::Inferred;
        let is_open_question = inferred && self.layout.calendar().is_none();
        if is_open_question && span < TELLING_SPAN_DAYS * Interval::DAY.micros() {
            remarks.push(format!(
                "calendar {} is inferred from less than {TELLING_SPAN_DAYS} days of bars; \
                 --calendar says another",
                self.calendar
            ));
        }
        if self.unordered_symbols > 0 {
            remarks.push(format!(
                "{} of {} symbols were not in order of time and are sorted",
                self.unordered_symbols, self.symbols
            ));
        }
        if self.outside_range > 0 {
            remarks.push(format!(
                "{} bars open or close outside their low and high; they are kept as they are",
                self.outside_range
            ));
        }
        if counts.replaced > 0 {
            remarks.push(format!(
                "{} bars take the place of stored ones that differ; once they are stored, 'barline query \
                 stale' lists the jobs that may use them",
                counts.replaced
            ));
        }
        if counts.differing > 0 {
            remarks.push(format!(
                "{} of {} duplicate bars differ from the one that came first, which is kept",
                counts.differing, counts.duplicate
            ));
        }
        remarks
    }

    /// The line about rejected rows, if there are any.
    pub fn rejects(&self) -> Option<String> {
        let first = self.first_reject.as_ref()?;
        let ImportSummary { rejected, read, header, comment, .. } = self.counts;
        let rows = read.saturating_sub(header + comment);
        Some(format!("{}: {rejected} of {rows} rows are rejected, the first at {first}", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::{CalendarFrom, FileReport, Layout, SourceFormat};
    use crate::{
        domain::{CalendarClass, Interval, Timestamp},
        store::ImportSummary,
    };

    fn report() -> FileReport {
        FileReport {
            name: "a.csv".into(),
            format: SourceFormat::Csv,
            packing: None,
            layout: Layout::Barline,
            layout_given: false,
            symbols: 2,
            interval: Interval::HOUR,
            calendar: CalendarClass::Exchange,
            calendar_from: CalendarFrom::Given,
            first: Timestamp(0),
            last: Timestamp(3 * Interval::DAY.micros()),
            counts: ImportSummary::default(),
            is_close_only: false,
            without_zone: 0,
            outside_range: 0,
            unordered_symbols: 0,
            first_reject: None,
        }
    }

    #[test]
    fn a_plain_file_gives_nothing_to_say() {
        assert!(report().remarks().is_empty());
        assert_eq!(report().rejects(), None);
    }

    #[test]
    fn a_calendar_is_doubted_only_where_little_was_seen_of_it() {
        let doubted = |from, days: i64| {
            let last = Timestamp(days * Interval::DAY.micros());
            !FileReport { calendar_from: from, last, ..report() }.remarks().is_empty()
        };
        assert!(doubted(CalendarFrom::Inferred, 3));
        assert!(!doubted(CalendarFrom::Inferred, 14));
        assert!(!doubted(CalendarFrom::Stored, 3));
    }
}
