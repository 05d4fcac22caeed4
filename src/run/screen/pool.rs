//! The proposals of a screen that are kept until all are known.

use std::collections::BinaryHeap;

use super::{
    adjusted::possible,
    members::Members,
    method::Method,
    propose::Proposals,
    request::{Adjustment, Listing},
};
use crate::stats::P_SEAM;

/// The level up to which adjusted p-values are looked for where the most significant are listed.
pub(super) const TOP_LEVEL: f64 = 0.05;
/// Proposals beyond what is asked for, before those that cannot matter any more are let go of.
const SPARE: usize = 1 << 16;

/// A proposal, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kept {
    pub(super) least_key: f64,
    pub(super) members: Members,
}

/// Orders keys, none of which is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Key(f64);

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Pool {
    listing: Listing,
    /// Largest key that matters whatever else there is.
    level_key: f64,
    kept: Vec<Kept>,
    /// The smallest of the keys that proposals are sure to reach, as many as are listed.
    top: BinaryHeap<Key>,
    room: usize,
}

impl Pool {
    /// A pool for `listing`; what has a key of at most `level_key` is kept in any case, which is all
    /// that is proposed where a level decides.
    pub(super) fn new(listing: Listing, level_key: f64) -> Self {
        Self { listing, level_key, kept: Vec::new(), top: BinaryHeap::new(), room: SPARE }
    }

    /// Bytes it takes at most, where `tests` are made.
    pub(super) fn bytes_for(tests: u64) -> u64 {
        tests.saturating_mul(size_of::<Kept>() as u64)
    }

    /// Bytes it takes now.
    pub(super) fn bytes(&self) -> u64 {
        Self::bytes_for(self.kept.len() as u64)
    }

    /// Adds what may matter.
    pub(super) fn add(&mut self, proposals: &Proposals) {
        for proposal in &proposals.kept {
            if let Listing::Top(count) = self.listing {
                self.top.push(Key(proposal.most_key));
                if self.top.len() as u64 > count {
                    self.top.pop();
                }
            }
            let kept = Kept { least_key: proposal.least_key, members: proposal.members };
            if kept.least_key <= self.bound() {
                self.kept.push(kept);
            }
        }
        if self.kept.len() >= self.room {
            let bound = self.bound();
            self.kept.retain(|kept| kept.least_key <= bound);
            self.room = 2 * self.kept.len() + SPARE;
        }
    }

    /// Above this key nothing matters.
    fn bound(&self) -> f64 {
        let Listing::Top(count) = self.listing else { return self.level_key };
        let full = self.top.len() as u64 >= count;
        let last = self.top.peek().filter(|_| full).map_or(f64::INFINITY, |key| key.0);
        last.max(self.level_key)
    }

    /// What the plain path has to look at, in the order of combinations.
    pub(super) fn chosen(self, method: Method, adjustment: Adjustment, tests: u64) -> Vec<Members> {
        let bound = self.bound();
        let Self { listing, mut kept, .. } = self;
        kept.retain(|kept| kept.least_key <= bound);
        if let (Listing::MaxP(level), true) = (listing, adjustment != Adjustment::None) {
            kept.sort_unstable_by(|a, b| {
                a.least_key.total_cmp(&b.least_key).then(a.members.cmp(&b.members))
            });
            // Where the kernel cannot tell, the plain path may find that there is no test.
            let doubtful = kept.partition_point(|kept| kept.least_key == f64::NEG_INFINITY);
            let least = tests.saturating_sub(doubtful as u64);
            let p_of = |kept: &Kept| P_SEAM * method.p_of(kept.least_key).unwrap_or(0.0);
            kept.truncate(possible(kept.iter().map(p_of), least, level));
        }
        let mut chosen: Vec<Members> = kept.into_iter().map(|kept| kept.members).collect();
        chosen.sort_unstable();
        chosen
    }
}
