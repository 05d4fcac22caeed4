//! What the bars say of stored events: splits they do not show, events that meet none of them.
//!
//! The query `event-health` finds them. A split of ratio `r` should move the price by `-ln r`
//! between the close of the bar before it and the open of the first bar at or after it (the close,
//! where there is no open). It is *not in the bars* if that move is nearer to none, or to twice as
//! much, than to `-ln r`: the ratio is wrong or upside down, the time is wrong, or the bars were
//! adjusted for it already. Splits between the same two bars are judged as one; less than a tenth is
//! not judged, because an ordinary move is as large. An event *after the bars* has no bar at or after
//! it; one *before the bars* comes before the first, where nobody holds anything (a borrow rate
//! before it is in force, and no finding).

use std::fmt;

use duckdb::Connection;

use super::{Cell, Store, Table, answer::Bounded, named_query};
use crate::{
    domain::{EventKind, Interval, Timestamp},
    error::{Error, Result},
};

/// What is to be said of stored events.
#[derive(Debug, Clone, PartialEq)]
pub struct EventFinding {
    /// Market of the instrument.
    pub market: String,
    /// Its symbol.
    pub symbol: String,
    /// Kind of the events.
    pub kind: EventKind,
    /// What is found.
    pub what: Astray,
    /// Number of events.
    pub events: u64,
    /// Time of the first.
    pub first: Timestamp,
    /// Time of the last.
    pub last: Timestamp,
}

/// How events and bars differ.
#[derive(Debug, Clone, PartialEq)]
pub enum Astray {
    /// A split that the bars do not show.
    NotInBars {
        /// Interval of the bars.
        interval: Interval,
        /// New units per old unit.
        ratio: f64,
        /// Last close before it.
        close_before: f64,
        /// First open at or after it.
        open_after: f64,
    },
    /// The instrument has no bars; markets in which its symbol has some, joined by commas.
    NoBars {
        /// Empty if there are none.
        elsewhere: String,
    },
    /// No bar opens at or after the event.
    AfterBars,
    /// The event comes before the first bar.
    BeforeBars,
}

impl EventFinding {
    /// True for a split that the bars do not show: what is simulated is not what happened.
    pub fn is_fault(&self) -> bool {
        matches!(self.what, Astray::NotInBars { .. })
    }
}

impl fmt::Display for EventFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { market, symbol, kind, events, first, last, .. } = self;
        match &self.what {
            Astray::NotInBars { interval, ratio, close_before, open_after } => write!(
                f,
                "{symbol}: the {interval} bars do not show the split of {ratio} at {first}: close \
                 before {close_before}, open after {open_after}; the ratio or the time is wrong, or \
                 the bars are adjusted already"
            ),
            Astray::NoBars { elsewhere } if elsewhere.is_empty() => write!(
                f,
                "{symbol}: {kind} without bars in market {market}: {events}; they act when bars come"
            ),
            Astray::NoBars { elsewhere } => write!(
                f,
                "{symbol}: {kind} without bars in market {market}: {events}; bars of {symbol} are in \
                 {elsewhere}: is --market right?"
            ),
            Astray::AfterBars => write!(
                f,
                "{symbol}: {kind} after the last bar: {events}, up to {last}; they act when bars come"
            ),
            Astray::BeforeBars => write!(
                f,
                "{symbol}: {kind} before the first bar: {events}, from {first}; they change nothing"
            ),
        }
    }
}

impl Store {
    /// What the bars say of the stored events, of `symbols` only if they are given; in the order of
    /// the query `event-health`.
    pub fn event_findings(&self, symbols: Option<&[String]>) -> Result<Vec<EventFinding>> {
        let given = symbols.map(|symbols| ("symbols".to_owned(), symbols.join(",")));
        asked(&self.reader.connection, given.as_slice())
    }
}

/// What the bars say of the events of one import, also before it is committed.
pub(super) fn of_import(connection: &Connection, import_id: i64) -> Result<Vec<EventFinding>> {
    asked(connection, &[("import".to_owned(), import_id.to_string())])
}

fn asked(connection: &Connection, given: &[(String, String)]) -> Result<Vec<EventFinding>> {
    let mut sink = Bounded::new(u64::MAX);
    named_query::answer(connection, "event-health", given, &mut sink)?;
    let table = sink.table;
    table.rows.iter().map(|row| finding(&Named { table: &table, row })).collect()
}

fn finding(row: &Named<'_>) -> Result<EventFinding> {
    let what = match row.text("finding") {
        "not in the bars" => Astray::NotInBars {
            interval: row.text("interval").parse()?,
            ratio: row.real("ratio"),
            close_before: row.real("close_before"),
            open_after: row.real("open_after"),
        },
        "no bars" => Astray::NoBars { elsewhere: row.text("elsewhere").to_owned() },
        "after the bars" => Astray::AfterBars,
        "before the bars" => Astray::BeforeBars,
        other => return Err(Error::internal(format!("the finding '{other}' is unknown"))),
    };
    Ok(EventFinding {
        market: row.text("market").to_owned(),
        symbol: row.text("symbol").to_owned(),
        kind: row.text("kind").parse()?,
        what,
        events: row.whole("events"),
        first: row.time("first_ts"),
        last: row.time("last_ts"),
    })
}

/// A row whose cells have names.
struct Named<'a> {
    table: &'a Table,
    row: &'a [Cell],
}

impl Named<'_> {
    fn cell(&self, name: &str) -> &Cell {
        self.table.position(name).map_or(&Cell::Null, |at| &self.row[at])
    }

    fn text(&self, name: &str) -> &str {
        if let Cell::Text(text) = self.cell(name) { text } else { "" }
    }

    fn real(&self, name: &str) -> f64 {
        if let Cell::Float(value) = self.cell(name) { *value } else { f64::NAN }
    }

    fn whole(&self, name: &str) -> u64 {
        match self.cell(name) {
            Cell::Int(value) => value.unsigned_abs(),
            _ => 0,
        }
    }

    fn time(&self, name: &str) -> Timestamp {
        Timestamp(if let Cell::Time(micros) = self.cell(name) { *micros } else { 0 })
    }
}
