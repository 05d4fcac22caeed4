//! Definitions as pure functions on slices and small matrices: the plain path that decides.
//!
//! Every number a job stores and every decision it takes comes from here: scalar arithmetic in one
//! fixed order, no fused multiply-add, `libm` for logarithms and exponentials, so that machine,
//! device and thread count cannot reach a result. Fast kernels may propose; these functions judge
//! them, and stay for ever.
//!
//! # Order of things
//! [`sum`] and [`dot`] fix the order of addition. On them stand the regressions
//! ([`Reduction`], [`ols`]), the unit root test ([`unit_root()`]) with its surfaces
//! ([`p_value`], [`critical_values()`]), the Engle-Granger test ([`engle_granger()`], [`test_pair`]) and
//! the half-lives ([`exact_half_life`]); on [`long_run()`] variances the stationarity test ([`kpss()`])
//! and [`phillips_ouliaris()`]; on [`eigen()`] the count of relations ([`johansen()`],
//! [`error_correction()`]). Beside them the covariances ([`sample_covariance`],
//! [`close_covariance`], [`ewma_covariance`], [`ledoit_wolf`]) lead to hierarchical risk parity:
//! [`correlation()`], [`codependence_distance`], [`linkage()`], [`leaf_order`], [`recursive_bisection`],
//! composed by [`hrp_weights`].
//!
//! # Undefined
//! A scalar that does not exist is `None`; input from which nothing can be computed is a
//! [`Refusal`], which names the reason and the series. Nothing here panics on the world's numbers.

mod bisection;
mod cointegration;
mod common_bars;
mod condensed;
mod correlation;
mod covariance;
mod critical_values;
mod eigen;
mod ewma;
mod half_life;
mod householder;
mod hrp;
mod kpss;
mod linkage;
mod long_run;
mod matrix;
mod moments;
mod refusal;
mod regression;
mod seriation;
mod shrinkage;
mod trend;
mod unit_root;

pub use bisection::recursive_bisection;
pub use cointegration::{
    Dependent, EngleGranger, ErrorCorrection, Johansen, JohansenCase, PairTest, PhillipsOuliaris,
    PhillipsOuliarisOptions, PhillipsOuliarisStatistic, engle_granger, engle_granger_simulated,
    error_correction, johansen, johansen_critical_values, johansen_statsmodels, johansen_with,
    phillips_ouliaris, test_pair,
};
pub use common_bars::{CommonReturns, close_covariance, common_returns};
pub use condensed::Condensed;
pub use correlation::{Distance, codependence_distance, correlation};
pub use covariance::{sample_covariance, simple_returns};
pub use critical_values::{
    Around, JohansenQuantiles, ResidualStatistic, critical_values, p_value,
    published_kpss_critical_values, published_kpss_p_value, simulated_critical_values,
    simulated_kpss_critical_values, simulated_kpss_p_value, simulated_p_value,
};
pub use eigen::{Eigen, eigen};
pub use ewma::{Decay, OldestRow, Start, ewma_covariance, riskmetrics_covariance};
pub use half_life::{MeanReversion, centered_half_life, chan_half_life, exact_half_life};
pub use householder::Reduction;
pub use hrp::{Hrp, HrpOptions, hrp_weights};
pub use kpss::{Kpss, KpssLags, kpss};
pub use linkage::{Linkage, Merge, linkage};
pub use long_run::{Bandwidth, Kernel, LongRun, long_run};
pub use matrix::SymmetricMatrix;
pub use moments::{dot, mean, standard_deviation, sum, variance};
pub use refusal::{Refusal, Result};
pub use regression::{Center, Regression, ols};
pub use seriation::leaf_order;
pub use shrinkage::{Shrunk, ledoit_wolf, oracle_approximating};
pub use trend::Trend;
pub use unit_root::{LagRule, SEARCH_MIN_FREEDOM, UnitRoot, unit_root};
