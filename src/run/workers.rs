//! Workers: cells computed one by one, their jobs handed on.
//!
//! Cells come through a bounded queue; a worker hands finished jobs to the writer through another,
//! admitted by bytes. A worker stops between cells once the run is asked to stop; what it finished
//! is still committed. Each end of a queue is owned by those who use it, so that whoever ends
//! early, by an error or a panic, ends the others too.

use std::{
    ops::ControlFlow,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender},
    },
    time::{Duration, Instant},
};

use super::{
    admission::Admission,
    cell::{Bench, Cell, Terms, run_cell},
    gate::Gate,
    horizon_grid::HorizonGrid,
    job_rows::{fit_bytes, record_bytes},
    memory::Meter,
    stop::Stop,
    writer::Finished,
};
use crate::domain::JobRecord;

/// Longest time a worker keeps finished jobs to itself, so that a killed process loses little.
const HAND_ON_EVERY: Duration = Duration::from_millis(250);
/// Most that a worker keeps to itself, but for its last job.
pub(super) const HAND_ON_BYTES: u64 = 512 * 1024;

/// The use of a horizon. What its sessions keep of pairs and windows is let go of when the last
/// of those who plan and compute its jobs is done.
pub(super) struct Lease<'a>(pub(super) &'a HorizonGrid<'a>);

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.0.sessions.iter().for_each(|session| session.release());
    }
}

/// Some cells of one horizon.
pub(super) struct Take<'a> {
    pub(super) horizon: Arc<Lease<'a>>,
    pub(super) cells: Vec<Cell>,
}

/// What a worker works with.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) terms: &'a Terms,
    pub(super) finished: &'a SyncSender<Finished>,
    pub(super) gate: &'a Gate,
    pub(super) admission: &'a Admission<'a>,
    pub(super) meter: &'a Meter,
    pub(super) stop: &'a Stop,
}

impl Work<'_> {
    /// One worker: takes cells until there are none, or nobody wants their jobs.
    pub(super) fn work(&self, takes: &Mutex<Receiver<Take<'_>>>) {
        let mut bench = Bench::default();
        loop {
            let take = takes.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(take) = take else { return };
            let _working = self.admission.enter();
            if self.compute(&take, &mut bench).is_none() {
                return;
            }
        }
    }

    /// Computes the cells of a take. `None` when nobody listens.
    fn compute(&self, take: &Take<'_>, bench: &mut Bench) -> Option<()> {
        let grid = take.horizon.0;
        let (mut records, mut bytes, mut handed_on) = (Vec::new(), 0, Instant::now());
        for cell in &take.cells {
            if self.stop.requested() {
                break;
            }
            let over = run_cell(grid, cell, self.terms, bench, |computed| {
                bytes += record_bytes(&computed);
                records.push(computed);
                if bytes < HAND_ON_BYTES && handed_on.elapsed() < HAND_ON_EVERY {
                    return ControlFlow::Continue(());
                }
                let listened =
                    self.hand_on(grid, std::mem::take(&mut records), std::mem::take(&mut bytes));
                handed_on = Instant::now();
                if listened.is_some() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            if over.is_break() {
                return None;
            }
        }
        self.hand_on(grid, records, bytes)
    }

    fn hand_on(&self, grid: &HorizonGrid<'_>, records: Vec<JobRecord>, bytes: u64) -> Option<()> {
        let fits: Vec<_> = grid.sessions.iter().flat_map(|session| session.take_fits()).collect();
        let bytes = bytes + fits.iter().map(fit_bytes).sum::<u64>();
        let message = Finished::Computed { records, fits, bytes };
        if message.is_empty() {
            return Some(());
        }
        if self.gate.admit(bytes) {
            self.meter.waited();
        }
        self.finished.send(message).ok()
    }
}
