//! arch's simulated surfaces of residual-based cointegration statistics.
//!
//! The Python package arch simulated the Engle-Granger and Phillips-Ouliaris statistics anew, with
//! every trend, `n` included, and for more series than `MacKinnon`'s p-values reach. The two sets
//! differ, by up to 0.007 in p and 0.1 in a quantile of a short sample: name which one a number
//! comes from and do not mix them. P-values are asymptotic; critical values are for the sample.
//!
//! # References
//! Kevin Sheppard, Python package arch 8.0.0, `arch/unitroot/critical_values`; the form of the
//! surfaces is that of J. G. `MacKinnon` (1994), JBES 12, 167-176, and (2010), Queen's Economics
//! Department working paper 1227.

use super::{
    engle_granger::ENGLE_GRANGER,
    phillips_ouliaris::{PU, PZ, ZA, ZT},
    polynomial,
};
use crate::stats::{normal::normal_probability, trend::Trend};

/// One surface: a p-value in two pieces and the quantiles' expansion in 1 / T.
pub(super) struct Simulated {
    /// Above it p = 1.
    pub(super) max: f64,
    /// Below it p = 0.
    pub(super) min: f64,
    /// Up to it the left piece holds.
    pub(super) star: f64,
    /// Left piece, ascending powers.
    pub(super) left: [f64; 3],
    /// Right piece, ascending powers.
    pub(super) right: [f64; 4],
    /// `[1 %, 5 %, 10 %][b_inf, b_1, b_2, b_3]`.
    pub(super) quantiles: [[f64; 4]; 3],
}

/// A residual-based statistic whose surfaces were simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResidualStatistic {
    /// Engle and Granger's t-ratio, 2 to 12 series.
    EngleGranger,
    /// Phillips and Ouliaris' bias-corrected t-ratio, 2 to 13 series.
    Zt,
    /// Phillips and Ouliaris' bias-corrected coefficient, 2 to 13 series.
    Za,
    /// Phillips and Ouliaris' variance ratio, 2 to 13 series; rejects in the upper tail.
    Pu,
    /// Phillips and Ouliaris' trace statistic, 2 to 13 series; rejects in the upper tail.
    Pz,
}

impl ResidualStatistic {
    /// Whether large values speak against the null; the others reject in the lower tail.
    ///
    /// ```
    /// use barline::stats::ResidualStatistic;
    /// assert!(ResidualStatistic::Pz.rejects_above() && !ResidualStatistic::Zt.rejects_above());
    /// ```
    pub fn rejects_above(self) -> bool {
        matches!(self, Self::Pu | Self::Pz)
    }

    fn surface(self, trend: Trend, series: usize) -> Option<&'static Simulated> {
        let table: &'static [Simulated] = match self {
            Self::EngleGranger => &ENGLE_GRANGER[trend.terms()],
            Self::Zt => &ZT[trend.terms()],
            Self::Za => &ZA[trend.terms()],
            Self::Pu => &PU[trend.terms()],
            Self::Pz => &PZ[trend.terms()],
        };
        table.get(series.checked_sub(2)?)
    }
}

/// Asymptotic p-value of `statistic` for `series` series, from arch's simulations.
///
/// # Formula
/// `Phi(a_0 + a_1 tau + a_2 tau^2 [+ a_3 tau^3])`, degree 2 up to a border, degree 3 above; 1 and 0
/// outside the surface. `tau` is the statistic, or its negative where the upper tail rejects.
///
/// # Decide by critical values where series are many
/// arch prints the coefficients of the Phillips-Ouliaris surfaces with five decimals, too few for
/// statistics in the hundreds. At the 5 % quantile the p-value of `Zt` is 0.050 to 0.054, of `Za` 0.042
/// to 0.050, of `Pu` 0.038 to 0.050; of `Pz` it is 0.032 to 0.050 up to four series, 0.02 to 0.18 up to
/// seven and without meaning beyond (0.997 for 13 series around a trend).
///
/// # None
/// For a NaN and outside the statistic's range of series.
///
/// ```
/// use barline::stats::{ResidualStatistic, Trend, simulated_p_value};
/// let p = simulated_p_value(-3.34, ResidualStatistic::EngleGranger, Trend::Constant, 2).unwrap();
/// assert!((p - 0.05).abs() < 1e-3);
/// ```
pub fn simulated_p_value(
    statistic: f64,
    kind: ResidualStatistic,
    trend: Trend,
    series: usize,
) -> Option<f64> {
    let surface = kind.surface(trend, series)?;
    let tau = if kind.rejects_above() { -statistic } else { statistic };
    if tau.is_nan() {
        return None;
    }
    if tau.is_infinite() {
        return Some(f64::from(u8::from(tau > 0.0)));
    }
    Some(if tau > surface.max {
        1.0
    } else if tau < surface.min {
        0.0
    } else if tau > surface.star {
        normal_probability(polynomial(&surface.right, tau))
    } else {
        normal_probability(polynomial(&surface.left, tau))
    })
}

/// Critical values at 1, 5 and 10 % for `series` series and `observations` observations, from
/// arch's simulations.
///
/// # Formula
/// `b_inf + b_1 / T + b_2 / T^2 + b_3 / T^3`. The smallest simulated samples held 25 (two series, no
/// terms) to 50 (many series, `ctt`) observations; below them this extrapolates.
///
/// # None
/// Outside the statistic's range of series, and without observations.
///
/// ```
/// use barline::stats::{ResidualStatistic, Trend, simulated_critical_values};
/// let kind = ResidualStatistic::EngleGranger;
/// let found = simulated_critical_values(kind, Trend::Constant, 2, 100_000).unwrap();
/// assert!((found[1] + 3.34).abs() < 0.01);
/// assert_eq!(simulated_critical_values(kind, Trend::Constant, 2, 0), None);
/// ```
pub fn simulated_critical_values(
    kind: ResidualStatistic,
    trend: Trend,
    series: usize,
    observations: usize,
) -> Option<[f64; 3]> {
    let surface = kind.surface(trend, series)?;
    let inverse = 1.0 / observations as f64;
    (observations > 0).then(|| surface.quantiles.map(|betas| polynomial(&betas, inverse)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use ResidualStatistic::{EngleGranger, Pu, Pz, Za, Zt};

    #[test]
    fn cells_that_were_not_simulated_are_none() {
        for kind in [EngleGranger, Zt, Za, Pu, Pz] {
            let most = if kind == EngleGranger { 12 } else { 13 };
            for trend in Trend::ALL {
                for series in [0, 1, most + 1] {
                    assert_eq!(simulated_p_value(-3.0, kind, trend, series), None);
                    assert_eq!(simulated_critical_values(kind, trend, series, 100), None);
                }
                assert!(simulated_p_value(-3.0, kind, trend, most).is_some());
                assert!(simulated_critical_values(kind, trend, 2, 100).is_some());
                assert_eq!(simulated_critical_values(kind, trend, 2, 0), None);
                assert_eq!(simulated_p_value(f64::NAN, kind, trend, 2), None);
            }
        }
    }

    /// Share of a level by which p may miss it: the surfaces of p and of the quantiles were fitted
    /// apart, the wider the statistic the more coarsely.
    fn fit(kind: ResidualStatistic) -> f64 {
        match kind {
            EngleGranger | Zt => 0.1,
            Za => 0.2,
            Pu | Pz => 0.4,
        }
    }

    #[test]
    fn p_at_an_asymptotic_quantile_is_its_level() {
        for (kind, most) in [(EngleGranger, 12), (Zt, 13), (Za, 13), (Pu, 13), (Pz, 4)] {
            for (trend, series) in
                Trend::ALL.into_iter().flat_map(|t| (2..=most).map(move |n| (t, n)))
            {
                let far = simulated_critical_values(kind, trend, series, usize::MAX);
                for (quantile, level) in far.expect("simulated").iter().zip([0.01, 0.05, 0.1]) {
                    let p = simulated_p_value(*quantile, kind, trend, series).expect("known");
                    let bound = fit(kind) * level + 0.002;
                    assert!((p - level).abs() < bound, "{kind:?} {trend:?} {series}: {p}");
                }
            }
        }
    }

    #[test]
    fn the_trace_statistics_p_values_end_with_the_printed_digits() {
        let far = simulated_critical_values(Pz, Trend::Linear, 13, usize::MAX).expect("simulated");
        let p = simulated_p_value(far[1], Pz, Trend::Linear, 13).expect("known");
        assert!(p > 0.9, "the documented defect is gone: {p}");
    }

    proptest! {
        #[test]
        fn law_p_is_a_probability(statistic in -500.0..500.0_f64, trend in 0..4_usize, series in 2..13_usize) {
            for kind in [EngleGranger, Zt, Za, Pu, Pz] {
                let p = simulated_p_value(statistic, kind, Trend::ALL[trend], series);
                prop_assert!(p.is_some_and(|p| (0.0..=1.0).contains(&p)));
            }
        }
    }
}
