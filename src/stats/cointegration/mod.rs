//! Cointegration of two or more series.
//!
//! The residual-based tests regress one series on the others and test the spread:
//! [`engle_granger()`] and, with other surfaces, [`engle_granger_simulated`], by lagged differences,
//! [`phillips_ouliaris()`] by long-run variances. [`johansen()`] takes all series alike and counts
//! their relations; [`error_correction()`] is the model behind it. [`test_pair`] runs Engle and
//! Granger in both directions, because that test is not symmetric, and states the house's rule for
//! the pair.

mod cointegrating_regression;
mod engle_granger;
mod error_correction;
#[cfg(test)]
mod held_bits;
mod johansen;
mod johansen_case;
mod johansen_triangle;
mod pair;
mod phillips_ouliaris;
#[cfg(test)]
mod size_and_power;

pub use engle_granger::{EngleGranger, engle_granger, engle_granger_simulated};
pub use error_correction::{ErrorCorrection, error_correction};
pub use johansen::{Johansen, johansen, johansen_statsmodels, johansen_with};
pub use johansen_case::{JohansenCase, johansen_critical_values};
pub use pair::{Dependent, PairTest, test_pair};
pub use phillips_ouliaris::{
    PhillipsOuliaris, PhillipsOuliarisOptions, PhillipsOuliarisStatistic, phillips_ouliaris,
};
