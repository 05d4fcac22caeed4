//! Portfolios of a covariance matrix that sum to one.
//!
//! [`inverse_variance`] looks at variances alone, [`equal_risk_contribution`] gives every asset the
//! same share of the risk, [`minimum_variance`] takes as little risk as the bounds allow.
//! [`herc_weights`] and [`nco_weights`] do these within and between the clusters of a dendrogram;
//! hierarchical risk parity itself is [`hrp_portfolio`](super::hrp_portfolio).

mod cholesky;
mod equal_risk;
mod herc;
mod inverse_variance;
mod minimum_variance;
mod nco;
mod quadratic;
mod weight_bounds;

pub use equal_risk::equal_risk_contribution;
pub use herc::{Within, herc_weights};
pub use inverse_variance::inverse_variance;
pub use minimum_variance::minimum_variance;
pub use nco::nco_weights;
pub use weight_bounds::WeightBounds;
