//! The one writer of results.
//!
//! A batch (jobs with everything they leave behind, details that stored jobs lack, links of the run
//! to jobs, pair fits) is one transaction. Writing is appending: the writer numbers jobs itself,
//! links them by number, and reads no table that grows with the jobs, so that the ten millionth
//! batch costs what the first did. The last batch handed in again stores nothing twice. A batch is
//! acknowledged when it is committed and the high-water mark says so. A commit that reports an error
//! may be durable all the same: the writer refuses to go on then, and what is stored is looked up
//! after reopening ([`Store::to_read_again`](super::Store::to_read_again)).

use std::sync::Arc;

use duckdb::{Connection, arrow::record_batch::RecordBatch, params};

use super::{
    Interrupt, RunEnd, RunStart, RunStatus,
    batch_row::BatchRow,
    columns::{Columns, append},
    failure::Doing,
    held::Held,
    high_water::Mark,
    job_details, known_jobs,
    reader::Reader,
    result_rows::{self, Numbered},
    stored_fits,
};
use crate::{
    domain::{FitRecord, JobRecord, Keep, Timestamp},
    error::{Error, Result},
};

/// What one transaction of a run writes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Batch<'a> {
    /// Jobs computed, none of which the store holds; each answers the run.
    pub jobs: &'a [JobRecord],
    /// Stored jobs, by number, computed again, because more of them is to be kept than is stored.
    pub details: &'a [(i64, JobRecord)],
    /// Numbers of stored jobs that answer the run, and whether they were found (true) or computed
    /// again.
    pub links: &'a [(i64, bool)],
    /// Pair fits computed, each once in a run.
    pub fits: &'a [FitRecord],
}

impl Batch<'_> {
    /// What tells this batch from the one before it.
    fn identity(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for rows in [self.jobs.len(), self.details.len(), self.links.len(), self.fits.len()] {
            hasher.update(&(rows as u64).to_le_bytes());
        }
        for job in self.jobs {
            hasher.update(&job.key.bytes());
        }
        for (job_id, record) in self.details {
            hasher.update(&job_id.to_le_bytes()).update(record.kept.name().as_bytes());
        }
        for (job_id, found) in self.links {
            hasher.update(&job_id.to_le_bytes()).update(&[u8::from(*found)]);
        }
        for fit in self.fits {
            hasher.update(&fit.key.bytes()).update(&fit.refit.to_le_bytes());
            hasher.update(&fit.horizon_days.to_le_bytes());
        }
        hasher.finalize()
    }
}

/// A run that is being written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// Its number.
    pub(super) number: i64,
    /// Number of the next new job: no job has it or a higher one.
    next_job: i64,
    /// True if fits were stored before this run.
    had_fits: bool,
    /// The last batch that was committed.
    last: Option<blake3::Hash>,
    /// True once a batch failed.
    failed: bool,
}

/// The writer of a run's rows; a store has one at a time.
pub struct ResultWriter {
    /// Dropped before the lock is released; an open transaction is rolled back then.
    connection: Connection,
    held: Arc<Held>,
    run: Option<Run>,
}

const DOING: Doing = Doing("write results");

impl ResultWriter {
    pub(super) fn begin(reader: Reader) -> Result<Self> {
        let Reader { connection, held } = reader;
        held.begin_writing(&connection)?;
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
            append(&writer.connection, "run_reach", reach_rows(run_id, start)?, DOING)?;
            Ok(run_id)
        })?;
        self.run = Some(Run {
            number: run_id,
            next_job: known_jobs::newest(&self.connection)? + 1,
            had_fits: stored_fits::any(&self.connection)?,
            last: None,
            failed: false,
        });
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
                "INSERT INTO run (run_id, kind, status, configuration, configuration_hash,
                   engine_version, device, workers, interval_us, end_ts, universe_size,
                   last_import, screen_run, screen_tests, planned_jobs, budget_bytes, planned_peak_bytes, panel, started_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, make_timestamp(?), ?,
                   (SELECT coalesce(max(import_id), 0) FROM import), ?, ?, ?, ?, ?, ?,
                   make_timestamp(?))",
                params![
                    run_id,
                    start.kind.name(),
                    RunStatus::Running.name(),
                    start.configuration_json,
                    start.configuration_hash,
                    start.engine_version,
                    start.device,
                    start.workers,
                    start.interval.micros(),
                    start.end_ts.micros(),
                    start.universe_size,
                    start.screen.map(|screen| screen.0),
                    start.screen.map(|screen| screen.1),
                    start.planned_jobs,
                    start.budget_bytes,
                    start.planned_peak_bytes,
                    start.panel,
                    start.started_at.micros(),
                ],
            )
            .map_err(|e| DOING.failed(&e))?;
        Ok(())
    }

    /// Writes a batch in one transaction; nothing, if it is the last one again.
    ///
    /// # Errors
    /// Internal, before [`begin_run`](Self::begin_run), for a link to a job or details of a job
    /// that the store does not hold, and after a batch that failed; otherwise what DuckDB reports.
    /// Nothing of the batch is stored then, unless it was the commit that failed: reopen the store
    /// and look its jobs up.
    pub fn write_batch(&mut self, batch: &Batch<'_>) -> Result<()> {
        let run = self.open_run()?;
        let counts = [batch.jobs.len(), batch.details.len(), batch.links.len(), batch.fits.len()];
        let [jobs, details, links, fits] = counts.map(|count| count as u64);
        let row = BatchRow { jobs, details, links, fits, ..BatchRow::default() };
        self.commit(run, batch.identity(), row, |writer| writer.insert(&run, batch))
    }

    /// Does `insert` and writes `row` down in one transaction, and acknowledges it; nothing, if it is
    /// what was committed last.
    pub(super) fn commit(
        &mut self,
        run: Run,
        identity: blake3::Hash,
        row: BatchRow,
        insert: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<()> {
        if run.last == Some(identity) {
            return Ok(());
        }
        let next_job = run.next_job + i64::try_from(row.jobs).unwrap_or(i64::MAX);
        let written = self.held.mark(&self.connection).and_then(|before| {
            let (batch_id, chained) = before.next(&identity);
            let mark = Mark {
                batch_id,
                identity: chained,
                run_id: run.number,
                job_id: next_job - 1,
                import_id: before.import_id,
            };
            self.in_transaction(|writer| {
                insert(writer)?;
                BatchRow { run_id: Some(run.number), ..row }.insert(&writer.connection, &mark)
            })?;
            self.held.acknowledge(&mark)
        });
        self.run = Some(match written {
            Ok(()) => Run { next_job, last: Some(identity), ..run },
            Err(_) => Run { failed: true, ..run },
        });
        written
    }

    fn insert(&self, run: &Run, batch: &Batch<'_>) -> Result<()> {
        let jobs: Vec<Numbered<'_>> = (run.next_job..).zip(batch.jobs).collect();
        let put = |table: &str, rows: RecordBatch| append(&self.connection, table, rows, DOING);
        put("job", result_rows::job_rows(&jobs, run.number)?)?;
        put("measure", result_rows::measure_rows(&jobs)?)?;
        job_details::append_missing(&self.connection, &jobs, Keep::Measures)?;
        job_details::add(&self.connection, batch.details)?;
        self.insert_fits(run, batch.fits)?;
        // Numbers are given without gaps and no job is ever removed: those below the next exist.
        if let Some((job_id, _)) = batch.links.iter().find(|l| !(1..run.next_job).contains(&l.0)) {
            return Err(Error::internal(format!("run {} links job {job_id}", run.number)));
        }
        let links = jobs.iter().map(|(job_id, _)| (*job_id, false));
        let links: Vec<_> = links.chain(batch.links.iter().copied()).collect();
        put("run_job", result_rows::run_job_rows(&links, run.number)?)
    }

    /// Stores the fits that are new and links the run to all of them.
    fn insert_fits(&self, run: &Run, fits: &[FitRecord]) -> Result<()> {
        if fits.is_empty() {
            return Ok(());
        }
        let made = stored_fits::distinct(fits);
        let new =
            if run.had_fits { stored_fits::absent(&self.connection, &made)? } else { made.clone() };
        append(&self.connection, "fit", result_rows::fit_rows(&new)?, DOING)?;
        append(&self.connection, "run_fit", result_rows::run_fit_rows(&made, run.number)?, DOING)
    }

    /// Writes down how the run ended and brings everything into the one file.
    pub fn finish_run(&mut self, end: &RunEnd) -> Result<()> {
        let device = end.device.as_ref();
        let run_id = self.current_run()?.number;
        self.in_transaction(|writer| {
            writer
                .connection
                .execute(
                    "UPDATE run
                     SET status = ?, finished_at = make_timestamp(?), wall_secs = ?,
                         measured_peak_bytes = ?, initial_bytes = ?, final_bytes = ?,
                         kernel_peak_bytes = ?, cgroup_peak_bytes = ?, allocated_peak_bytes = ?,
                         admission_waits = ?,
                         computed = ?, cached = ?, left_out = ?, pair_fits = ?, frame_rows = ?,
                         vram_budget_bytes = ?, planned_vram_bytes = ?, measured_vram_bytes = ?,
                         device_windows = ?, device_pairs = ?, device_compared = ?,
                         device_deviation = ?, device_lost = ?
                     WHERE run_id = ?",
                    params![
                        end.status.name(),
                        end.finished_at.micros(),
                        end.wall_secs,
                        end.measured_peak_bytes,
                        end.initial_bytes,
                        end.final_bytes,
                        end.kernel_peak_bytes,
                        end.cgroup_peak_bytes,
                        end.allocated_peak_bytes,
                        end.admission_waits,
                        end.computed,
                        end.cached,
                        end.left_out,
                        end.pair_fits,
                        end.frame_rows,
                        device.map(|device| device.budget_bytes),
                        device.map(|device| device.planned_bytes),
                        device.map(|device| device.measured_bytes),
                        device.map(|device| device.windows),
                        device.map(|device| device.pairs),
                        device.map(|device| device.compared),
                        device.map(|device| device.deviation).filter(|off| off.is_finite()),
                        device.and_then(|device| device.lost.as_deref()),
                        run_id,
                    ],
                )
                .map_err(|e| DOING.failed(&e))?;
            Ok(())
        })?;
        self.run = None;
        self.held.checkpoint(&self.connection)
    }

    /// Stops what the writer is doing, from another thread; its transaction is rolled back.
    pub fn interrupt_handle(&self) -> Interrupt {
        Interrupt::of(&self.connection)
    }

    /// The run, for another batch.
    pub(super) fn open_run(&self) -> Result<Run> {
        let run = self.current_run()?;
        if run.failed {
            return Err(Error::internal("a batch was written after one that failed"));
        }
        Ok(run)
    }

    /// The connection it writes by.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The number of the run.
    pub(super) fn run_id(&self) -> Result<i64> {
        Ok(self.current_run()?.number)
    }

    fn current_run(&self) -> Result<Run> {
        self.run.ok_or_else(|| Error::internal("results were written before a run began"))
    }

    fn number(&self, sql: &str) -> Result<i64> {
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|e| DOING.failed(&e))
    }

    /// Does `work` in a transaction: committed if it succeeds, rolled back if not.
    pub(super) fn in_transaction<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
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

fn reach_rows(run_id: i64, start: &RunStart) -> Result<RecordBatch> {
    let reaches = &start.reaches;
    Columns::default()
        .i64("run_id", reaches.iter().map(|_| run_id))
        .u32("horizon_days", reaches.iter().map(|r| r.horizon_days))
        .text("strategy", reaches.iter().map(|r| r.strategy.as_str()))
        .time("load_ts", reaches.iter().map(|r| r.load_ts.micros()))
        .time("from_ts", reaches.iter().map(|r| r.from_ts.micros()))
        .time("score_ts", reaches.iter().map(|r| r.score_ts.micros()))
        .u64("lookback_bars", reaches.iter().map(|r| r.lookback_bars))
        .batch()
}
