//! A fold over the last `n` values, in which nothing is ever taken away again.
//!
//! Two stacks: values that came in, with their running fold, and older ones, each stored as the
//! fold of itself and all between it and the newer stack. The oldest value leaves by a pop; when
//! none is left, the newer stack is turned over. Sums kept by adding and subtracting would carry
//! the rounding of every value that ever was in the window; these carry that of at most `n`.

use super::{Result, at_least_one};

/// What can be joined with its neighbour: associative but for rounding.
pub trait Fold: Copy {
    /// The fold of these values and the `later` ones.
    #[must_use]
    fn join(self, later: Self) -> Self;
}

/// The fold of the last values, as many as the window has bars.
///
/// Cost: one join a value, and one more on average for turning over. Memory: `window` values.
///
/// # References
/// The queue of two stacks is folklore; Tangwongsan, Hirzel and Schneider (2021), "In-order
/// sliding-window aggregation in worst-case constant time", The VLDB Journal 30, tell its history.
///
/// ```
/// use barline::stats::indicator::{Fold, SlidingFold};
/// #[derive(Clone, Copy)]
/// struct Largest(i32);
/// impl Fold for Largest {
///     fn join(self, later: Self) -> Self {
///         Self(self.0.max(later.0))
///     }
/// }
/// let mut fold = SlidingFold::new(2)?;
/// let found: Vec<_> = [3, 1, 2].map(|x| fold.push(Largest(x)).map(|largest| largest.0)).to_vec();
/// assert_eq!(found, [None, Some(3), Some(2)]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct SlidingFold<T> {
    window: usize,
    /// Folds from each older value to the youngest older one; the oldest is on top.
    older: Vec<T>,
    newer: Vec<T>,
    /// Fold of `newer`.
    folded: Option<T>,
}

impl<T: Fold> SlidingFold<T> {
    /// A fold over windows of so many values, none seen yet.
    ///
    /// # Errors
    /// `OutOfRange` for an empty window.
    pub fn new(window: usize) -> Result<Self> {
        let window = at_least_one(window, "window")?;
        Ok(Self { window, older: Vec::new(), newer: Vec::new(), folded: None })
    }

    /// The fold of the last values with this one; `None` while they are too few.
    #[inline]
    pub fn push(&mut self, value: T) -> Option<T> {
        self.older.pop();
        self.newer.push(value);
        if self.newer.len() == self.window {
            self.turn_over(value);
            return self.older.last().copied();
        }
        let folded = self.folded.map_or(value, |folded| folded.join(value));
        self.folded = Some(folded);
        // Nothing is older before the first window is full, nor ever empty after it.
        Some(self.older.last()?.join(folded))
    }

    fn turn_over(&mut self, newest: T) {
        self.newer.pop();
        let mut folded = newest;
        self.older.push(folded);
        while let Some(value) = self.newer.pop() {
            folded = value.join(folded);
            self.older.push(folded);
        }
        self.folded = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{Fold, SlidingFold};

    /// Values in order, as digits.
    #[derive(Clone, Copy)]
    struct Digits(u64, u32);

    impl Fold for Digits {
        fn join(self, later: Self) -> Self {
            Self(self.0 * 10_u64.pow(later.1) + later.0, self.1 + later.1)
        }
    }

    #[test]
    fn every_window_is_folded_in_order_and_whole() {
        for window in 1..=7_usize {
            let mut fold = SlidingFold::new(window).expect("a window");
            for last in 1..=40_usize {
                let digit = |at: usize| u64::try_from(at % 10).expect("small");
                let found = fold.push(Digits(digit(last), 1)).map(|digits| digits.0);
                let expected = (last >= window)
                    .then(|| (last + 1 - window..=last).fold(0, |all, at| all * 10 + digit(at)));
                assert_eq!(found, expected, "window {window}, value {last}");
            }
        }
        assert!(SlidingFold::<Digits>::new(0).is_err());
    }
}
