//! The price of a fill and what it costs against the bar's price.

use super::{FillFee, LegCosts, Paid, PriceCost};

/// What a fill needs to know of the bar it is in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TradedBar {
    /// Price before costs.
    pub raw: f64,
    /// Volume; NaN where it is unknown.
    pub volume: f64,
    /// Units of the day per unit of the ledger (see
    /// [`EventHistory::split_factor`](crate::domain::EventHistory::split_factor)).
    pub split_factor: f64,
}

/// A fill's price and costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quote {
    /// Price paid or received.
    pub price: f64,
    /// Commission, slippage, spread and impact.
    pub paid: Paid,
}

impl Quote {
    /// A fill at `price` that costs nothing.
    pub fn free(price: f64) -> Self {
        Self { price, paid: Paid::default() }
    }

    /// The price of `quantity` (signed, not zero) in `bar`:
    /// `raw * (1 + s)` for a buy and `raw * (1 - s)` for a sale, with `s = slippage + half spread +
    /// impact`, moved away from the trader to a whole tick; what the tick adds is slippage. The
    /// three are at most 1 together, the last ones giving way, so that a sale never pays.
    pub fn of(quantity: f64, bar: &TradedBar, costs: &LegCosts) -> Self {
        let TradedBar { raw, volume, split_factor } = *bar;
        let size = quantity.abs();
        let slippage = costs.slippage.share(size, volume);
        let spread = costs.spread.share(size, volume).min(1.0 - slippage);
        let impact = costs.impact.share(size, volume).min(1.0 - slippage - spread);
        let share = slippage + spread + impact;
        let exact = if quantity > 0.0 { raw * (1.0 + share) } else { raw * (1.0 - share) };
        let mut paid = Paid { slippage: size * raw * slippage, ..Paid::default() };
        paid.spread = size * raw * spread;
        paid.impact = size * raw * impact;
        let mut price = exact;
        if let Some(tick) = costs.tick {
            price = tick.away(exact / split_factor, quantity) * split_factor;
            paid.slippage += size * (price - exact).abs();
        }
        paid.commission = costs.commission.fee(size, price, size * split_factor);
        Self { price, paid }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::{LegCosts, Quote, TradedBar};
    use crate::sim::{Costs, InstrumentTerms, Limits};

    fn costs() -> Costs {
        Costs {
            slippage_bps: 312.5,
            half_spread_bps: 156.25,
            impact: 0.5,
            commission_bps: 1_250.0,
            commission_per_unit: 0.25,
            ..Costs::NONE
        }
    }

    fn leg(costs: &Costs, tick: Option<f64>) -> LegCosts {
        let limits = Limits { tick, ..Limits::default() };
        LegCosts::new(costs, &limits, &InstrumentTerms::default())
    }

    #[test]
    fn every_part_of_a_price_goes_against_the_trader() {
        // 0.03125 of slippage, 0.015625 of half spread, 0.5 * (1/4)^2 = 0.03125 of impact.
        let bar = TradedBar { raw: 64.0, volume: 32.0, split_factor: 1.0 };
        let (buy, sale) = (
            Quote::of(8.0, &bar, &leg(&costs(), None)),
            Quote::of(-8.0, &bar, &leg(&costs(), None)),
        );
        assert!((buy.price - 69.0).abs() < 1e-12 && (sale.price - 59.0).abs() < 1e-12);
        for (quote, price) in [(buy, 69.0), (sale, 59.0)] {
            let paid = quote.paid;
            assert!((paid.slippage - 16.0).abs() < 1e-12, "{paid:?}");
            assert!((paid.spread - 8.0).abs() < 1e-12 && (paid.impact - 16.0).abs() < 1e-12);
            assert!((paid.commission - (0.125 * 8.0 * price + 2.0)).abs() < 1e-12, "{paid:?}");
        }
    }

    #[test]
    fn a_tick_is_slippage_and_ticks_and_units_are_those_of_the_day() {
        // 4 units of the day per unit of the ledger: a day price of 16 + 3 bps, ticks of 0.05.
        let plain = Costs { slippage_bps: 3.0, commission_per_unit: 0.25, ..Costs::NONE };
        let bar = TradedBar { raw: 64.0, volume: f64::NAN, split_factor: 4.0 };
        let buy = Quote::of(2.0, &bar, &leg(&plain, Some(0.05)));
        assert!((buy.price - 4.0 * 16.05).abs() < 1e-12, "{}", buy.price);
        assert!((buy.paid.slippage - 2.0 * 0.2).abs() < 1e-12, "{:?}", buy.paid);
        assert_eq!(buy.paid.commission, 2.0);
        let sale = Quote::of(-2.0, &bar, &leg(&plain, Some(0.05)));
        assert!((sale.price - 4.0 * 15.95).abs() < 1e-12, "{}", sale.price);
    }

    #[test]
    fn a_sale_never_pays_however_little_is_traded_in_the_bar() {
        let bar = TradedBar { raw: 64.0, volume: 1.0, split_factor: 1.0 };
        let sale = Quote::of(-8.0, &bar, &leg(&costs(), None));
        assert!(sale.price >= 0.0 && sale.price < 1e-12);
        assert!((sale.paid.within_prices() - 512.0).abs() < 1e-9);
    }
}
