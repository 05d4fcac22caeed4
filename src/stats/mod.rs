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
//! the half-lives ([`exact_half_life`]). Beside them the covariances lead to portfolios:
//! - complete columns: [`sample_covariance`], [`ewma_covariance`], [`riskmetrics_covariance`],
//!   [`semi_covariance`], [`gerber_covariance`]; ranks: [`spearman`], [`kendall`];
//! - columns with gaps: [`pairwise_covariance`], [`close_covariance`], [`complete_rows`],
//!   [`forward_filled`];
//! - shrunk: [`ledoit_wolf`], [`ledoit_wolf_single_factor`], [`ledoit_wolf_constant_correlation`],
//!   [`oracle_approximating`]; cleaned: [`denoised`], [`detoned`]; repaired:
//!   [`clipped_covariance`], [`nearest_covariance`], [`spectral_covariance`];
//! - trees: [`correlation()`], [`codependence_distance`], [`linkage()`], [`optimally_ordered`],
//!   [`leaf_order`], [`cut_tree`], [`cluster_count`];
//! - portfolios: [`recursive_bisection`], composed by [`hrp_weights`] and [`hrp_portfolio`];
//!   [`herc_weights`], [`nco_weights`], [`equal_risk_contribution`], [`inverse_variance`],
//!   [`minimum_variance`].
//!
//! # Undefined
//! A scalar that does not exist is `None`; input from which nothing can be computed is a
//! [`Refusal`], which names the reason and the series. Nothing here panics on the world's numbers.

mod bisection;
mod clusters;
mod cointegration;
mod common_bars;
mod condensed;
mod constant_correlation;
mod correlation;
mod covariance;
mod critical_values;
mod denoising;
mod eigen;
mod ewma;
mod gaps;
mod gerber;
mod half_life;
mod householder;
mod hrp;
mod linkage;
mod marchenko_pastur;
mod matrix;
mod moments;
mod optimal_order;
mod pairwise;
mod portfolio;
mod psd_repair;
mod rank_correlation;
mod refusal;
mod regression;
mod riskmetrics;
mod rolling_covariance;
mod semi_covariance;
mod seriation;
mod shrinkage;
mod single_factor;
mod trend;
mod unit_root;

pub use bisection::{recursive_bisection, recursive_bisection_within};
pub use clusters::{Dispersion, cluster_count, cut_tree};
pub use cointegration::{Dependent, EngleGranger, PairTest, engle_granger, test_pair};
pub use common_bars::{CommonReturns, close_covariance, common_returns};
pub use condensed::Condensed;
pub use constant_correlation::{EquallyCorrelated, ledoit_wolf_constant_correlation};
pub use correlation::{Distance, codependence_distance, correlation};
pub use covariance::{log_returns, sample_covariance, simple_returns};
pub use critical_values::{critical_values, p_value};
pub use denoising::{Denoised, Residual, denoised, detoned};
pub use eigen::{Eigen, eigen};
pub use ewma::{Decay, EwmaRules, MissingRow, OldestRow, ewma_about_mean, ewma_covariance};
pub use gaps::{complete_rows, forward_filled};
pub use gerber::{GerberScale, gerber_correlation, gerber_covariance};
pub use half_life::{MeanReversion, centered_half_life, chan_half_life, exact_half_life};
pub use householder::Reduction;
pub use hrp::{Hrp, HrpOptions, LeafOrder, hrp_portfolio, hrp_weights};
pub use linkage::{Linkage, Merge, linkage};
pub use marchenko_pastur::{marchenko_pastur_edge, marchenko_pastur_variance};
pub use matrix::SymmetricMatrix;
pub use moments::{dot, mean, standard_deviation, sum, variance};
pub use optimal_order::optimally_ordered;
pub use pairwise::{Pairwise, pairwise_correlation, pairwise_covariance};
pub use portfolio::{
    WeightBounds, Within, equal_risk_contribution, herc_weights, inverse_variance,
    minimum_variance, nco_weights,
};
pub use psd_repair::{
    SKFOLIO_FLOOR, STATSMODELS_FLOOR, clipped_covariance, loaded_covariance, nearest_covariance,
    spectral_covariance,
};
pub use rank_correlation::{kendall, spearman};
pub use refusal::{Refusal, Result};
pub use regression::{Center, Regression, ols};
pub use riskmetrics::{Start, riskmetrics_covariance};
pub use rolling_covariance::rolling_covariance;
pub use semi_covariance::semi_covariance;
pub use seriation::leaf_order;
pub use shrinkage::{Shrunk, ledoit_wolf, oracle_approximating, shrunk_covariance};
pub use single_factor::ledoit_wolf_single_factor;
pub use trend::Trend;
pub use unit_root::{LagRule, SEARCH_MIN_FREEDOM, UnitRoot, unit_root};
