//! The trailing lookback of a close: which members move in it, and their covariance.
//!
//! The sample covariance takes each pair over its own consecutive common bars, so that combinations
//! share it; the other estimators need complete rows and take the bars common to all members that are
//! asked for. Without gaps the bars are the same.

use std::sync::Arc;

use super::{
    covariance_book::{CovarianceBook, Entry},
    covariance_estimator::{CompleteRows, CovarianceEstimator},
    lookback::Lookback,
};
use crate::{
    domain::Field,
    stats::{Refusal, SymmetricMatrix},
    strategy::{HorizonBars, horizon_bars::LEAST_BARS},
};

/// Fewest returns a covariance is estimated from.
pub(super) const LEAST_RETURNS: usize = LEAST_BARS - 1;

/// Share of the lookback's nominal bars in which an exponential weight halves.
const HALF_LIFE_SHARE: f64 = 0.25;

/// What portfolios see of the bars that end with a close.
pub(super) struct Trailing<'a> {
    pub(super) bars: &'a HorizonBars<'a>,
    covariances: Arc<CovarianceBook>,
    lookback: Lookback,
}

impl<'a> Trailing<'a> {
    /// Windows of `micros` of these bars.
    pub(super) fn new(bars: &'a HorizonBars<'a>, micros: i64, lookback: Lookback) -> Self {
        Self { bars, covariances: bars.covariances.over(micros), lookback }
    }

    /// Lets go of what was computed.
    pub(super) fn release(&self) {
        self.covariances.release();
    }

    /// The instrument's own moments in the lookback that ends with `last_row`.
    pub(super) fn own(&self, asset: u16, last_row: usize) -> Entry {
        self.covariances.entry(self.bars, asset, asset, last_row)
    }

    /// True if an instrument has enough returns in the lookback that ends with `last_row`, and
    /// they are not all equal.
    pub(super) fn moves(&self, asset: u16, last_row: usize) -> bool {
        let own = self.own(asset, last_row);
        own.returns >= LEAST_RETURNS && own.covariance > 0.0
    }

    /// Covariance of `assets` over the lookback that ends with `last_row`.
    ///
    /// # Errors
    /// `TooShort` with too few complete returns; as the estimator for what it cannot use.
    pub(super) fn covariance(
        &self,
        assets: &[u16],
        last_row: usize,
    ) -> Result<SymmetricMatrix, Refusal> {
        match self.complete_rows(assets) {
            None => Ok(SymmetricMatrix::from_upper(assets.len(), |i, j| {
                self.covariances.entry(self.bars, assets[i], assets[j], last_row).covariance
            })),
            Some(estimator) => estimator.estimate(&self.closes(assets, last_row), LEAST_RETURNS),
        }
    }

    /// The estimator of `assets` where it needs complete rows; `None` for the sample covariance.
    pub(super) fn complete_rows(&self, assets: &[u16]) -> Option<CompleteRows> {
        match self.lookback.covariance {
            CovarianceEstimator::Sample => None,
            CovarianceEstimator::LedoitWolf => Some(CompleteRows::LedoitWolf),
            CovarianceEstimator::Oas => Some(CompleteRows::Oas),
            CovarianceEstimator::Ewma => {
                Some(CompleteRows::Ewma { half_life_bars: self.half_life_bars(assets) })
            }
        }
    }

    /// The closes of `assets` in the lookback that ends with `last_row`; NaN where there is no bar.
    pub(super) fn closes(&self, assets: &[u16], last_row: usize) -> Vec<&'a [f64]> {
        let window = self.covariances.window(self.bars, last_row);
        let bars = self.bars;
        let column =
            |&asset: &u16| &bars.panel.column(usize::from(asset), Field::Close)[window.clone()];
        assets.iter().map(column).collect()
    }

    /// As asked, or a quarter of the bars that the lookback nominally holds in common.
    fn half_life_bars(&self, assets: &[u16]) -> f64 {
        self.lookback.ewma_half_life_bars.unwrap_or_else(|| {
            HALF_LIFE_SHARE * self.bars.nominal_bars(assets, self.covariances.lookback_micros())
        })
    }
}
