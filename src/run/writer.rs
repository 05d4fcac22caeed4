//! The one writer: finished jobs in batches, each batch one transaction.
//!
//! A batch is full when it has as many new jobs or as many bytes as it may, whichever is first; what
//! waits for its commit is counted against the gate that the workers pass.

use std::{
    collections::HashMap,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use super::{
    gate::Gate,
    progress::{Event, Progress},
    summary::Outcomes,
};
use crate::{
    domain::{FitRecord, JobKey, JobRecord, Outcome},
    error::Result,
    store::{Batch, ResultWriter, StoredJob},
};

/// Longest time finished jobs wait for their commit.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// A link to a stored job is a few bytes: so many of them count as one job.
const LINKS_PER_JOB: usize = 32;

/// What reaches the writer.
pub(super) enum Finished {
    /// Numbers of jobs found in the store, with the strategy and the outcome of each.
    Cached(Vec<(i64, &'static str, Outcome)>),
    /// Jobs found in the store that are computed again: to be compared (`--fresh`), or because
    /// less of them is stored than is asked for.
    Stored(Vec<StoredJob>),
    /// Jobs computed, and the fits they needed first; admitted by the gate with so many bytes.
    Computed { records: Vec<JobRecord>, fits: Vec<FitRecord>, bytes: u64 },
}

impl Finished {
    /// True if it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Cached(jobs) => jobs.is_empty(),
            Self::Stored(jobs) => jobs.is_empty(),
            Self::Computed { records, fits, .. } => records.is_empty() && fits.is_empty(),
        }
    }
}

/// What the writer has done.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) computed: u64,
    pub(super) cached: u64,
    pub(super) differing: u64,
    pub(super) outcomes: Outcomes,
}

impl Written {
    fn add(&mut self, computed: &[JobRecord]) {
        self.computed += computed.len() as u64;
        for record in computed {
            self.outcomes.add(&record.strategy, record.outcome, 1);
        }
    }
}

/// Commits what arrives until all senders are gone.
pub(super) struct Writer<'a> {
    pub(super) store: ResultWriter,
    pub(super) batch_jobs: usize,
    pub(super) batch_bytes: u64,
    pub(super) progress: &'a dyn Progress,
    pub(super) written: Written,
    pending: Pending,
}

#[derive(Default)]
struct Pending {
    records: Vec<JobRecord>,
    /// Records of stored jobs, with details that are not stored.
    details: Vec<(i64, JobRecord)>,
    fits: Vec<FitRecord>,
    /// Numbers of stored jobs, and whether they were found there or computed again.
    links: Vec<(i64, bool)>,
    cached: Outcomes,
    /// Stored results that are computed again.
    recomputed: HashMap<JobKey, StoredJob>,
    /// Bytes admitted by the gate that are given back after the commit.
    bytes: u64,
}

impl Pending {
    /// Jobs that wait: what a batch is measured by.
    fn jobs(&self) -> usize {
        self.records.len() + self.details.len() + self.links.len() / LINKS_PER_JOB
    }
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        store: ResultWriter,
        (batch_jobs, batch_bytes): (usize, u64),
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            store,
            batch_jobs,
            batch_bytes,
            progress,
            written: Written::default(),
            pending: Pending::default(),
        }
    }

    /// Runs until all senders are gone, then commits the rest.
    pub(super) fn run(&mut self, finished: &Receiver<Finished>, gate: &Gate) -> Result<()> {
        let mut last_commit = Instant::now();
        loop {
            match finished.recv_timeout(COMMIT_EVERY) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.commit(gate),
            }
            let full =
                self.pending.jobs() >= self.batch_jobs || self.pending.bytes >= self.batch_bytes;
            if full || last_commit.elapsed() >= COMMIT_EVERY {
                self.commit(gate)?;
                last_commit = Instant::now();
            }
        }
    }

    fn take(&mut self, message: Finished) {
        match message {
            Finished::Cached(jobs) => {
                for (job_id, strategy, outcome) in jobs {
                    self.pending.links.push((job_id, true));
                    self.pending.cached.add(strategy, outcome, 1);
                }
            }
            Finished::Stored(jobs) => {
                self.pending.recomputed.extend(jobs.into_iter().map(|job| (job.key, job)));
            }
            Finished::Computed { records, fits, bytes } => {
                self.pending.bytes += bytes;
                self.pending.fits.extend(fits);
                for record in records {
                    self.take_record(record);
                }
            }
        }
    }

    /// A new job is stored; one that is stored already is compared with what is there, and where
    /// it agrees, the details that are not there are added.
    fn take_record(&mut self, record: JobRecord) {
        let Some(stored) = self.pending.recomputed.remove(&record.key) else {
            self.pending.records.push(record);
            return;
        };
        let agrees = agrees(&stored, &record);
        self.written.differing += u64::from(!agrees);
        if agrees && stored.kept < record.kept {
            self.pending.links.push((stored.job_id, false));
            self.pending.details.push((stored.job_id, record));
        } else {
            self.pending.links.push((stored.job_id, true));
            self.pending.cached.add(&record.strategy, record.outcome, 1);
        }
    }

    fn commit(&mut self, gate: &Gate) -> Result<()> {
        let Pending { records, details, fits, links, cached, .. } = &mut self.pending;
        if records.is_empty() && fits.is_empty() && links.is_empty() {
            return Ok(());
        }
        // Messages come whole: what they bring beyond a batch is a batch of its own.
        let mut batches = records.chunks(self.batch_jobs.max(1));
        let jobs = batches.next().unwrap_or_default();
        self.store.write_batch(&Batch { jobs, details, links, fits })?;
        self.written.add(jobs);
        for (_, record) in details.iter() {
            self.written.add(std::slice::from_ref(record));
        }
        self.written.cached += cached.total();
        self.written.outcomes.merge(cached);
        for jobs in batches {
            self.store.write_batch(&Batch { jobs, details: &[], links: &[], fits: &[] })?;
            self.written.add(jobs);
        }
        records.clear();
        details.clear();
        fits.clear();
        links.clear();
        *cached = Outcomes::default();
        gate.give_back(std::mem::take(&mut self.pending.bytes));
        let Written { computed, cached, .. } = self.written;
        tracing::debug!(computed, cached, "committed");
        self.progress.event(&Event::Advanced { computed, cached });
        Ok(())
    }
}

/// True if a job computed again ended as the stored one did, to the last bit of every measure.
pub(super) fn agrees(stored: &StoredJob, record: &JobRecord) -> bool {
    stored.outcome == record.outcome.name()
        && stored.reason == record.reason
        && stored.measures == record.measures
}
