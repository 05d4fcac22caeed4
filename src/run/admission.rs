//! Admission of workers by bytes: how many compute at a time, given the memory that is left.
//!
//! A worker is admitted while what the process tree holds and what the worker may add stay within
//! the budget, and while the machine (or its control group) could still give as much. The first
//! worker is always admitted: the plan has room for it. One that waits asks again shortly, so that
//! memory that others give back is seen.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

use super::memory::Meter;

/// How long a worker waits before it asks again.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// The door that workers pass before each take.
#[derive(Debug)]
pub(super) struct Admission<'a> {
    meter: &'a Meter,
    budget: u64,
    /// What a worker may add.
    worker: u64,
    working: Mutex<usize>,
    changed: Condvar,
}

impl<'a> Admission<'a> {
    pub(super) fn new(meter: &'a Meter, budget: u64, worker: u64) -> Self {
        Self { meter, budget, worker, working: Mutex::new(0), changed: Condvar::new() }
    }

    /// Waits until there is room for one more worker; it counts as working until what is returned
    /// is dropped.
    pub(super) fn enter(&self) -> Working<'_> {
        let mut working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waited = false;
        while *working > 0 && !self.has_room() {
            if !waited {
                self.meter.waited();
                waited = true;
            }
            let again = self.changed.wait_timeout(working, ASK_AGAIN);
            working = again.unwrap_or_else(PoisonError::into_inner).0;
        }
        *working += 1;
        Working(self)
    }

    fn has_room(&self) -> bool {
        let held = self.meter.last();
        held.saturating_add(self.worker) <= self.budget && self.meter.available() >= self.worker
    }
}

/// A worker that was admitted.
#[derive(Debug)]
pub(super) struct Working<'a>(&'a Admission<'a>);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        let mut working = self.0.working.lock().unwrap_or_else(PoisonError::into_inner);
        *working -= 1;
        self.0.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::{Admission, Meter};

    /// Most workers that were admitted at a time, of four.
    fn most(budget: u64) -> (usize, u64) {
        let meter = Meter::start();
        let admission = Admission::new(&meter, budget, 1);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..3 {
                        let _working = admission.enter();
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::sleep(super::ASK_AGAIN / 4);
                        now.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        (most.into_inner(), meter.report(0, 0).admission_waits)
    }

    #[test]
    fn without_room_one_works_and_the_others_wait() {
        let (working, waits) = most(0);
        assert_eq!(working, 1);
        assert!(waits > 0);
        let (working, waits) = most(u64::MAX);
        assert!(working > 1);
        assert_eq!(waits, 0);
    }
}
