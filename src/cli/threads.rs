//! One cap for every thread pool, set before any of them exists.
//!
//! Polars, rayon and the allocator read their limits from the environment, once, before `main` can
//! reach them; setting variables in a running process is unsound. So the process replaces itself
//! (same process id, same arguments) with the limits in its environment, once.

use std::{env, os::unix::process::CommandExt, process::Command};

use super::printer::Printer;
use crate::error::{Error, Result};

/// Set in the second life of the process; guards against a loop.
const CONFINED: &str = "BARLINE_CONFINED";

/// Makes sure that this process runs with at most `threads` threads per pool: returns at once in
/// the confined process, never returns in the first one.
///
/// # Errors
/// Usage, if `POLARS_FORCE_STREAMING` is set: lazy frames over the store exist only in memory.
pub(super) fn confine(threads: usize, printer: Printer) -> Result<()> {
    if env::var_os("POLARS_FORCE_STREAMING").is_some_and(|value| !value.is_empty()) {
        return Err(Error::usage(
            "POLARS_FORCE_STREAMING is set, and frames are made in memory only",
        )
        .with_hint("unset POLARS_FORCE_STREAMING"));
    }
    if env::var_os(CONFINED).is_some() {
        return Ok(());
    }
    let cause = match env::current_exe() {
        Ok(program) => again(&program, threads),
        Err(cause) => cause,
    };
    // More threads cost memory, never another result: work goes on.
    printer.warn(&format!("cannot limit threads ({cause}); pools may use every core"));
    Ok(())
}

/// Replaces this process; comes back only with the reason it could not.
fn again(program: &std::path::Path, threads: usize) -> std::io::Error {
    let mut arguments = env::args_os();
    let name = arguments.next().unwrap_or_else(|| "barline".into());
    confined(program, threads).arg0(name).args(arguments).exec()
}

/// A command of `program` that is confined to so many threads from its first life on.
pub(super) fn confined(program: &std::path::Path, threads: usize) -> Command {
    let mut command = Command::new(program);
    command
        .env(CONFINED, "1")
        .env("POLARS_MAX_THREADS", threads.to_string())
        .env("RAYON_NUM_THREADS", threads.to_string())
        // glibc keeps an arena per thread otherwise, and arenas keep what they once held.
        .env("MALLOC_ARENA_MAX", "2")
        // Blocks of this size and more go back to the kernel when they are freed. By itself glibc raises
        // the bound to the largest block it has seen freed, and holes stay in the process.
        .env("MALLOC_MMAP_THRESHOLD_", "65536");
    command
}
