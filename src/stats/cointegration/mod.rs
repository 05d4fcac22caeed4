//! Cointegration of two or more series.
//!
//! [`engle_granger()`] tests one regression; [`test_pair`] runs it in both directions, because the
//! test is not symmetric, and states the house's rule for the pair.

mod engle_granger;
mod pair;

pub use engle_granger::{EngleGranger, engle_granger};
pub use pair::{Dependent, PairTest, test_pair};
