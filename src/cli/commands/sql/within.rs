//! A question with a limit to its time.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    error::{Error, ErrorKind, Result},
    store::Store,
};

/// Time between two looks at the clock.
const POLL: Duration = Duration::from_millis(20);

/// Asks `store`, and stops the question when its time is over or `stop` is set.
///
/// # Errors
/// Usage, where the time was over; interrupted, where `stop` was set; what `ask` reports.
pub(super) fn within<T>(
    store: &Store,
    limit: Duration,
    stop: Option<&AtomicBool>,
    ask: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let interrupt = store.interrupt_handle();
    let (done, late) = (AtomicBool::new(false), AtomicBool::new(false));
    let answer = thread::scope(|scope| {
        let clock = scope.spawn(|| {
            let begun = Instant::now();
            while !done.load(Ordering::Acquire) {
                if begun.elapsed() >= limit {
                    late.store(true, Ordering::Release);
                    interrupt.interrupt();
                } else if stop.is_some_and(|stop| stop.load(Ordering::Acquire)) {
                    interrupt.interrupt();
                }
                thread::park_timeout(POLL.min(limit));
            }
        });
        let answer = ask();
        done.store(true, Ordering::Release);
        clock.thread().unpark();
        answer
    });
    answer.map_err(|error| match error.kind() {
        ErrorKind::Interrupted if late.load(Ordering::Acquire) => Error::usage(format!(
            "the statement was stopped after {} s: it is allowed no more",
            limit.as_secs_f64()
        ))
        .with_hint("ask for less, or allow more with --timeout SECONDS"),
        _ => error,
    })
}
