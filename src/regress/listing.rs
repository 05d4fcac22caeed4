//! The results of cases as a table.

use std::collections::BTreeMap;

use super::{Difference, Found};
use crate::store::{Cell, Table};

/// What became of a case.
#[derive(Debug, Clone, Default)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// What its runs left, by number of workers.
    pub found: BTreeMap<usize, Found>,
    /// Why a run of it left nothing.
    pub error: Option<String>,
    /// True if it holds nothing yet.
    pub is_new: bool,
    /// Where it is not as it is held.
    pub differences: Vec<Difference>,
}

impl CaseResult {
    /// True if everything is as it is held.
    pub fn holds(&self) -> bool {
        self.error.is_none() && !self.is_new && self.differences.is_empty()
    }

    /// What became of it, in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self { error: Some(_), .. } => "error",
            Self { differences, .. } if !differences.is_empty() => "differs",
            Self { is_new: true, .. } => "not blessed",
            _ => "holds",
        }
    }

    /// Everything that is wrong, a line each.
    pub fn lines(&self) -> Vec<String> {
        let new = self.is_new.then(|| {
            "nothing is held yet: 'barline regress bless' writes what is found".to_owned()
        });
        let differences = self.differences.iter().map(Difference::told);
        self.error.iter().cloned().chain(new).chain(differences).collect()
    }

    /// Wall time of all its runs.
    pub fn secs(&self) -> f64 {
        // Of nothing the sum would be minus zero.
        self.found.values().map(|found| found.wall_secs).fold(0.0, |sum, secs| sum + secs)
    }
}

const COLUMNS: [&str; 9] = [
    "case",
    "result",
    "workers",
    "jobs",
    "outcomes",
    "bars",
    "wall_secs",
    "planned_bytes",
    "peak_bytes",
];

/// A row per case; with `differences` everything that is wrong is in the last column.
pub fn listed(results: &[CaseResult], differences: bool) -> Table {
    let last = differences.then_some("differences");
    Table {
        columns: COLUMNS.into_iter().chain(last).map(str::to_owned).collect(),
        rows: results.iter().map(|result| row(result, differences)).collect(),
        ..Table::default()
    }
}

fn row(result: &CaseResult, differences: bool) -> Vec<Cell> {
    let whole = |count: u64| Cell::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let workers: Vec<_> = result.found.keys().map(usize::to_string).collect();
    let most =
        |of: fn(&Found) -> u64| result.found.values().map(of).max().map_or(Cell::Null, whole);
    let first = result.found.values().next();
    let outcomes = first.map(|found| {
        let outcomes = found.outcomes().into_iter().map(|(name, jobs)| format!("{jobs} {name}"));
        Cell::Text(outcomes.collect::<Vec<_>>().join(", "))
    });
    let mut row = vec![
        Cell::Text(result.name.clone()),
        Cell::Text(result.word().to_owned()),
        Cell::Text(workers.join(",")),
        first.map_or(Cell::Null, |found| whole(found.jobs.len() as u64)),
        outcomes.unwrap_or(Cell::Null),
        first.map_or(Cell::Null, |found| whole(found.bars())),
        Cell::Float(result.secs()),
        most(|found| found.planned_bytes),
        most(|found| found.peak_bytes),
    ];
    if differences {
        let lines = result.lines();
        row.push(if lines.is_empty() { Cell::Null } else { Cell::Text(lines.join("; ")) });
    }
    row
}
