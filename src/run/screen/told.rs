//! Tests as the kernel has them, on their way into the order in which they are listed.

use std::cmp::Ordering;

use super::{
    columns::Columns,
    judging::judge,
    listing::AGAIN,
    members::Members,
    method::Method,
    pool::number,
    propose::Proposal,
    rows::{self, Common},
};
use crate::{
    domain::ScreenRecord,
    error::{Error, Result},
    stats::Refusal,
    store::FixedRow,
};

/// A number of the kernel's is listed where it is told to so much of itself, or to so much below one: series
/// that alternate, or follow each other closely, have fewer digits than that.
const LARGEST_ERROR: f64 = 1e-6;
/// Stands where there is no lag.
const NO_LAG: u32 = u32::MAX;

/// A test that is listed with the kernel's numbers; where the kernel could not tell well, with those of the
/// plain path, which are made again for its row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Told {
    /// NaN where there is no p-value: all are alike.
    pub(super) p_value: f64,
    key: f64,
    members: Members,
    rows: u32,
    lag: u32,
    flipped: bool,
    pub(super) is_plain: bool,
}

/// The most significant first.
impl FixedRow for Told {
    const BYTES: usize = 2 * 8 + Members::BYTES + 2 * 4 + 1;

    fn order(&self, other: &Self) -> Ordering {
        let by_p = self.p_value.total_cmp(&other.p_value);
        by_p.then(self.key.total_cmp(&other.key)).then(self.members.cmp(&other.members))
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.p_value.to_bits().to_le_bytes());
        out.extend_from_slice(&self.key.to_bits().to_le_bytes());
        out.extend_from_slice(&self.members.to_bytes());
        out.extend_from_slice(&self.rows.to_le_bytes());
        out.extend_from_slice(&self.lag.to_le_bytes());
        out.push(u8::from(self.flipped) | u8::from(self.is_plain) << 1);
    }

    fn get(bytes: &[u8]) -> Self {
        let (numbers, rest) = bytes.split_at(16);
        let (members, rest) = rest.split_at(Members::BYTES);
        let small = |at: usize| {
            rest[at..at + 4].iter().rev().fold(0, |bits, byte| bits << 8 | u32::from(*byte))
        };
        Self {
            p_value: number(&numbers[..8]),
            key: number(&numbers[8..]),
            members: Members::from_bytes(members),
            rows: small(0),
            lag: small(4),
            flipped: rest[8] & 1 != 0,
            is_plain: rest[8] & 2 != 0,
        }
    }
}

impl Told {
    /// What is known of a proposal.
    ///
    /// # Errors
    /// The refusal of the plain path, where the kernel could not tell well.
    pub(super) fn of(
        proposal: &Proposal,
        method: Method,
        columns: &Columns,
    ) -> std::result::Result<Self, Refusal> {
        let is_plain = proposal.is_doubtful() || error(proposal) > LARGEST_ERROR;
        let (key, p_value) = if is_plain {
            let judged = judge(method, columns, proposal.members)?;
            (judged.key(method), judged.p_value)
        } else {
            (proposal.key(), method.p_of(proposal.key()))
        };
        let lag = proposal.lag.and_then(|lag| u32::try_from(lag).ok());
        Ok(Self {
            p_value: p_value.unwrap_or(f64::NAN),
            key,
            members: proposal.members,
            rows: proposal.rows,
            lag: lag.unwrap_or(NO_LAG),
            flipped: proposal.flipped,
            is_plain,
        })
    }

    /// Its row.
    ///
    /// # Errors
    /// Internal, if the plain path refuses now what it has tested before.
    pub(super) fn row(
        &self,
        common: Common<'_>,
        columns: &Columns,
        q_value: Option<f64>,
    ) -> Result<ScreenRecord> {
        if self.is_plain {
            let judged =
                judge(common.method, columns, self.members).map_err(|_| Error::internal(AGAIN))?;
            return Ok(rows::of_judged(common, self.members, &judged, q_value));
        }
        let proposal = Proposal {
            members: self.members,
            least_key: self.key,
            most_key: self.key,
            rows: self.rows,
            lag: (self.lag != NO_LAG).then_some(self.lag as usize),
            flipped: self.flipped,
        };
        Ok(rows::of_proposal(common, &proposal, q_value))
    }
}

/// How far the plain path may be from the key, in units of it or of one.
fn error(proposal: &Proposal) -> f64 {
    0.5 * (proposal.most_key - proposal.least_key) / proposal.key().abs().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::{FixedRow, Members, NO_LAG, Told};

    #[test]
    fn a_test_comes_back_as_it_was_put() {
        let told = Told {
            p_value: 0.25,
            key: -3.5,
            members: Members::pair(7, 3),
            rows: 70_000,
            lag: NO_LAG,
            flipped: true,
            is_plain: false,
        };
        for told in [told, Told { lag: 300, flipped: false, is_plain: true, ..told }] {
            let mut bytes = Vec::new();
            told.put(&mut bytes);
            assert_eq!(bytes.len(), Told::BYTES);
            assert_eq!(Told::get(&bytes), told);
        }
    }
}
