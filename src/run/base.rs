//! What a process holds before any work: the first part of every plan.
//!
//! A reading of the moment differs by some MB between equal commands, with what the allocator and the
//! kernel's huge pages happen to give: a plan on top of it could not be told twice, and the least
//! budget that a refusal names would not always do. So the plan takes a constant of this binary. Only
//! a process that holds more, an audit with its bars or a program with something of its own, is
//! counted by what it holds, in steps that are coarse against such differences.

use super::{allocator, footprint::MIB, memory};

/// The binary with a store open, beside what DuckDB takes for its first query: 10 to 12 MB were measured with
/// that, once the allocator had given back what it kept.
const PROCESS: u64 = 7 * MIB;
/// The same before a store is open, with what opening one adds beside DuckDB's buffers.
const BARE: u64 = 8 * MIB;
/// What a process may hold more of without counting for another, and the step by which more is counted.
const NOISE: u64 = 7 * MIB;
const STEP: u64 = 8 * MIB;

/// What the listing of the store leaves in the allocator for each series of bars: 3 to 5 KB were
/// measured with 1,000.
const SERIES: u64 = 4 << 10;

/// The base of a process that holds so much and is expected to hold so much.
fn of(held: u64, expected: u64) -> u64 {
    let more = held.saturating_sub(expected);
    if more <= NOISE { expected } else { expected + more.next_multiple_of(STEP) }
}

/// The base of this process, of which DuckDB's buffers take so much, once a store of so many series is
/// listed.
pub(super) fn now(buffer_bytes: u64, series: usize) -> u64 {
    allocator::let_go();
    let held = memory::resident_bytes().saturating_sub(buffer_bytes);
    of(held, PROCESS + series as u64 * SERIES)
}

/// The base of this process before a store is open.
pub(super) fn bare() -> u64 {
    of(memory::resident_bytes(), BARE)
}

/// What this process holds, as a plan counts it.
pub fn process_bytes() -> u64 {
    now(0, 0)
}

#[cfg(test)]
mod tests {
    use super::{MIB, NOISE, PROCESS, STEP, of};

    #[test]
    fn a_process_that_holds_little_has_one_base_and_another_is_counted_in_steps() {
        for held in [0, 1, 5 * MIB, PROCESS, PROCESS + NOISE] {
            assert_eq!(of(held, PROCESS), PROCESS);
        }
        for held in [PROCESS + NOISE + 1, PROCESS + STEP] {
            assert_eq!(of(held, PROCESS), PROCESS + STEP);
        }
        assert_eq!(of(PROCESS + STEP + 1, PROCESS), PROCESS + 2 * STEP);
    }
}
