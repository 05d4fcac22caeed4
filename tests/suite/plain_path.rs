//! The plain path over hostile numbers, and its bits over ordinary ones.
//!
//! Hostile: no values, one, two, constant ones, gaps, infinities, prices of a billion and of a
//! millionth, a leg that is the other. A function answers with a value or says that there is none;
//! it never panics, and what it answers is a number.

use barline::{measure, stats};
use proptest::prelude::*;

/// One leg of a hostile pair.
fn series() -> impl Strategy<Value = Vec<f64>> {
    let ordinary = prop::collection::vec(-1.0..1.0_f64, 0..40);
    let rough = prop_oneof![
        8 => -1.0..1.0_f64,
        1 => Just(0.0),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 5e-324]),
    ];
    prop_oneof![
        ordinary.clone(),
        ordinary.clone().prop_map(|x| x.iter().map(|v| 1e9 * (1.0 + v)).collect()),
        ordinary.prop_map(|x| x.iter().map(|v| 1e-6 * (1.0 + v)).collect()),
        (0.0..2.0_f64, 0..40_usize).prop_map(|(value, rows)| vec![value; rows]),
        prop::collection::vec(rough, 0..40),
    ]
}

proptest! {
    #[test]
    fn law_statistics_of_hostile_series_are_numbers_or_refusals(y in series(), x in series()) {
        for (y, x) in [(&y, &x), (&y, &y)] {
            if let Ok(line) = stats::total_least_squares(y, x) {
                prop_assert!(line.slope.is_finite());
            }
            if let Ok(fit) = stats::dynamic_ols(y, &[x], 1, 1) {
                prop_assert!(fit.rows + 3 == y.len());
            }
            for gaps in [stats::Gaps::Drop, stats::Gaps::Skip] {
                let window = stats::RollingWindow { gaps, ..stats::RollingWindow::new(5) };
                if let Ok(fits) = stats::rolling_ols(y, x, window) {
                    prop_assert!(fits.iter().flatten().all(|fit| fit.slope.is_finite()));
                }
            }
            let slopes = stats::rolling_slope_statsmodels_skip(y, x, 5, 2).unwrap_or_default();
            prop_assert!(slopes.iter().flatten().all(|slope| slope.is_finite()));
            if let Ok(path) = stats::kalman_hedge(y, x, stats::KalmanHedge::chan(1e-4, 1e-3)) {
                prop_assert!(path.rows.iter().all(|row| row.slope.is_finite()));
            }
            if let Ok(found) = stats::overfitting(&[y, x], 4, 0.0) {
                prop_assert!((0.0..=1.0).contains(&found.probability()));
            }
        }
        let process = stats::ornstein_uhlenbeck(&y);
        prop_assert!(process.is_none_or(|process| process.mu.is_finite()));
        let exponent = stats::hurst_of_differences(&y, 2..=20);
        prop_assert!(exponent.is_none_or(f64::is_finite));
        if let Ok(length) = stats::block_length(&y) {
            prop_assert!(length.stationary.is_finite() && length.circular >= 0.0);
        }
        let resampling = stats::Resampling {
            blocks: stats::Blocks::Stationary(3.0), replications: 40, seed: 9,
        };
        if let Ok(Some(found)) = stats::block_bootstrap_interval(&y, stats::mean, resampling, 0.9) {
            prop_assert!(found.low <= found.high);
        }
    }

    #[test]
    fn law_rescaled_ranges_of_hostile_series_are_numbers_or_none(
        y in series(), steps in prop::sample::select(vec![stats::Steps::Differences, stats::Steps::Returns]),
    ) {
        let long: Vec<f64> = y.iter().copied().cycle().take(if y.is_empty() { 0 } else { 160 }).collect();
        for range in [stats::WindowRange::Levels, stats::WindowRange::Deviations] {
            let found = stats::hurst_rescaled_range(&long, steps, range);
            prop_assert!(found.is_none_or(|found| found.exponent.is_finite()));
        }
    }
}

/// Numbers between -1/2 and 1/2 from whole-number arithmetic: the same bits everywhere.
fn ordinary(rows: u32, k: u32) -> Vec<f64> {
    (0..rows).map(|t| f64::from((t * t * k + 13 * t) % 101) / 101.0 - 0.5).collect()
}

#[test]
fn the_bits_of_the_plain_path_hold() {
    let (r, b) = (ordinary(160, 7), ordinary(160, 29));
    let small: Vec<f64> = r.iter().map(|value| value / 20.0).collect();
    let estimate =
        stats::SharpeEstimate { ratio: 0.1, observations: 160, skewness: -0.5, kurtosis: 5.0 };
    let path = stats::kalman_hedge(&r, &b, stats::KalmanHedge::chan(1e-4, 1e-3)).expect("finite");
    let fits = stats::rolling_ols(&r, &b, stats::RollingWindow::new(30)).expect("finite");
    let resampling =
        stats::Resampling { blocks: stats::Blocks::Circular(5), replications: 200, seed: 4 };
    let interval = stats::block_bootstrap_interval(&r, stats::mean, resampling, 0.9);
    let found = [
        stats::normal_quantile(0.01),
        stats::probabilistic_sharpe_2012(estimate, 0.02),
        stats::deflated_sharpe(estimate, 50, 0.002),
        stats::minimum_track_record_2025(estimate, 0.02, 0.95),
        stats::total_least_squares(&r, &b).ok().map(|line| line.slope),
        stats::dynamic_ols(&r, &[&b], 1, 2).ok().map(|fit| fit.slopes[0]),
        Some(path.log_likelihood),
        fits[100].map(|fit| fit.slope),
        stats::ornstein_uhlenbeck(&reverting(&r)).and_then(|process| process.sigma),
        stats::hurst_of_differences(&reverting(&r), 2..=20),
        stats::overfitting(&[&r, &b], 8, 0.0).ok().and_then(|o| o.degradation()).map(|d| d.slope),
        stats::block_length(&r).ok().map(|length| length.stationary),
        interval.ok().flatten().map(|interval| interval.high),
        measure::skewness(&r),
        measure::kurtosis_excess(&r),
        measure::expected_shortfall_normal(&r, 0.05),
        measure::stability(&small),
        measure::alpha_beta(&small, &b, 252.0).map(|greeks| greeks.alpha_compounded),
    ];
    let bits = found.map(|value| value.expect("defined").to_bits());
    assert_eq!(bits, BITS, "{bits:#018x?}");
}

/// Half of every value carried to the next: a series that reverts.
fn reverting(steps: &[f64]) -> Vec<f64> {
    let mut level = 0.0;
    let walk = steps.iter().map(|step| {
        level = 0.75 * level + step;
        level
    });
    walk.collect()
}

const BITS: [u64; 18] = [
    0xc002_9c5c_4630_ff0e,
    0x3fea_c3d7_b143_5d58,
    0x3fdf_6ff7_a8e5_d1d6,
    0x407a_b233_e868_f515,
    0x3fee_1c3d_b60f_c809,
    0x3fc3_8360_8cde_85b7,
    0xc0b0_6d98_00d2_ac5b,
    0xbfc5_fd0c_16a2_0b0a,
    0x3fd4_a442_cd17_4a10,
    0x3fcf_897b_231e_a669,
    0xbfe7_bd69_1a4d_8b15,
    0x401c_f394_701a_c893,
    0x3f47_7407_a8f1_a188,
    0xbfc1_2546_a139_c7be,
    0xbff1_6d2a_c4c4_6e63,
    0xbfe3_204d_66c4_476e,
    0x3fe7_e928_9e4f_46f1,
    0xbfd2_ce6c_617e_43e8,
];
