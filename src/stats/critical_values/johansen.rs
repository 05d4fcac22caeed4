//! Critical values of Johansen's trace and maximum eigenvalue statistics, as data.
//!
//! They depend on the number of common trends under the null, `n - r`, and on the deterministic
//! terms; no p-values exist in any peer.
//!
//! # References
//! J. G. `MacKinnon`, A. A. Haug & L. Michelis (1999), Numerical distribution functions of likelihood
//! ratio tests for cointegration, J. Applied Econometrics 14, 563-577; the digits are those of
//! `MacKinnon`'s program `johdist` (1996), printed in J. P. `LeSage`'s Econometrics Toolbox (public
//! domain) and carried by statsmodels 0.15.0 (BSD 3-clause), `tsa/coint_tables.py`.

// The program's digits, to be compared with it by machine.
#![allow(clippy::unreadable_literal)]

/// Common trends up to which the quantiles were simulated.
const MOST_TRENDS: usize = 12;

/// Deterministic terms for which the quantiles were simulated, in the order of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::stats) enum TabulatedCase {
    /// Case I, no terms.
    None,
    /// Case III, an unrestricted constant.
    Constant,
    /// Case V, an unrestricted linear trend.
    Linear,
}

/// Quantiles of both statistics at 90, 95 and 99 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JohansenQuantiles {
    /// Of the trace statistic.
    pub trace: [f64; 3],
    /// Of the maximum eigenvalue statistic.
    pub max_eigenvalue: [f64; 3],
}

/// The quantiles for `trends` common trends; `None` for 0 and for more than 12.
pub(in crate::stats) fn quantiles(case: TabulatedCase, trends: usize) -> Option<JohansenQuantiles> {
    let at = trends.checked_sub(1).filter(|at| *at < MOST_TRENDS)?;
    let case = case as usize;
    Some(JohansenQuantiles { trace: TRACE[case][at], max_eigenvalue: MAX_EIGENVALUE[case][at] })
}

/// Trace statistic: `[case][trends - 1][90, 95, 99 %]`.
#[rustfmt::skip]
const TRACE: [[[f64; 3]; 12]; 3] = [
    [
        [2.9762, 4.1296, 6.9406], [10.4741, 12.3212, 16.364], [21.7781, 24.2761, 29.5147],
        [37.0339, 40.1749, 46.5716], [56.2839, 60.0627, 67.6367], [79.5329, 83.9383, 92.7136],
        [106.7351, 111.7797, 121.7375], [137.9954, 143.6691, 154.7977], [173.2292, 179.5199, 191.8122],
        [212.4721, 219.4051, 232.8291], [255.6732, 263.2603, 277.9962], [302.9054, 311.1288, 326.9716],
    ],
    [
        [2.7055, 3.8415, 6.6349], [13.4294, 15.4943, 19.9349], [27.0669, 29.7961, 35.4628],
        [44.4929, 47.8545, 54.6815], [65.8202, 69.8189, 77.8202], [91.109, 95.7542, 104.9637],
        [120.3673, 125.6185, 135.9825], [153.6341, 159.529, 171.0905], [190.8714, 197.3772, 210.0366],
        [232.103, 239.2468, 253.2526], [277.374, 285.1402, 300.2821], [326.5354, 334.9795, 351.215],
    ],
    [
        [2.7055, 3.8415, 6.6349], [16.1619, 18.3985, 23.1485], [32.0645, 35.0116, 41.0815],
        [51.6492, 55.2459, 62.5202], [75.1027, 79.3422, 87.7748], [102.4674, 107.3429, 116.9829],
        [133.7852, 139.278, 150.0778], [169.0618, 175.1584, 187.1891], [208.3582, 215.1268, 228.2226],
        [251.6293, 259.0267, 273.3838], [298.8836, 306.8988, 322.4264], [350.1125, 358.719, 375.3203],
    ],
];

/// Maximum eigenvalue statistic, in the same order.
#[rustfmt::skip]
const MAX_EIGENVALUE: [[[f64; 3]; 12]; 3] = [
    [
        [2.9762, 4.1296, 6.9406], [9.4748, 11.2246, 15.0923], [15.7175, 17.7961, 22.2519],
        [21.837, 24.1592, 29.0609], [27.916, 30.4428, 35.7359], [33.9271, 36.6301, 42.2333],
        [39.9085, 42.7679, 48.6606], [45.893, 48.8795, 55.0335], [51.8528, 54.9629, 61.3449],
        [57.7954, 61.0404, 67.6415], [63.7248, 67.0756, 73.8856], [69.6513, 73.0946, 80.0937],
    ],
    [
        [2.7055, 3.8415, 6.6349], [12.2971, 14.2639, 18.52], [18.8928, 21.1314, 25.865],
        [25.1236, 27.5858, 32.7172], [31.2379, 33.8777, 39.3693], [37.2786, 40.0763, 45.8662],
        [43.2947, 46.2299, 52.3069], [49.2855, 52.3622, 58.6634], [55.2412, 58.4332, 64.996],
        [61.2041, 64.504, 71.2525], [67.1307, 70.5392, 77.4877], [73.0563, 76.5734, 83.7105],
    ],
    [
        [2.7055, 3.8415, 6.6349], [15.0006, 17.1481, 21.7465], [21.8731, 24.2522, 29.2631],
        [28.2398, 30.8151, 36.193], [34.4202, 37.1646, 42.8612], [40.5244, 43.4183, 49.4095],
        [46.5583, 49.5875, 55.8171], [52.5858, 55.7302, 62.1741], [58.5316, 61.8051, 68.503],
        [64.5292, 67.904, 74.7434], [70.463, 73.9355, 81.0678], [76.4081, 79.9878, 87.2395],
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_rise_with_level_and_trends_and_end_at_twelve() {
        for case in [TabulatedCase::None, TabulatedCase::Constant, TabulatedCase::Linear] {
            let rows: Vec<_> = (1..=12).map(|n| quantiles(case, n).expect("simulated")).collect();
            for pair in rows.windows(2) {
                for level in 0..3 {
                    assert!(pair[0].trace[level] < pair[1].trace[level]);
                    assert!(pair[0].max_eigenvalue[level] < pair[1].max_eigenvalue[level]);
                }
            }
            for row in &rows {
                assert!(row.trace.is_sorted() && row.max_eigenvalue.is_sorted());
                assert!(row.trace[1] >= row.max_eigenvalue[1]);
            }
            assert!(quantiles(case, 0).is_none() && quantiles(case, 13).is_none());
        }
    }
}
