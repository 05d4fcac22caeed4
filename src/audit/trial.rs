//! One run of an audit: a world, a request, and what the run left.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{rows::Rows, world::World};
use crate::{
    domain::Timestamp,
    error::{Error, ErrorKind, Result},
    run::{self, Request, Stop, progress::Silent},
    strategy::Strategy,
};

/// What a run left.
pub(super) enum Left {
    /// Its rows.
    Rows(Rows),
    /// Nothing: a strategy panicked outside of its jobs.
    Panicked,
    /// Nothing: what a statement answered cannot be played.
    Refused(Error),
}

impl Left {
    /// The rows, if there are any.
    pub(super) fn rows(self) -> Option<Rows> {
        match self {
            Self::Rows(rows) => Some(rows),
            Self::Panicked | Self::Refused(_) => None,
        }
    }
}

/// Runs `request` with these strategies on a world and reads what it left, up to `until`.
///
/// # Errors
/// Interrupted, if asked to stop; whatever a run reports that is not about its signals.
pub(super) fn run(
    world: &World,
    request: &Request,
    strategies: Vec<Box<dyn Strategy>>,
    until: Option<Timestamp>,
    stop: &Stop,
) -> Result<Left> {
    let store = world.store()?;
    // A strategy's session is opened outside of the jobs, whose panics are outcomes.
    let run = catch_unwind(AssertUnwindSafe(|| {
        run::execute_with(&store, request, strategies, &Silent, stop)
    }));
    if stop.requested() {
        return Err(Error::new(ErrorKind::Interrupted, "stopped: the audit is not complete"));
    }
    match run {
        Err(_) => return Ok(Left::Panicked),
        Ok(Err(error)) if request.signals.is_some() && (error.is_data() || error.is_usage()) => {
            return Ok(Left::Refused(error));
        }
        Ok(Err(error)) => return Err(error),
        Ok(Ok(_)) => {}
    }
    let bars = world.series.iter().map(|one| one.bars.len()).max().unwrap_or(0);
    Rows::read(&store, bars, until).map(Left::Rows)
}
