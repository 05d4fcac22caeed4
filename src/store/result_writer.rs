//! The one writer of results.
//!
//! A batch (jobs with everything they leave behind, details that stored jobs lack, links of the run
//! to jobs, pair fits) is one
//! transaction. A commit that reports an error may be durable all the same, so a batch is
//! idempotent: jobs, links and fits that are there already are skipped, and handing the same
//! batch in again stores nothing twice.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use duckdb::{Connection, arrow::record_batch::RecordBatch, params};

use super::{
    Interrupt, MemorySample, RunEnd, RunStart, RunStatus,
    columns::{Columns, append},
    failure::Doing,
    job_details, known_jobs,
    open::{Held, checkpoint},
    reader::Reader,
    result_rows::{self, Numbered},
};
use crate::{
    domain::{FitRecord, JobKey, JobRecord, Keep, Timestamp},
    error::{Error, Result},
};

/// What one transaction of a run writes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Batch<'a> {
    /// Jobs computed.
    pub jobs: &'a [JobRecord],
    /// Stored jobs computed again, because more of them is to be kept than is stored.
    pub details: &'a [JobRecord],
    /// Jobs that answer the run: the computed ones (false) and those found in the store (true).
    pub links: &'a [(JobKey, bool)],
    /// Pair fits computed.
    pub fits: &'a [FitRecord],
}

/// The writer of a run's rows; a store has one at a time.
pub struct ResultWriter {
    /// Dropped before the lock is released; an open transaction is rolled back then.
    connection: Connection,
    held: Arc<Held>,
    run: Option<i64>,
}

const DOING: Doing = Doing("write results");

impl ResultWriter {
    pub(super) fn begin(reader: Reader) -> Result<Self> {
        let Reader { connection, held } = reader;
        held.begin_writing()?;
        Ok(Self { connection, held, run: None })
    }

    /// Writes down that a run begins; returns its number, 1 for a store's first. A run that is
    /// still said to be running was killed, since we hold the store: it was interrupted.
    pub fn begin_run(&mut self, start: &RunStart) -> Result<i64> {
        let run_id = self.in_transaction(|writer| {
            writer.interrupt_killed_runs()?;
            let run_id = writer.number("SELECT coalesce(max(run_id), 0) + 1 FROM run")?;
            writer.insert_run(run_id, start)?;
            append(&writer.connection, "run_instrument", instrument_rows(run_id, start)?, DOING)?;
            Ok(run_id)
        })?;
        self.run = Some(run_id);
        Ok(run_id)
    }

    fn interrupt_killed_runs(&self) -> Result<()> {
        let states = [RunStatus::Interrupted.name(), RunStatus::Running.name()];
        self.connection
            .execute("UPDATE run SET status = ? WHERE status = ?", states)
            .map_err(|e| DOING.failed(&e))?;
        Ok(())
    }

    fn insert_run(&self, run_id: i64, start: &RunStart) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO run (run_id, status, configuration, configuration_hash,
                   engine_version, device, workers, interval_us, end_ts, universe_size,
                   planned_jobs, budget_bytes, planned_peak_bytes, started_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, make_timestamp(?), ?, ?, ?, ?, make_timestamp(?))",
                params![
                    run_id,
                    RunStatus::Running.name(),
                    start.configuration_json,
                    start.configuration_hash,
                    start.engine_version,
                    start.device,
                    start.workers,
                    start.interval.micros(),
                    start.end_ts.micros(),
                    start.universe_size,
                    start.planned_jobs,
                    start.budget_bytes,
                    start.planned_peak_bytes,
                    start.started_at.micros(),
                ],
            )
            .map_err(|e| DOING.failed(&e))?;
        Ok(())
    }

    /// Writes a batch in one transaction; what the store holds of it already is skipped.
    ///
    /// # Errors
    /// Internal, before [`begin_run`](Self::begin_run) or for a link to a job that the store does
    /// not hold; otherwise what DuckDB reports. Nothing of the batch is stored then, unless it was
    /// the commit that failed: hand the batch in again after reopening the store.
    pub fn write_batch(&mut self, batch: &Batch<'_>) -> Result<()> {
        let run_id = self.current_run()?;
        self.in_transaction(|writer| {
            writer.insert_jobs(run_id, batch.jobs)?;
            job_details::add(&writer.connection, batch.details)?;
            writer.insert_fits(run_id, batch.fits)?;
            writer.insert_links(run_id, batch.links)
        })
    }

    fn insert_jobs(&self, run_id: i64, jobs: &[JobRecord]) -> Result<()> {
        let keys: Vec<JobKey> = jobs.iter().map(|job| job.key).collect();
        let mut seen: HashSet<JobKey> = known_jobs::found(&self.connection, &keys, Some(run_id))?
            .into_iter()
            .map(|found| keys[found.position])
            .collect();
        let next = self.number("SELECT coalesce(max(job_id), 0) + 1 FROM job")?;
        let new = jobs.iter().filter(|job| seen.insert(job.key));
        let new: Vec<Numbered<'_>> = (next..).zip(new).collect();
        self.insert_combinations(&new)?;
        let put = |table: &str, rows: RecordBatch| append(&self.connection, table, rows, DOING);
        put("job", result_rows::job_rows(&new, run_id)?)?;
        put("measure", result_rows::measure_rows(&new)?)?;
        job_details::append_missing(&self.connection, &new, Keep::Measures)
    }

    fn insert_combinations(&self, jobs: &[Numbered<'_>]) -> Result<()> {
        let mut combinations: BTreeMap<u64, (u32, &str)> = jobs
            .iter()
            .map(|(_, job)| {
                let symbols = job.symbols.as_str();
                (result_rows::combination_key(symbols), (job.size, symbols))
            })
            .collect();
        if combinations.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = combinations.keys().map(u64::to_string).collect();
        let sql = "SELECT combination_key FROM combination
                   WHERE combination_key IN (SELECT unnest(string_split(?, ','))::UBIGINT)";
        let mut statement = self.connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
        let known = statement
            .query_map([keys.join(",")], |row| row.get::<_, u64>(0))
            .map_err(|e| DOING.failed(&e))?;
        for key in known {
            combinations.remove(&key.map_err(|e| DOING.failed(&e))?);
        }
        let rows = result_rows::combination_rows(&combinations)?;
        append(&self.connection, "combination", rows, DOING)
    }

    /// Stores the fits that are new and links the run to all of them.
    fn insert_fits(&self, run_id: i64, fits: &[FitRecord]) -> Result<()> {
        if fits.is_empty() {
            return Ok(());
        }
        let stored = self.fits_in("fit", fits, None)?;
        let new = absent(fits, &stored);
        append(&self.connection, "fit", result_rows::fit_rows(&new)?, DOING)?;
        let linked = self.fits_in("run_fit", fits, Some(run_id))?;
        let new = absent(fits, &linked);
        append(&self.connection, "run_fit", result_rows::run_fit_rows(&new, run_id)?, DOING)
    }

    /// Positions of the fits that `table` (of ours, by name) holds, for `run` or at all.
    fn fits_in(&self, table: &str, fits: &[FitRecord], run: Option<i64>) -> Result<HashSet<usize>> {
        let condition = if run.is_some() { "run_id = ?" } else { "? IS NULL" };
        let sql = format!(
            "WITH wanted AS (
               SELECT unnest(range(?)) AS position,
                      unnest(string_split(?, ','))::UUID AS fit_key,
                      unnest(string_split(?, ','))::UINTEGER AS horizon_days,
                      unnest(string_split(?, ','))::UINTEGER AS refit
             )
             SELECT DISTINCT position
             FROM wanted
             JOIN {table} USING (fit_key, horizon_days, refit)
             WHERE {condition}
             ORDER BY position"
        );
        let list = |field: fn(&FitRecord) -> u32| {
            fits.iter().map(|fit| field(fit).to_string()).collect::<Vec<_>>().join(",")
        };
        let mut statement = self.connection.prepare(&sql).map_err(|e| DOING.failed(&e))?;
        let values = params![
            i64::try_from(fits.len()).unwrap_or(i64::MAX),
            known_jobs::joined(fits.iter().map(|fit| fit.key)),
            list(|fit| fit.horizon_days),
            list(|fit| fit.refit),
            run,
        ];
        let positions =
            statement.query_map(values, |row| row.get(0)).map_err(|e| DOING.failed(&e))?;
        positions.collect::<duckdb::Result<_>>().map_err(|e| DOING.failed(&e))
    }

    /// Links the run to the job that answers each key: its own if it computed one, otherwise the
    /// stored one that is not a failure.
    fn insert_links(&self, run_id: i64, links: &[(JobKey, bool)]) -> Result<()> {
        if links.is_empty() {
            return Ok(());
        }
        let cached: Vec<&str> =
            links.iter().map(|(_, cached)| if *cached { "1" } else { "0" }).collect();
        let answering = "
            WITH wanted AS (
              SELECT unnest(string_split(?, ','))::UUID AS job_key,
                     unnest(string_split(?, ','))::INTEGER = 1 AS cached
            ),
            answer AS (
              SELECT job_key,
                     coalesce(max(job_id) FILTER (run_id = ?), min(job_id)) AS job_id,
                     bool_or(cached) AS cached
              FROM wanted
              JOIN job USING (job_key)
              WHERE NOT failure OR run_id = ?
              GROUP BY job_key
            )";
        let keys = known_jobs::joined(links.iter().map(|(key, _)| *key));
        let values = params![keys, cached.join(","), run_id, run_id];
        let answered: u64 = self
            .connection
            .query_row(&format!("{answering} SELECT count(*) FROM answer"), values, |row| {
                row.get(0)
            })
            .map_err(|e| DOING.failed(&e))?;
        let distinct = links.iter().map(|(key, _)| *key).collect::<HashSet<_>>().len() as u64;
        if answered != distinct {
            return Err(Error::internal(format!(
                "run {run_id} links {distinct} jobs, the store holds {answered} of them"
            )));
        }
        let insert = format!(
            "INSERT INTO run_job {answering}
             SELECT ?, job_id, cached FROM answer
             WHERE job_id NOT IN (SELECT job_id FROM run_job WHERE run_id = ?)
             ORDER BY job_id"
        );
        self.connection
            .execute(&insert, params![keys, cached.join(","), run_id, run_id, run_id, run_id])
            .map_err(|e| DOING.failed(&e))?;
        Ok(())
    }

    /// Appends samples of the run's memory.
    pub fn write_memory(&mut self, samples: &[MemorySample]) -> Result<()> {
        let run_id = self.current_run()?;
        let rows = Columns::default()
            .i64("run_id", samples.iter().map(|_| run_id))
            .i64("elapsed_micros", samples.iter().map(|s| s.elapsed_micros))
            .text("stage", samples.iter().map(|s| s.stage.as_str()))
            .u64("bytes", samples.iter().map(|s| s.bytes))
            .batch()?;
        self.in_transaction(|writer| append(&writer.connection, "memory_sample", rows, DOING))
    }

    /// Writes down how the run ended and brings everything into the one file.
    pub fn finish_run(&mut self, end: &RunEnd) -> Result<()> {
        let run_id = self.current_run()?;
        self.in_transaction(|writer| {
            writer
                .connection
                .execute(
                    "UPDATE run
                     SET status = ?, finished_at = make_timestamp(?), wall_secs = ?,
                         measured_peak_bytes = ?, initial_bytes = ?, final_bytes = ?,
                         computed = ?, cached = ?, left_out = ?, pair_fits = ?, frame_rows = ?
                     WHERE run_id = ?",
                    params![
                        end.status.name(),
                        end.finished_at.micros(),
                        end.wall_secs,
                        end.measured_peak_bytes,
                        end.initial_bytes,
                        end.final_bytes,
                        end.computed,
                        end.cached,
                        end.left_out,
                        end.pair_fits,
                        end.frame_rows,
                        run_id,
                    ],
                )
                .map_err(|e| DOING.failed(&e))?;
            Ok(())
        })?;
        self.run = None;
        checkpoint(&self.connection)
    }

    /// Stops what the writer is doing, from another thread; its transaction is rolled back.
    pub fn interrupt_handle(&self) -> Interrupt {
        Interrupt::of(&self.connection)
    }

    fn current_run(&self) -> Result<i64> {
        self.run.ok_or_else(|| Error::internal("results were written before a run began"))
    }

    fn number(&self, sql: &str) -> Result<i64> {
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|e| DOING.failed(&e))
    }

    /// Does `work` in a transaction: committed if it succeeds, rolled back if not.
    fn in_transaction<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let step = |sql: &str| self.connection.execute_batch(sql).map_err(|e| DOING.failed(&e));
        step("BEGIN TRANSACTION")?;
        let done = work(self).and_then(|value| step("COMMIT").map(|()| value));
        if done.is_err() {
            // The first error says what happened; after a failed commit this one fails too.
            let _ = step("ROLLBACK");
        }
        done
    }
}

impl Drop for ResultWriter {
    fn drop(&mut self) {
        self.held.end_writing();
    }
}

/// The fits that are not at one of `positions`, each (key, horizon, refit) once.
fn absent<'a>(fits: &'a [FitRecord], positions: &HashSet<usize>) -> Vec<&'a FitRecord> {
    let mut seen = HashSet::new();
    fits.iter()
        .enumerate()
        .filter(|(at, _)| !positions.contains(at))
        .map(|(_, fit)| fit)
        .filter(|fit| seen.insert((fit.key, fit.horizon_days, fit.refit)))
        .collect()
}

fn instrument_rows(run_id: i64, start: &RunStart) -> Result<RecordBatch> {
    let used = &start.instruments;
    Columns::default()
        .i64("run_id", used.iter().map(|_| run_id))
        .u32("horizon_days", used.iter().map(|u| u.horizon_days))
        .u32("instrument_id", used.iter().map(|u| u.instrument_id))
        .text("content", used.iter().map(|u| u.content.as_str()))
        .u64("bars", used.iter().map(|u| u.bars))
        .time("first_ts", used.iter().map(|u| u.first_ts.map(Timestamp::micros)))
        .time("last_ts", used.iter().map(|u| u.last_ts.map(Timestamp::micros)))
        .batch()
}
