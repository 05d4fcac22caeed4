//! Portfolios of a trailing covariance: estimated over a lookback, turned into weights, rebalanced.
//!
//! All of them are one skeleton, [`Rebalanced`], around an [`Allocation`]: a name, parameters, and a
//! function from a covariance matrix to weights. To add one is to write that file. [`Portfolio`] weighs at
//! one close what a rebalance would set there.

mod clusters;
mod covariance_book;
mod covariance_estimator;
mod herc;
mod hrp;
mod inverse_variance;
mod kernel_covariance;
mod lookback;
mod minimum_variance;
mod nco;
mod rebalanced;
mod risk_parity;
mod trailing;
mod weighing;
mod weight_limits;

pub use covariance_book::CovarianceBooks;
pub use covariance_estimator::CovarianceEstimator;
pub use herc::{Herc, HercParameters};
pub use hrp::{Hrp, HrpParameters};
pub use inverse_variance::{InverseVariance, InverseVarianceParameters};
use lookback::portfolio_parameters;
pub use lookback::{Lookback, LooksBack};
pub use minimum_variance::{MinimumVariance, MinimumVarianceParameters};
pub use nco::{Nco, NcoParameters};
pub use rebalanced::{Allocation, Rebalanced};
pub use risk_parity::{RiskParity, RiskParityParameters};
pub use weighing::{Close, Own, Portfolio, Weighed, estimator_name};
pub use weight_limits::WeightLimits;
