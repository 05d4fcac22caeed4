//! Indicators of technical analysis, as running states: one bar in, one value out.
//!
//! Each is fed the bars of one instrument in order, from the bar its owner chooses as the first,
//! and knows nothing of later ones. Windows are folded without subtraction ([`SlidingFold`], [`SlidingMoments`]), so
//! that nothing drifts with the number of bars and a market that stands still gives exact values;
//! recursions are written as `e + share (x - e)`, which a constant leaves as it is.
//!
//! | averages | [`SimpleMovingAverage`], [`ExponentialMovingAverage`], [`WilderAverage`] |
//! |---|---|
//! | momentum | [`RelativeStrength`], [`Macd`] |
//! | bands | [`BollingerBands`], [`RollingVwap`] |
//! | trend | [`AverageTrueRange`], [`Supertrend`], [`Ichimoku`] |
//!
//! # Undefined
//! `None` before enough bars were seen and where a formula has no value. A bar that lacks a number
//! (NaN or infinite), or whose volume is negative, is no bar: it gives `None` and leaves the state
//! as it was.
//!
//! Cost: `O(1)` a bar, amortized for windows.

mod average_true_range;
mod bollinger_bands;
mod exponential_moving_average;
mod ichimoku;
mod macd;
mod relative_strength;
mod rolling_vwap;
mod simple_moving_average;
mod sliding_fold;
mod sliding_moments;
mod supertrend;
mod wilder_average;

pub use average_true_range::AverageTrueRange;
pub use bollinger_bands::{Bands, BollingerBands};
pub use exponential_moving_average::ExponentialMovingAverage;
pub use ichimoku::{Cloud, Ichimoku};
pub use macd::{Macd, MacdValue};
pub use relative_strength::RelativeStrength;
pub use rolling_vwap::{RollingVwap, VwapValue};
pub use simple_moving_average::SimpleMovingAverage;
pub use sliding_fold::{Fold, SlidingFold};
pub use sliding_moments::{Moments, SlidingMoments};
pub use supertrend::{Direction, Supertrend, SupertrendValue};
pub use wilder_average::WilderAverage;

use super::{Refusal, Result};

/// A number of bars that a window or a span can have.
///
/// # Errors
/// `OutOfRange`, naming the argument, for zero.
fn at_least_one(bars: usize, argument: &'static str) -> Result<usize> {
    if bars == 0 { Err(Refusal::out_of_range(argument, 0.0)) } else { Ok(bars) }
}

/// A positive, finite factor.
///
/// # Errors
/// `OutOfRange`, naming the argument.
fn positive(factor: f64, argument: &'static str) -> Result<f64> {
    if factor > 0.0 && factor.is_finite() {
        Ok(factor)
    } else {
        Err(Refusal::out_of_range(argument, factor))
    }
}

/// The value, where the arithmetic stayed in range.
#[inline]
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod laws;
