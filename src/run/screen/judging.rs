//! Proposals tested by the plain path.

use super::{
    columns::Columns,
    members::Members,
    method::{Judged, Method},
};
use crate::{
    error::Result,
    run::{side_by_side, stop::Stop},
};

/// Tests that a thread takes at a time.
const TASK: usize = 32;
/// Tests between two looks at whether to stop.
const CHUNK: usize = 8_192;
/// Tests that are kept whole; of the others what decides is kept, and they are made again when listed.
const WHOLE: usize = 1 << 16;

/// What decides about a test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    pub(super) members: Members,
    /// NaN where there is no p-value: all are alike.
    pub(super) p_value: f64,
    pub(super) key: f64,
    /// Place among those that are kept whole.
    whole: usize,
}

/// The tests of some proposals.
pub(super) struct Judging<'a> {
    method: Method,
    columns: &'a Columns,
    /// In the order of the proposals; those that are no test are missing.
    pub(super) verdicts: Vec<Verdict>,
    whole: Vec<Judged>,
    /// Proposals that are no test.
    pub(super) refused: u64,
}

impl<'a> Judging<'a> {
    /// Tests `chosen`; `None` if asked to stop before.
    ///
    /// # Errors
    /// Internal, if a thread panicked.
    pub(super) fn of(
        method: Method,
        columns: &'a Columns,
        chosen: &[Members],
        workers: usize,
        stop: &Stop,
        mut advanced: impl FnMut(usize),
    ) -> Result<Option<Self>> {
        let mut judging =
            Self { method, columns, verdicts: Vec::new(), whole: Vec::new(), refused: 0 };
        for (at, chunk) in chosen.chunks(CHUNK).enumerate() {
            if stop.requested() {
                return Ok(None);
            }
            let tasks = chunk.len().div_ceil(TASK);
            let parts = side_by_side(workers, tasks, |task| {
                let own = chunk.iter().skip(task * TASK).take(TASK);
                Ok(own.map(|members| judge(method, columns, *members)).collect::<Vec<_>>())
            })?;
            for (members, judged) in chunk.iter().zip(parts.into_iter().flatten()) {
                judging.add(*members, judged);
            }
            advanced(chosen.len().min((at + 1) * CHUNK));
        }
        Ok(Some(judging))
    }

    fn add(&mut self, members: Members, judged: Option<Judged>) {
        let Some(judged) = judged else {
            self.refused += 1;
            return;
        };
        let (p_value, key) = (judged.p_value.unwrap_or(f64::NAN), judged.key(self.method));
        self.verdicts.push(Verdict { members, p_value, key, whole: self.whole.len() });
        if self.whole.len() < WHOLE {
            self.whole.push(judged);
        }
    }

    /// Bytes that it takes for so many proposals.
    pub(super) fn bytes_for(chosen: u64) -> u64 {
        let verdicts = chosen.saturating_mul(size_of::<Verdict>() as u64);
        verdicts.saturating_add(chosen.min(WHOLE as u64) * size_of::<Judged>() as u64)
    }

    /// The test of a verdict, whole.
    pub(super) fn test(&self, verdict: &Verdict) -> Option<Judged> {
        match self.whole.get(verdict.whole) {
            // The first one that was not kept has the place of none.
            Some(judged) => Some(judged.clone()),
            None => judge(self.method, self.columns, verdict.members),
        }
    }
}

/// The test of a combination; `None` if it is refused.
pub(super) fn judge(method: Method, columns: &Columns, members: Members) -> Option<Judged> {
    let series = columns.common(members.positions());
    let slices: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    method.judge(&slices).ok()
}
