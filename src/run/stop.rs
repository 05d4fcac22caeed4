//! The wish to stop, shared between a signal handler, the planner and the workers.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A flag that, once raised, stays raised: no new work is taken, what is finished is committed.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// A flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises it.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// True once raised.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// The flag itself, for a signal handler.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}
