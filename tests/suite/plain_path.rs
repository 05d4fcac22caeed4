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

/// Everything a measure of one or two return series says.
fn measures(r: &[f64], b: &[f64]) -> Vec<Option<f64>> {
    let year = 252.0;
    let greeks = measure::alpha_beta(r, b, year);
    vec![
        measure::skewness(r),
        measure::skewness_biased(r),
        measure::kurtosis_raw(r),
        measure::kurtosis_excess(r),
        measure::kurtosis_sample(r),
        measure::value_at_risk_historical(r, 0.05),
        measure::value_at_risk_normal(r, 0.05),
        measure::expected_shortfall_lowest(r, 0.05),
        measure::expected_shortfall_historical(r, 0.05),
        measure::expected_shortfall_normal(r, 0.05),
        measure::omega(r, 0.0),
        measure::tail_ratio(r, 0.05),
        measure::downside_deviation(r, 0.0, year),
        measure::lower_partial_moment(r, 0.0, 3),
        measure::upper_partial_moment(r, 0.0, 3),
        measure::expectancy(r),
        measure::payoff_ratio(r),
        measure::win_rate_decided(r),
        measure::gain_to_pain(r),
        measure::d_ratio(r),
        measure::mean_absolute_deviation(r),
        measure::stability(r),
        measure::geometric_mean(r),
        measure::kelly(r),
        measure::autocorrelation_penalty(r),
        measure::recovery_factor_quantstats(r, -0.5),
        measure::ulcer_index(r, 1.0),
        measure::ulcer_index_quantstats(r, 1.0),
        measure::pain_index(r, 1.0),
        measure::share_under_water(r, 1.0),
        measure::information_ratio(r, b),
        measure::up_capture(r, b, year),
        measure::down_capture(r, b, year),
        greeks.map(|found| found.beta),
        greeks.map(|found| found.alpha_compounded),
    ]
}

proptest! {
    #[test]
    fn law_measures_of_hostile_returns_are_numbers_or_none(r in series(), b in series()) {
        for (at, value) in measures(&r, &b).into_iter().chain(measures(&r, &r)).enumerate() {
            prop_assert!(value.is_none_or(f64::is_finite), "measure {}: {:?}", at, value);
        }
        if let Some(dates) = measure::drawdown_dates(&r, 1.0) {
            prop_assert!(dates.peak < dates.trough && dates.trough <= r.len());
            prop_assert!(dates.recovery.is_none_or(|row| row > dates.trough && row <= r.len()));
        }
        prop_assert!(measure::longest_under_water(&r, 1.0) <= r.len());
        let rule = measure::Rebalancing { target: vec![0.5, 0.5], every: 3, cost: 1e-3 };
        if let Some(found) = measure::rebalance(&[&r, &b], &rule) {
            prop_assert_eq!(found.equity.len(), r.len() + 1);
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
