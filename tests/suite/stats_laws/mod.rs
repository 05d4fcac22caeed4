//! Every public function of the statistics floor, over hostile numbers and over ordinary ones.
//!
//! Each function has one entry in a register, which calls it on an input and lists what it says:
//! numbers, or that there is none. The register is compared with `stats/mod.rs`, so that none is
//! forgotten. Over it run the laws:
//!
//! - hostile input (short, constant, duplicated, gapped, infinite, huge, tiny, wider than long, wrong
//!   arguments) gives numbers, `None` or a refusal: never a panic, never a NaN that the documentation
//!   does not promise;
//! - a constant column is said to be one, whatever its value and length;
//! - the bits of every function hold on fixed inputs, one digest per function.

mod constants;
mod covariances;
mod dependence;
mod elementary;
mod held;
mod honesty;
mod portfolios;
mod series;
mod strange;

use std::collections::BTreeSet;

use barline::stats::{Result, SymmetricMatrix, sample_covariance};
use proptest::prelude::*;

/// What a function says about an input: numbers, or that there is none.
type Said = Vec<Option<f64>>;

/// Columns of equal length and arguments, all of them possibly hostile.
#[derive(Debug, Clone)]
struct Input {
    columns: Vec<Vec<f64>>,
    share: f64,
    count: usize,
    /// Whether matrices are made of raw cells instead of estimated.
    raw: bool,
}

impl Input {
    fn slices(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    /// Column `k`, or nothing.
    fn column(&self, k: usize) -> &[f64] {
        self.columns.get(k).map_or(&[], Vec::as_slice)
    }

    /// A covariance of the columns, or their numbers as cells.
    fn matrix(&self) -> Result<SymmetricMatrix> {
        if !self.raw {
            return sample_covariance(&self.slices(), 1);
        }
        let cells: Vec<f64> = self.columns.iter().flatten().copied().collect();
        let order = self.columns.len().min(cells.len());
        Ok(SymmetricMatrix::from_upper(order, |i, j| cells[(7 * i + j) % cells.len()]))
    }
}

/// What besides finite numbers a function may say by its documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    /// Nothing.
    Finite,
    /// An infinity that is an answer, such as the half-life of what does not revert.
    Endless,
    /// NaN and infinities: cells without an estimate, arithmetic that follows IEEE 754.
    Holes,
}

/// A public function under its name.
struct Exercise {
    name: &'static str,
    may: May,
    says: fn(&Input) -> Said,
}

const fn finite(name: &'static str, says: fn(&Input) -> Said) -> Exercise {
    Exercise { name, may: May::Finite, says }
}

const fn endless(name: &'static str, says: fn(&Input) -> Said) -> Exercise {
    Exercise { name, may: May::Endless, says }
}

const fn holes(name: &'static str, says: fn(&Input) -> Said) -> Exercise {
    Exercise { name, may: May::Holes, says }
}

fn numbers<'a>(values: impl IntoIterator<Item = &'a f64>) -> Said {
    values.into_iter().map(|value| Some(*value)).collect()
}

fn counts(values: impl IntoIterator<Item = usize>) -> Said {
    values.into_iter().map(|value| Some(value as f64)).collect()
}

fn cells(found: Result<SymmetricMatrix>) -> Said {
    found.map_or_else(|_| vec![None], |matrix| numbers(matrix.values()))
}

fn list(found: Result<Vec<f64>>) -> Said {
    found.map_or_else(|_| vec![None], |values| numbers(&values))
}

/// What is said about a value that there may be.
fn about<T>(found: Option<T>, says: impl FnOnce(T) -> Said) -> Said {
    found.map_or_else(|| vec![None], says)
}

fn register() -> impl Iterator<Item = &'static Exercise> {
    let parts = [
        elementary::EXERCISES,
        covariances::EXERCISES,
        portfolios::EXERCISES,
        series::EXERCISES,
        honesty::EXERCISES,
        dependence::EXERCISES,
    ];
    parts.into_iter().flatten()
}

/// Names of the functions that a `mod.rs` gives out: the lower-case words of its `pub use` lines.
fn functions_of(source: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for statement in source.split("pub use ").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        let given = statement.split_once("::").map_or(statement, |(_, given)| given);
        let words = given.split(|c: char| !c.is_alphanumeric() && c != '_');
        names.extend(words.filter(|word| word.starts_with(char::is_lowercase)));
    }
    names
}

#[test]
fn every_public_function_is_exercised_once() {
    let source = include_str!("../../../src/stats/mod.rs");
    let given = functions_of(source);
    let exercised: Vec<&str> = register().map(|exercise| exercise.name).collect();
    let once: BTreeSet<&str> = exercised.iter().copied().collect();
    assert_eq!(given, once);
    assert_eq!(exercised.len(), once.len());
    assert!(functions_of("pub use a::{B, c,\n d};\npub use e::f;").into_iter().eq(["c", "d", "f"]));
}

/// What an exercise says that it must not.
fn complaints(exercise: &Exercise, input: &Input) -> Vec<String> {
    let allowed = |value: f64| match exercise.may {
        May::Finite => value.is_finite(),
        May::Endless => !value.is_nan(),
        May::Holes => true,
    };
    let wrong = (exercise.says)(input).into_iter().flatten().filter(|value| !allowed(*value));
    wrong.map(|value| format!("{} says {value}", exercise.name)).collect()
}

#[test]
fn a_leak_would_be_seen() {
    let input = Input { columns: vec![], share: f64::NAN, count: 1, raw: false };
    let leaks = finite("a leak", |input| vec![None, Some(input.share), Some(1.0)]);
    assert_eq!(complaints(&leaks, &input), ["a leak says NaN"]);
    let grows = endless("growth", |_| vec![Some(f64::INFINITY)]);
    assert!(complaints(&grows, &input).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn law_hostile_input_gives_numbers_or_says_that_there_are_none(input in strange::input()) {
        for exercise in register() {
            let wrong = complaints(exercise, &input);
            prop_assert!(wrong.is_empty(), "{:?}", wrong);
        }
    }
}

#[test]
fn every_length_up_to_thirty_gives_numbers_or_says_that_there_are_none() {
    for rows in 0..30 {
        for columns in 0..4 {
            let column = |k: u32| strange::ordinary(rows, 7 + 22 * k);
            let columns = (0..columns).map(column).collect();
            let input = Input { columns, share: 0.4, count: 2, raw: false };
            for exercise in register() {
                assert_eq!(complaints(exercise, &input), [""; 0], "{rows} rows");
            }
        }
    }
}
