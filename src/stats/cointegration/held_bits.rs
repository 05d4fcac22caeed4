//! The bits of the tests on fixed inputs: every machine must return the same.

use crate::stats::{
    Around, Bandwidth, JohansenCase, Kernel, KpssLags, LagRule, PhillipsOuliarisOptions,
    PhillipsOuliarisStatistic, Trend, engle_granger_simulated, error_correction, johansen,
    johansen_statsmodels, kpss, phillips_ouliaris,
};

/// Three log price series, the first tied to the second.
fn series() -> [Vec<f64>; 3] {
    let mut state = 2_026_u64;
    let mut step = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f64 / f64::from(1 << 24) - 0.5) * 0.04
    };
    let mut levels = [4.0, 3.5];
    let mut rows = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..300 {
        levels[0] += step();
        levels[1] += step();
        rows[0].push(0.8 * levels[0] + step());
        rows[1].push(levels[0]);
        rows[2].push(levels[1]);
    }
    rows
}

/// FNV-1a over the bits of every number.
fn digest(numbers: &[f64]) -> u64 {
    let bytes = numbers.iter().flat_map(|number| number.to_bits().to_le_bytes());
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[test]
fn residual_tests_hold_their_bits() {
    let [a, b, c] = series();
    let mut numbers = Vec::new();
    for trend in Trend::ALL {
        for rule in [LagRule::Aic { max: None }, LagRule::TStat { max: None }, LagRule::Fixed(3)] {
            let test = engle_granger_simulated(&a, &[&b, &c], trend, rule).expect("regular");
            numbers.extend([test.statistic, test.p_value.expect("simulated"), test.root]);
        }
        for statistic in PhillipsOuliarisStatistic::ALL {
            for kernel in Kernel::ALL {
                let bandwidth = Bandwidth::PlugIn;
                let options = PhillipsOuliarisOptions { statistic, trend, kernel, bandwidth };
                let test = phillips_ouliaris(&a, &[&b, &c], options).expect("regular");
                numbers.extend([test.statistic, test.p_value.expect("simulated"), test.bandwidth]);
            }
        }
    }
    assert_eq!(digest(&numbers), 0x5759_2246_B6FD_F8F6);
}

#[test]
fn stationarity_tests_hold_their_bits() {
    let mut numbers = Vec::new();
    for values in series() {
        for around in [Around::Level, Around::Trend] {
            for lags in [KpssLags::Hobijn, KpssLags::Schwert, KpssLags::Fixed(5)] {
                let test = kpss(&values, around, lags).expect("regular");
                numbers.extend([test.statistic, test.published_p_value, test.simulated_p_value]);
            }
        }
    }
    assert_eq!(digest(&numbers), 0x1BCB_A52E_F5C3_3045);
}

#[test]
fn relations_hold_their_bits() {
    let [a, b, c] = series();
    let mut numbers = Vec::new();
    for case in [
        JohansenCase::None,
        JohansenCase::RestrictedConstant,
        JohansenCase::Constant,
        JohansenCase::RestrictedTrend,
        JohansenCase::Linear,
    ] {
        for lags in 0..3 {
            let found =
                [johansen, johansen_statsmodels].map(|test| test(&[&a, &b, &c], case, lags));
            for test in found {
                let test = test.expect("regular");
                numbers.extend(test.eigenvalues.iter().chain(test.vectors.iter().flatten()));
                numbers.extend(test.trace.iter().chain(&test.max_eigenvalue));
                let model = error_correction(&test, 2).expect("regular");
                numbers.extend(model.alpha.iter().chain(&model.short_run).flatten());
                numbers.push(model.log_likelihood);
            }
        }
    }
    assert_eq!(digest(&numbers), 0xEEBC_C583_AB9F_8BA8);
}
