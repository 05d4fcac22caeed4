//! P-values and critical values of the KPSS statistic.
//!
//! Two peers, two tables. [`published_kpss_p_value`] interpolates the four quantiles printed by
//! Kwiatkowski et al., as statsmodels does, and cannot leave 0.01 to 0.10; [`simulated_kpss_p_value`]
//! interpolates 77 quantiles of 100 million simulated samples of 2,000 observations, as arch does.
//!
//! # References
//! Kwiatkowski, Phillips, Schmidt & Shin (1992), J. Econometrics 54, 159-178, table 1.
//!
//! # Provenance
//! The long tables: Kevin Sheppard, Python package arch 8.0.0 (`arch/unitroot/critical_values/kpss.py`,
//! by `kpss_critical_values_simulation.py`). Copyright (c) 2017 Kevin Sheppard, University of
//! Illinois/NCSA open source licence: `LICENSE-arch.md` in this folder.

/// What a stationary series would move around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Around {
    /// A constant level (`c`).
    Level,
    /// A linear trend (`ct`).
    Trend,
}

/// Quantiles printed at 10, 5, 2.5 and 1 %.
const PUBLISHED_LEVEL: [f64; 4] = [0.347, 0.463, 0.574, 0.739];
const PUBLISHED_TREND: [f64; 4] = [0.119, 0.146, 0.176, 0.216];

/// Upper tail probabilities of the printed quantiles.
const PUBLISHED_SIZES: [f64; 4] = [0.10, 0.05, 0.025, 0.01];

/// Critical values of Kwiatkowski et al. at 10, 5, 2.5 and 1 %.
///
/// ```
/// use barline::stats::{Around, published_kpss_critical_values};
/// assert_eq!(published_kpss_critical_values(Around::Level), [0.347, 0.463, 0.574, 0.739]);
/// ```
pub fn published_kpss_critical_values(around: Around) -> [f64; 4] {
    match around {
        Around::Level => PUBLISHED_LEVEL,
        Around::Trend => PUBLISHED_TREND,
    }
}

/// P-value by linear interpolation in the four printed quantiles, clipped to 0.01 and 0.10.
///
/// # None
/// For a NaN.
///
/// ```
/// use barline::stats::{Around, published_kpss_p_value};
/// assert_eq!(published_kpss_p_value(0.463, Around::Level), Some(0.05));
/// assert_eq!(published_kpss_p_value(0.001, Around::Level), Some(0.10));
/// ```
pub fn published_kpss_p_value(statistic: f64, around: Around) -> Option<f64> {
    let quantiles = published_kpss_critical_values(around);
    let table: Vec<(f64, f64)> = quantiles.into_iter().zip(PUBLISHED_SIZES).collect();
    interpolated(&table, statistic)
}

/// Simulated critical values at 1, 5 and 10 %.
///
/// ```
/// use barline::stats::{Around, simulated_kpss_critical_values, simulated_kpss_p_value};
/// let [_, five, _] = simulated_kpss_critical_values(Around::Trend);
/// assert_eq!(simulated_kpss_p_value(five, Around::Trend), Some(0.05));
/// ```
pub fn simulated_kpss_critical_values(around: Around) -> [f64; 3] {
    match around {
        Around::Level => [0.7428, 0.4614, 0.3475],
        Around::Trend => [0.2175, 0.1479, 0.1193],
    }
}

/// P-value by linear interpolation in the simulated quantiles, from 1 down to 0.0001.
///
/// # None
/// For a NaN.
///
/// ```
/// use barline::stats::{Around, published_kpss_p_value, simulated_kpss_p_value};
/// assert_eq!(published_kpss_p_value(4.7, Around::Level), Some(0.01));
/// assert_eq!(simulated_kpss_p_value(4.7, Around::Level), Some(0.0001));
/// ```
pub fn simulated_kpss_p_value(statistic: f64, around: Around) -> Option<f64> {
    let table: &[(f64, f64)] = match around {
        Around::Level => &SIMULATED_LEVEL,
        Around::Trend => &SIMULATED_TREND,
    };
    interpolated(table, statistic).map(|percent| percent / 100.0)
}

/// Linear interpolation in a table of ascending abscissae, constant beyond its ends.
fn interpolated(table: &[(f64, f64)], x: f64) -> Option<f64> {
    let (first, last) = (table.first()?, table.last()?);
    if x.is_nan() {
        return None;
    }
    let after = table.partition_point(|(at, _)| *at <= x);
    if after == 0 {
        return Some(first.1);
    }
    let Some((right, next)) = table.get(after) else { return Some(last.1) };
    let (left, value) = table[after - 1];
    Some((next - value) / (right - left) * (x - left) + value)
}

/// Quantile and upper tail probability in percent, around a level.
#[rustfmt::skip]
const SIMULATED_LEVEL: [(f64, f64); 77] = [
    (0.0, 100.0), (0.0219, 99.5), (0.0249, 99.0), (0.0289, 98.0), (0.0318, 97.0), (0.0344, 96.0),
    (0.0366, 95.0), (0.0397, 93.5), (0.0435, 91.5), (0.047, 89.5), (0.0527, 86.0), (0.072, 74.0),
    (0.0778, 70.5), (0.0839, 67.0), (0.0894, 64.0), (0.0941, 61.5), (0.1001, 58.5), (0.1053, 56.0),
    (0.1119, 53.0), (0.119, 50.0), (0.1266, 47.0), (0.1333, 44.5), (0.1406, 42.0), (0.1484, 39.5),
    (0.1568, 37.0), (0.1659, 34.5), (0.1758, 32.0), (0.1845, 30.0), (0.1939, 28.0), (0.2041, 26.0),
    (0.2153, 24.0), (0.2244, 22.5), (0.2343, 21.0), (0.2451, 19.5), (0.2568, 18.0), (0.2698, 16.5),
    (0.2842, 15.0), (0.2947, 14.0), (0.3186, 12.0), (0.3475, 10.0), (0.3557, 9.5), (0.3644, 9.0),
    (0.3736, 8.5), (0.3834, 8.0), (0.394, 7.5), (0.4053, 7.0), (0.4176, 6.5), (0.4309, 6.0),
    (0.4454, 5.5), (0.4614, 5.0), (0.4793, 4.5), (0.4993, 4.0), (0.5222, 3.5), (0.5488, 3.0),
    (0.5804, 2.5), (0.6195, 2.0), (0.6704, 1.5), (0.7428, 1.0), (0.7618, 0.9), (0.783, 0.8),
    (0.8073, 0.7), (0.8353, 0.6), (0.8683, 0.5), (0.909, 0.4), (0.9618, 0.3), (1.0369, 0.2),
    (1.165, 0.1), (1.165, 0.1), (1.1845, 0.09), (1.2068, 0.08), (1.2318, 0.07), (1.2608, 0.06),
    (1.2948, 0.05), (1.3372, 0.04), (1.3912, 0.03), (1.4671, 0.02), (1.6, 0.01),
];

/// Quantile and upper tail probability in percent, around a trend.
#[rustfmt::skip]
const SIMULATED_TREND: [(f64, f64); 73] = [
    (0.0, 100.0), (0.0156, 99.5), (0.0173, 99.0), (0.0185, 98.5), (0.0203, 97.5), (0.0224, 96.0),
    (0.024, 94.5), (0.0254, 93.0), (0.0272, 91.0), (0.0291, 88.5), (0.0309, 86.0), (0.0343, 81.0),
    (0.0424, 68.5), (0.0464, 62.5), (0.0507, 56.5), (0.0529, 53.5), (0.0548, 51.0), (0.0573, 48.0),
    (0.0594, 45.5), (0.0616, 43.0), (0.0645, 40.0), (0.067, 37.5), (0.0691, 35.5), (0.072, 33.0),
    (0.0744, 31.0), (0.077, 29.0), (0.0791, 27.5), (0.082, 25.5), (0.0844, 24.0), (0.0869, 22.5),
    (0.0897, 21.0), (0.0946, 18.5), (0.1004, 16.0), (0.1057, 14.0), (0.1119, 12.0), (0.1193, 10.0),
    (0.1214, 9.5), (0.1236, 9.0), (0.1259, 8.5), (0.1284, 8.0), (0.131, 7.5), (0.1339, 7.0),
    (0.137, 6.5), (0.1403, 6.0), (0.1439, 5.5), (0.1479, 5.0), (0.1523, 4.5), (0.1573, 4.0),
    (0.163, 3.5), (0.1696, 3.0), (0.1774, 2.5), (0.1871, 2.0), (0.1996, 1.5), (0.2175, 1.0),
    (0.2222, 0.9), (0.2275, 0.8), (0.2335, 0.7), (0.2404, 0.6), (0.2486, 0.5), (0.2588, 0.4),
    (0.2719, 0.3), (0.2904, 0.2), (0.3223, 0.1), (0.3223, 0.1), (0.3272, 0.09), (0.3326, 0.08),
    (0.3388, 0.07), (0.346, 0.06), (0.3546, 0.05), (0.3653, 0.04), (0.379, 0.03), (0.3985, 0.02),
    (0.4313, 0.01),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quantile_of_the_table_has_its_own_level() {
        for around in [Around::Level, Around::Trend] {
            let printed = published_kpss_critical_values(around);
            for (quantile, size) in printed.into_iter().zip(PUBLISHED_SIZES) {
                assert_eq!(published_kpss_p_value(quantile, around), Some(size));
            }
            for (quantile, size) in
                simulated_kpss_critical_values(around).into_iter().zip([0.01, 0.05, 0.1])
            {
                assert_eq!(simulated_kpss_p_value(quantile, around), Some(size));
            }
            assert_eq!(simulated_kpss_p_value(-1.0, around), Some(1.0));
            assert_eq!(published_kpss_p_value(0.0, around), Some(0.10));
            assert_eq!(simulated_kpss_p_value(f64::NAN, around), None);
        }
    }

    proptest! {
        #[test]
        fn law_p_falls_with_the_statistic(a in 0.0..2.0_f64, b in 0.0..2.0_f64) {
            for around in [Around::Level, Around::Trend] {
                let p = |x: f64| simulated_kpss_p_value(x, around).expect("a number");
                prop_assert!(p(a.min(b)) >= p(a.max(b)));
            }
        }
    }
}
