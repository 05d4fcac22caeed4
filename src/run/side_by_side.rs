//! Tasks that know nothing of each other, a few at a time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use super::plan;
use crate::{
    error::{Error, Result},
    run::Request,
};

/// Workers that a request asks for, within its caps.
pub fn workers(request: &Request) -> usize {
    plan::workers(request).0
}

/// Does tasks `0..tasks` on up to `threads` threads; their results in order. After an error no
/// further task is begun.
///
/// # Errors
/// That of the first task, by number, that has one; internal if it panicked.
pub fn side_by_side<T: Send>(
    threads: usize,
    tasks: usize,
    task: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done = Mutex::new(Vec::with_capacity(tasks));
    let work = || {
        while !failed.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= tasks {
                break;
            }
            let result = catch_unwind(AssertUnwindSafe(|| task(number)))
                .unwrap_or_else(|_| Err(Error::internal(format!("task {number} panicked"))));
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(tasks) {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::side_by_side;
    use crate::error::Error;

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        for threads in [0, 1, 3, 50] {
            let squares = side_by_side(threads, 40, |number| Ok(number * number)).expect("done");
            assert_eq!(squares, (0..40).map(|number| number * number).collect::<Vec<_>>());
        }
        assert_eq!(side_by_side(2, 0, Ok).expect("nothing"), Vec::<usize>::new());
    }

    #[test]
    fn the_first_error_ends_it() {
        let error = |number: usize| Err::<(), _>(Error::usage(format!("task {number} refuses")));
        let first = side_by_side(1, 9, |number| if number < 4 { Ok(()) } else { error(number) });
        assert_eq!(first.expect_err("an error").to_string(), "task 4 refuses");
        let panics = side_by_side(2, 3, |number| {
            assert_ne!(number, 1, "on purpose");
            Ok(())
        });
        assert!(panics.expect_err("a panic").to_string().contains("task 1 panicked"));
    }
}
