//! Tasks for a few workers, answers in the order of the tasks.
//!
//! Workers take the next task from a counter, so that none waits for another's share. Answers are
//! handed over in task order, whatever the number of workers: who takes them need not know how many
//! there were. A worker that is far ahead waits, so that no more than a few answers are ever held.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Answers that each worker may be ahead of the one that is awaited.
const AHEAD: usize = 1;

/// Runs `work(task, scratch)` for every task on `workers` threads and hands each answer to `take`,
/// in order, until it breaks. Each worker has a scratch of its own.
pub(super) fn in_order<S, T: Send>(
    workers: usize,
    tasks: usize,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(usize, &mut S) -> T + Sync,
    mut take: impl FnMut(T) -> ControlFlow<()> + Send,
) {
    let workers = workers.min(tasks);
    if workers <= 1 {
        let mut scratch = scratch();
        for task in 0..tasks {
            if take(work(task, &mut scratch)).is_break() {
                return;
            }
        }
        return;
    }
    let next = AtomicUsize::new(0);
    let counter = Counter {
        state: Mutex::new(Handover { next: 0, waiting: BTreeMap::new(), over: false, take }),
        moved: Condvar::new(),
        ahead: AHEAD * workers,
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let _alarm = Alarm(&counter);
                let mut scratch = scratch();
                loop {
                    let task = next.fetch_add(1, Ordering::Relaxed);
                    if task >= tasks || counter.hand_over(task, work(task, &mut scratch)).is_break()
                    {
                        return;
                    }
                }
            });
        }
    });
}

/// Where answers are handed over.
struct Counter<T, F> {
    state: Mutex<Handover<T, F>>,
    moved: Condvar,
    ahead: usize,
}

struct Handover<T, F> {
    next: usize,
    waiting: BTreeMap<usize, T>,
    over: bool,
    take: F,
}

impl<T, F: FnMut(T) -> ControlFlow<()>> Counter<T, F> {
    fn hand_over(&self, task: usize, answer: T) -> ControlFlow<()> {
        let Ok(mut state) = self.state.lock() else { return ControlFlow::Break(()) };
        while task >= state.next + self.ahead && !state.over {
            match self.moved.wait(state) {
                Ok(awake) => state = awake,
                Err(_) => return ControlFlow::Break(()),
            }
        }
        state.waiting.insert(task, answer);
        let state = &mut *state;
        while let Some(answer) = state.waiting.remove(&state.next).filter(|_| !state.over) {
            state.next += 1;
            state.over = (state.take)(answer).is_break();
        }
        self.moved.notify_all();
        if state.over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Wakes everybody when a worker panics: its answer will never come.
struct Alarm<'a, T, F>(&'a Counter<T, F>);

impl<T, F> Drop for Alarm<'_, T, F> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.state.lock().unwrap_or_else(PoisonError::into_inner).over = true;
            self.0.moved.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic;

    use super::*;

    fn squares(workers: usize, tasks: usize, until: usize) -> Vec<usize> {
        let mut taken = Vec::new();
        let slow = |task: usize, calls: &mut usize| {
            *calls += 1;
            // Early tasks take longest, so that later ones would overtake them.
            (0..(tasks - task) * 500).fold(0, |sum: usize, k| sum.wrapping_add(k * k) % 7);
            task * task
        };
        in_order(
            workers,
            tasks,
            || 0,
            slow,
            |answer| {
                taken.push(answer);
                if taken.len() == until {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        taken
    }

    #[test]
    fn answers_come_in_order_from_any_number_of_workers() {
        let expected: Vec<usize> = (0..97).map(|task| task * task).collect();
        for workers in [0, 1, 2, 3, 8, 200] {
            assert_eq!(squares(workers, 97, usize::MAX), expected);
            assert_eq!(squares(workers, 97, 5), expected[..5]);
        }
        assert!(squares(3, 0, 1).is_empty());
    }

    #[test]
    fn a_panic_ends_the_work_instead_of_hanging() {
        for fails in [0, 40] {
            let run = || {
                let work = |task: usize, (): &mut ()| assert_ne!(task, fails, "as planned");
                in_order(3, 97, || (), work, |()| ControlFlow::Continue(()));
            };
            assert!(panic::catch_unwind(run).is_err());
        }
    }
}
