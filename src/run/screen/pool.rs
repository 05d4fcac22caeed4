//! The proposals of a screen that are kept until all are known, the most significant first.

use std::{cmp::Ordering, collections::BinaryHeap};

use super::{
    adjusted::possible,
    members::Members,
    method::Method,
    propose::Proposals,
    request::{Adjustment, Listing},
};
use crate::{
    error::Result,
    stats::P_SEAM,
    store::{FixedRow, Sorted, Sorting},
};

/// The level up to which adjusted p-values are looked for where the most significant are listed.
pub(super) const TOP_LEVEL: f64 = 0.05;
/// Proposals beyond what is asked for, before those that cannot matter any more are let go of.
pub(super) const SPARE: usize = 1 << 14;

/// A proposal, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kept {
    pub(super) least_key: f64,
    pub(super) members: Members,
}

impl FixedRow for Kept {
    const BYTES: usize = 8 + Members::BYTES;

    fn order(&self, other: &Self) -> Ordering {
        self.least_key.total_cmp(&other.least_key).then(self.members.cmp(&other.members))
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.least_key.to_bits().to_le_bytes());
        out.extend_from_slice(&self.members.to_bytes());
    }

    fn get(bytes: &[u8]) -> Self {
        let (key, members) = bytes.split_at(8);
        Self { least_key: number(key), members: Members::from_bytes(members) }
    }
}

/// A number as it stands in a file.
pub(super) fn number(bytes: &[u8]) -> f64 {
    f64::from_bits(bytes.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
}

/// Orders keys, none of which is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Key(f64);

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Pool {
    listing: Listing,
    /// Largest key that matters whatever else there is.
    level_key: f64,
    kept: Sorting<Kept>,
    /// Where the kernel cannot tell.
    doubtful: u64,
    /// The smallest of the keys that proposals are sure to reach, as many as are listed.
    top: BinaryHeap<Key>,
    room: usize,
}

impl Pool {
    /// A pool for `listing`, which sorts with `kept`; what has a key of at most `level_key` is kept in any
    /// case, which is all that is proposed where a level decides.
    pub(super) fn new(listing: Listing, level_key: f64, kept: Sorting<Kept>) -> Self {
        Self { listing, level_key, kept, doubtful: 0, top: BinaryHeap::new(), room: SPARE }
    }

    /// Bytes of so many proposals in memory.
    pub(super) fn bytes_for(proposals: u64) -> u64 {
        proposals.saturating_mul(size_of::<Kept>() as u64)
    }

    /// Bytes of the keys of the `listed` most significant.
    pub(super) fn top_bytes_for(listed: u64) -> u64 {
        listed.saturating_mul(size_of::<Key>() as u64)
    }

    /// Adds what may matter.
    ///
    /// # Errors
    /// As [`Sorting::push`].
    pub(super) fn add(&mut self, proposals: &Proposals) -> Result<()> {
        for proposal in &proposals.kept {
            if let Listing::Top(count) = self.listing {
                self.top.push(Key(proposal.most_key));
                if self.top.len() as u64 > count {
                    self.top.pop();
                }
            }
            let kept = Kept { least_key: proposal.least_key, members: proposal.members };
            if kept.least_key <= self.bound() {
                self.doubtful += u64::from(kept.least_key == f64::NEG_INFINITY);
                self.kept.push(kept)?;
                let held = self.kept.held();
                if held >= self.room || held == self.kept.most_held() {
                    self.let_go();
                }
            }
        }
        Ok(())
    }

    /// Lets go of what cannot matter any more.
    fn let_go(&mut self) {
        let bound = self.bound();
        self.kept.retain(|kept| kept.least_key <= bound);
        self.room = 2 * self.kept.held() + SPARE;
    }

    /// Above this key nothing matters.
    fn bound(&self) -> f64 {
        let Listing::Top(count) = self.listing else { return self.level_key };
        let full = self.top.len() as u64 >= count;
        let last = self.top.peek().filter(|_| full).map_or(f64::INFINITY, |key| key.0);
        last.max(self.level_key)
    }

    /// What the plain path has to look at.
    ///
    /// # Errors
    /// What the file of a [`Sorting`] reports.
    pub(super) fn chosen(
        self,
        method: Method,
        adjustment: Adjustment,
        tests: u64,
    ) -> Result<Chosen> {
        let bound = self.bound();
        let rows = self.kept.sorted()?;
        let p_of = |kept: Kept| P_SEAM * method.p_of(kept.least_key).unwrap_or(0.0);
        let count = match self.listing {
            // Where the kernel cannot tell, the plain path may find that there is no test.
            Listing::MaxP(level) if adjustment != Adjustment::None => possible(
                rows.rows()?.map(|kept| kept.map(p_of)),
                tests.saturating_sub(self.doubtful),
                level,
            )?,
            Listing::MaxP(_) | Listing::All => rows.len(),
            Listing::Top(_) => {
                let mut count = 0;
                for kept in rows.rows()? {
                    if kept?.least_key > bound {
                        break;
                    }
                    count += 1;
                }
                count
            }
        };
        Ok(Chosen { rows, count })
    }
}

/// Proposals in order, of which the first ones are chosen.
pub(super) struct Chosen {
    rows: Sorted<Kept>,
    pub(super) count: u64,
}

impl Chosen {
    /// The chosen.
    ///
    /// # Errors
    /// What the file of a [`Sorting`] reports.
    pub(super) fn members(&self) -> Result<impl Iterator<Item = Result<Members>> + '_> {
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        Ok(self.rows.rows()?.take(count).map(|kept| Ok(kept?.members)))
    }
}
