//! The weights of one close: what a portfolio would set if it were rebalanced there.
//!
//! The same lookback, the same covariance and the same allocation as in a backtest, so that the
//! weights of a close are those that a job sets at it, in every bit. Above [`PLAIN_MEMBERS`] members the
//! covariance is that of a kernel, and the answer says so.

use super::{
    Allocation, CovarianceEstimator, HercParameters, HrpParameters, InverseVarianceParameters,
    Lookback, LooksBack, MinimumVarianceParameters, NcoParameters, RiskParityParameters,
    WeightLimits,
    kernel_covariance::{self, PLAIN_MEMBERS},
    trailing::{LEAST_RETURNS, Trailing},
};
use crate::{
    error::{Error, Result},
    stats::{LeafOrder, Refusal, SymmetricMatrix},
    strategy::HorizonBars,
};

/// A portfolio with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Portfolio {
    /// Hierarchical risk parity, the leaves of its tree in some order.
    Hrp(HrpParameters, LeafOrder),
    /// Hierarchical equal risk contribution.
    Herc(HercParameters),
    /// Nested clustered optimization.
    Nco(NcoParameters),
    /// Equal risk contributions.
    RiskParity(RiskParityParameters),
    /// Least variance.
    MinimumVariance(MinimumVarianceParameters),
    /// One over the variances.
    InverseVariance(InverseVarianceParameters),
    /// Equal weights; the lookback is what their risk is told from.
    Equal(Lookback),
}

/// The close that is weighed at.
#[derive(Debug, Clone, Copy)]
pub struct Close<'a> {
    /// Bars up to it; their books of covariances are used.
    pub bars: &'a HorizonBars<'a>,
    /// Its row in the panel.
    pub row: usize,
    /// Length of the lookback, microseconds.
    pub lookback_micros: i64,
}

/// An instrument's own moments in the lookback.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Own {
    /// Returns between its consecutive bars.
    pub returns: usize,
    /// Their sample variance per bar, as the sample covariance has it; zero where there are too few.
    pub variance: f64,
}

/// What a portfolio weighs.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// Those that have a weight, in the order that was asked.
    pub assets: Vec<u16>,
    /// Their weights; they sum to one.
    pub weights: Vec<f64>,
    /// Their covariance per bar; `None` where equal weights needed none and there is none.
    pub covariance: Option<SymmetricMatrix>,
    /// Those without a weight, each with the reason.
    pub left_out: Vec<(u16, String)>,
    /// True if a kernel estimated the covariance, not the plain path.
    pub by_kernel: bool,
}

impl Portfolio {
    /// The names there are, in the order of the documentation.
    pub const NAMES: [&'static str; 7] =
        ["hrp", "herc", "nco", "risk-parity", "min-variance", "inverse-variance", "equal"];

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hrp(..) => HrpParameters::NAME,
            Self::Herc(_) => HercParameters::NAME,
            Self::Nco(_) => NcoParameters::NAME,
            Self::RiskParity(_) => RiskParityParameters::NAME,
            Self::MinimumVariance(_) => MinimumVarianceParameters::NAME,
            Self::InverseVariance(_) => InverseVarianceParameters::NAME,
            Self::Equal(_) => "equal",
        }
    }

    /// What it looks back on; the length is that of the close.
    pub fn lookback(&self) -> Lookback {
        match self {
            Self::Hrp(own, _) => own.lookback(),
            Self::Herc(own) => own.lookback(),
            Self::Nco(own) => own.lookback(),
            Self::RiskParity(own) => own.lookback(),
            Self::MinimumVariance(own) => own.lookback(),
            Self::InverseVariance(own) => own.lookback(),
            Self::Equal(lookback) => *lookback,
        }
    }

    /// What its weights keep.
    pub fn limits(&self) -> WeightLimits {
        match self {
            Self::Hrp(own, _) => own.limits(),
            Self::MinimumVariance(own) => own.limits(),
            _ => WeightLimits::LONG_ONLY,
        }
    }

    /// Checks what the types cannot.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    pub fn check(&self) -> Result<()> {
        self.lookback().check(self.name())?;
        self.limits().check(self.name())?;
        match self {
            Self::Herc(own) => own.check(),
            Self::Nco(own) => own.check(),
            _ => Ok(()),
        }
    }

    /// Its weights of `assets` (indices into the universe, increasing) at a close at which each of
    /// them can be held.
    ///
    /// # Errors
    /// Usage, for limits that those with a history cannot keep; data, where there is no portfolio.
    pub fn weigh(&self, close: &Close<'_>, assets: &[u16]) -> Result<Weighed> {
        let trailing = Trailing::new(close.bars, close.lookback_micros, self.lookback());
        if let Self::Equal(_) = self {
            return Ok(equal(&trailing, close.row, assets));
        }
        let (moving, still): (Vec<u16>, Vec<u16>) =
            assets.iter().copied().partition(|asset| trailing.moves(*asset, close.row));
        let left_out: Vec<(u16, String)> =
            still.iter().map(|asset| (*asset, absence(&trailing, *asset, close.row))).collect();
        self.require_members(&moving, &left_out, close.bars)?;
        let refused = |refusal: Refusal| {
            Error::data(format!("{} of {} symbols: {refusal}", self.name(), moving.len()))
                .with_hint("look at the bars with 'barline check', or change the lookback")
        };
        let (covariance, by_kernel) = estimate(&trailing, &moving, close.row).map_err(refused)?;
        let weights = self.weights(&covariance).map_err(refused)?;
        let covariance = Some(covariance);
        Ok(Weighed { assets: moving, weights, covariance, left_out, by_kernel })
    }

    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal> {
        match self {
            Self::Hrp(own, leaf_order) => own.weights_along(covariance, *leaf_order),
            Self::Herc(own) => own.weights(covariance),
            Self::Nco(own) => own.weights(covariance),
            Self::RiskParity(own) => own.weights(covariance),
            Self::MinimumVariance(own) => own.weights(covariance),
            Self::InverseVariance(own) => own.weights(covariance),
            Self::Equal(_) => Ok(equal_weights(covariance.order())),
        }
    }

    fn require_members(
        &self,
        moving: &[u16],
        left_out: &[(u16, String)],
        bars: &HorizonBars<'_>,
    ) -> Result<()> {
        if moving.is_empty() {
            let first = left_out.first().map_or_else(String::new, |(asset, why)| {
                format!("; the first is {}: {why}", bars.symbol(*asset))
            });
            return Err(Error::data(format!(
                "{}: none of {} symbols has a history in the lookback{first}",
                self.name(),
                left_out.len()
            ))
            .with_hint("look back further with --lookback-days"));
        }
        let limits = self.limits();
        if limits.can_hold(moving.len()) {
            return Ok(());
        }
        let (count, least, most) = (moving.len() as f64, limits.min_weight, limits.max_weight);
        Err(Error::usage(format!(
            "{count} symbols cannot keep weights from {least} to {most}: they would hold from {:.4} to \
             {:.4} in all, not 1",
            least * count,
            most * count
        ))
        .with_hint(format!(
            "give --min-weight up to {0:.4} and --max-weight from {0:.4} on",
            1.0 / count
        )))
    }
}

impl Close<'_> {
    /// An instrument's own moments in the lookback.
    pub fn own(&self, asset: u16) -> Own {
        let trailing = Trailing::new(self.bars, self.lookback_micros, Lookback::default());
        let entry = trailing.own(asset, self.row);
        Own { returns: entry.returns, variance: entry.covariance }
    }
}

/// The covariance, and true if a kernel made it.
fn estimate(
    trailing: &Trailing<'_>,
    assets: &[u16],
    row: usize,
) -> Result<(SymmetricMatrix, bool), Refusal> {
    if assets.len() > PLAIN_MEMBERS {
        return kernel_covariance::covariance(trailing, assets, row);
    }
    Ok((trailing.covariance(assets, row)?, false))
}

/// The same weight for all; their risk is known where all of them have a history.
fn equal(trailing: &Trailing<'_>, row: usize, assets: &[u16]) -> Weighed {
    let known = assets.iter().all(|asset| trailing.moves(*asset, row));
    let estimate = known.then(|| estimate(trailing, assets, row)).and_then(Result::ok);
    let (covariance, by_kernel) =
        estimate.map_or((None, false), |(matrix, by_kernel)| (Some(matrix), by_kernel));
    let weights = equal_weights(assets.len());
    Weighed { assets: assets.to_vec(), weights, covariance, left_out: Vec::new(), by_kernel }
}

fn equal_weights(members: usize) -> Vec<f64> {
    vec![1.0 / members as f64; members]
}

/// Why an instrument has no part in the covariance.
fn absence(trailing: &Trailing<'_>, asset: u16, row: usize) -> String {
    let own = trailing.own(asset, row);
    if own.returns < LEAST_RETURNS {
        format!(
            "insufficient history: {} of the {LEAST_RETURNS} returns that are needed in the lookback",
            own.returns
        )
    } else {
        "constant: it does not move in the lookback".to_owned()
    }
}

/// The name of an estimator of a portfolio's covariance, with its half-life where it has one.
pub fn estimator_name(lookback: &Lookback) -> String {
    match (lookback.covariance, lookback.ewma_half_life_bars) {
        (CovarianceEstimator::Ewma, Some(bars)) => format!("ewma (half-life {bars} bars)"),
        (estimator, _) => estimator.name().to_owned(),
    }
}
