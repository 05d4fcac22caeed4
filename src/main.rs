//! The binary: arguments to `cli::run`, its answer to the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    barline::cli::run()
}
