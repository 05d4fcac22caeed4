//! What a run left, as far as a case may hold it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{MEASURES, hashes};
use crate::{
    error::{Error, Result},
    store::{Cell, Store},
};

/// What one run of a case left. Numbers are the shortest texts that read back as the same bits: it
/// goes from one process to another.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Found {
    /// Jobs by name: strategy, horizon, symbols.
    pub jobs: BTreeMap<String, FoundJob>,
    /// Bars by horizon and instrument.
    pub bars_of: BTreeMap<String, FoundBars>,
    /// Hash of all fills.
    pub fills: String,
    /// Hash of all equity.
    pub equity: String,
    /// Planned peak.
    pub planned_bytes: u64,
    /// Measured peak; 0 where the kernel does not tell.
    pub peak_bytes: u64,
    /// What the run was allowed.
    pub budget_bytes: u64,
    /// Wall time, the making of the store included.
    pub wall_secs: f64,
}

/// A job of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FoundJob {
    /// Its strategy.
    pub strategy: String,
    /// How it ended.
    pub outcome: String,
    /// Its measures that are defined.
    pub measures: BTreeMap<String, String>,
    /// Hash of its fills.
    pub fills: String,
    /// Hash of its equity.
    pub equity: String,
}

/// Bars of an instrument over a horizon, as the run recorded them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundBars {
    /// How many.
    pub bars: u64,
    /// Hash of their content.
    pub content: String,
}

/// Hexadecimal digits of a hash that stands in a row of its own.
const SHORT: usize = 16;

impl Found {
    /// What the one run of `store` left; memory and time are left at zero.
    ///
    /// # Errors
    /// Whatever the store reports.
    pub(super) fn read(store: &Store) -> Result<Self> {
        let mut found = Self { bars_of: bars_of(store)?, ..Self::default() };
        let (mut fills, mut equity) = (blake3::Hasher::new(), blake3::Hasher::new());
        for (job_id, name, mut job) in jobs(store)? {
            let of_fills = hashes::fills(store, job_id)?;
            let of_equity = hashes::equity(store, job_id)?;
            for (all, one) in [(&mut fills, &of_fills), (&mut equity, &of_equity)] {
                all.update(name.as_bytes()).update(&[0]).update(one.as_bytes());
            }
            job.fills = short(&of_fills.to_hex());
            job.equity = short(&of_equity.to_hex());
            found.jobs.insert(name, job);
        }
        found.fills = fills.finalize().to_hex().to_string();
        found.equity = equity.finalize().to_hex().to_string();
        Ok(found)
    }

    /// Bars that the jobs could use.
    pub fn bars(&self) -> u64 {
        self.bars_of.values().map(|of| of.bars).sum()
    }

    /// Jobs by outcome.
    pub fn outcomes(&self) -> BTreeMap<String, u64> {
        let mut outcomes = BTreeMap::new();
        for job in self.jobs.values() {
            *outcomes.entry(job.outcome.clone()).or_default() += 1;
        }
        outcomes
    }
}

fn short(hash: &str) -> String {
    hash.chars().take(SHORT).collect()
}

/// Jobs in the order of their questions: what is asked, not the key, which holds the numeric version.
fn jobs(store: &Store) -> Result<Vec<(i64, String, FoundJob)>> {
    let sql = format!(
        "SELECT job_id, strategy, horizon_days, symbols, outcome,
                row_number() OVER (PARTITION BY strategy, horizon_days, symbols
                                   ORDER BY parameters, job_id) AS nth, {}
         FROM job LEFT JOIN measure USING (job_id)
         ORDER BY strategy, horizon_days, symbols, nth",
        MEASURES.join(", ")
    );
    let row = |row: Vec<Cell>| {
        let [Cell::Int(id), Cell::Text(strategy), Cell::Int(days), Cell::Text(symbols), rest @ ..] =
            &row[..]
        else {
            return Err(unexpected("job"));
        };
        let [Cell::Text(outcome), Cell::Int(nth), measures @ ..] = rest else {
            return Err(unexpected("job"));
        };
        let again = if *nth > 1 { format!(" #{nth}") } else { String::new() };
        let measures = MEASURES.iter().zip(measures);
        let job = FoundJob {
            strategy: strategy.clone(),
            outcome: outcome.clone(),
            measures: measures
                .filter_map(|(name, cell)| Some(((*name).to_owned(), number(cell)?)))
                .collect(),
            ..FoundJob::default()
        };
        Ok((*id, format!("{strategy} {days}d {symbols}{again}"), job))
    };
    store.sql(&sql)?.rows.into_iter().map(row).collect()
}

/// A number as it stands in a case; `None` where it is undefined.
fn number(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Int(number) => Some(number.to_string()),
        Cell::Float(number) => Some(format!("{number:?}")),
        _ => None,
    }
}

fn bars_of(store: &Store) -> Result<BTreeMap<String, FoundBars>> {
    let sql = "SELECT horizon_days || 'd ' || market || ':' || symbol, bars, content
               FROM run_instrument JOIN instrument USING (instrument_id)
               ORDER BY horizon_days, market, symbol";
    let row = |row: Vec<Cell>| match &row[..] {
        [Cell::Text(name), Cell::Int(bars), Cell::Text(content)] => Ok((
            name.clone(),
            FoundBars { bars: u64::try_from(*bars).unwrap_or(0), content: short(content) },
        )),
        _ => Err(unexpected("run_instrument")),
    };
    store.sql(sql)?.rows.into_iter().map(row).collect()
}

fn unexpected(table: &str) -> Error {
    Error::internal(format!("a row of table {table} is not what the schema says"))
}
