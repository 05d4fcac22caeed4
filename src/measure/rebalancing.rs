//! Turnover of a portfolio that is brought back to target weights.
//!
//! Two-sided turnover counts what is bought and what is sold, over equity before costs; one-sided
//! is half of it. The first purchase is apart: it is paid once, whatever the rule.

use super::finite::finite;

/// How a portfolio is kept at its weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebalancing {
    /// Weights after a rebalance, one per asset.
    pub target: Vec<f64>,
    /// Bars from one rebalance to the next; the first is before the first bar.
    pub every: usize,
    /// Cost as a share of traded value.
    pub cost: f64,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebalanced {
    /// Two-sided turnover of every rebalance, the first purchase first.
    pub turnovers: Vec<f64>,
    /// Equity before the first bar and after every bar, from a capital of 1.
    pub equity: Vec<f64>,
}

/// Two-sided turnover of one rebalance: `sum |target - held|`, both as weights of equity before
/// costs.
///
/// ```
/// use barline::measure::weight_turnover;
/// assert_eq!(weight_turnover(&[0.5, 0.5], &[0.75, 0.25]), 0.5);
/// ```
pub fn weight_turnover(target: &[f64], held: &[f64]) -> f64 {
    target.iter().zip(held).fold(0.0, |total, (target, held)| total + (target - held).abs())
}

/// Rebalances over the returns of the assets, one slice each; holdings drift in between. A
/// rebalance is at the close before its bar, its cost lowers equity before weights are taken.
///
/// # None
/// Without an asset, a bar or an interval; for another number of weights than assets, returns of
/// different length, and where a number is not finite.
pub fn rebalance(returns: &[&[f64]], rule: &Rebalancing) -> Option<Rebalanced> {
    let bars = returns.first()?.len();
    let usable = returns.iter().all(|asset| asset.len() == bars && finite(asset).is_some());
    if !usable || rule.every == 0 || finite(&rule.target)?.len() != returns.len() {
        return None;
    }
    let mut holdings = vec![0.0; returns.len()];
    let mut found = Rebalanced { turnovers: Vec::new(), equity: vec![1.0] };
    let mut equity = 1.0;
    for bar in 0..bars {
        if bar % rule.every == 0 {
            let held: Vec<f64> = holdings.iter().map(|holding| holding / equity).collect();
            let turnover = weight_turnover(&rule.target, &held);
            equity -= turnover * equity * rule.cost;
            holdings = rule.target.iter().map(|weight| weight * equity).collect();
            found.turnovers.push(turnover);
        }
        for (holding, asset) in holdings.iter_mut().zip(returns) {
            *holding *= 1.0 + asset[bar];
        }
        equity = holdings.iter().fold(0.0, |sum, holding| sum + holding);
        found.equity.push(equity);
    }
    finite(&found.equity)?;
    finite(&found.turnovers)?;
    Some(found)
}

impl Rebalanced {
    /// Sum of all two-sided turnovers, the first purchase included.
    pub fn turnover_two_sided(&self) -> f64 {
        self.turnovers.iter().fold(0.0, |sum, turnover| sum + turnover)
    }

    /// Mean two-sided turnover of the rebalances after the first purchase.
    ///
    /// # None
    /// With none.
    pub fn mean_turnover_after_first(&self) -> Option<f64> {
        let later = self.turnovers.get(1..).filter(|later| !later.is_empty())?;
        Some(later.iter().fold(0.0, |sum, turnover| sum + turnover) / later.len() as f64)
    }

    /// One-sided turnover per year after the first purchase, `A` bars per year.
    ///
    /// # None
    /// Without a bar.
    pub fn turnover_annual_one_sided(&self, periods_per_year: f64) -> Option<f64> {
        let bars = self.equity.len().checked_sub(1).filter(|bars| *bars > 0)?;
        let later = self.turnovers.iter().skip(1).fold(0.0, |sum, turnover| sum + turnover);
        Some(later / 2.0 / (bars as f64 / periods_per_year))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holdings_drift_between_rebalances() {
        let rule = Rebalancing { target: vec![0.5, 0.5], every: 2, cost: 0.0 };
        let (up, flat) = ([1.0, 0.0, 0.0], [0.0, 0.0, 0.0]);
        let found = rebalance(&[&up, &flat], &rule).expect("valid");
        assert_eq!(found.equity, [1.0, 1.5, 1.5, 1.5]);
        assert_eq!(found.turnovers.len(), 2);
        assert!((found.turnovers[1] - 1.0 / 3.0).abs() < 1e-15);
        assert!((found.turnover_annual_one_sided(3.0).expect("bars") - 1.0 / 6.0).abs() < 1e-15);
        let paid = rebalance(&[&up, &flat], &Rebalancing { cost: 0.5, ..rule }).expect("valid");
        assert!((paid.equity[1] - 0.75).abs() < 1e-15);
    }

    #[test]
    fn wrong_input_has_no_result() {
        let rule = Rebalancing { target: vec![1.0], every: 1, cost: 0.0 };
        assert_eq!(rebalance(&[], &rule), None);
        assert_eq!(rebalance(&[&[]], &rule), None);
        assert_eq!(rebalance(&[&[0.1], &[0.1]], &rule), None);
        assert_eq!(rebalance(&[&[f64::NAN]], &rule), None);
        assert_eq!(rebalance(&[&[-1.0, 0.5, 0.5]], &rule), None);
        let never = Rebalancing { every: 0, ..rule };
        assert_eq!(rebalance(&[&[0.1]], &never), None);
    }
}
