//! Long-run covariance of weakly dependent series by kernels.
//!
//! # Formula
//! `Gamma_j = sum_{t > j} x_t x_{t-j}' / n`, `Lambda_1 = sum_{j >= 1} w(j) Gamma_j`,
//! `Omega = Gamma_0 + Lambda_1 + Lambda_1'`. Kernels that end take `w(j) = k(j / (b + 1))` for `j <= b`;
//! the quadratic spectral one takes `w(j) = k(j / b)` for every `j < n`. The series are not centered:
//! they are residuals.
//!
//! # Bandwidth
//! Andrews' plug-in on the sum `v` of the series: with `s_j` its autocovariances up to
//! `m = ceil(4 (n/100)^r)`, `alpha = (sum |j|^q s_j / sum s_j)^2` and `b = c (alpha n)^(1/(2q+1))`, at most
//! `n - 1`; `c`, `q` and `r` belong to the kernel. It need not be whole.
//!
//! # References
//! Newey & West (1987), Econometrica 55, 703-708, and (1994), Review of Economic Studies 61, 631-653.
//! Andrews (1991), Econometrica 59, 817-858. Conventions: `arch.covariance.kernel` of arch 8.0.0.

use std::f64::consts::PI;

use super::{
    moments::dot,
    refusal::{Refusal, Result, check_finite},
};

/// The weights given to autocovariances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// `1 - z` (Newey and West).
    Bartlett,
    /// `1 - 6 z^2 (1 - z)` up to one half, `2 (1 - z)^3` above (Gallant).
    Parzen,
    /// `1 - z^2`.
    ParzenRiesz,
    /// `1 / (1 + z)`.
    ParzenGeometric,
    /// `1 / (1 + z^2)`.
    ParzenCauchy,
    /// `0.54 + 0.46 cos(pi z)`.
    TukeyHamming,
    /// `0.5 + 0.5 cos(pi z)`.
    TukeyHanning,
    /// `0.436 + 0.564 cos(pi z)`.
    TukeyParzen,
    /// `3 / x^2 (sin(x)/x - cos x)` with `x = 6 pi z / 5` (Andrews); never ends, so that its cost is
    /// quadratic in the number of observations.
    QuadraticSpectral,
}

/// What a kernel's plug-in bandwidth is computed from.
struct PlugIn {
    constant: f64,
    power: u8,
    rate: f64,
}

impl Kernel {
    /// Every kernel.
    pub const ALL: [Self; 9] = [
        Self::Bartlett,
        Self::Parzen,
        Self::ParzenRiesz,
        Self::ParzenGeometric,
        Self::ParzenCauchy,
        Self::TukeyHamming,
        Self::TukeyHanning,
        Self::TukeyParzen,
        Self::QuadraticSpectral,
    ];

    fn plug_in(self) -> PlugIn {
        let of = |constant, power, rate| PlugIn { constant, power, rate };
        match self {
            Self::Bartlett => of(1.1447, 1, 2.0 / 9.0),
            Self::Parzen => of(2.6614, 2, 4.0 / 25.0),
            Self::ParzenRiesz => of(1.1340, 2, 4.0 / 25.0),
            Self::ParzenGeometric => of(1.0, 1, 2.0 / 9.0),
            Self::ParzenCauchy => of(1.0924, 2, 4.0 / 25.0),
            Self::TukeyHamming => of(1.6694, 2, 4.0 / 25.0),
            Self::TukeyHanning => of(1.7462, 2, 4.0 / 25.0),
            Self::TukeyParzen => of(1.8576, 2, 4.0 / 25.0),
            Self::QuadraticSpectral => of(1.3221, 2, 2.0 / 25.0),
        }
    }

    /// Weight of the autocovariance at `lag >= 1`.
    fn weight(self, lag: usize, bandwidth: f64) -> f64 {
        let z = lag as f64 / (bandwidth + 1.0);
        match self {
            Self::Bartlett => 1.0 - z,
            Self::Parzen if z <= 0.5 => 1.0 - 6.0 * z * z * (1.0 - z),
            Self::Parzen => 2.0 * (1.0 - z) * (1.0 - z) * (1.0 - z),
            Self::ParzenRiesz => 1.0 - z * z,
            Self::ParzenGeometric => 1.0 / (1.0 + z),
            Self::ParzenCauchy => 1.0 / (1.0 + z * z),
            Self::TukeyHamming => 0.54 + 0.46 * libm::cos(PI * z),
            Self::TukeyHanning => 0.5 + 0.5 * libm::cos(PI * z),
            Self::TukeyParzen => 0.436 + 0.564 * libm::cos(PI * z),
            Self::QuadraticSpectral => quadratic_spectral(lag as f64 / bandwidth),
        }
    }

    /// Lags with a weight, of series of `rows` observations.
    fn lags(self, bandwidth: f64, rows: usize) -> usize {
        let last = rows.saturating_sub(1);
        if self == Self::QuadraticSpectral {
            return if bandwidth > 0.0 { last } else { 0 };
        }
        whole_part(bandwidth).min(last)
    }
}

fn quadratic_spectral(share: f64) -> f64 {
    let x = 6.0 * PI * share / 5.0;
    3.0 / (x * x) * (libm::sin(x) / x - libm::cos(x))
}

/// The whole part of a number that is not negative.
pub(super) fn whole_part(value: f64) -> usize {
    // Saturates; the callers cap it at the number of rows.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = value as usize;
    whole
}

/// How far the weights reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bandwidth {
    /// The kernel's plug-in from the data.
    PlugIn,
    /// The same, rounded up to a whole number.
    WholePlugIn,
    /// This many lags.
    Fixed(
        /// Lags.
        usize,
    ),
}

/// Long-run covariances of `k` series.
#[derive(Debug, Clone, PartialEq)]
pub struct LongRun {
    /// `Omega`, symmetric. Shape: `k x k`, row by row.
    pub covariance: Vec<Vec<f64>>,
    /// `Lambda_1`: cell `(a, b)` weighs `x_a` by the past of `x_b`. Shape: `k x k`, row by row.
    pub one_sided_strict: Vec<Vec<f64>>,
    /// The bandwidth used.
    pub bandwidth: f64,
}

/// Long-run covariances of `series`, taken as centered already.
///
/// # Errors
/// `Empty`, `NonFinite`, `UnequalLengths`, `TooShort` without observations, and `PerfectFit` where the
/// plug-in bandwidth does not exist because the series' sum has no long-run variance; `Overflow`.
///
/// ```
/// use barline::stats::{Bandwidth, Kernel, long_run};
/// let found = long_run(&[&[1.0, -1.0, 2.0, 0.0]], Kernel::Bartlett, Bandwidth::Fixed(1))?;
/// // Gamma_0 = 6/4, Gamma_1 = -3/4 with weight 1/2.
/// assert!((found.covariance[0][0] - 0.75).abs() < 1e-15);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn long_run(series: &[&[f64]], kernel: Kernel, bandwidth: Bandwidth) -> Result<LongRun> {
    let rows = check_finite(series)?;
    if rows == 0 {
        return Err(Refusal::TooShort { needed: 1, given: 0 });
    }
    let bandwidth = match bandwidth {
        Bandwidth::Fixed(lags) => lags as f64,
        Bandwidth::PlugIn => plug_in(series, kernel)?,
        Bandwidth::WholePlugIn => plug_in(series, kernel)?.ceil(),
    };
    let count = series.len();
    let mut one_sided_strict = vec![vec![0.0; count]; count];
    for lag in 1..=kernel.lags(bandwidth, rows) {
        let weight = kernel.weight(lag, bandwidth);
        for (a, row) in one_sided_strict.iter_mut().enumerate() {
            for (b, cell) in row.iter_mut().enumerate() {
                *cell += weight * autocovariance(series[a], series[b], lag);
            }
        }
    }
    let cell = |a: usize, b: usize| {
        let both = one_sided_strict[a][b] + one_sided_strict[b][a];
        autocovariance(series[a], series[b], 0) + both
    };
    let covariance: Vec<Vec<f64>> =
        (0..count).map(|a| (0..count).map(|b| cell(a, b)).collect()).collect();
    let mut cells = covariance.iter().chain(&one_sided_strict).flatten();
    if !cells.all(|cell| cell.is_finite()) {
        return Err(Refusal::Overflow);
    }
    Ok(LongRun { covariance, one_sided_strict, bandwidth })
}

/// `sum_{t >= lag} a_t b_{t-lag} / n`.
pub(super) fn autocovariance(a: &[f64], b: &[f64], lag: usize) -> f64 {
    dot(&a[lag..], &b[..b.len() - lag]) / a.len() as f64
}

fn plug_in(series: &[&[f64]], kernel: Kernel) -> Result<f64> {
    let PlugIn { constant, power, rate } = kernel.plug_in();
    let rows = series[0].len();
    let total: Vec<f64> =
        (0..rows).map(|t| series.iter().fold(0.0, |sum, values| sum + values[t])).collect();
    let reach = whole_part((4.0 * libm::pow(rows as f64 / 100.0, rate)).ceil()).min(rows - 1);
    let (mut level, mut slope) = (0.0, 0.0);
    for lag in 0..=reach {
        let both_sides = if lag == 0 { 1.0 } else { 2.0 };
        let share = both_sides * autocovariance(&total, &total, lag);
        level += share;
        slope += (0..power).fold(1.0, |product, _| product * lag as f64) * share;
    }
    let ratio = slope / level;
    let exponent = 1.0 / f64::from(2 * power + 1);
    let bandwidth = constant * libm::pow(ratio * ratio * rows as f64, exponent);
    if bandwidth.is_finite() {
        Ok(bandwidth.min(rows as f64 - 1.0))
    } else {
        Err(Refusal::PerfectFit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn weights_start_near_one_and_end_at_the_bandwidth() {
        for kernel in Kernel::ALL {
            let near = kernel.weight(1, 400.0);
            assert!((near - 1.0).abs() < 0.2, "{kernel:?} {near}");
            assert_eq!(kernel.lags(0.0, 50), 0);
            assert_eq!(kernel.lags(400.0, 50), 49);
        }
        assert_eq!(Kernel::Bartlett.lags(4.9, 50), 4);
        assert_eq!(Kernel::QuadraticSpectral.lags(4.9, 50), 49);
        assert!((Kernel::Parzen.weight(2, 3.0) - 0.25).abs() < 1e-15);
    }

    #[test]
    fn without_lags_the_covariance_is_the_short_run_one() {
        let (a, b) = ([1.0, 2.0, -1.0], [0.5, 0.0, 4.0]);
        let found = long_run(&[&a, &b], Kernel::Parzen, Bandwidth::Fixed(0)).expect("finite");
        assert!((found.covariance[0][1] - (0.5 - 4.0) / 3.0).abs() < 1e-15);
        assert_eq!(found.one_sided_strict, vec![vec![0.0; 2]; 2]);
    }

    /// Plug-in bandwidth, cell (0, 1) of the covariance and (1, 0) of the one-sided part, by
    /// `arch.covariance.kernel` of arch 8.0.0 with `center=False`.
    #[expect(clippy::unreadable_literal, reason = "printed by arch")]
    const ARCH: [(Kernel, [f64; 3]); 9] = [
        (Kernel::Bartlett, [6.0960618147998, 3.323768498743153, 1.2424955134867703]),
        (Kernel::Parzen, [10.611332409321827, 4.058274688002227, 1.57716880865974]),
        (Kernel::ParzenRiesz, [4.521398869832025, 3.3860153414700473, 1.3329484960457179]),
        (Kernel::ParzenGeometric, [5.325466772778719, 3.6213443098104463, 1.3642177658001224]),
        (Kernel::ParzenCauchy, [4.355534502120374, 3.5413447939793867, 1.3882326838208836]),
        (Kernel::TukeyHamming, [6.656105179274765, 3.758393632083088, 1.44046089514932]),
        (Kernel::TukeyHanning, [6.962316319665505, 3.6969352596092606, 1.4215308907181536]),
        (Kernel::TukeyParzen, [7.406481958201032, 3.5535015770946474, 1.3665245286570789]),
        (Kernel::QuadraticSpectral, [5.271376936335909, 3.1012844578778687, 1.1633614653536921]),
    ];

    #[test]
    fn every_kernel_agrees_with_arch() {
        let whole = |t: u32, power: u32, modulus: u32| f64::from(t.pow(power) % modulus);
        let a: Vec<f64> =
            (0..60).map(|t| (whole(t, 2, 17) - 8.0) / 4.0 + f64::from(t / 5 % 3)).collect();
        let b: Vec<f64> =
            (0..60).map(|t| (whole(t, 3, 13) - 6.0) / 8.0 + f64::from(t / 4 % 2)).collect();
        for (kernel, expected) in ARCH {
            let found = long_run(&[&a, &b], kernel, Bandwidth::PlugIn).expect("finite");
            let found = [found.bandwidth, found.covariance[0][1], found.one_sided_strict[1][0]];
            for (found, expected) in found.into_iter().zip(expected) {
                assert!((found / expected - 1.0).abs() < 1e-12, "{kernel:?} {found} {expected}");
            }
        }
    }

    #[test]
    fn edges_are_refused() {
        let run = |series: &[&[f64]]| long_run(series, Kernel::Bartlett, Bandwidth::PlugIn).err();
        assert_eq!(run(&[]), Some(Refusal::Empty));
        assert_eq!(run(&[&[]]), Some(Refusal::TooShort { needed: 1, given: 0 }));
        assert_eq!(run(&[&[0.0; 30]]), Some(Refusal::PerfectFit));
        assert_eq!(run(&[&[f64::NAN]]), Some(Refusal::NonFinite { series: 0 }));
        assert_eq!(run(&[&[2.0]]), None);
    }

    proptest! {
        #[test]
        fn law_bartlett_never_gives_a_negative_variance(
            x in prop::collection::vec(-1.0..1.0_f64, 1..80), lags in 0..90_usize,
        ) {
            for kernel in Kernel::ALL {
                let found = long_run(&[&x], kernel, Bandwidth::Fixed(lags)).expect("finite");
                prop_assert!(found.covariance[0][0].is_finite());
                if matches!(kernel, Kernel::Bartlett) {
                    prop_assert!(found.covariance[0][0] >= -1e-15);
                }
            }
        }

        #[test]
        fn law_a_plug_in_is_a_number_or_a_refusal(
            x in prop::collection::vec(prop_oneof![Just(0.0), Just(1e9), Just(1e-6), -1.0..1.0_f64], 0..60),
        ) {
            for kernel in Kernel::ALL {
                for rule in [Bandwidth::PlugIn, Bandwidth::WholePlugIn] {
                    if let Ok(found) = long_run(&[&x], kernel, rule) {
                        prop_assert!(found.bandwidth >= 0.0 && found.bandwidth < 60.0);
                    }
                }
            }
        }
    }
}
