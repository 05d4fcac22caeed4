//! Target weights of one close: what a portfolio strategy would set if it were rebalanced there.
//!
//! `request` says what is asked, `close` settles which bars, `weigh` loads them and asks the portfolio
//! ([`Portfolio`](crate::strategy::portfolio::Portfolio)); `answer` is what comes out. Nothing is
//! stored.

mod answer;
mod close;
mod request;
mod weigh;

pub use answer::{WeightRow, Weights};
pub use request::{LookbackLength, WeightsRequest};
pub use weigh::weights;
