//! What a process holds before any work: the first part of every plan.
//!
//! A reading of the moment differs by some MB between equal commands, with what the allocator and the
//! kernel's huge pages happen to give: a plan on top of it could not be told twice, and the least
//! budget that a refusal names would not always do. So the plan takes a constant of this binary. Only
//! a process that holds more, an audit with its bars or a program with something of its own, is
//! counted by what it holds, in steps that are coarse against such differences.

use super::{footprint::MIB, memory};

/// The binary with a store open and nothing read yet: 9 to 12 MB were measured.
const PROCESS: u64 = 12 * MIB;
/// Step by which more is counted.
const STEP: u64 = 8 * MIB;

/// What the listing of the store leaves in the allocator for each series of bars: 3 to 5 KB were
/// measured with 1,000.
const SERIES: u64 = 4 << 10;

/// The base of a process that holds so much beside DuckDB's buffers, where a store of so many series is
/// listed.
fn of(held: u64, series: usize) -> u64 {
    let expected = PROCESS + series as u64 * SERIES;
    expected + held.saturating_sub(expected).next_multiple_of(STEP)
}

/// The base of this process, of which DuckDB's buffers take so much.
pub(super) fn now(buffer_bytes: u64, series: usize) -> u64 {
    of(memory::resident_bytes().saturating_sub(buffer_bytes), series)
}

/// What this process holds, as a plan counts it.
pub fn process_bytes() -> u64 {
    now(0, 0)
}

#[cfg(test)]
mod tests {
    use super::{MIB, PROCESS, SERIES, STEP, of};

    #[test]
    fn a_process_that_holds_little_has_one_base_and_another_is_counted_in_steps() {
        for held in [0, 1, 9 * MIB, PROCESS] {
            assert_eq!(of(held, 0), PROCESS);
        }
        for held in [PROCESS + 1, PROCESS + STEP] {
            assert_eq!(of(held, 0), PROCESS + STEP);
        }
        assert_eq!(of(PROCESS + STEP + 1, 0), PROCESS + 2 * STEP);
        assert_eq!(of(PROCESS + MIB, 1_000), PROCESS + 1_000 * SERIES);
    }
}
