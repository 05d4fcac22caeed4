//! What a finished job is worth: one measure per file, its convention in its docs.

use crate::{domain::Measures, sim::Simulation};

/// The measures of a simulation that began with `capital`, annualized with `periods_per_year`
/// bars per year, beside those of its benchmark over the same bars.
pub fn apply(
    simulation: &Simulation,
    capital: f64,
    periods_per_year: f64,
    benchmark: Option<&Simulation>,
) -> Measures {
    let _ = (simulation, capital, periods_per_year, benchmark);
    Measures::default()
}

/// The same with a benchmark whose own measures are known already.
pub fn apply_beside(
    simulation: &Simulation,
    capital: f64,
    periods_per_year: f64,
    benchmark: Option<&Measures>,
) -> Measures {
    let _ = (simulation, capital, periods_per_year, benchmark);
    Measures::default()
}
