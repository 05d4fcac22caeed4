//! One run of an audit: a world, a request, and what the run left.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{rows::Rows, stores::Stores, world::World};
use crate::{
    domain::Timestamp,
    error::{Error, ErrorKind, Result},
    run::{self, Request, Stop, progress::Silent},
    store::Store,
    strategy::Strategy,
};

/// A run that is over.
pub(super) enum Ran {
    /// What it stored.
    Stored(Store),
    /// Nothing: a strategy panicked outside of its jobs.
    Panicked,
    /// Nothing: what a statement answered cannot be played.
    Refused(Error),
}

/// What a run left.
pub(super) enum Left {
    /// Its rows.
    Rows(Rows),
    /// As [`Ran::Panicked`].
    Panicked,
    /// As [`Ran::Refused`].
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

/// Runs `request` with these strategies on a world.
///
/// # Errors
/// Interrupted, if asked to stop; whatever a run reports that is not about its signals.
pub(super) fn ran(
    stores: &Stores,
    world: &World,
    request: &Request,
    strategies: Vec<Box<dyn Strategy>>,
    stop: &Stop,
) -> Result<Ran> {
    require_going(stop)?;
    let store = stores.holding(world)?;
    // A strategy's session is opened outside of the jobs, whose panics are outcomes.
    let run = catch_unwind(AssertUnwindSafe(|| {
        run::execute_with(&store, request, strategies, &Silent, stop)
    }));
    require_going(stop)?;
    match run {
        Err(_) => Ok(Ran::Panicked),
        Ok(Err(error)) if request.signals.is_some() && (error.is_data() || error.is_usage()) => {
            Ok(Ran::Refused(error))
        }
        Ok(Err(error)) => Err(error),
        Ok(Ok(_)) => Ok(Ran::Stored(store)),
    }
}

/// The same, and reads what it left, up to `until`.
///
/// # Errors
/// As [`ran`], and what the store reports.
pub(super) fn run(
    stores: &Stores,
    world: &World,
    request: &Request,
    strategies: Vec<Box<dyn Strategy>>,
    until: Option<Timestamp>,
    stop: &Stop,
) -> Result<Left> {
    Ok(match ran(stores, world, request, strategies, stop)? {
        Ran::Stored(store) => {
            let rows = Rows::read(&store, world.longest(), until)?;
            stores.take_back(store, world);
            Left::Rows(rows)
        }
        Ran::Panicked => Left::Panicked,
        Ran::Refused(error) => Left::Refused(error),
    })
}

fn require_going(stop: &Stop) -> Result<()> {
    if stop.requested() {
        return Err(Error::new(ErrorKind::Interrupted, "stopped: the audit is not complete"));
    }
    Ok(())
}
