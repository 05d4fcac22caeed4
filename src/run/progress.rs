//! How a run tells the outside what it is doing, without knowing who listens.

/// Something a run says while it works.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A remark for the person at the terminal.
    Note(String),
    /// Something the person must not miss.
    Warning(String),
    /// Work begins: this many jobs in all.
    Started {
        /// Jobs planned.
        jobs: u64,
    },
    /// Jobs finished and committed since the run began.
    Advanced {
        /// Jobs computed.
        computed: u64,
        /// Jobs found in the store.
        cached: u64,
    },
    /// No more work.
    Finished,
}

/// Listens to a run. Called from the run's own threads.
pub trait Progress: Sync {
    /// Something happened.
    fn event(&self, event: &Event);
}

/// Listens to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _event: &Event) {}
}
