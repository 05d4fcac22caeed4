//! The time stop: how long a unit is held.

/// Bars a unit is held at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeStop(pub(super) u32);

impl TimeStop {
    /// True if a unit opened in job row `opened` must be closed by a decision at the close of row
    /// `now`, so that it is held for no more bars than allowed. `at_once` if that decision fills at
    /// the same close, otherwise it fills in the next row.
    pub(super) fn is_due(self, opened: usize, now: usize, at_once: bool) -> bool {
        now + usize::from(!at_once) - opened >= self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::TimeStop;

    #[test]
    fn the_fill_comes_after_as_many_bars_as_allowed() {
        let stop = TimeStop(3);
        assert_eq!([5, 6, 7, 8].map(|now| stop.is_due(5, now, false)), [false, false, true, true]);
        assert_eq!([5, 6, 7, 8].map(|now| stop.is_due(5, now, true)), [false, false, false, true]);
        assert!(TimeStop(1).is_due(5, 5, false));
    }
}
