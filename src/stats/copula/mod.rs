//! Copulas of two series: how their ranks move together, whatever each of them does alone.
//!
//! [`pseudo_observations`] turns a column into ranks between 0 and 1, [`fit_copula`] finds a [`Copula`]
//! for two columns of them by Kendall's tau ([`correlation_from_tau`]), and [`Copula::conditional`] says how
//! high one leg stands given the other.

mod family;
mod fit;
mod pseudo_observations;
mod tau;

pub use family::{Copula, CopulaFamily};
pub use fit::{CopulaFit, FREEDOM_GRID, fit_copula};
pub use pseudo_observations::{pseudo_observations, rolling_pseudo_observations};
pub use tau::{correlation_from_tau, tau_from_correlation};
