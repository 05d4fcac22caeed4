//! What a run did, for whoever asked.

use std::collections::BTreeMap;

use super::MemoryReport;
use crate::domain::Outcome;

/// Counts of the jobs of a run by strategy and outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outcomes(BTreeMap<String, BTreeMap<Outcome, u64>>);

impl Outcomes {
    /// Counts `jobs` more.
    pub(super) fn add(&mut self, strategy: &str, outcome: Outcome, jobs: u64) {
        let counts = match self.0.get_mut(strategy) {
            Some(counts) => counts,
            None => self.0.entry(strategy.to_owned()).or_default(),
        };
        *counts.entry(outcome).or_default() += jobs;
    }

    /// Adds the counts of another.
    pub(super) fn merge(&mut self, other: &Self) {
        for (strategy, counts) in &other.0 {
            for (&outcome, &jobs) in counts {
                self.add(strategy, outcome, jobs);
            }
        }
    }

    /// All jobs counted.
    pub(super) fn total(&self) -> u64 {
        self.0.values().flat_map(BTreeMap::values).sum()
    }

    /// Per strategy, in alphabetical order, the outcomes that occurred.
    pub(super) fn listed(&self) -> Vec<(String, Vec<(Outcome, u64)>)> {
        self.0
            .iter()
            .map(|(strategy, counts)| {
                (strategy.clone(), counts.iter().map(|(&o, &n)| (o, n)).collect())
            })
            .collect()
    }
}

/// What a run did.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Its number in the store.
    pub run_id: i64,
    /// Jobs planned: the sum of all outcomes plus those pending.
    pub planned: u64,
    /// Jobs computed and committed.
    pub computed: u64,
    /// Jobs found in the store.
    pub cached: u64,
    /// Jobs left for the next run.
    pub pending: u64,
    /// Per strategy, how its jobs ended.
    pub outcomes: Vec<(String, Vec<(Outcome, u64)>)>,
    /// Combinations of all sizes.
    pub combinations: u64,
    /// Combinations that a sample or a shard left out.
    pub left_out: u64,
    /// Workers used.
    pub workers: usize,
    /// Remarks.
    pub notes: Vec<String>,
    /// Memory, planned and measured.
    pub memory: MemoryReport,
    /// Wall time.
    pub wall_secs: f64,
    /// Pair fits computed.
    pub pair_fits: u64,
    /// Jobs whose recomputed rows differ from the stored ones (`--fresh`).
    pub differing: u64,
    /// True if the run was asked to stop before it was through.
    pub interrupted: bool,
    /// Fill rule, costs and annualization, in one line.
    pub conventions: String,
}

impl Summary {
    /// Jobs that failed, panicked or timed out.
    pub fn failures(&self) -> u64 {
        let counts = self.outcomes.iter().flat_map(|(_, counts)| counts);
        counts.filter(|(outcome, _)| outcome.is_failure()).map(|(_, jobs)| jobs).sum()
    }
}
