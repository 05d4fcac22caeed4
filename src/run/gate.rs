//! Admission by bytes: what waits to be stored is bounded, however large a job is.
//!
//! A worker that has finished jobs is admitted while less than the limit waits, so at most one
//! message stands above it; the writer gives the bytes back after their commit. A job larger than
//! the limit passes when nothing else waits.

use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes on their way to the store.
#[derive(Debug)]
pub(super) struct Gate {
    limit: u64,
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Held {
    bytes: u64,
    /// Threads that wait now.
    waiting: usize,
    closed: bool,
}

impl Gate {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit: limit.max(1), held: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits until less than the limit is held, then holds `bytes` more; true if it had to wait. Once
    /// the gate is closed nobody waits any more.
    pub(super) fn admit(&self, bytes: u64) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |held: &Held| held.bytes >= self.limit && !held.closed;
        let waits = is_full(&held);
        held.waiting += 1;
        let mut held = self
            .changed
            .wait_while(held, |held| is_full(held))
            .unwrap_or_else(PoisonError::into_inner);
        held.waiting -= 1;
        held.bytes += bytes;
        waits
    }

    /// Holds `bytes` less.
    pub(super) fn give_back(&self, bytes: u64) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.bytes = held.bytes.saturating_sub(bytes);
        self.changed.notify_all();
    }

    /// Closes the gate when what it returns is dropped, however its owner ends.
    pub(super) fn close_at_the_end(&self) -> Closing<'_> {
        Closing(self)
    }
}

/// Closes a gate when it is dropped.
pub(super) struct Closing<'a>(&'a Gate);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.closed = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU64, Ordering},
        thread,
    };

    use super::Gate;

    #[test]
    fn no_more_waits_than_the_limit_and_one_message() {
        let (gate, waiting, most) = (Gate::new(100), AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            let senders: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        for _ in 0..500 {
                            gate.admit(30);
                            let now = waiting.fetch_add(30, Ordering::SeqCst) + 30;
                            most.fetch_max(now, Ordering::SeqCst);
                        }
                    })
                })
                .collect();
            while senders.iter().any(|sender| !sender.is_finished()) {
                let bytes = waiting.swap(0, Ordering::SeqCst);
                gate.give_back(bytes);
                thread::yield_now();
            }
        });
        let most = most.load(Ordering::SeqCst);
        assert!((100..130).contains(&most), "{most}");
    }

    #[test]
    fn a_message_above_the_limit_passes_alone_and_a_closed_gate_holds_nobody() {
        let gate = Gate::new(10);
        assert!(!gate.admit(1_000));
        thread::scope(|scope| {
            let second = scope.spawn(|| gate.admit(5));
            while gate.held.lock().expect("no panic").waiting == 0 {
                thread::yield_now();
            }
            assert!(!second.is_finished());
            drop(gate.close_at_the_end());
            assert!(second.join().expect("through"), "it waited");
        });
        gate.admit(5);
    }
}
