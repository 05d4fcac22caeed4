//! A way to stop a query from another thread.

use std::{fmt, sync::Arc};

use duckdb::InterruptHandle;

/// Stops what its connection is doing; the query ends with an error of kind
/// [`Interrupted`](crate::error::ErrorKind::Interrupted). Does nothing between queries.
#[derive(Clone)]
pub struct Interrupt(Arc<InterruptHandle>);

impl Interrupt {
    pub(super) fn of(connection: &duckdb::Connection) -> Self {
        Self(connection.interrupt_handle())
    }

    /// Stops the query in progress, if there is one.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupt")
    }
}
