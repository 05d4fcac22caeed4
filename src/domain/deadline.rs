//! The time limit of a job: set by the one who runs it, looked at by those who work for it.
//!
//! A job is given up where it looks at its limit, nowhere else, and as a whole: what it would have
//! shared with other jobs is either complete or not there.

use std::{
    any::Any,
    cell::Cell,
    panic::{self, AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

thread_local! {
    /// When the job on this thread is given up.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// What unwinds from a job that is given up.
#[derive(Debug)]
struct GivenUp;

/// How a job did not come to its end.
pub enum Unended {
    /// It passed its time limit.
    TimedOut,
    /// It panicked, with this payload.
    Panicked(Box<dyn Any + Send>),
}

/// Does `job` on this thread; gives it up once it looks at its limit after `limit` has passed.
///
/// # Errors
/// Where it did not come to its end.
pub fn within<T>(limit: Option<Duration>, job: impl FnOnce() -> T) -> Result<T, Unended> {
    DEADLINE.set(limit.map(|limit| Instant::now() + limit));
    let ended = catch_unwind(AssertUnwindSafe(job));
    DEADLINE.set(None);
    ended.map_err(|payload| {
        if payload.is::<GivenUp>() { Unended::TimedOut } else { Unended::Panicked(payload) }
    })
}

/// Gives the job of this thread up if its limit has passed: does not return then. Work that can be
/// long calls it between its steps.
pub fn look() {
    if DEADLINE.get().is_some_and(|deadline| Instant::now() >= deadline) {
        // No panic: nothing is said, and `within` is where it ends.
        panic::resume_unwind(Box::new(GivenUp));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Unended, look, within};

    #[test]
    fn a_job_is_given_up_where_it_looks() {
        let endless = || -> u32 {
            loop {
                look();
            }
        };
        let limit = Some(Duration::from_millis(5));
        assert!(matches!(within(limit, endless), Err(Unended::TimedOut)));
        // Whoever does not look is not given up, and the limit does not outlive its job.
        let slow = || std::thread::sleep(Duration::from_millis(10));
        assert!(within(limit, slow).is_ok());
        look();
        assert!(matches!(within(None, || panic!("it broke")), Err(Unended::Panicked(_))));
    }
}
