//! What is said while nothing comes: a statement for signals, or weights of many symbols, may take any time.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::printer::Printer;

/// Pause before the first line; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// How long the end of the wait may go unnoticed.
const POLL: Duration = Duration::from_millis(100);

/// Does `work`; until `begun`, says now and then that `what` is going on.
pub(super) fn told<T>(
    what: &str,
    begun: &(dyn Fn() -> bool + Sync),
    printer: Printer,
    work: impl FnOnce() -> T,
) -> T {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (started, mut next) = (Instant::now(), FIRST_PAUSE);
            while !ended.load(Ordering::Acquire) && !begun() {
                let waited = started.elapsed();
                if waited >= next {
                    next = waited * 2;
                    printer.note(&format!("{} s so far: {what}; Ctrl-C ends it", waited.as_secs()));
                }
                thread::park_timeout(POLL);
            }
        });
        let done = work();
        ended.store(true, Ordering::Release);
        watcher.thread().unpark();
        done
    })
}
