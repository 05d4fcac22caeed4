//! Combinations of a universe by size and rank, without ever listing them.
//!
//! A combination of `k` out of `n` instruments is its `k` indices in increasing order. The
//! combinations of one size are ordered lexicographically and numbered from 0: the rank. A range
//! of ranks is a shard of the work, and a combination is made from its rank when it is needed.
//!
//! # References
//! Knuth, *The Art of Computer Programming* 4A, 7.2.1.3 (the combinatorial number system).

use std::{fmt, str::FromStr};

use crate::error::{Error, Result};

/// How many instruments a combination holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Size {
    /// Exactly this many.
    Of(usize),
    /// The whole universe as one combination.
    All,
}

impl Size {
    /// The number of instruments in a universe of `n`; `None` if the universe is too small.
    pub fn members(self, n: usize) -> Option<usize> {
        match self {
            Self::Of(k) => (k <= n).then_some(k),
            Self::All => Some(n),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(k) => write!(f, "{k}"),
            Self::All => f.write_str("all"),
        }
    }
}

/// The sizes a run enumerates, in increasing order, `all` last: `2..4,all`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes(Vec<Size>);

/// Largest size of an enumerated combination; larger sets are asked for as `all`.
const MAX_SIZE: usize = 16;

impl Sizes {
    /// The sizes, in order.
    pub fn iter(&self) -> impl Iterator<Item = Size> + '_ {
        self.0.iter().copied()
    }

    /// Sizes that name different sets in a universe of `n`: sizes larger than it are left out, as
    /// is a size that equals `n` beside `all`.
    pub fn within(&self, n: usize) -> Vec<Size> {
        let has_all = self.0.contains(&Size::All);
        self.iter()
            .filter(|size| match size {
                Size::Of(k) => *k < n || (*k == n && !has_all),
                Size::All => true,
            })
            .collect()
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, size) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{size}")?;
        }
        Ok(())
    }
}

impl FromStr for Sizes {
    type Err = Error;

    /// Reads `2`, `2..4` (both ends included), `all`, and lists of these.
    fn from_str(text: &str) -> Result<Self> {
        let refuse = |part: &str| {
            Error::usage(format!("'{part}' is not a combination size")).with_hint(format!(
                "give sizes between 2 and {MAX_SIZE}, ranges and 'all', such as 2..4,all"
            ))
        };
        let number = |part: &str, digits: &str| match digits.trim().parse::<usize>() {
            Ok(k) if (2..=MAX_SIZE).contains(&k) => Ok(k),
            _ => Err(refuse(part)),
        };
        let mut sizes = Vec::new();
        for part in text.split(',').map(str::trim) {
            if part == "all" {
                sizes.push(Size::All);
            } else if let Some((from, to)) = part.split_once("..") {
                let (from, to) = (number(part, from)?, number(part, to)?);
                if from > to {
                    return Err(refuse(part));
                }
                sizes.extend((from..=to).map(Size::Of));
            } else {
                sizes.push(Size::Of(number(part, part)?));
            }
        }
        sizes.sort_unstable();
        sizes.dedup();
        Ok(Self(sizes))
    }
}

/// Number of combinations of `k` out of `n`; `None` where it exceeds 64 bits.
///
/// # Examples
/// ```
/// assert_eq!(barline::domain::combination::count(16, 4), Some(1_820));
/// ```
pub fn count(n: usize, k: usize) -> Option<u64> {
    if k > n {
        return Some(0);
    }
    let k = k.min(n - k);
    let mut total: u128 = 1;
    for step in 0..k {
        // Exact: the product of `step + 1` successive numbers is divisible by (step + 1)!.
        total = total.checked_mul((n - step) as u128)? / (step as u128 + 1);
        if total > u128::from(u64::MAX) {
            return None;
        }
    }
    u64::try_from(total).ok()
}

/// The combination of `k` out of `n` with this `rank`: its indices in increasing order.
///
/// `None` if there is no such rank.
///
/// # Examples
/// ```
/// use barline::domain::combination::unrank;
/// assert_eq!(unrank(4, 2, 0), Some(vec![0, 1]));
/// assert_eq!(unrank(4, 2, 5), Some(vec![2, 3]));
/// assert_eq!(unrank(4, 2, 6), None);
/// ```
pub fn unrank(n: usize, k: usize, rank: u64) -> Option<Vec<u16>> {
    if rank >= count(n, k)? {
        return None;
    }
    let mut left = rank;
    let mut members = Vec::with_capacity(k);
    let mut candidate = 0;
    while members.len() < k {
        // Combinations that continue with `candidate` here.
        let with = count(n - candidate - 1, k - members.len() - 1)?;
        if left < with {
            members.push(u16::try_from(candidate).ok()?);
        } else {
            left -= with;
        }
        candidate += 1;
    }
    Some(members)
}

/// `most` ranks spread evenly over `[0, total)`: the range is cut into `most` equal slices and one
/// rank is drawn from each, by a generator seeded with `seed`. In increasing order; all ranks when
/// `most >= total`. The `at`-th rank is made without the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankSample {
    total: u64,
    most: u64,
    seed: u64,
}

impl RankSample {
    /// A sample of at most `most` of `total` ranks.
    pub fn new(total: u64, most: Option<u64>, seed: u64) -> Self {
        Self { total, most: most.unwrap_or(total).min(total), seed }
    }

    /// How many ranks the sample holds.
    pub fn len(self) -> u64 {
        self.most
    }

    /// True if it holds none.
    pub fn is_empty(self) -> bool {
        self.most == 0
    }

    /// How many ranks were left out.
    pub fn left_out(self) -> u64 {
        self.total - self.most
    }

    /// The `at`-th rank, `at < len`.
    pub fn rank(self, at: u64) -> u64 {
        if self.most == self.total {
            return at;
        }
        let slice_start = |i: u64| {
            let exact = u128::from(self.total) * u128::from(i) / u128::from(self.most);
            u64::try_from(exact).unwrap_or(u64::MAX)
        };
        let (from, to) = (slice_start(at), slice_start(at + 1));
        from + splitmix(self.seed ^ at.wrapping_mul(0x9E37_79B9_7F4A_7C15)) % (to - from).max(1)
    }
}

/// One output of the `SplitMix64` generator for state `state`.
fn splitmix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::{RankSample, Size, Sizes, count, unrank};

    #[test]
    fn ranks_enumerate_every_combination_once_in_order() {
        for n in 1..9 {
            for k in 1..=n {
                let total = count(n, k).expect("small");
                let all: Vec<_> = (0..total).map(|r| unrank(n, k, r).expect("a rank")).collect();
                assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
                assert!(all.iter().all(|c| c.windows(2).all(|pair| pair[0] < pair[1])));
                assert_eq!(unrank(n, k, total), None);
            }
        }
    }

    #[test]
    fn counts_that_do_not_fit_are_refused() {
        assert_eq!(count(5_000, 4), Some(26_010_428_123_750));
        assert_eq!(count(50_000, 16), None);
        assert_eq!(count(3, 5), Some(0));
    }

    #[test]
    fn a_sample_is_increasing_and_even() {
        let sample = RankSample::new(1_000_003, Some(1_000), 7);
        let ranks: Vec<_> = (0..sample.len()).map(|at| sample.rank(at)).collect();
        assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ranks.iter().zip(0u64..).all(|(rank, at)| rank.abs_diff(at * 1_000) < 1_010));
        assert_eq!(sample.left_out(), 999_003);
        assert_eq!(RankSample::new(5, None, 7).rank(3), 3);
    }

    #[test]
    fn sizes_read_ranges_lists_and_all() {
        let sizes: Sizes = "all,2..4,3".parse().expect("sizes");
        assert_eq!(sizes.to_string(), "2,3,4,all");
        assert_eq!(sizes.within(3), vec![Size::Of(2), Size::All]);
        for wrong in ["", "1", "4..2", "2..99", "x", "2..", "2,,3", "-2"] {
            assert!(wrong.parse::<Sizes>().is_err(), "{wrong}");
        }
    }
}
