//! What is said about columns that do not move.

use barline::stats::{
    Around, Decay, EwmaRules, GerberScale, KpssLags, LagRule, Refusal, Trend, block_length,
    centered_half_life, chan_half_life, common_returns, engle_granger, ewma_about_mean,
    ewma_covariance, exact_half_life, gerber_covariance, hurst_of_differences, johansen, kpss,
    ledoit_wolf, ledoit_wolf_constant_correlation, ledoit_wolf_single_factor, oracle_approximating,
    ornstein_uhlenbeck, overfitting, pairwise_correlation, pairwise_covariance, rolling_covariance,
    sample_covariance, spearman, test_pair, total_least_squares, unit_root,
};

use super::strange::ordinary;

/// Values whose mean over many rows is not themselves, at several scales.
const VALUES: [f64; 6] = [0.1, -0.3, 0.1e9, 1e-6 / 3.0, 0.7, 0.0];

const ROWS: [u32; 4] = [40, 101, 333, 1000];

/// Calls `says` with a constant column and one that moves.
fn each(says: impl Fn(&[f64], &[f64])) {
    for value in VALUES {
        for rows in ROWS {
            let still = vec![value; rows as usize];
            says(&still, &ordinary(rows, 7));
        }
    }
}

#[test]
fn covariances_with_a_constant_column_are_zero() {
    let decay = Decay::from_span(10.0).expect("in range");
    each(|still, moving| {
        let columns = [still, moving];
        let biased = EwmaRules { biased: true, ..EwmaRules::default() };
        let estimates = [
            sample_covariance(&columns, 1),
            pairwise_covariance(&columns, 2).map(|found| found.matrix),
            ewma_covariance(&columns, decay, EwmaRules::default()),
            ewma_covariance(&columns, decay, biased),
            ewma_about_mean(&columns, decay),
            gerber_covariance(&columns, 0.5, GerberScale::AnyLarge),
        ];
        for (at, estimate) in estimates.into_iter().enumerate() {
            let cells = estimate.expect("complete");
            assert_eq!(cells.row(0), [0.0, 0.0], "{at} of {}", still[0]);
            assert!(cells.get(1, 1) > 0.0, "{at}");
        }
        let windows = rolling_covariance(still, moving, 9, 2).expect("complete");
        assert!(windows[1..].iter().all(|cell| *cell == Some(0.0)), "{}", still[0]);
    });
}

#[test]
fn prices_that_grow_evenly_have_no_variance() {
    for (rate, rows) in [(1.01, 40), (1.000_1, 300), (0.99, 100), (1.0, 50)] {
        let mut price = 3.0;
        let even: Vec<f64> = (0..rows)
            .map(|_| {
                price *= rate;
                price
            })
            .collect();
        let other: Vec<f64> = ordinary(rows, 7).iter().map(|x| 5.0 + x).collect();
        let found = common_returns(&even, &other).expect("complete");
        assert_eq!((found.covariance, found.first_variance), (0.0, 0.0), "{rate}");
        assert!(found.second_variance > 0.0);
    }
}

#[test]
#[expect(clippy::float_cmp, reason = "these values are exact")]
fn constant_columns_have_no_correlation() {
    each(|still, moving| {
        for found in [pairwise_correlation(&[still, moving], 2), spearman(&[still, moving], 2)] {
            let found = found.expect("complete").matrix;
            assert!(found.row(0).iter().all(|cell| cell.is_nan()), "{}", still[0]);
            assert_eq!(found.get(1, 1), 1.0);
        }
        let shrunk = ledoit_wolf_constant_correlation(&[still, moving], 1);
        assert_eq!(shrunk, Err(Refusal::ZeroVariance { index: 0 }));
        assert_eq!(ledoit_wolf(&[still, still]).expect("complete").delta, 0.0);
        assert_eq!(oracle_approximating(&[still, still]).expect("complete").delta, 1.0);
        let factor = ledoit_wolf_single_factor(&[still, still]);
        assert_eq!(factor, Err(Refusal::ZeroVariance { index: 2 }));
    });
    // Two assets that cancel have a factor of rounding.
    let up: Vec<f64> = ordinary(90, 7).iter().map(|x| 0.3 * x).collect();
    let down: Vec<f64> = up.iter().map(|x| 0.1 - x).collect();
    let factor = ledoit_wolf_single_factor(&[&up, &down]);
    assert_eq!(factor, Err(Refusal::ZeroVariance { index: 2 }));
}

#[test]
fn tests_of_constant_series_are_refused_by_name() {
    let rule = LagRule::Fixed(1);
    let constant = |series| Some(Refusal::Constant { series });
    each(|still, moving| {
        assert_eq!(unit_root(still, Trend::Constant, rule).err(), constant(0));
        assert_eq!(kpss(still, Around::Level, KpssLags::Fixed(2)).err(), constant(0));
        assert_eq!(engle_granger(moving, &[still], Trend::None, rule).err(), constant(1));
        assert_eq!(test_pair(still, moving, Trend::Constant, rule).err(), constant(0));
        let case = barline::stats::JohansenCase::Constant;
        assert_eq!(johansen(&[moving, still], case, 1).err(), constant(1));
        assert_eq!(total_least_squares(moving, still).err(), constant(1));
        assert_eq!(block_length(still).err(), constant(0));
    });
}

#[test]
fn a_spread_that_does_not_move_has_no_half_life_and_no_exponent() {
    each(|still, _| {
        assert_eq!((chan_half_life(still), exact_half_life(still)), (None, None), "{}", still[0]);
        assert_eq!(ornstein_uhlenbeck(still), None);
        assert_eq!(hurst_of_differences(still, 2..=20), None);
    });
    assert_eq!(centered_half_life(&[0.0; 9]), None);
}

#[test]
fn a_straight_line_does_not_revert_and_has_no_exponent() {
    for step in [0.1, -0.3, 1e-6 / 3.0, 1e8 / 3.0] {
        let line: Vec<f64> = (0..300).map(|t| step * f64::from(t)).collect();
        assert_eq!(chan_half_life(&line), Some(f64::INFINITY), "{step}");
        assert_eq!(exact_half_life(&line), Some(f64::INFINITY), "{step}");
        assert_eq!(hurst_of_differences(&line, 2..=20), None, "{step}");
    }
}

#[test]
fn a_constant_trial_has_no_ratio() {
    for rows in [40, 320, 1000] {
        let moving: Vec<f64> = ordinary(rows, 7);
        for value in VALUES {
            let still = vec![value; moving.len()];
            let refusal = overfitting(&[&still, &still], 4, 0.01);
            assert_eq!(refusal.err(), Some(Refusal::Constant { series: 0 }), "{value} {rows}");
            let found = overfitting(&[&still, &moving], 4, 0.01).expect("one moves");
            assert!(found.splits.iter().all(|split| split.chosen == 1), "{value} {rows}");
        }
    }
}
