//! When a unit that a rule has closed may be entered again.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize, Serializer};

/// What becomes of orders that would enter again what a rule has closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "Written")]
pub enum Reentry {
    /// They are filled: the strategy may enter again when it next decides to.
    #[default]
    Signal,
    /// They are dropped to the end of the job.
    Never,
    /// They are dropped if decided in the row of the fill that closed the unit or in the rows after
    /// it, as many in all: the unit stays out for that many rows after the fill.
    Bars(u32),
}

/// How the rule stands in a file.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected \"signal\", \"never\" or a number of bars")]
enum Written {
    Bars(u32),
    Word(Word),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Signal,
    Never,
}

impl From<Written> for Reentry {
    fn from(written: Written) -> Self {
        match written {
            Written::Bars(bars) => Self::Bars(bars),
            Written::Word(Word::Signal) => Self::Signal,
            Written::Word(Word::Never) => Self::Never,
        }
    }
}

impl Serialize for Reentry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bars(bars) => serializer.serialize_u32(*bars),
            word => serializer.collect_str(word),
        }
    }
}

impl fmt::Display for Reentry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal => f.write_str("signal"),
            Self::Never => f.write_str("never"),
            Self::Bars(bars) => write!(f, "{bars}"),
        }
    }
}

impl Reentry {
    /// The first job row whose decisions count again after a fill in `row`.
    fn first_row(self, row: usize) -> usize {
        match self {
            Self::Signal => row,
            Self::Never => usize::MAX,
            Self::Bars(bars) => row.saturating_add(bars as usize),
        }
    }
}

/// What may not be entered yet: the first job row whose decisions count again.
#[derive(Debug, Default)]
pub(super) struct Doors {
    rule: Reentry,
    all: usize,
    legs: BTreeMap<u16, usize>,
    /// By the legs of a group, increasing.
    groups: BTreeMap<Vec<u16>, usize>,
}

impl Doors {
    pub(super) fn new(rule: Reentry) -> Self {
        Self { rule, ..Self::default() }
    }

    /// The position of a leg was closed in `row`.
    pub(super) fn shut_leg(&mut self, leg: u16, row: usize) {
        self.legs.insert(leg, self.rule.first_row(row));
    }

    /// A trade group of these legs was closed in `row`.
    pub(super) fn shut_group(&mut self, legs: Vec<u16>, row: usize) {
        self.groups.insert(legs, self.rule.first_row(row));
    }

    /// Everything was closed in `row`.
    pub(super) fn shut_all(&mut self, row: usize) {
        self.all = self.rule.first_row(row);
    }

    /// True if a decision in `row` may open a position in `leg`.
    pub(super) fn admits_leg(&self, leg: u16, row: usize) -> bool {
        row >= self.all && self.legs.get(&leg).is_none_or(|&first| row >= first)
    }

    /// True if a decision in `row` may open a group of these legs.
    pub(super) fn admits_group(&self, legs: &[u16], row: usize) -> bool {
        row >= self.all && self.groups.get(legs).is_none_or(|&first| row >= first)
    }
}

#[cfg(test)]
mod tests {
    use super::{Doors, Reentry};

    #[test]
    fn a_door_stays_shut_for_as_many_decisions_as_asked() {
        let mut doors = Doors::new(Reentry::Bars(2));
        doors.shut_leg(3, 10);
        doors.shut_group(vec![1, 2], 20);
        assert_eq!(
            [9, 10, 11, 12].map(|row| doors.admits_leg(3, row)),
            [false, false, false, true]
        );
        assert_eq!([21, 22].map(|row| doors.admits_group(&[1, 2], row)), [false, true]);
        assert!(doors.admits_leg(4, 10) && doors.admits_group(&[1, 3], 20));
        doors.shut_all(30);
        assert_eq!([31, 32].map(|row| doors.admits_leg(4, row)), [false, true]);
        assert_eq!([31, 32].map(|row| doors.admits_group(&[7], row)), [false, true]);
    }

    #[test]
    fn never_is_to_the_end_and_signal_not_at_all() {
        let (mut never, mut signal) = (Doors::new(Reentry::Never), Doors::new(Reentry::Signal));
        never.shut_leg(0, 5);
        signal.shut_leg(0, 5);
        assert!(!never.admits_leg(0, usize::MAX - 1) && signal.admits_leg(0, 5));
    }
}
