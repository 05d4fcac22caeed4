//! What happens to the spreads of one combination, in order of row, then spread.

use super::{PairSignal, RefitMark, Signal};
use crate::sim::Wake;

/// Something that happens to a spread at the close of a row, in the order of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Happening {
    pub(super) row: usize,
    pub(super) spread: usize,
    pub(super) act: Act,
}

/// Index of a signal, or a refit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Act {
    Signal(usize),
    Refit,
}

/// Everything that happens, and how far it has.
#[derive(Debug)]
pub(super) struct Agenda {
    happenings: Vec<Happening>,
    next: usize,
}

impl Agenda {
    /// The agenda of spreads with these signals and refits.
    pub(super) fn of<'s>(
        scripts: impl Iterator<Item = (&'s [PairSignal], &'s [RefitMark])>,
    ) -> Self {
        let mut happenings = Vec::new();
        for (spread, (signals, refits)) in scripts.enumerate() {
            let found = signals.iter().enumerate();
            happenings.extend(found.map(|(at, found)| Happening {
                row: found.row,
                spread,
                act: Act::Signal(at),
            }));
            let marks = refits.iter().filter(|mark| mark.window > 0 && enters(signals, mark));
            happenings.extend(marks.map(|mark| Happening {
                row: mark.row,
                spread,
                act: Act::Refit,
            }));
        }
        happenings.sort_unstable();
        Self { happenings, next: 0 }
    }

    /// The next happening, if it is due at the close of `row`.
    pub(super) fn take_due(&mut self, row: usize) -> Option<Happening> {
        let due = self.happenings.get(self.next).copied().filter(|next| next.row <= row);
        self.next += usize::from(due.is_some());
        due
    }

    /// The row of the next happening.
    pub(super) fn wake(&self) -> Wake {
        self.happenings.get(self.next).map_or(Wake::Never, |next| Wake::AtRow(next.row))
    }
}

/// A refit matters only for a window with an entry in it.
fn enters(signals: &[PairSignal], mark: &RefitMark) -> bool {
    let is_entry = |found: &&PairSignal| matches!(found.signal, Signal::Enter { .. });
    signals.iter().filter(is_entry).any(|found| found.window == mark.window)
}
