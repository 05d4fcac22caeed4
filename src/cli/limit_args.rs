//! What was typed about the limits of a run that no result depends on, and what it means.

use std::{env, thread, time::Duration};

use clap::Args as ClapArgs;

use super::{
    byte_size,
    typed_value::{at_flag, count, number},
};
use crate::{
    error::{Error, Result},
    run::{Machine, WorkerRequest},
};

/// The environment variable that sets the memory budget where no flag does.
const VARIABLE: &str = "BARLINE_MEMORY_BUDGET";
/// The budget where nothing sets it: this much, or half of what the machine allows if that is less.
const BUDGET: u64 = 1 << 30;
/// Workers on combinations unless `--max-workers` lifts the cap.
const WORKER_CAP: usize = 2;
/// Most workers that can be asked for.
const MOST_WORKERS: usize = 1_024;
/// Share of the budget above which a run says that its memory is high.
const MEMORY_WARN: f64 = 0.85;

/// `--memory-budget` of a command that has no run.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(super) struct BudgetArg {
    /// Memory that this may take [default: BARLINE_MEMORY_BUDGET, else 1GiB, half of what there is if less]
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true, help_heading = "Limits")]
    pub(super) memory_budget: Option<String>,
}

impl BudgetArg {
    /// The budget in bytes.
    ///
    /// # Errors
    /// As [`budget`].
    pub(super) fn bytes(&self) -> Result<u64> {
        budget(self.memory_budget.as_deref(), false)
    }
}

/// Workers and budget of a command that works side by side.
#[derive(Debug, Default, ClapArgs)]
pub(super) struct WorkerArgs {
    /// Workers; on combinations of symbols at most 2 unless --max-workers says more [default: cores]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Limits")]
    pub(super) workers: Option<String>,
    /// Lift the cap on workers to N
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Limits")]
    pub(super) max_workers: Option<String>,
    /// One worker, and one thread each of Polars and DuckDB
    #[arg(long, conflicts_with_all = ["workers", "max_workers"], help_heading = "Limits")]
    pub(super) sequential: bool,
    /// Memory that this may take [default: BARLINE_MEMORY_BUDGET, else 1GiB or half of the machine]
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true, help_heading = "Limits")]
    pub(super) memory_budget: Option<String>,
}

impl WorkerArgs {
    /// The workers that were asked for.
    ///
    /// # Errors
    /// Usage, naming the flag and its value.
    pub(super) fn request(&self) -> Result<WorkerRequest> {
        Ok(WorkerRequest {
            asked: count("--workers", self.workers.as_deref(), 1, MOST_WORKERS)?,
            cap: count("--max-workers", self.max_workers.as_deref(), 1, MOST_WORKERS)?,
            sequential: self.sequential,
        })
    }

    /// Most threads a pool of the command may have: the workers it may use.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub(super) fn thread_cap(&self) -> Result<usize> {
        let workers = self.request()?;
        if workers.sequential {
            return Ok(1);
        }
        let asked = workers.asked.unwrap_or_else(cores);
        Ok(asked.min(workers.cap.unwrap_or(WORKER_CAP)).max(1))
    }
}

/// Cores of this machine that the process may use.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Limits of a run beside workers, budget and batches.
#[derive(Debug, Default, ClapArgs)]
pub(super) struct LimitArgs {
    /// Say so when memory passes this share of the budget [default: 85%]
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true, help_heading = "Limits")]
    pub(super) memory_warn: Option<String>,
    /// Where the panel of bars stands: ram, mapped from a file beside the store, or auto [default: auto]
    #[arg(long, value_name = "PLACE", help_heading = "Limits")]
    pub(super) panel: Option<String>,
    /// Give a job up after so many seconds; its outcome is timed_out [default: never]
    #[arg(long, value_name = "SECS", allow_hyphen_values = true, help_heading = "Limits")]
    pub(super) job_timeout: Option<String>,
}

/// The memory budget in bytes: what was typed, else what the environment says, else what a
/// configuration says (`typed` too, then `configured`), else the default.
///
/// # Errors
/// Usage, naming the flag or the variable.
pub(super) fn budget(typed: Option<&str>, configured: bool) -> Result<u64> {
    let variable = env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    let (name, text) = match (typed, &variable) {
        (Some(text), None) => ("--memory-budget", text),
        (Some(text), Some(_)) if !configured => ("--memory-budget", text),
        (_, Some(text)) => (VARIABLE, text.as_str()),
        (None, None) => return Ok(default_budget(Machine::look().memory_ceiling_bytes())),
    };
    byte_size::parse(text).map_err(|error| at_flag(name, text, &error))
}

fn default_budget(ceiling: Option<u64>) -> u64 {
    ceiling.map_or(BUDGET, |ceiling| BUDGET.min(ceiling / 2))
}

/// A share as a percentage or a fraction: `85%`, `0.85`.
pub(super) fn memory_warn(typed: Option<&str>) -> Result<f64> {
    let Some(text) = typed else { return Ok(MEMORY_WARN) };
    let (digits, unit) = match text.trim().strip_suffix('%') {
        Some(digits) => (digits, 0.01),
        None => (text.trim(), 1.0),
    };
    let share = digits.trim().parse::<f64>().ok().map(|share| share * unit);
    share.filter(|share| *share > 0.0 && *share <= 1.0).ok_or_else(|| {
        Error::usage(format!("--memory-warn {text}: not a share of the budget"))
            .with_hint("give a percentage from above 0% to 100%, such as 85%")
    })
}

/// Most of a job's time, where there is a limit.
pub(super) fn job_timeout(typed: Option<&str>) -> Result<Option<Duration>> {
    Ok(number("--job-timeout", typed, 1e-3, 1e9)?.map(Duration::from_secs_f64))
}

#[cfg(test)]
mod tests {
    use super::{BUDGET, default_budget, memory_warn};

    #[test]
    fn the_default_budget_is_half_of_a_small_machine() {
        assert_eq!(default_budget(None), BUDGET);
        assert_eq!(default_budget(Some(64 << 30)), BUDGET);
        assert_eq!(default_budget(Some(512 << 20)), 256 << 20);
    }

    #[test]
    fn a_share_is_a_percentage_or_a_fraction() {
        for text in ["85%", "0.85", " 85 % "] {
            assert!((memory_warn(Some(text)).expect(text) - 0.85).abs() < 1e-12);
        }
        for wrong in ["0", "101%", "-1%", "much", "", "NaN"] {
            let error = memory_warn(Some(wrong)).expect_err(wrong);
            assert!(error.is_usage() && error.to_string().contains("--memory-warn"), "{error}");
        }
    }
}
