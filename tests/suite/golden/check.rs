//! Comparing found and expected values within a case's tolerance.

use serde_json::Value;

/// What a case comes to.
pub(crate) enum Verdict {
    /// Everything compared agrees; the worst relative error among those above the absolute tolerance.
    Passed { worst: f64 },
    /// What does not agree.
    Failed(Vec<String>),
    /// Decided by rounding noise: not compared.
    Fragile,
    /// No engine for it yet.
    NotCovered,
}

/// `|found - expected| <= atol + rtol |expected|`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    pub(crate) rtol: f64,
    pub(crate) atol: f64,
}

/// Collects the comparisons of one case.
#[derive(Default)]
pub(crate) struct Check {
    worst: f64,
    failures: Vec<String>,
}

impl Check {
    /// Compares a number; a null stands for "undefined", a string for an infinity.
    pub(crate) fn number(
        &mut self,
        name: &str,
        found: Option<f64>,
        expected: &Value,
        tolerance: Tolerance,
    ) {
        let wanted = number_of(expected);
        let agrees = match (found, wanted) {
            (None, None) => true,
            (Some(found), Some(wanted)) if wanted.is_infinite() => found.total_cmp(&wanted).is_eq(),
            (Some(found), Some(wanted)) => {
                let error = (found - wanted).abs();
                if wanted != 0.0 && error > tolerance.atol {
                    self.worst = self.worst.max(error / wanted.abs());
                }
                error <= tolerance.atol + tolerance.rtol * wanted.abs()
            }
            _ => false,
        };
        if !agrees {
            self.failures.push(format!("{name} is {found:?}, expected {expected}"));
        }
    }

    /// Compares lists number by number.
    pub(crate) fn numbers(
        &mut self,
        name: &str,
        found: &[f64],
        expected: &Value,
        tolerance: Tolerance,
    ) {
        let wanted = expected.as_array().map(Vec::as_slice).unwrap_or_default();
        self.exact(&format!("length of {name}"), &found.len(), &wanted.len());
        for (at, (found, wanted)) in found.iter().zip(wanted).enumerate() {
            self.number(&format!("{name}[{at}]"), Some(*found), wanted, tolerance);
        }
    }

    /// Compares what has no tolerance.
    pub(crate) fn exact<T: PartialEq + std::fmt::Debug>(
        &mut self,
        name: &str,
        found: &T,
        wanted: &T,
    ) {
        if found != wanted {
            self.failures.push(format!("{name} is {found:?}, expected {wanted:?}"));
        }
    }

    /// Compares a count with a JSON number.
    pub(crate) fn count(&mut self, name: &str, found: usize, expected: &Value) {
        self.exact(name, &Some(found as u64), &expected.as_u64());
    }

    /// Notes what cannot be compared at all.
    pub(crate) fn fail(&mut self, reason: String) {
        self.failures.push(reason);
    }

    /// The verdict over everything compared.
    pub(crate) fn verdict(self) -> Verdict {
        if self.failures.is_empty() {
            Verdict::Passed { worst: self.worst }
        } else {
            Verdict::Failed(self.failures)
        }
    }
}

/// Passes if `holds`.
pub(crate) fn class(holds: bool, reason: &str) -> Verdict {
    if holds { Verdict::Passed { worst: 0.0 } } else { Verdict::Failed(vec![reason.to_owned()]) }
}

/// A number of the schema: null is undefined, infinities are strings.
pub(crate) fn number_of(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        _ => value.as_f64(),
    }
}
