//! Costs as they are written down, and what they become for one instrument.

use serde::{Deserialize, Serialize};

use super::{BPS, Borrow, Commission, HalfSpread, Impact, Slippage};
use crate::sim::{Limits, Lot, Tick};

/// Costs of a job, per leg and side, where its instruments do not say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// Commission on the traded notional, basis points of `|quantity| * fill price`.
    pub commission_bps: f64,
    /// Commission per unit of the instrument.
    pub commission_per_unit: f64,
    /// Least commission of a fill.
    pub commission_minimum: f64,
    /// Distance of the fill price from the bar's price, against the trader, basis points.
    pub slippage_bps: f64,
    /// Half the bid-ask spread, basis points of the bar's price.
    pub half_spread_bps: f64,
    /// Share of the bar's price lost when a whole bar's volume is traded.
    pub impact: f64,
    /// Fee on short notional, basis points per year of 365 days.
    pub borrow_bps: f64,
    /// Interest on negative cash, basis points per year of 365 days.
    pub financing_bps: f64,
}

impl Default for Costs {
    /// 10 bps commission, 5 bps slippage, nothing else.
    fn default() -> Self {
        Self { commission_bps: 10.0, slippage_bps: 5.0, ..Self::NONE }
    }
}

impl Costs {
    /// Trading for free.
    pub const NONE: Self = Self {
        commission_bps: 0.0,
        commission_per_unit: 0.0,
        commission_minimum: 0.0,
        slippage_bps: 0.0,
        half_spread_bps: 0.0,
        impact: 0.0,
        borrow_bps: 0.0,
        financing_bps: 0.0,
    };

    /// Every cost with its name, in a fixed order.
    pub fn named(&self) -> [(&'static str, f64); 8] {
        [
            ("commission_bps", self.commission_bps),
            ("slippage_bps", self.slippage_bps),
            ("borrow_bps", self.borrow_bps),
            ("commission_per_unit", self.commission_per_unit),
            ("commission_minimum", self.commission_minimum),
            ("half_spread_bps", self.half_spread_bps),
            ("impact", self.impact),
            ("financing_bps", self.financing_bps),
        ]
    }
}

/// What is particular to one instrument; where it says nothing, the job's terms hold.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InstrumentTerms {
    /// Half the bid-ask spread, basis points.
    pub half_spread_bps: Option<f64>,
    /// Fee on short notional, basis points per year; a stored rate takes its place from its date on.
    pub borrow_bps: Option<f64>,
    /// Commission per unit.
    pub commission_per_unit: Option<f64>,
    /// Least commission of a fill.
    pub commission_minimum: Option<f64>,
    /// Quantities are whole multiples of it.
    pub lot: Option<f64>,
    /// Fill prices are whole multiples of it.
    pub tick: Option<f64>,
}

impl InstrumentTerms {
    /// Every term with its name, in a fixed order.
    pub fn named(&self) -> [(&'static str, Option<f64>); 6] {
        [
            ("half_spread_bps", self.half_spread_bps),
            ("borrow_bps", self.borrow_bps),
            ("commission_per_unit", self.commission_per_unit),
            ("commission_minimum", self.commission_minimum),
            ("lot", self.lot),
            ("tick", self.tick),
        ]
    }
}

/// The cost models of one leg.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LegCosts {
    /// Fixed distance from the bar's price.
    pub slippage: Slippage,
    /// Half the spread.
    pub spread: HalfSpread,
    /// Market impact.
    pub impact: Impact,
    /// Commission.
    pub commission: Commission,
    /// Fee on short notional, where no stored rate takes its place.
    pub borrow: Borrow,
    /// Whole quantities.
    pub lot: Option<Lot>,
    /// Whole prices.
    pub tick: Option<Tick>,
}

impl LegCosts {
    /// The models of an instrument with `own` terms in a job with these costs and limits.
    pub fn new(costs: &Costs, limits: &Limits, own: &InstrumentTerms) -> Self {
        Self {
            slippage: Slippage(costs.slippage_bps * BPS),
            spread: HalfSpread(own.half_spread_bps.unwrap_or(costs.half_spread_bps) * BPS),
            impact: Impact(costs.impact),
            commission: Commission {
                share: costs.commission_bps * BPS,
                per_unit: own.commission_per_unit.unwrap_or(costs.commission_per_unit),
                minimum: own.commission_minimum.unwrap_or(costs.commission_minimum),
            },
            borrow: Borrow::of_bps(own.borrow_bps.unwrap_or(costs.borrow_bps)),
            lot: own.lot.or(limits.lot).map(Lot),
            tick: own.tick.or(limits.tick).map(Tick),
        }
    }
}
