//! Bounds of parameters, each refused with its name, its value and its bounds.

use crate::error::{Error, Result};

/// Longest window or span, bars.
const MOST_BARS: u32 = 10_000;

/// A number of bars from `least` up.
///
/// # Errors
/// Usage.
pub(super) fn bars(name: &str, key: &str, value: u32, least: u32) -> Result<()> {
    if (least..=MOST_BARS).contains(&value) {
        return Ok(());
    }
    refuse(format!("{name}: {key} = {value} is not between {least} and {MOST_BARS}"))
}

/// A number in `[least, most]`.
///
/// # Errors
/// Usage; also for NaN.
pub(super) fn within(name: &str, key: &str, value: f64, least: f64, most: f64) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    refuse(format!("{name}: {key} = {value} is not between {least} and {most}"))
}

/// A share of equity: above 0, at most 10.
///
/// # Errors
/// Usage; also for NaN.
pub(super) fn share(name: &str, key: &str, value: f64) -> Result<()> {
    if value > 0.0 && value <= 10.0 {
        return Ok(());
    }
    refuse(format!("{name}: {key} = {value} is not in (0, 10]"))
}

/// Two values of which the first must be smaller.
///
/// # Errors
/// Usage; also for NaN.
pub(super) fn below<T: PartialOrd + Copy + std::fmt::Display>(
    name: &str,
    low: (&str, T),
    high: (&str, T),
) -> Result<()> {
    if low.1 < high.1 {
        return Ok(());
    }
    refuse(format!("{name}: {} = {} is not below {} = {}", low.0, low.1, high.0, high.1))
}

fn refuse(what: String) -> Result<()> {
    Err(Error::usage(what))
}
