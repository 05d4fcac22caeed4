//! What was asked of a run, and what it stood on.

use duckdb::{Connection, Row};

use super::{RunKind, Store, failure::Doing, query_values};
use crate::error::{Error, Result};

const DOING: Doing = Doing("look up a run");

/// A run as it is stored, without its jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFacts {
    /// Its number.
    pub run_id: i64,
    /// What it is.
    pub kind: RunKind,
    /// How it stands.
    pub status: String,
    /// Its resolved configuration, JSON.
    pub configuration: String,
    /// Version of Barline.
    pub engine_version: String,
    /// Where kernels ran.
    pub device: String,
    /// Jobs planned.
    pub planned: u64,
    /// Jobs that answer it.
    pub stored: u64,
    /// The bars it could use, by horizon, market and symbol.
    pub bars: Vec<RunBars>,
}

/// The bars of an instrument that a horizon of a run could use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunBars {
    /// Scored window in days.
    pub horizon_days: u32,
    /// Market of the instrument.
    pub market: String,
    /// Its symbol.
    pub symbol: String,
    /// Hash of the bars' content, hexadecimal.
    pub content: String,
    /// How many.
    pub bars: u64,
    /// Opening of the first and the last of them in UTC, as text; empty without bars.
    pub span: String,
}

impl Store {
    /// The run that `text` names: a number, `last`, `last~1`; the last ones are looked for among runs of
    /// `kind`.
    ///
    /// # Errors
    /// Usage, if there is no such run.
    pub fn run_facts(&self, text: &str, kind: Option<RunKind>) -> Result<RunFacts> {
        let connection = &self.reader.connection;
        let run_id = query_values::run_id(connection, kind, text)?;
        let none = || {
            Error::usage(format!("there is no run '{text}' in this store"))
                .with_hint("it holds no run yet; 'barline backtest' makes one")
        };
        facts(connection, run_id.ok_or_else(none)?)
    }
}

fn facts(connection: &Connection, run_id: i64) -> Result<RunFacts> {
    let sql = "
        SELECT kind, status, configuration, engine_version, device, planned_jobs,
               (SELECT count(*) FROM run_job WHERE run_job.run_id = run.run_id)
        FROM run
        WHERE run_id = ?";
    let read = |row: &Row<'_>| -> duckdb::Result<RunFacts> {
        let kind: String = row.get(0)?;
        let is_screen = kind == RunKind::Screen.name();
        Ok(RunFacts {
            run_id,
            kind: if is_screen { RunKind::Screen } else { RunKind::Backtest },
            status: row.get(1)?,
            configuration: row.get(2)?,
            engine_version: row.get(3)?,
            device: row.get(4)?,
            planned: row.get(5)?,
            stored: row.get(6)?,
            bars: Vec::new(),
        })
    };
    let found = connection.query_row(sql, [run_id], read).map_err(|e| DOING.failed(&e))?;
    Ok(RunFacts { bars: bars(connection, run_id)?, ..found })
}

fn bars(connection: &Connection, run_id: i64) -> Result<Vec<RunBars>> {
    let sql = "
        SELECT horizon_days, market, symbol, content, bars,
               coalesce(first_ts::VARCHAR || ' to ' || last_ts::VARCHAR, '')
        FROM run_instrument
        JOIN instrument USING (instrument_id)
        WHERE run_id = ?
        ORDER BY horizon_days, market, symbol";
    let read = |row: &Row<'_>| {
        Ok(RunBars {
            horizon_days: row.get(0)?,
            market: row.get(1)?,
            symbol: row.get(2)?,
            content: row.get(3)?,
            bars: row.get(4)?,
            span: row.get(5)?,
        })
    };
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    statement.query_map([run_id], read).and_then(Iterator::collect).map_err(|e| DOING.failed(&e))
}
