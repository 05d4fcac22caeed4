//! How a file is to be understood, where it does not say so itself.

use std::fmt;

use jiff::tz::TimeZone;

use super::{
    super::source::{Layout, RowKind, SourceOptions},
    OnConflict,
};
use crate::domain::{CalendarClass, Interval};

/// Which end of a bar its moment names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stamp {
    /// Its opening: what the store keeps.
    #[default]
    Open,
    /// Its close: moved back by one interval.
    Close,
}

/// The terms of an import: the same for all its files.
#[derive(Debug, Clone)]
pub struct ImportTerms {
    /// Market of the instruments.
    pub market: String,
    /// Length of the bars; inferred when `None`.
    pub interval: Option<Interval>,
    /// When the market makes bars; as the store has it, or inferred, when `None`.
    pub calendar: Option<CalendarClass>,
    /// Which end of a bar its moment names.
    pub stamp: Stamp,
    /// Most rows of a file that may be rejected before it is given up; any number when `None`.
    pub max_rejects: Option<u64>,
    /// What becomes of rows that differ from what is stored. Not part of what the terms tell: it
    /// changes no row.
    pub on_conflict: OnConflict,
    /// Columns, zone, symbol.
    pub source: SourceOptions,
}

impl ImportTerms {
    /// The terms in one line for the ledger: what was assumed, and what was said instead of being
    /// found in the file. Equal for equal terms; `only_symbol` is the symbol of a file that has no
    /// column for it.
    pub(super) fn told(&self, only_symbol: Option<&str>) -> String {
        let stamp = match self.stamp {
            Stamp::Open => "open",
            Stamp::Close => "close",
        };
        let mut parts = vec![
            format!("bars stamped at their {stamp}"),
            format!("times without a zone in {}", ZoneName(&self.source.zone)),
        ];
        if let RowKind::Events(kind) = self.source.rows {
            parts = vec![kind.to_string(), parts.swap_remove(1)];
        }
        parts.extend(self.source.layout.map(|layout| format!("layout given as {layout}")));
        parts.extend(self.interval.map(|interval| format!("interval given as {interval}")));
        parts.extend(self.calendar.map(|calendar| format!("calendar given as {calendar}")));
        parts.extend(
            self.source
                .columns
                .iter()
                .map(|(of, name)| format!("{} from '{name}'", of.name_in(self.source.rows))),
        );
        parts.extend(only_symbol.map(|symbol| format!("all of '{symbol}'")));
        parts.join("; ")
    }
}

/// What stands between what the terms tell and the layout that was recognised.
const RECOGNISED: &str = "; read as ";

/// What the ledger says of a file read under terms that tell `told`: what was recognised as well, unless
/// it is the house's own layout.
pub(super) fn detail(told: &str, layout: Layout) -> String {
    match layout {
        Layout::Barline => told.to_owned(),
        layout => format!("{told}{RECOGNISED}{layout}: {}", layout.conventions()),
    }
}

/// True if `detail` is that of a file read under terms that tell `told`.
pub(super) fn tells(detail: &str, told: &str) -> bool {
    let rest = detail.strip_prefix(told);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(RECOGNISED))
}

/// A zone as it is typed.
struct ZoneName<'a>(&'a TimeZone);

impl fmt::Display for ZoneName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.iana_name(), self.0.to_fixed_offset()) {
            (Some(name), _) => f.write_str(name),
            (None, Ok(offset)) => write!(f, "{offset}"),
            (None, Err(_)) => f.write_str("a zone without a name"),
        }
    }
}

#[cfg(test)]
pub(super) fn of_market(market: &str) -> ImportTerms {
    ImportTerms {
        market: market.to_owned(),
        interval: None,
        calendar: None,
        stamp: Stamp::Open,
        max_rejects: None,
        on_conflict: OnConflict::Keep,
        source: SourceOptions::default(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};

    use super::{Stamp, of_market};
    use crate::store::source::SourceColumn;

    #[test]
    fn what_changes_a_bar_changes_the_terms() {
        let plain = of_market("m");
        assert_eq!(plain.told(None), "bars stamped at their open; times without a zone in UTC");
        let mut told = vec![plain.told(None), plain.told(Some("A"))];
        let mut other = plain.clone();
        other.stamp = Stamp::Close;
        told.push(other.told(None));
        other.interval = Some("1h".parse().expect("an interval"));
        told.push(other.told(None));
        other.source.columns.push((SourceColumn::Close, "Adj Close".into()));
        told.push(other.told(None));
        other.source.zone = TimeZone::fixed(Offset::constant(2));
        told.push(other.told(None));
        other.calendar = Some("24/5".parse().expect("a calendar class"));
        told.push(other.told(None));
        let given = told.len();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), given, "{told:?}");
        assert!(told.iter().any(|line| line.contains("+02")), "{told:?}");
    }
}
