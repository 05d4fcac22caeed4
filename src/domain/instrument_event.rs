//! Events of an instrument beside its bars: splits, dividends, funding, borrow rates.

use std::{fmt, str::FromStr};

use super::Timestamp;
use crate::error::{Error, Result};

/// What happened to an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// New units for each old unit.
    Split,
    /// Money paid per unit held; shorts pay it.
    Dividend,
    /// Share of the notional that longs pay to shorts.
    Funding,
    /// Borrow fee from then on, basis points per year.
    Borrow,
}

impl EventKind {
    /// Every kind, in order.
    pub const ALL: [Self; 4] = [Self::Split, Self::Dividend, Self::Funding, Self::Borrow];

    /// The name in the store and in `import --kind`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Split => "splits",
            Self::Dividend => "dividends",
            Self::Funding => "funding",
            Self::Borrow => "borrow",
        }
    }

    /// The column of a file that holds the value.
    pub fn column(self) -> &'static str {
        match self {
            Self::Split => "ratio",
            Self::Dividend => "amount",
            Self::Funding => "rate",
            Self::Borrow => "bps",
        }
    }

    /// The largest borrow fee, basis points per year: 10,000 % a year. The dearest shares ever lent
    /// cost some 1,000 % a year; what is beyond ten times that is in another unit.
    pub const MOST_BORROW_BPS: f64 = 1e6;

    /// True if an event may have this value: finite; a ratio above zero; an amount and a fee not
    /// below it; a fee not above [`MOST_BORROW_BPS`](Self::MOST_BORROW_BPS).
    pub fn allows(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Split => value > 0.0,
                Self::Dividend => value >= 0.0,
                Self::Borrow => (0.0..=Self::MOST_BORROW_BPS).contains(&value),
                Self::Funding => true,
            }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EventKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            Error::usage(format!("'{text}' is not a kind of event"))
                .with_hint("one of splits, dividends, funding, borrow")
        })
    }
}

/// One event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InstrumentEvent {
    /// When, UTC.
    pub ts: Timestamp,
    /// What.
    pub kind: EventKind,
    /// How much, in the unit of its kind.
    pub value: f64,
}

/// The stored events of one instrument, by kind and in order of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventHistory {
    by_kind: [Vec<(i64, f64)>; 4],
}

impl EventHistory {
    /// The history of these events, in any order. Of two of one kind at one moment the first
    /// in the list counts.
    pub fn new(events: impl IntoIterator<Item = InstrumentEvent>) -> Self {
        let mut history = Self::default();
        for event in events {
            let of_kind = &mut history.by_kind[event.kind as usize];
            let ts = event.ts.micros();
            if let Err(at) = of_kind.binary_search_by_key(&ts, |(ts, _)| *ts) {
                of_kind.insert(at, (ts, event.value));
            }
        }
        history
    }

    /// True if nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.by_kind.iter().all(Vec::is_empty)
    }

    /// Times (microseconds) and values of one kind, times strictly increasing.
    pub fn of(&self, kind: EventKind) -> &[(i64, f64)] {
        &self.by_kind[kind as usize]
    }

    /// The same history without the events of some kinds.
    #[must_use]
    pub fn without(&self, kinds: &[EventKind]) -> Self {
        let mut rest = self.clone();
        for kind in kinds {
            rest.by_kind[*kind as usize].clear();
        }
        rest
    }

    /// The same history, `micros` later.
    #[must_use]
    pub fn shifted(&self, micros: i64) -> Self {
        let mut later = self.clone();
        later.by_kind.iter_mut().flatten().for_each(|(ts, _)| *ts += micros);
        later
    }

    /// `F`: the product of the ratios of all splits at or before `micros`, in order of time; 1
    /// before the first. A unit of the day is `1 / F` units of the oldest bars, a price of the day
    /// times `F` is a price in those units.
    pub fn split_factor(&self, micros: i64) -> f64 {
        let splits = self.of(EventKind::Split).iter();
        splits.take_while(|(ts, _)| *ts <= micros).fold(1.0, |factor, (_, ratio)| factor * ratio)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::{EventHistory, EventKind, InstrumentEvent, Timestamp};

    fn split(ts: i64, value: f64) -> InstrumentEvent {
        InstrumentEvent { ts: Timestamp(ts), kind: EventKind::Split, value }
    }

    #[test]
    fn a_factor_holds_from_its_moment_on() {
        let history = EventHistory::new([split(20, 0.5), split(10, 4.0), split(30, 3.0)]);
        let factors = [9, 10, 19, 20, 30].map(|ts| history.split_factor(ts));
        assert_eq!(factors, [1.0, 4.0, 4.0, 2.0, 6.0]);
        assert!(!history.is_empty() && EventHistory::default().is_empty());
        assert_eq!(history.of(EventKind::Split)[1], (20, 0.5));
        assert!(history.of(EventKind::Funding).is_empty());
    }

    #[test]
    fn of_two_events_at_one_moment_the_first_one_counts() {
        let history = EventHistory::new([split(10, 4.0), split(10, 2.0)]);
        assert_eq!(history.of(EventKind::Split), [(10, 4.0)]);
    }

    #[test]
    fn names_read_back_and_values_have_bounds() {
        for kind in EventKind::ALL {
            assert_eq!(kind.to_string().parse::<EventKind>().expect("a kind"), kind);
            assert!(kind.allows(0.5) && !kind.allows(f64::NAN) && !kind.allows(f64::INFINITY));
        }
        assert!("bars".parse::<EventKind>().is_err());
        assert!(EventKind::Funding.allows(-0.1) && !EventKind::Dividend.allows(-0.1));
        assert!(!EventKind::Split.allows(0.0) && EventKind::Borrow.allows(0.0));
        assert!(EventKind::Borrow.allows(EventKind::MOST_BORROW_BPS));
        assert!(!EventKind::Borrow.allows(EventKind::MOST_BORROW_BPS.next_up()));
    }
}
