//! Progress of a run: a bar on a terminal, a handful of plain lines elsewhere.

use std::{
    fmt::Write,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::printer::Printer;
use crate::run::progress::{Event, Progress};

/// The bar takes what the numbers leave of the terminal's width.
const TEMPLATE: &str = "{human_pos} of {human_len} jobs {wide_bar} {rate} per second, {eta} left";

/// Pause before the first plain line; each later pause is twice as long, so that a run of hours
/// still leaves only a handful.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// The bar on the terminal, if there is one: a terminal has room for one at a time.
static DRAWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Does `say` while the bar, if there is one, is off the terminal.
pub(super) fn aside<T>(say: impl FnOnce() -> T) -> T {
    let drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match drawn {
        Some(bar) => bar.suspend(say),
        None => say(),
    }
}

/// Shows a run's events on standard error.
#[derive(Debug)]
pub(super) struct Bars {
    printer: Printer,
    bar: ProgressBar,
    lines: Mutex<Lines>,
    begun: AtomicBool,
}

/// State of the plain lines.
#[derive(Debug)]
struct Lines {
    shown: bool,
    jobs: u64,
    started: Instant,
    next: Duration,
    pause: Duration,
}

impl Bars {
    /// A listener that draws a bar if `bar`, and plain lines otherwise.
    pub(super) fn new(printer: Printer, bar: bool) -> Self {
        let target = if bar { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let drawn = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            drawn.set_style(style.with_key(
                "rate",
                |state: &ProgressState, text: &mut dyn Write| {
                    // A terminal that cannot be written to shows no bar at all.
                    let _ = write!(text, "{:.0}", state.per_sec());
                },
            ));
        }
        let lines = Lines {
            shown: !bar,
            jobs: 0,
            started: Instant::now(),
            next: FIRST_PAUSE,
            pause: FIRST_PAUSE,
        };
        *DRAWN.lock().unwrap_or_else(PoisonError::into_inner) = bar.then(|| drawn.clone());
        Self { printer, bar: drawn, lines: Mutex::new(lines), begun: AtomicBool::new(false) }
    }

    /// True once the work has begun.
    pub(super) fn begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    fn with_lines<T>(&self, change: impl FnOnce(&mut Lines) -> T) -> T {
        change(&mut self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Progress for Bars {
    fn event(&self, event: &Event) {
        match event {
            Event::Note(text) => self.printer.note(text),
            Event::Warning(text) => self.printer.warn(text),
            Event::Started { jobs } => {
                self.begun.store(true, Ordering::Relaxed);
                self.bar.set_length(*jobs);
                self.bar.reset();
                self.with_lines(|lines| {
                    lines.jobs = *jobs;
                    lines.started = Instant::now();
                });
            }
            Event::Advanced { computed, cached } => {
                self.bar.set_position(computed + cached);
                let due = self.with_lines(|lines| {
                    lines.due(computed + cached, *computed, lines.started.elapsed())
                });
                if let Some(line) = due {
                    self.printer.note(&line);
                }
            }
            Event::Finished => self.bar.finish_and_clear(),
        }
    }
}

impl Drop for Bars {
    /// What is said from now on is said on a line of its own, however the work ended.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        *DRAWN.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Lines {
    /// The line to print after `elapsed`, if it is time for one.
    fn due(&mut self, ended: u64, computed: u64, elapsed: Duration) -> Option<String> {
        if !self.shown || elapsed < self.next || ended >= self.jobs {
            return None;
        }
        self.pause *= 2;
        self.next = elapsed + self.pause;
        let rate = computed as f64 / elapsed.as_secs_f64();
        let left = if rate > 0.0 {
            format!("{:.0} s left", (self.jobs - ended) as f64 / rate)
        } else {
            "time left unknown".to_owned()
        };
        Some(format!("{ended} of {} jobs, {rate:.0} per second, {left}", self.jobs))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{FIRST_PAUSE, Lines};

    #[test]
    fn an_hour_of_work_leaves_a_handful_of_lines() {
        let mut lines = Lines {
            shown: true,
            jobs: 3_600,
            started: Instant::now(),
            next: FIRST_PAUSE,
            pause: FIRST_PAUSE,
        };
        let said: Vec<String> = (0..3_600)
            .filter_map(|second| lines.due(second, second, Duration::from_secs(second)))
            .collect();
        assert_eq!(said[0], "5 of 3600 jobs, 1 per second, 3595 s left");
        assert!((5..12).contains(&said.len()), "{said:?}");
    }
}
