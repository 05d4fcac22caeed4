//! What a process holds before any work: the first part of every plan.
//!
//! A reading of the moment differs by some MB between equal commands, with what the allocator and the
//! kernel's huge pages happen to give: a plan on top of it could not be told twice, and the least
//! budget that a refusal names would not always do. So the plan takes a constant of this binary. Only
//! a process that holds more, an audit with its bars or a program with something of its own, is
//! counted by what it holds, in steps that are coarse against such differences.

use super::{footprint::MIB, memory};

/// The binary with a store open and nothing read yet: 9 to 12 MB were measured.
pub(super) const PROCESS: u64 = 12 * MIB;
/// Step by which more is counted.
const STEP: u64 = 8 * MIB;

/// The base of a process that holds so much beside DuckDB's buffers.
pub(super) fn of(held: u64) -> u64 {
    PROCESS + held.saturating_sub(PROCESS).next_multiple_of(STEP)
}

/// The base of this process, which DuckDB's buffers take so much of.
pub(super) fn now(buffer_bytes: u64) -> u64 {
    of(memory::resident_bytes().saturating_sub(buffer_bytes))
}

/// What this process holds, as a plan counts it.
pub fn process_bytes() -> u64 {
    now(0)
}

#[cfg(test)]
mod tests {
    use super::{MIB, PROCESS, STEP, of};

    #[test]
    fn a_process_that_holds_little_has_one_base_and_another_is_counted_in_steps() {
        for held in [0, 1, 9 * MIB, PROCESS] {
            assert_eq!(of(held), PROCESS);
        }
        for held in [PROCESS + 1, PROCESS + STEP] {
            assert_eq!(of(held), PROCESS + STEP);
        }
        assert_eq!(of(PROCESS + STEP + 1), PROCESS + 2 * STEP);
    }
}
