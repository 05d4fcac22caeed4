//! Definitions as pure functions on slices and small matrices: the plain path that decides.
//!
//! Every number a job stores and every decision it takes comes from here: scalar arithmetic in one
//! fixed order, no fused multiply-add, `libm` for logarithms and exponentials, so that machine,
//! device and thread count cannot reach a result. Fast kernels may propose; these functions judge
//! them, and stay for ever.
//!
//! # Order of things
//! [`sum`] and [`dot`] fix the order of addition. On them stand the regressions
//! ([`ols`]), the unit root test ([`unit_root()`]) with its surfaces
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
//! Hedge ratios: [`ols`], [`total_least_squares`], [`rolling_ols`], [`kalman_hedge`], [`dynamic_ols`]; what
//! a spread does: the half-lives, [`ornstein_uhlenbeck`], [`hurst_of_differences`]; how ranks move
//! together: [`fit_copula`], [`Copula`] on [`pseudo_observations`]. How far a result may
//! be believed: [`probabilistic_sharpe_2012`], [`deflated_sharpe`], [`overfitting`], [`holm`] and
//! [`benjamini_hochberg`], [`block_bootstrap_interval`].
//! On [`long_run()`] variances stand the stationarity test ([`kpss()`]) and [`phillips_ouliaris()`]; on
//! [`eigen()`] the count of relations ([`johansen()`], [`error_correction()`]).
//!
//! What single instruments are traded by stands in [`indicator`], as running states.
//!
//! # Undefined
//! A scalar that does not exist is `None`; input from which nothing can be computed is a
//! [`Refusal`], which names the reason and the series. Nothing here panics on the world's numbers.

mod bisection;
mod block_length;
mod bootstrap;
mod bootstrap_interval;
mod clusters;
mod cointegration;
mod common_bars;
mod condensed;
mod constant_correlation;
mod copula;
mod correlation;
mod covariance;
mod critical_values;
mod deflated_sharpe;
mod denoising;
mod dispersion;
mod dynamic_ols;
mod eigen;
mod ewma;
mod gaps;
mod gerber;
mod half_life;
mod householder;
mod hrp;
mod hurst;
pub mod indicator;
mod kalman_hedge;
mod kpss;
mod linkage;
mod long_run;
mod marchenko_pastur;
mod matrix;
mod moments;
mod multiple_testing;
mod normal;
mod optimal_order;
mod ornstein_uhlenbeck;
mod overfitting;
mod pairwise;
mod portfolio;
mod probabilistic_sharpe;
mod psd_repair;
mod quantile;
mod rank_correlation;
mod refusal;
mod regression;
mod riskmetrics;
mod rolling_covariance;
mod rolling_ols;
mod semi_covariance;
mod seriation;
mod shrinkage;
mod single_factor;
mod statsmodels_skip;
mod student_t;
mod total_least_squares;
mod trend;
mod unit_root;
#[cfg(test)]
mod walk;
mod windows;
mod zscore_rule;

pub use bisection::{recursive_bisection, recursive_bisection_within};
pub use block_length::{BlockLength, block_length};
pub use bootstrap::{BlockBootstrap, Blocks};
pub use bootstrap_interval::{
    Interval, Resampling, bca_interval, block_bootstrap_interval, percentile_interval,
};
pub use clusters::{Dispersion, cluster_count, cut_tree};
pub use cointegration::{
    Dependent, EngleGranger, ErrorCorrection, Johansen, JohansenCase, PairTest, PhillipsOuliaris,
    PhillipsOuliarisOptions, PhillipsOuliarisStatistic, engle_granger, engle_granger_simulated,
    error_correction, johansen, johansen_critical_values, johansen_statsmodels, johansen_with,
    phillips_ouliaris, test_pair,
};
pub use common_bars::{CommonReturns, close_covariance, common_returns, complete_returns};
pub use condensed::Condensed;
pub use constant_correlation::{EquallyCorrelated, ledoit_wolf_constant_correlation};
pub use copula::{
    Copula, CopulaFamily, CopulaFit, FREEDOM_GRID, correlation_from_tau, fit_copula,
    pseudo_observations, rolling_pseudo_observations, tau_from_correlation,
};
pub use correlation::{Distance, codependence_distance, correlation};
pub use covariance::{log_returns, sample_covariance, simple_returns};
pub use critical_values::{
    Around, JohansenQuantiles, ResidualStatistic, critical_values, p_value,
    published_kpss_critical_values, published_kpss_p_value, simulated_critical_values,
    simulated_kpss_critical_values, simulated_kpss_p_value, simulated_p_value,
};
pub(crate) use critical_values::{P_SEAM, largest_statistic};
pub use deflated_sharpe::{
    deflated_sharpe, expected_maximum, expected_maximum_sharpe, minimum_backtest_years,
};
pub use denoising::{Denoised, Residual, denoised, detoned};
pub use dispersion::{moves, moves_against};
pub use dynamic_ols::{DynamicOls, dynamic_ols};
pub use eigen::{Eigen, eigen};
pub use ewma::{Decay, EwmaRules, MissingRow, OldestRow, ewma_about_mean, ewma_covariance};
pub use gaps::{complete_rows, forward_filled};
pub use gerber::{GerberScale, gerber_correlation, gerber_covariance};
pub use half_life::{MeanReversion, centered_half_life, chan_half_life, exact_half_life};
pub use hrp::{Hrp, HrpOptions, LeafOrder, hrp_portfolio, hrp_weights};
pub use hurst::{RescaledRange, Steps, WindowRange, hurst_of_differences, hurst_rescaled_range};
pub use kalman_hedge::{FirstBar, KalmanHedge, KalmanPath, KalmanRow, kalman_hedge};
pub use kpss::{Kpss, KpssLags, kpss};
pub use linkage::{Linkage, Merge, linkage};
pub use long_run::{Bandwidth, Kernel, LongRun, long_run};
pub use marchenko_pastur::{marchenko_pastur_edge, marchenko_pastur_variance};
pub use matrix::SymmetricMatrix;
pub use moments::{dot, mean, standard_deviation, sum, variance};
pub use multiple_testing::{benjamini_hochberg, benjamini_yekutieli, holm};
pub use normal::{normal_density, normal_probability, normal_quantile};
pub use optimal_order::optimally_ordered;
pub use ornstein_uhlenbeck::{OrnsteinUhlenbeck, ornstein_uhlenbeck};
pub use overfitting::{Degradation, Overfitting, Split, overfitting};
pub use pairwise::{Pairwise, pairwise_correlation, pairwise_covariance};
pub use portfolio::{
    WeightBounds, Within, equal_risk_contribution, herc_weights, inverse_variance,
    minimum_variance, nco_weights, risk_contributions,
};
pub use probabilistic_sharpe::{
    SharpeEstimate, minimum_track_record_2012, minimum_track_record_2025,
    probabilistic_sharpe_2012, probabilistic_sharpe_2025,
};
pub use psd_repair::{
    SKFOLIO_FLOOR, STATSMODELS_FLOOR, clipped_covariance, loaded_covariance, nearest_covariance,
    spectral_covariance,
};
pub use quantile::quantile;
pub(crate) use quantile::sorted;
pub use rank_correlation::{kendall, spearman};
pub use refusal::{Given, Refusal, Result};
pub use regression::{Center, Regression, ols};
pub use riskmetrics::{Start, riskmetrics_covariance};
pub use rolling_covariance::rolling_covariance;
pub use rolling_ols::{Gaps, RollingFit, RollingWindow, rolling_ols};
pub use semi_covariance::semi_covariance;
pub use seriation::leaf_order;
pub use shrinkage::{Shrunk, ledoit_wolf, oracle_approximating, shrunk_covariance};
pub(crate) use shrinkage::{ledoit_wolf_of, oracle_approximating_of};
pub use single_factor::ledoit_wolf_single_factor;
pub use statsmodels_skip::rolling_slope_statsmodels_skip;
pub use student_t::StudentT;
pub use total_least_squares::{HedgeLine, total_least_squares};
pub use trend::Trend;
pub use unit_root::{LagRule, SEARCH_MIN_FREEDOM, UnitRoot, unit_root};
pub use zscore_rule::{ZScoreRun, ZScoreTerms, zscore_rule};
