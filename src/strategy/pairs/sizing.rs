//! How large an entry of a pair is.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Notional of the dependent leg at an entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LegNotional {
    /// This much money, whatever the equity.
    Fixed(f64),
    /// Half the pair's share of equity, times the leverage.
    ShareOfEquity {
        /// Gross notional of both legs (at hedge ratio 1) over the pair's share.
        gross_leverage: f64,
    },
}

/// Notional of the other leg at an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HedgeSizing {
    /// Hedge ratio times that of the dependent leg.
    Beta,
    /// Equal to that of the dependent leg, in the direction of the hedge ratio.
    Dollar,
}

/// What quantities a pair may trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lots {
    /// Any.
    Fractional,
    /// Whole units, truncated toward zero.
    Whole,
}

/// How large an entry is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairSizing {
    /// Notional of the dependent leg.
    pub notional: LegNotional,
    /// Notional of the other leg.
    pub hedge: HedgeSizing,
    /// Quantities.
    pub lots: Lots,
}

impl Default for PairSizing {
    /// A share of equity at gross leverage 1, hedged by the hedge ratio, fractional quantities.
    fn default() -> Self {
        let notional = LegNotional::ShareOfEquity { gross_leverage: 1.0 };
        Self { notional, hedge: HedgeSizing::Beta, lots: Lots::Fractional }
    }
}

impl PairSizing {
    /// Signed quantities of an entry at the closes of its decision row:
    /// `side N / y` and `-side beta N / x` (or `-side sign(beta) N / x`).
    pub(super) fn quantities(
        &self,
        notional: f64,
        side: f64,
        beta: f64,
        y: f64,
        x: f64,
    ) -> (f64, f64) {
        let ratio = match self.hedge {
            HedgeSizing::Beta => beta,
            HedgeSizing::Dollar if beta == 0.0 => 0.0,
            HedgeSizing::Dollar => beta.signum(),
        };
        let (leg_y, leg_x) = (side * notional / y, -side * ratio * notional / x);
        match self.lots {
            Lots::Fractional => (leg_y, leg_x),
            Lots::Whole => (leg_y.trunc(), leg_x.trunc()),
        }
    }
}

/// Checks the leverage of an entry, for the strategy of this name.
pub(in crate::strategy) fn check_gross_leverage(strategy: &str, gross_leverage: f64) -> Result<()> {
    if gross_leverage > 0.0 && gross_leverage <= 100.0 {
        return Ok(());
    }
    let what = format!("gross_leverage = {gross_leverage} is not in (0, 100]");
    Err(Error::usage(format!("{strategy}: {what}")))
}

#[cfg(test)]
mod tests {
    use super::{HedgeSizing, Lots, PairSizing};

    #[test]
    fn sizing_rules() {
        let beta = PairSizing::default();
        assert_eq!(beta.quantities(300.0, -1.0, 0.5, 10.0, 15.0), (-30.0, 10.0));
        let dollar = PairSizing { hedge: HedgeSizing::Dollar, ..beta };
        assert_eq!(dollar.quantities(300.0, 1.0, -0.5, 10.0, 15.0), (30.0, 20.0));
        let whole = PairSizing { lots: Lots::Whole, ..beta };
        assert_eq!(whole.quantities(300.0, -1.0, 0.5, 11.0, 19.0), (-27.0, 7.0));
    }
}
