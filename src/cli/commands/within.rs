//! A question with limits to its time and its memory.
//!
//! DuckDB stops between two vectors of rows: a function that makes one text of gigabytes is neither
//! counted against its limit nor stopped before it ends. Who asks for that is told so, and the process
//! ends: a question changes nothing, so nothing is lost with it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use signal_hook::low_level;

use crate::{
    cli::{ending::Ending, printer::Printer},
    error::{Error, ErrorKind, Result},
    run::resident_bytes,
    store::Store,
};

/// Time between two looks at the clock and at the memory.
const POLL: Duration = Duration::from_millis(5);
/// What a question that is told to stop may take until it does.
const GRACE: Duration = Duration::from_secs(5);

/// What a question may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Until it is stopped; `None` for as long as it takes.
    pub(super) time: Option<Duration>,
    /// The memory budget of the process.
    pub(super) budget: u64,
}

/// Why a question is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Time,
    Memory,
}

impl Limits {
    /// The limit that a question which has taken so long is over.
    fn over(self, taken: Duration) -> Option<Over> {
        // What DuckDB counts ends below: more is what it does not count, and it comes fast.
        if resident_bytes() > self.budget - self.budget / 16 {
            Some(Over::Memory)
        } else {
            self.time.filter(|time| taken >= *time).map(|_| Over::Time)
        }
    }

    fn told(self, over: Over) -> Error {
        match over {
            Over::Time => Error::usage(format!(
                "the statement was stopped after {} s: it is allowed no more",
                self.time.unwrap_or_default().as_secs_f64()
            ))
            .with_hint("ask for less, or allow more with --timeout SECONDS"),
            Over::Memory => Error::new(
                ErrorKind::Budget,
                format!(
                    "the statement was stopped: it took the memory budget of {:.1} MB",
                    self.budget as f64 / 1e6
                ),
            )
            .with_hint("ask for less, such as shorter texts and lists, or raise --memory-budget"),
        }
    }
}

/// Asks `store`, and stops the question when it is over a limit or `stop` is set.
///
/// # Errors
/// Usage, where the time was over; budget, where the memory was; interrupted, where `stop` was set; what
/// `ask` reports. A question that does not hear ends the process with the same line.
pub(super) fn within<T>(
    store: &Store,
    limits: Limits,
    stop: Option<&AtomicBool>,
    printer: Printer,
    ask: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let interrupt = store.interrupt_handle();
    let done = AtomicBool::new(false);
    let (answer, over) = thread::scope(|scope| {
        let clock = scope.spawn(|| {
            let begun = Instant::now();
            let mut over: Option<(Over, Instant)> = None;
            while !done.load(Ordering::Acquire) {
                if over.is_none() {
                    over = limits.over(begun.elapsed()).map(|over| (over, Instant::now()));
                }
                if over.is_some() || stop.is_some_and(|stop| stop.load(Ordering::Acquire)) {
                    interrupt.interrupt();
                }
                if let Some((over, since)) = over
                    && (since.elapsed() >= GRACE || resident_bytes() > limits.budget)
                {
                    printer.error(&limits.told(over));
                    low_level::exit(Ending::NotStarted.code().into());
                }
                thread::park_timeout(limits.time.map_or(POLL, |time| POLL.min(time)));
            }
            over.map(|(over, _)| over)
        });
        let answer = ask();
        done.store(true, Ordering::Release);
        clock.thread().unpark();
        (answer, clock.join().unwrap_or_default())
    });
    answer.map_err(|error| match (error.kind(), over) {
        (ErrorKind::Interrupted, Some(over)) => limits.told(over),
        _ => error,
    })
}
