//! Comparing found and expected values within a case's tolerance, and noting what was compared.
//!
//! Each comparison notes the address of the expected value it looked at. Expected values stay where
//! they are while their file is open, so the address names the value; the runner then finds what no
//! comparison looked at ([`super::completeness`]).

use std::collections::BTreeSet;

use serde_json::Value;

/// What a case comes to.
pub(crate) enum Verdict {
    /// Run and compared, with what came of it.
    Checked(Check),
    /// No engine for it.
    NotCovered,
}

/// `|found - expected| <= atol + rtol |expected|`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    pub(crate) rtol: f64,
    pub(crate) atol: f64,
}

/// No difference at all.
pub(crate) const EXACT: Tolerance = Tolerance { rtol: 0.0, atol: 0.0 };

/// Collects the comparisons of one case.
#[derive(Default)]
pub(crate) struct Check {
    /// The worst relative error among those above the absolute tolerance.
    pub(crate) worst: f64,
    /// What does not agree.
    pub(crate) failures: Vec<String>,
    /// Values excused because rounding decides between equals.
    pub(crate) excused: usize,
    /// Only the kind of outcome counts: nothing else need be compared.
    pub(crate) class_only: bool,
    seen: BTreeSet<usize>,
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
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
        self.see(expected);
        self.against(name, found, expected, tolerance);
    }

    /// Compares with a value that is not the case's own but follows from it.
    pub(crate) fn against(
        &mut self,
        name: &str,
        found: Option<f64>,
        expected: &Value,
        tolerance: Tolerance,
    ) {
        let wanted = number_of(expected);
        let agrees = match (found, wanted) {
            (None, None) => expected.is_null(),
            (Some(found), Some(wanted)) if wanted.is_infinite() => found.total_cmp(&wanted).is_eq(),
            (Some(found), Some(wanted)) => {
                let error = (found - wanted).abs();
                if wanted != 0.0 && error > tolerance.atol {
                    self.worst = self.worst.max(error / wanted.abs());
                }
                // Written so that NaN fails.
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
        let Some(wanted) = expected.as_array() else {
            return self.fail(format!("{name} is a list, expected {expected}"));
        };
        self.exact(&format!("length of {name}"), &found.len(), &wanted.len());
        for (at, (found, wanted)) in found.iter().zip(wanted).enumerate() {
            self.number(&format!("{name}[{at}]"), Some(*found), wanted, tolerance);
        }
    }

    /// Compares what has no tolerance and is no value of the case.
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

    /// Compares text, labels or lists of them with a value of the case, exactly.
    pub(crate) fn same(&mut self, name: &str, found: impl Into<Value>, expected: &Value) {
        self.see(expected);
        let found = found.into();
        if found != *expected {
            self.failures.push(format!("{name} is {found}, expected {expected}"));
        }
    }

    /// Compares a count with a JSON number.
    pub(crate) fn count(&mut self, name: &str, found: usize, expected: &Value) {
        self.see(expected);
        self.exact(name, &Some(found as u64), &expected.as_u64());
    }

    /// Notes a value, and all in it, as looked at.
    pub(crate) fn see(&mut self, expected: &Value) {
        self.seen.insert(address(expected));
    }

    /// Notes a value that rounding decides, so that it cannot be compared.
    pub(crate) fn excuse(&mut self, expected: &Value) {
        self.see(expected);
        self.excused += 1;
    }

    /// Whether a comparison looked at the value as a whole.
    pub(crate) fn has_seen(&self, expected: &Value) -> bool {
        self.seen.contains(&address(expected))
    }

    /// Notes what cannot be compared at all.
    pub(crate) fn fail(&mut self, reason: String) {
        self.failures.push(reason);
    }

    /// The verdict over everything compared.
    pub(crate) fn verdict(self) -> Verdict {
        Verdict::Checked(self)
    }
}

/// A case that failed before anything could be compared.
pub(crate) fn failed(reason: String) -> Verdict {
    Check { failures: vec![reason], ..Check::default() }.verdict()
}

/// Passes if `holds`: only the kind of outcome counts.
pub(crate) fn class(holds: bool, reason: &str) -> Verdict {
    let failures = if holds { Vec::new() } else { vec![reason.to_owned()] };
    Check { failures, class_only: true, ..Check::default() }.verdict()
}

/// A number of the schema: null is undefined, infinities are strings.
pub(crate) fn number_of(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        _ => value.as_f64(),
    }
}
