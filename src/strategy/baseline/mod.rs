//! Baselines: strategies without an opinion, to measure the others against.

mod buy_and_hold;
mod equal_weight;

pub use buy_and_hold::BuyAndHold;
pub use equal_weight::EqualWeight;
