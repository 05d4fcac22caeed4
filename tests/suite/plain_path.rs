//! The plain path over ordinary numbers, and its bits: hostile ones are in `stats_laws` and
//! `measure_laws`.

use barline::{measure, stats};

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
