//! What trading and holding costs: one cost model a file, behind three small traits.
//!
//! | trait | asked | models |
//! |---|---|---|
//! | [`PriceCost`] | at a fill: which share of the raw price is lost | [`Slippage`], [`HalfSpread`], [`Impact`] |
//! | [`FillFee`] | at a fill: how much money is due | [`Commission`] |
//! | [`CarryCost`] | at a row: what holding costs | [`Borrow`], [`Financing`], [`Dividend`], [`Funding`] |
//!
//! [`Costs`] are a job's terms as they are written, in basis points; [`LegCosts`] are the models they
//! become for one instrument. The order of events is in `docs/simulation.md`.

mod borrow;
mod commission;
mod dividend;
mod financing;
mod funding;
mod impact;
mod paid;
mod quote;
mod slippage;
mod spread;
mod terms;

pub use borrow::Borrow;
pub use commission::Commission;
pub use dividend::Dividend;
pub use financing::Financing;
pub use funding::Funding;
pub use impact::Impact;
pub use paid::Paid;
pub use quote::{Quote, TradedBar};
pub use slippage::Slippage;
pub use spread::HalfSpread;
pub use terms::{Costs, InstrumentTerms, LegCosts};

/// One basis point.
pub(super) const BPS: f64 = 1e-4;

/// Microseconds in the 365-day year that yearly rates are quoted for.
const MICROS_PER_YEAR: f64 = 365.0 * 86_400.0 * 1e6;

/// A span of time in years of 365 days.
pub(super) fn years(elapsed_micros: i64) -> f64 {
    elapsed_micros as f64 / MICROS_PER_YEAR
}

/// A cost that is part of the price of a fill.
pub trait PriceCost {
    /// Share of the raw price that a fill of `size` units (unsigned) loses in a bar of `volume`
    /// units (NaN where it is unknown). Never below zero.
    fn share(&self, size: f64, volume: f64) -> f64;
}

/// A cost that is paid beside the price of a fill.
pub trait FillFee {
    /// Money due for a fill of `size` units (unsigned) at `price`, which are `units` units of the
    /// day.
    fn fee(&self, size: f64, price: f64, units: f64) -> f64;
}

/// A cost of holding something from one row to the next.
pub trait CarryCost {
    /// Money due for holding `amount` over `years`; below zero where it is received. What the
    /// amount is, each model says.
    fn charge(&self, amount: f64, years: f64) -> f64;
}
