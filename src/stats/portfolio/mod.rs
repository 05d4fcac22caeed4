//! Portfolios of a covariance matrix that sum to one.
//!
//! [`inverse_variance`] looks at variances alone, [`equal_risk_contribution`] gives every asset the
//! same share of the risk, [`minimum_variance`] takes as little risk as the bounds allow.
//! [`herc_weights`] and [`nco_weights`] do these within and between the clusters of a dendrogram;
//! hierarchical risk parity itself is [`hrp_portfolio`](super::hrp_portfolio). [`risk_contributions`] says
//! what each asset adds to the variance of any of them.

mod cholesky;
mod equal_risk;
mod grown_factor;
mod herc;
mod inverse_variance;
mod minimum_variance;
mod nco;
mod quadratic;
mod risk_contributions;
mod weight_bounds;

pub use equal_risk::equal_risk_contribution;
pub use herc::{Within, herc_weights};
pub use inverse_variance::inverse_variance;
pub use minimum_variance::minimum_variance;
pub use nco::nco_weights;
pub use risk_contributions::risk_contributions;
pub use weight_bounds::WeightBounds;
