//! Proposals tested by the plain path.

use std::cmp::Ordering;

use super::{
    columns::Columns,
    members::Members,
    method::{Judged, Method},
    pool::{Chosen, number},
    refusals::{Reason, Refused},
};
use crate::{
    error::Result,
    run::{side_by_side, stop::Stop},
    stats::Refusal,
    store::{FixedRow, Sorted, Sorting},
};

/// Tests that a thread takes at a time.
const TASK: usize = 32;
/// Tests whose verdicts wait to be sorted.
const CHUNK: usize = 8_192;
/// Most tests that are kept whole; of the others what decides is kept, and they are made again when
/// listed.
const WHOLE: u64 = 1 << 16;
/// The weights of a test of several members, in a list of their own.
const WEIGHT_BYTES: u64 = 48;

/// What decides about a test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    pub(super) members: Members,
    /// NaN where there is no p-value: all are alike.
    pub(super) p_value: f64,
    pub(super) key: f64,
    /// Place among those that are kept whole.
    whole: u64,
}

/// The most significant first; those without a p-value are the last.
impl FixedRow for Verdict {
    const BYTES: usize = Members::BYTES + 3 * 8;

    fn order(&self, other: &Self) -> Ordering {
        let by_p = self.p_value.total_cmp(&other.p_value);
        by_p.then(self.key.total_cmp(&other.key)).then(self.members.cmp(&other.members))
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.members.to_bytes());
        for bits in [self.p_value.to_bits(), self.key.to_bits(), self.whole] {
            out.extend_from_slice(&bits.to_le_bytes());
        }
    }

    fn get(bytes: &[u8]) -> Self {
        let (members, numbers) = bytes.split_at(Members::BYTES);
        let at = |place: usize| number(&numbers[8 * place..8 * place + 8]);
        Self {
            members: Members::from_bytes(members),
            p_value: at(0),
            key: at(1),
            whole: at(2).to_bits(),
        }
    }
}

/// The tests of some proposals.
pub(super) struct Judging<'a> {
    method: Method,
    columns: &'a Columns,
    /// The most significant first; those that are no test are missing.
    pub(super) verdicts: Sorted<Verdict>,
    whole: Vec<Judged>,
    /// Proposals that are no test.
    pub(super) refused: Refused,
}

impl<'a> Judging<'a> {
    /// Tests `chosen`, sorts what decides with `verdicts`, and keeps so many tests whole; `None` if asked to
    /// stop before.
    ///
    /// # Errors
    /// Internal, if a thread panicked; what the file of a [`Sorting`] reports.
    pub(super) fn of(
        (method, columns): (Method, &'a Columns),
        chosen: &Chosen,
        mut verdicts: Sorting<Verdict>,
        most_whole: usize,
        workers: usize,
        stop: &Stop,
    ) -> Result<Option<Self>> {
        let (mut whole, mut refused) = (Vec::new(), Refused::default());
        let mut rest = chosen.members()?;
        loop {
            let chunk: Vec<Members> = rest.by_ref().take(CHUNK).collect::<Result<_>>()?;
            if chunk.is_empty() {
                break;
            }
            let tasks = chunk.len().div_ceil(TASK);
            let parts = side_by_side(workers, tasks, |task| {
                let own = chunk.iter().skip(task * TASK).take(TASK);
                let own = own.take_while(|_| !stop.requested());
                Ok(own.map(|members| judge(method, columns, *members)).collect::<Vec<_>>())
            })?;
            if stop.requested() {
                return Ok(None);
            }
            for (members, judged) in chunk.into_iter().zip(parts.into_iter().flatten()) {
                let judged = match judged {
                    Ok(judged) => judged,
                    Err(refusal) => {
                        refused.add(Reason::of(&refusal), 1);
                        continue;
                    }
                };
                let (p_value, key) = (judged.p_value.unwrap_or(f64::NAN), judged.key(method));
                verdicts.push(Verdict { members, p_value, key, whole: whole.len() as u64 })?;
                if whole.len() < most_whole {
                    whole.push(judged);
                }
            }
        }
        let verdicts = verdicts.sorted()?;
        Ok(Some(Self { method, columns, verdicts, whole, refused }))
    }

    /// Bytes of what decides about so many proposals in memory.
    pub(super) fn verdict_bytes_for(chosen: u64) -> u64 {
        chosen.saturating_mul(size_of::<Verdict>() as u64)
    }

    /// Tests that are kept whole where so many proposals are expected.
    pub(super) fn most_whole(chosen: u64) -> u64 {
        chosen.min(WHOLE)
    }

    /// Bytes of so many tests that are kept whole.
    pub(super) fn whole_bytes_for(whole: u64) -> u64 {
        whole.saturating_mul(size_of::<Judged>() as u64 + WEIGHT_BYTES)
    }

    /// Bytes of those that are tested at a time, where so many proposals are expected.
    pub(super) fn chunk_bytes_for(chosen: u64) -> u64 {
        Self::whole_bytes_for(chosen.min(CHUNK as u64))
    }

    /// The test of a verdict, whole.
    pub(super) fn test(&self, verdict: &Verdict) -> Option<Judged> {
        match usize::try_from(verdict.whole).ok().and_then(|place| self.whole.get(place)) {
            // The first one that was not kept has the place of none.
            Some(judged) => Some(judged.clone()),
            None => judge(self.method, self.columns, verdict.members).ok(),
        }
    }
}

/// The test of a combination.
///
/// # Errors
/// Those of the test.
pub(super) fn judge(
    method: Method,
    columns: &Columns,
    members: Members,
) -> std::result::Result<Judged, Refusal> {
    let series = columns.common(members.positions());
    let slices: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    method.judge(&slices)
}
