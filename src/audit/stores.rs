//! Stores in memory that runs of an audit use one after the other.

use std::sync::{Mutex, PoisonError};

use super::world::World;
use crate::{error::Result, store::Store};

/// Stores that no run is using. All worlds of an audit have the same instruments; a store that was
/// given other bars holds nothing of the run before.
#[derive(Default)]
pub(super) struct Stores {
    free: Mutex<Vec<Store>>,
}

impl Stores {
    /// A store that holds `world` and nothing else.
    ///
    /// # Errors
    /// Whatever the store reports.
    pub(super) fn holding(&self, world: &World) -> Result<Store> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match free {
            Some(store) => {
                world.put_in(&store)?;
                Ok(store)
            }
            None => world.store(),
        }
    }

    /// Takes a store back that held `world`: not one with events, which stay where they are.
    pub(super) fn take_back(&self, store: Store, world: &World) {
        if !world.has_events() {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(store);
        }
    }
}
