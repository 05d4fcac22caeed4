//! Ctrl-C and SIGTERM: the first asks the run to stop, the second ends the process at once.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use super::printer::Printer;
use crate::{
    error::{Error, Result},
    run::Stop,
};

/// Number of the signal that Ctrl-C sends.
pub(super) const INTERRUPT: u8 = 2;

/// How long a signal may wait before the run hears of it.
const POLL: Duration = Duration::from_millis(20);

/// Number of the first signal that came; 0 before. Signals come to the process, not to a command.
static RECEIVED: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// True once the next signal exits at once.
static ARMED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on a signal requests `stop` and says so; the next one exits at once.
///
/// # Errors
/// Internal, if the system refuses the registration.
pub(super) fn watch(stop: &Stop, printer: Printer, kept: &'static str) -> Result<()> {
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the exit unarmed and arms it.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&ARMED))
            .and_then(|_| flag::register(signal, Arc::clone(&ARMED)))
            .and_then(|_| {
                let number = usize::try_from(signal).unwrap_or_default();
                flag::register_usize(signal, Arc::clone(&RECEIVED), number)
            })
            .map_err(|cause| Error::internal(format!("cannot watch signal {signal}: {cause}")))?;
    }
    let stop = stop.clone();
    thread::spawn(move || {
        while received().is_none() {
            thread::sleep(POLL);
        }
        stop.request();
        printer.note(&format!("stopping: {kept}; a second signal ends at once"));
    });
    Ok(())
}

/// From now on the first signal exits at once: everything is stored, and nobody would hear of a stop.
pub(super) fn end_at_once() {
    ARMED.store(true, Ordering::SeqCst);
}

/// The signal that asked for the stop, if one did.
pub(super) fn received() -> Option<u8> {
    match RECEIVED.load(Ordering::Relaxed) {
        0 => None,
        signal => u8::try_from(signal).ok(),
    }
}
