//! Size and power of the tests by simulation, with fixed seeds.
//!
//! A test of size 5 % rejects a true null in a binomial number of samples; the bounds here are four
//! standard deviations of that number around 5 %, so that a wrong surface, a wrong number of series or
//! a wrong tail shows, and the seeds make the outcome certain.

use crate::stats::{
    Around, Bandwidth, JohansenCase, Kernel, KpssLags, LagRule, PhillipsOuliarisOptions,
    PhillipsOuliarisStatistic, Refusal, Trend, engle_granger, engle_granger_simulated, johansen,
    kpss, phillips_ouliaris, test_pair, unit_root,
};

const SAMPLES: u64 = 1000;
const BARS: usize = 400;

/// `SplitMix64`'s finalizer.
fn mixed(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Standard normal numbers from a seed (`SplitMix64`, Box and Muller).
fn normals(seed: u64, count: usize) -> Vec<f64> {
    // Mixed, or the streams of neighbouring seeds are one stream, shifted.
    let mut state = mixed(seed.wrapping_add(1));
    let mut uniform = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        (mixed(state) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut normal = || {
        let radius = (-2.0 * libm::log(1.0 - uniform())).sqrt();
        radius * libm::cos(2.0 * std::f64::consts::PI * uniform())
    };
    (0..count).map(|_| normal()).collect()
}

fn walk(seed: u64) -> Vec<f64> {
    let mut level = 0.0;
    normals(seed, BARS)
        .into_iter()
        .map(|step| {
            level += step;
            level
        })
        .collect()
}

/// A walk and a series that leaves twice the walk for ten bars at a time.
fn planted(seed: u64) -> [Vec<f64>; 2] {
    let x = walk(2 * seed);
    let mut gap = 0.0;
    let noise = normals(2 * seed + 1, BARS);
    let y = x
        .iter()
        .zip(noise)
        .map(|(x, e)| {
            gap = 0.9 * gap + e;
            2.0 * x + gap
        })
        .collect();
    [y, x]
}

/// Samples whose p-value is at most 5 %.
fn rejections(p: impl Fn(u64) -> Result<f64, Refusal>) -> u64 {
    (0..SAMPLES).map(|seed| u64::from(p(seed).expect("a regular sample") <= 0.05)).sum()
}

/// Four binomial standard deviations above 5 %.
fn most() -> u64 {
    let nominal = 0.05 * SAMPLES as f64;
    (0..SAMPLES).find(|k| *k as f64 > nominal + 4.0 * (nominal * 0.95).sqrt()).unwrap_or(SAMPLES)
}

fn assert_nominal(name: &str, rejected: u64) {
    let least = SAMPLES / 10 - most();
    assert!((least..=most()).contains(&rejected), "{name}: {rejected} of {SAMPLES} at 5 %");
}

fn pair(seed: u64) -> [Vec<f64>; 2] {
    [walk(2 * seed), walk(2 * seed + 1)]
}

fn options(statistic: PhillipsOuliarisStatistic) -> PhillipsOuliarisOptions {
    let (kernel, bandwidth) = (Kernel::Bartlett, Bandwidth::Fixed(4));
    PhillipsOuliarisOptions { statistic, trend: Trend::Constant, kernel, bandwidth }
}

const ONE_LAG: LagRule = LagRule::Fixed(1);

#[test]
fn residual_tests_keep_their_size_in_one_direction() {
    for trend in [Trend::Constant, Trend::Linear] {
        assert_nominal(
            "Engle-Granger",
            rejections(|seed| {
                let [y, x] = pair(seed);
                Ok(engle_granger(&y, &[&x], trend, ONE_LAG)?.p_value.unwrap_or(f64::NAN))
            }),
        );
    }
    assert_nominal(
        "Engle-Granger, simulated surfaces, four series",
        rejections(|seed| {
            let series: Vec<Vec<f64>> = (0..4).map(|at| walk(4 * seed + at)).collect();
            let x: Vec<&[f64]> = series[1..].iter().map(Vec::as_slice).collect();
            let test = engle_granger_simulated(&series[0], &x, Trend::Constant, ONE_LAG)?;
            Ok(test.p_value.unwrap_or(f64::NAN))
        }),
    );
    for statistic in PhillipsOuliarisStatistic::ALL {
        assert_nominal(
            &format!("{statistic:?}"),
            rejections(|seed| {
                let [y, x] = pair(seed);
                let test = phillips_ouliaris(&y, &[&x], options(statistic))?;
                Ok(test.p_value.unwrap_or(f64::NAN))
            }),
        );
    }
}

#[test]
fn the_pair_rule_rejects_at_most_at_its_size() {
    let rejected = rejections(|seed| {
        let [y, x] = pair(seed);
        Ok(test_pair(&y, &x, Trend::Constant, ONE_LAG)?.p_value)
    });
    assert!(rejected <= most(), "{rejected} of {SAMPLES} at 5 %");
    assert!(rejected > 0, "the rule can reject");
}

#[test]
fn unit_root_and_stationarity_tests_keep_their_size() {
    assert_nominal(
        "unit root",
        rejections(|seed| {
            let test = unit_root(&walk(seed), Trend::Constant, ONE_LAG)?;
            Ok(test.p_value.unwrap_or(f64::NAN))
        }),
    );
    for around in [Around::Level, Around::Trend] {
        assert_nominal(
            "stationarity",
            rejections(|seed| {
                Ok(kpss(&normals(seed, BARS), around, KpssLags::Fixed(2))?.simulated_p_value)
            }),
        );
        let walks =
            rejections(|seed| Ok(kpss(&walk(seed), around, KpssLags::Fixed(8))?.simulated_p_value));
        assert!(walks > SAMPLES * 9 / 10, "walks are found: {walks} of {SAMPLES}");
    }
}

/// The trend that the quantiles of a case presume in the levels: one power of time above the terms'.
/// Without it cases III and V reject about twice as often as they say.
fn drift(t: f64, case: JohansenCase) -> f64 {
    match case {
        JohansenCase::Constant => 0.5 * t,
        JohansenCase::Linear => 0.01 * t * t,
        _ => 0.0,
    }
}

#[test]
fn the_relations_of_independent_walks_are_none() {
    for case in [JohansenCase::None, JohansenCase::Constant, JohansenCase::Linear] {
        let mut rejected = [0, 0];
        for seed in 0..SAMPLES {
            let [mut a, b] = pair(seed);
            for (value, t) in a.iter_mut().zip(0_u32..) {
                *value += drift(f64::from(t), case);
            }
            let test = johansen(&[&a, &b], case, 0).expect("a regular sample");
            let bounds = test.critical_values[0].expect("tabulated");
            rejected[0] += u64::from(test.trace[0] > bounds.trace[1]);
            rejected[1] += u64::from(test.max_eigenvalue[0] > bounds.max_eigenvalue[1]);
        }
        assert_nominal(&format!("trace {case:?}"), rejected[0]);
        assert_nominal(&format!("maximum eigenvalue {case:?}"), rejected[1]);
    }
}

#[test]
fn planted_pairs_are_found() {
    const PAIRS: u64 = 200;
    let mut found = [0_u64; 7];
    for seed in 0..PAIRS {
        let [y, x] = planted(seed);
        let p = |which: usize| -> Result<f64, Refusal> {
            match which {
                0 => Ok(test_pair(&y, &x, Trend::Constant, ONE_LAG)?.p_value),
                1 => {
                    let test = engle_granger_simulated(&y, &[&x], Trend::Constant, ONE_LAG)?;
                    Ok(test.p_value.unwrap_or(f64::NAN))
                }
                2 => {
                    let test = johansen(&[&y, &x], JohansenCase::Constant, 1)?;
                    Ok(f64::from(u8::from(test.trace_rank() == Some(0))))
                }
                _ => {
                    let statistic = PhillipsOuliarisStatistic::ALL[which - 3];
                    let test = phillips_ouliaris(&y, &[&x], options(statistic))?;
                    Ok(test.p_value.unwrap_or(f64::NAN))
                }
            }
        };
        for (at, found) in found.iter_mut().enumerate() {
            *found += u64::from(p(at).expect("a regular sample") <= 0.05);
        }
    }
    assert!(found.iter().all(|count| *count >= PAIRS * 95 / 100), "{found:?} of {PAIRS}");
}
