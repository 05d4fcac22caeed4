//! Turnover of a portfolio that is brought back to target weights.
//!
//! Two-sided turnover counts what is bought and what is sold, over equity before costs; one-sided
//! is half of it. The first purchase is apart: it is paid once, whatever the rule.

use super::finite::{defined, finite, positive};

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

/// Two-sided turnover of one rebalance.
///
/// # Formula
/// `sum |target - held|`, both as weights of equity before costs; half of it is one-sided. No
/// annualization.
///
/// # None
/// For another number of weights held than targets, and where a number is not finite; zero of
/// nothing.
///
/// # Example
/// ```
/// use barline::measure::weight_turnover;
/// assert_eq!(weight_turnover(&[0.5, 0.5], &[0.75, 0.25]), Some(0.5));
/// ```
///
/// # References
/// V. DeMiguel, L. Garlappi and R. Uppal (2009), Optimal versus naive diversification, Review of
/// Financial Studies 22(5), 1915-1953: the turnover of one rebalance, before the mean over all.
pub fn weight_turnover(target: &[f64], held: &[f64]) -> Option<f64> {
    let pairs = target.iter().zip(held);
    let total = pairs.fold(0.0, |total, (target, held)| total + (target - held).abs());
    defined(total).filter(|_| target.len() == held.len())
}

/// Rebalances over the returns of the assets, one slice each; holdings drift in between. A
/// rebalance is at the close before its bar, its cost lowers equity before weights are taken.
///
/// # Formula
/// At a rebalance `equity *= 1 - cost * turnover` and `holding[i] = target[i] equity`; in every bar
/// `holding[i] *= 1 + r[i]` and `equity = sum(holding)`.
///
/// # None
/// Without an asset, a bar or an interval; for another number of weights than assets, returns of
/// different length, equity that is not positive at a rebalance, and where a number is not finite.
///
/// # Example
/// ```
/// use barline::measure::{Rebalancing, rebalance};
/// let rule = Rebalancing { target: vec![0.5, 0.5], every: 1, cost: 0.0 };
/// let found = rebalance(&[&[1.0, 0.0], &[0.0, 0.0]], &rule).unwrap();
/// assert_eq!(found.equity, [1.0, 1.5, 1.5]);
/// // The first asset stands at 2/3: a sixth of equity is sold, and a sixth bought.
/// assert!((found.turnovers[1] - 1.0 / 3.0).abs() < 1e-15);
/// ```
///
/// # References
/// As [`weight_turnover`].
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
            let account = positive(equity)?;
            let held: Vec<f64> = holdings.iter().map(|holding| holding / account).collect();
            let turnover = weight_turnover(&rule.target, &held)?;
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
    Some(found)
}

impl Rebalanced {
    /// Sum of all two-sided turnovers, the first purchase included: `sum(turnovers)`.
    ///
    /// # None
    /// Where it is not finite; zero without a rebalance.
    ///
    /// # Example
    /// ```
    /// use barline::measure::Rebalanced;
    /// let found = Rebalanced { turnovers: vec![1.0, 0.25], equity: vec![1.0; 3] };
    /// assert_eq!(found.turnover_two_sided(), Some(1.25));
    /// ```
    pub fn turnover_two_sided(&self) -> Option<f64> {
        defined(self.turnovers.iter().fold(0.0, |sum, turnover| sum + turnover))
    }

    /// Mean two-sided turnover of the rebalances after the first purchase:
    /// `sum(turnovers[1..]) / (count - 1)`.
    ///
    /// # None
    /// With none, and where it is not finite.
    ///
    /// # Example
    /// ```
    /// use barline::measure::Rebalanced;
    /// let found = Rebalanced { turnovers: vec![1.0, 0.25, 0.75], equity: vec![1.0; 4] };
    /// assert_eq!(found.mean_turnover_after_first(), Some(0.5));
    /// ```
    pub fn mean_turnover_after_first(&self) -> Option<f64> {
        let later = self.turnovers.get(1..).filter(|later| !later.is_empty())?;
        defined(later.iter().fold(0.0, |sum, turnover| sum + turnover) / later.len() as f64)
    }

    /// One-sided turnover per year after the first purchase, `A` bars per year:
    /// `sum(turnovers[1..]) / 2 / (n / A)`.
    ///
    /// # None
    /// Without a bar, where the bars per year are not positive, and where it is not finite.
    ///
    /// # Example
    /// ```
    /// use barline::measure::Rebalanced;
    /// let found = Rebalanced { turnovers: vec![1.0, 0.5], equity: vec![1.0; 3] };
    /// // A quarter of the account in half a year.
    /// assert_eq!(found.turnover_annual_one_sided(4.0), Some(0.5));
    /// ```
    pub fn turnover_annual_one_sided(&self, periods_per_year: f64) -> Option<f64> {
        let bars = self.equity.len().checked_sub(1).filter(|bars| *bars > 0)?;
        let later = self.turnovers.iter().skip(1).fold(0.0, |sum, turnover| sum + turnover);
        defined(later / 2.0 / (bars as f64 / positive(periods_per_year)?))
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
        assert_eq!(rebalance(&[&[-1.5, 0.5, 0.5]], &rule), None);
        let free = Rebalancing { cost: f64::NAN, ..rule.clone() };
        assert_eq!(rebalance(&[&[0.1]], &free), None);
        let never = Rebalancing { every: 0, ..rule };
        assert_eq!(rebalance(&[&[0.1]], &never), None);
        assert_eq!(weight_turnover(&[0.5, 0.5], &[1.0]), None);
        assert_eq!(weight_turnover(&[f64::NAN], &[1.0]), None);
        let found = Rebalanced { turnovers: vec![1.0, 0.5], equity: vec![1.0; 3] };
        assert_eq!(found.turnover_annual_one_sided(0.0), None);
    }
}
