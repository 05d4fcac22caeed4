//! Some of the pairs of a universe.

/// Unordered pairs of `order` columns, a bit for each order of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairSet {
    order: usize,
    /// Words of a column's row.
    words: usize,
    bits: Vec<u64>,
}

impl PairSet {
    /// No pair of `order` columns.
    ///
    /// ```
    /// use barline::compute::PairSet;
    /// let mut pairs = PairSet::none(3);
    /// pairs.insert(2, 0);
    /// assert!(pairs.holds(0, 2) && !pairs.holds(0, 1) && pairs.len() == 1);
    /// ```
    pub fn none(order: usize) -> Self {
        let words = order.div_ceil(64);
        Self { order, words, bits: vec![0; order * words] }
    }

    /// Adds a pair of two columns.
    ///
    /// # Panics
    /// Outside of the universe, as slices do.
    pub fn insert(&mut self, first: usize, second: usize) {
        for (i, j) in [(first, second), (second, first)] {
            self.bits[i * self.words + j / 64] |= 1 << (j % 64);
        }
    }

    /// True if it holds the pair, in any order of the two.
    #[inline]
    pub fn holds(&self, first: usize, second: usize) -> bool {
        self.bits[first * self.words + second / 64] >> (second % 64) & 1 == 1
    }

    /// Number of pairs.
    pub fn len(&self) -> u64 {
        let ones = self.bits.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
        ones / 2
    }

    /// True if it holds no pair.
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    /// Number of columns of the universe.
    pub fn order(&self) -> usize {
        self.order
    }

    /// Bytes that a set over so many columns takes.
    pub fn bytes_for(order: u64) -> u64 {
        order.saturating_mul(order.div_ceil(64)).saturating_mul(8)
    }
}

/// Unordered pairs of members of `left` with members of `right`, or of `left` with each other: those
/// that `among` holds, all without it.
pub(super) fn pairs_between(
    among: Option<&PairSet>,
    left: &[usize],
    right: Option<&[usize]>,
) -> usize {
    match (among, right) {
        (None, None) => left.len() * left.len().saturating_sub(1) / 2,
        (None, Some(right)) => left.len() * right.len(),
        (Some(among), Some(right)) => {
            let held = |i: &usize| right.iter().filter(|j| among.holds(*i, **j)).count();
            left.iter().map(held).sum()
        }
        (Some(among), None) => {
            let held =
                |at: usize| left[at + 1..].iter().filter(|j| among.holds(left[at], **j)).count();
            (0..left.len()).map(held).sum()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PairSet, pairs_between};

    #[test]
    fn pairs_are_counted_once() {
        let mut pairs = PairSet::none(130);
        for (i, j) in [(0, 129), (129, 0), (64, 63), (3, 7)] {
            pairs.insert(i, j);
        }
        assert_eq!((pairs.len(), pairs.is_empty(), pairs.order()), (3, false, 130));
        assert!(PairSet::none(130).is_empty());
        assert_eq!(PairSet::bytes_for(130), 130 * 3 * 8);
        let all: Vec<usize> = (0..130).collect();
        assert_eq!(pairs_between(Some(&pairs), &all, None), 3);
        assert_eq!(pairs_between(Some(&pairs), &all[..64], Some(&all[64..])), 2);
        assert_eq!(pairs_between(None, &all, None), 130 * 129 / 2);
        assert_eq!(pairs_between(None, &all[..2], Some(&all[2..5])), 6);
    }
}
