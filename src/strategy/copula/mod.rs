//! Copula pairs: trades legs that stand apart by what the copula of their returns expects.
//!
//! `fit` measures how the ranks of a pair's returns move together in the formation window; `rule`
//! adds up how far each leg stands from what the other says, and trades that sum. Pairs, windows,
//! scripts and the decider are those of [`pairs`](super::pairs).
//!
//! # References
//! R. Q. Liew and Y. Wu (2013), Pairs trading: a copula approach, Journal of Derivatives & Hedge
//! Funds 19(1), 12-30 (conditional probabilities as a measure of mispricing). W. Xie, R. Q. Liew, Y.
//! Wu, X. Zou (2016), Pairs trading with copulas, Journal of Trading 11(3), 41-52 (their sum, and the
//! rule on it).

mod fit;
mod parameters;
mod rule;

pub use fit::CopulaPairs;
pub use parameters::CopulaParameters;
pub use rule::IndexRule;
