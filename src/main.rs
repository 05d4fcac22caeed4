//! The binary: arguments to `cli::run`, its answer to the exit code.

use std::process::ExitCode;

use barline::run::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn main() -> ExitCode {
    barline::cli::run()
}
