//! Why combinations have no test, counted by reason.

use crate::stats::Refusal;

/// Why a combination has no test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Fewer common bars than are asked for, or than the test takes.
    TooFewBars,
    /// A member does not move.
    Still,
    /// A member follows from the others but for rounding.
    Dependent,
    /// The residuals, or their moves, follow from themselves but for rounding.
    NothingLeft,
    /// Numbers that are infinite, or too large for the test.
    TooLarge,
}

impl Reason {
    const ALL: [Self; 5] =
        [Self::TooFewBars, Self::Still, Self::Dependent, Self::NothingLeft, Self::TooLarge];

    /// The reason of a refusal by the plain path.
    pub(super) fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::TooShort { .. } | Refusal::LagTooLarge { .. } | Refusal::Empty => {
                Self::TooFewBars
            }
            Refusal::Constant { .. } | Refusal::ZeroVariance { .. } => Self::Still,
            Refusal::Collinear => Self::Dependent,
            Refusal::NonFinite { .. } | Refusal::Overflow => Self::TooLarge,
            _ => Self::NothingLeft,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::TooFewBars => "too few common bars",
            Self::Still => "a series that does not move",
            Self::Dependent => "collinear series",
            Self::NothingLeft => "moves that explain each other exactly",
            Self::TooLarge => "numbers too large",
        }
    }
}

/// Combinations without a test, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Refused([u64; Reason::ALL.len()]);

impl Refused {
    /// Those that a kernel refuses: `short` of them have too few common rows, the others a column that does
    /// not move.
    pub(super) fn of_kernel(refused: u64, short: u64) -> Self {
        let mut counted = Self::default();
        counted.add(Reason::TooFewBars, short);
        counted.add(Reason::Still, refused.saturating_sub(short));
        counted
    }

    /// Counts so many more.
    pub(super) fn add(&mut self, reason: Reason, count: u64) {
        self.0[reason as usize] += count;
    }

    /// Counts those of `others` too.
    pub(super) fn add_all(&mut self, others: &Self) {
        for (own, other) in self.0.iter_mut().zip(others.0) {
            *own += other;
        }
    }

    /// All of them.
    pub(super) fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// How many have which reason, the most frequent first.
    pub(super) fn reasons(&self) -> Vec<(u64, &'static str)> {
        let counted = Reason::ALL.iter().map(|reason| (self.0[*reason as usize], reason.text()));
        let mut counted: Vec<_> = counted.filter(|(count, _)| *count > 0).collect();
        counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::{Reason, Refused};
    use crate::stats::Refusal;

    #[test]
    fn reasons_come_with_the_most_frequent_first() {
        let mut refused = Refused::of_kernel(5, 1);
        refused.add(Reason::of(&Refusal::Collinear), 2);
        let mut all = Refused::default();
        all.add_all(&refused);
        let [still, dependent, short] = all.reasons()[..] else { panic!("{all:?}") };
        assert_eq!(still, (4, "a series that does not move"));
        assert_eq!((dependent, short), ((2, "collinear series"), (1, "too few common bars")));
        assert_eq!(all.total(), 7);
    }
}
