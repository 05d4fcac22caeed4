//! Half-life of a spread, in bars, in the three definitions that are in use.
//!
//! All come from the regression of `ds_t` on `s_{t-1}`; they differ by about a third of a bar, more
//! when the spread reverts fast, so each has a name. A finite half-life is no test: a random walk
//! has one too.
//!
//! # References
//! E. Chan (2013), Algorithmic Trading, chapter 2 (the linear form).

use std::f64::consts::LN_2;

use super::{
    dispersion::{moves, moves_against},
    moments::{centered_dot, dot, largest, mean},
    refusal::check_finite,
};

/// The regression behind a half-life: `ds_t = intercept + lambda s_{t-1} + e_t`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanReversion {
    /// Speed of reversion per bar; negative when the spread reverts.
    pub lambda: f64,
    /// Intercept; 0 when fitted without one.
    pub intercept: f64,
}

impl MeanReversion {
    /// Fits with an intercept.
    ///
    /// # None
    /// Fewer than 3 values, a value that is not finite, a lagged spread that does not move
    /// ([`moves`](super::moves)), or numbers that are too large.
    ///
    /// ```
    /// use barline::stats::MeanReversion;
    /// let fit = MeanReversion::with_intercept(&[9.0, 5.0, 3.0, 2.0]).unwrap();
    /// assert!((fit.lambda + 0.5).abs() < 1e-14 && (fit.intercept - 0.5).abs() < 1e-14);
    /// assert_eq!(MeanReversion::with_intercept(&[0.1; 9]), None);
    /// ```
    pub fn with_intercept(spread: &[f64]) -> Option<Self> {
        check_finite(&[spread]).ok().filter(|rows| *rows >= 3)?;
        let (lagged, changes) = lagged_and_changes(spread);
        let (center, drift) = (mean(lagged)?, mean(&changes)?);
        if !moves(lagged) {
            return None;
        }
        // Equal changes are a straight line: its lambda is zero, not what rounding makes of it.
        if !moves_against(&changes, largest(spread)) {
            return Some(Self { lambda: 0.0, intercept: drift });
        }
        let lambda = ratio(
            centered_dot(lagged, center, &changes, drift),
            centered_dot(lagged, center, lagged, center),
        )?;
        let fit = Self { lambda, intercept: drift - lambda * center };
        fit.intercept.is_finite().then_some(fit)
    }

    /// Fits through the origin: the spread is taken as centered already.
    ///
    /// # None
    /// Fewer than 2 values, a value that is not finite, or a lagged spread that is zero.
    ///
    /// ```
    /// use barline::stats::MeanReversion;
    /// let fit = MeanReversion::without_intercept(&[8.0, 4.0, 2.0]).unwrap();
    /// assert_eq!((fit.lambda, fit.linear_half_life()), (-0.5, 2.0 * std::f64::consts::LN_2));
    /// assert_eq!(fit.exact_half_life(), Some(1.0));
    /// ```
    pub fn without_intercept(spread: &[f64]) -> Option<Self> {
        check_finite(&[spread]).ok().filter(|rows| *rows >= 2)?;
        let (lagged, changes) = lagged_and_changes(spread);
        let lambda = ratio(dot(lagged, &changes), dot(lagged, lagged))?;
        Some(Self { lambda, intercept: 0.0 })
    }

    /// `-ln 2 / lambda`, infinite when `lambda >= 0`.
    pub fn linear_half_life(self) -> f64 {
        if self.lambda >= 0.0 { f64::INFINITY } else { -LN_2 / self.lambda }
    }

    /// `-ln 2 / ln(1 + lambda)`, infinite when `lambda >= 0`.
    ///
    /// # None
    /// When `1 + lambda <= 0`: the spread overshoots its mean every bar and nothing halves.
    pub fn exact_half_life(self) -> Option<f64> {
        let phi = 1.0 + self.lambda;
        if self.lambda >= 0.0 {
            Some(f64::INFINITY)
        } else {
            (phi > 0.0).then(|| -LN_2 / libm::log(phi))
        }
    }
}

/// `-ln 2 / lambda` with intercept, the form in Chan's book.
///
/// # None
/// As [`MeanReversion::with_intercept`]; infinite when `lambda >= 0`.
///
/// ```
/// use barline::stats::chan_half_life;
/// let spread = [8.0, 4.0, 2.0, 1.0, 0.5];
/// assert!((chan_half_life(&spread).unwrap() - 2.0 * std::f64::consts::LN_2).abs() < 1e-12);
/// ```
pub fn chan_half_life(spread: &[f64]) -> Option<f64> {
    MeanReversion::with_intercept(spread).map(MeanReversion::linear_half_life)
}

/// `-ln 2 / ln(1 + lambda)` with intercept: the half-life of the fitted AR(1).
///
/// # None
/// As [`MeanReversion::with_intercept`], and when `1 + lambda <= 0`; infinite when `lambda >= 0`.
///
/// ```
/// use barline::stats::exact_half_life;
/// assert!((exact_half_life(&[8.0, 4.0, 2.0, 1.0, 0.5]).unwrap() - 1.0).abs() < 1e-12);
/// ```
pub fn exact_half_life(spread: &[f64]) -> Option<f64> {
    MeanReversion::with_intercept(spread)?.exact_half_life()
}

/// `-ln 2 / lambda` without intercept.
///
/// # None
/// As [`MeanReversion::without_intercept`]; infinite when `lambda >= 0`.
///
/// ```
/// use barline::stats::centered_half_life;
/// assert_eq!(centered_half_life(&[8.0, 4.0, 2.0]), Some(2.0 * std::f64::consts::LN_2));
/// assert_eq!(centered_half_life(&[1.0, 2.0, 4.0]), Some(f64::INFINITY));
/// ```
pub fn centered_half_life(spread: &[f64]) -> Option<f64> {
    MeanReversion::without_intercept(spread).map(MeanReversion::linear_half_life)
}

fn lagged_and_changes(spread: &[f64]) -> (&[f64], Vec<f64>) {
    let changes = spread.windows(2).map(|pair| pair[1] - pair[0]).collect();
    (&spread[..spread.len() - 1], changes)
}

fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator > 0.0).then(|| numerator / denominator).filter(|lambda| lambda.is_finite())
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn undefined_and_infinite_cases_are_told_apart() {
        assert_eq!(exact_half_life(&[]), None);
        assert_eq!(exact_half_life(&[1.0, 2.0]), None);
        assert_eq!(exact_half_life(&[2.0; 20]), None);
        assert_eq!(exact_half_life(&[1.0, f64::NAN, 2.0, 1.0]), None);
        let explosive = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(exact_half_life(&explosive), Some(f64::INFINITY));
        assert_eq!(chan_half_life(&explosive), Some(f64::INFINITY));
        let overshooting = [1.0, -1.2, 1.3, -1.4, 1.5];
        assert_eq!(exact_half_life(&overshooting), None);
        assert!(chan_half_life(&overshooting).is_some_and(|bars| bars < 1.0));
        assert_eq!(centered_half_life(&[0.0, 0.0, 1.0]), None);
    }

    proptest! {
        #[test]
        fn law_a_noiseless_decay_has_its_own_half_life(phi in 0.05..0.99_f64, center in -5.0..5.0_f64) {
            let mut spread = vec![center + 1.0];
            for step in 0..30 {
                spread.push(center + phi * (spread[step] - center));
            }
            let expected = -LN_2 / libm::log(phi);
            let found = exact_half_life(&spread).expect("it decays");
            prop_assert!((found / expected - 1.0).abs() < 1e-6);
        }

        #[test]
        fn law_shifting_a_spread_keeps_the_intercept_forms(
            spread in prop::collection::vec(-1.0..1.0_f64, 10..50), shift in -8..8_i32,
        ) {
            let moved: Vec<f64> = spread.iter().map(|value| value + f64::from(shift)).collect();
            let (one, two) = (chan_half_life(&spread), chan_half_life(&moved));
            let (one, two) = (one.expect("it moves"), two.expect("it moves"));
            prop_assert!(one == two || (one / two - 1.0).abs() < 1e-8);
        }
    }
}
