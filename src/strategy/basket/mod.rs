//! Baskets: three or four instruments on one cointegrating relation, traded by its z-score.
//!
//! `fit` finds the relation on one formation window (Johansen); `script` does it for every refit of
//! one combination and scans the rule of the pairs ([`signals_of`](super::pairs::signals_of)) over
//! its spread; [`BasketDecider`] plays the script on a ledger.

mod decider;
mod fit;
mod parameters;
mod script;
mod strategy;

pub use decider::{BasketDecider, SizedBasket};
pub use fit::BasketFit;
pub use parameters::BasketParameters;
pub use script::BasketScript;
pub use strategy::Basket;
