//! P-values and critical values of unit root and residual cointegration statistics.
//!
//! A Dickey-Fuller statistic has no normal distribution: its quantiles depend on the deterministic
//! terms and on the number of series N that entered the regression (N = 1 for a plain unit root
//! test). `MacKinnon` simulated them once and fitted response surfaces; [`p_value`] reads the surface
//! of 1994 (asymptotic, N up to 6), [`critical_values`] the one of 2010 (any sample size, N up to
//! 12). Plain Dickey-Fuller values on estimated residuals would reject three times too often.
//!
//! Prefer the critical values for a decision near a bound: the two polynomial pieces of a p-value do
//! not join at their border, p jumps there by up to 0.004.
//!
//! Beside them stand the surfaces that the Python package arch simulated for residual-based
//! statistics ([`simulated_p_value`], [`simulated_critical_values`]), the two tables of the KPSS
//! statistic and the quantiles of Johansen's statistics. A name says whose surface it is.
//!
//! # References
//! J. G. `MacKinnon` (1994), Approximate asymptotic distribution functions for unit-root and
//! cointegration tests, JBES 12, 167-176. J. G. `MacKinnon` (2010), Critical values for cointegration
//! tests, Queen's Economics Department working paper 1227.

mod coefficients;
mod engle_granger;
pub(super) mod johansen;
mod kpss;
mod phillips_ouliaris;
mod simulated;
mod threshold;

use coefficients::{P_VALUE_SERIES, Quantiles, Surface};
pub use johansen::JohansenQuantiles;
pub use kpss::{
    Around, published_kpss_critical_values, published_kpss_p_value, simulated_kpss_critical_values,
    simulated_kpss_p_value,
};
pub use simulated::{ResidualStatistic, simulated_critical_values, simulated_p_value};
pub(crate) use threshold::{P_SEAM, largest_statistic};

use super::{normal::normal_probability, trend::Trend};

/// Asymptotic p-value of `statistic` for `series` series.
///
/// # Formula
/// `Phi(a_0 + a_1 tau + a_2 tau^2 [+ a_3 tau^3])`, degree 2 up to `tau_star`, degree 3 above; 1 above
/// `tau_max`, 0 below `tau_min`.
///
/// # None
/// For 0 or more than 6 series, and for a NaN.
///
/// ```
/// use barline::stats::{Trend, p_value};
/// let p = p_value(-2.86, Trend::Constant, 1).unwrap();
/// assert!((p - 0.05).abs() < 1e-3);
/// ```
pub fn p_value(statistic: f64, trend: Trend, series: usize) -> Option<f64> {
    if statistic.is_nan() || !(1..=P_VALUE_SERIES).contains(&series) {
        return None;
    }
    let surface: &Surface = match trend {
        Trend::None => &coefficients::P_NONE,
        Trend::Constant => &coefficients::P_CONSTANT,
        Trend::Linear => &coefficients::P_LINEAR,
        Trend::Quadratic => &coefficients::P_QUADRATIC,
    };
    let n = series - 1;
    if statistic.is_infinite() {
        return Some(f64::from(u8::from(statistic > 0.0)));
    }
    Some(if statistic > surface.tau_max[n] {
        1.0
    } else if statistic < surface.tau_min[n] {
        0.0
    } else if statistic <= surface.tau_star[n] {
        normal_probability(polynomial(&surface.small_p[n], statistic))
    } else {
        normal_probability(polynomial(&surface.large_p[n], statistic))
    })
}

/// Critical values at 1, 5 and 10 % for `series` series and `observations` observations.
///
/// # Formula
/// `b_inf + b_1 / T + b_2 / T^2 + b_3 / T^3`
///
/// # None
/// For 0 or more than 12 series, for more than one series without deterministic terms, and without
/// observations.
///
/// ```
/// use barline::stats::{Trend, critical_values};
/// // The asymptotic values of two series around a constant: -3.90, -3.34, -3.04.
/// let found = critical_values(Trend::Constant, 2, 1_000_000).unwrap();
/// for (value, printed) in found.iter().zip([-3.90, -3.34, -3.04]) {
///     assert!((value - printed).abs() < 6e-3);
/// }
/// assert_eq!(critical_values(Trend::None, 2, 100), None);
/// ```
pub fn critical_values(trend: Trend, series: usize, observations: usize) -> Option<[f64; 3]> {
    let table: &[Quantiles] = match trend {
        Trend::None => &coefficients::QUANTILES_NONE,
        Trend::Constant => &coefficients::QUANTILES_CONSTANT,
        Trend::Linear => &coefficients::QUANTILES_LINEAR,
        Trend::Quadratic => &coefficients::QUANTILES_QUADRATIC,
    };
    let quantiles = table.get(series.checked_sub(1)?)?;
    if observations == 0 {
        return None;
    }
    let inverse = 1.0 / observations as f64;
    Some(quantiles.map(|betas| polynomial(&betas, inverse)))
}

/// `a_0 + a_1 x + a_2 x^2 + ...` by Horner's rule.
fn polynomial(ascending: &[f64], x: f64) -> f64 {
    ascending.iter().rev().fold(0.0, |value, a| value * x + a)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_tend_to_the_asymptotic_ones() {
        let far = critical_values(Trend::Constant, 2, 1_000_000_000).expect("tabulated");
        for (found, expected) in far.iter().zip([-3.89644, -3.33613, -3.04445]) {
            assert!((found - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn infinite_statistics_are_beyond_every_surface() {
        let kind = ResidualStatistic::Pu;
        for trend in Trend::ALL {
            assert_eq!(p_value(f64::INFINITY, trend, 1), Some(1.0));
            assert_eq!(p_value(f64::NEG_INFINITY, trend, 1), Some(0.0));
            assert_eq!(simulated_p_value(f64::INFINITY, kind, trend, 2), Some(0.0));
            assert_eq!(simulated_p_value(f64::NEG_INFINITY, kind, trend, 2), Some(1.0));
        }
    }

    #[test]
    fn undefined_cells_are_none() {
        assert_eq!(p_value(-3.0, Trend::Constant, 0), None);
        assert_eq!(p_value(-3.0, Trend::Constant, 7), None);
        assert_eq!(p_value(f64::NAN, Trend::Constant, 2), None);
        assert_eq!(critical_values(Trend::None, 2, 100), None);
        assert_eq!(critical_values(Trend::Constant, 13, 100), None);
        assert_eq!(critical_values(Trend::Constant, 0, 100), None);
        assert_eq!(critical_values(Trend::Constant, 1, 0), None);
    }

    #[test]
    fn p_is_clipped_where_the_surface_ends() {
        assert_eq!(p_value(f64::INFINITY, Trend::Constant, 2), Some(1.0));
        assert_eq!(p_value(f64::NEG_INFINITY, Trend::Constant, 2), Some(0.0));
        assert_eq!(p_value(-18.87, Trend::Constant, 2), Some(0.0));
        assert_eq!(p_value(0.93, Trend::Constant, 2), Some(1.0));
    }

    #[test]
    fn the_normal_tail_keeps_relative_precision() {
        // Phi(-10), from a table of high precision.
        let expected = 7.619_853_024_160_527e-24;
        assert!((normal_probability(-10.0) / expected - 1.0).abs() < 1e-12);
        assert!((normal_probability(0.0) - 0.5).abs() < 1e-16);
    }

    proptest! {
        #[test]
        fn law_p_is_a_probability(statistic in -60.0..60.0_f64, trend in 0..4_usize, series in 1..7_usize) {
            let p = p_value(statistic, Trend::ALL[trend], series).expect("in the table");
            prop_assert!((0.0..=1.0).contains(&p));
        }
    }
}
