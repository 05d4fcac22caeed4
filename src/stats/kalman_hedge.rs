//! A hedge ratio that moves: the Kalman filter of a regression with random-walk coefficients.
//!
//! # Model
//! State `b_t = [slope, intercept]`, `b_t = b_{t-1} + w_t`, `w_t ~ N(0, Q)`; observation
//! `y_t = [x_t, 1] b_t + v_t`, `v_t ~ N(0, R)`.
//!
//! # Recursion
//! `P <- P + Q`; `e = y - H a`; `S = H P H' + R`; `K = P H' / S`; `a <- a + K e`;
//! `P <- P - K (H P)`, made symmetric. The innovation `e` and its variance `S` use the state before
//! bar `t` is seen, so `e / sqrt(S)` is a z-score that looks at nothing later than its own bar.
//!
//! # The two conventions at the first bar
//! [`FirstBar::Prior`]: the given covariance is that of the state at `t = 0`, no `Q` is added
//! before the first update (pykalman). [`FirstBar::Inflated`]: `Q` is added first (Chan's recipe,
//! which starts at `P = 0`).
//!
//! # References
//! E. Chan (2013), Algorithmic Trading, chapter 3. J. Durbin and S. J. Koopman (2012), Time Series
//! Analysis by State Space Methods, 2nd ed., section 4.3.

use std::f64::consts::PI;

use super::refusal::{Refusal, Result, check_finite, check_range};

/// How far a prior covariance may exceed the product of the deviations by rounding.
const PRIOR_ROUNDING: f64 = 1e-12;

/// Whether process noise enters before the first update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstBar {
    /// No: the prior is that of the state at the first bar (pykalman).
    Prior,
    /// Yes: the prior is that of the state before the first bar (Chan).
    Inflated,
}

/// Noise and prior of the filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KalmanHedge {
    /// Variance of each coefficient's step: `Q = process_variance I`.
    pub process_variance: f64,
    /// Variance `R` of the observation.
    pub observation_variance: f64,
    /// Prior mean `[slope, intercept]`.
    pub mean: [f64; 2],
    /// Prior covariance `[P_00, P_01, P_11]`.
    pub covariance: [f64; 3],
    /// Where the prior stands.
    pub first_bar: FirstBar,
}

impl KalmanHedge {
    /// Chan's recipe: `Q = delta / (1 - delta) I`, everything else starts at zero. A `delta` outside
    /// `[0, 1)` gives a variance that [`kalman_hedge`] refuses.
    ///
    /// ```
    /// use barline::stats::KalmanHedge;
    /// assert_eq!(KalmanHedge::chan(0.5, 0.01).process_variance, 1.0);
    /// ```
    pub fn chan(delta: f64, observation_variance: f64) -> Self {
        Self {
            process_variance: delta / (1.0 - delta),
            observation_variance,
            mean: [0.0; 2],
            covariance: [0.0; 3],
            first_bar: FirstBar::Inflated,
        }
    }
}

/// One bar of the filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KalmanRow {
    /// Slope after the bar is seen.
    pub slope: f64,
    /// Intercept after the bar is seen.
    pub intercept: f64,
    /// `y` minus its forecast from the state before the bar.
    pub innovation: f64,
    /// Variance of the innovation.
    pub innovation_variance: f64,
    /// Covariance of the state after the bar: `[P_00, P_01, P_11]`.
    pub covariance: [f64; 3],
}

impl KalmanRow {
    fn is_finite(&self) -> bool {
        let state = [self.slope, self.intercept, self.innovation, self.innovation_variance];
        state.iter().chain(&self.covariance).all(|value| value.is_finite())
    }
}

/// A filtered pair.
#[derive(Debug, Clone, PartialEq)]
pub struct KalmanPath {
    /// One row per bar.
    pub rows: Vec<KalmanRow>,
    /// Gaussian log likelihood of the innovations.
    pub log_likelihood: f64,
}

/// Filters the regression of `y` on `[x, 1]`.
///
/// # Errors
/// `NonFinite` and `UnequalLengths` (series 0 is `y`), `TooShort` without a row, `OutOfRange` for a
/// variance that is negative or not finite and for a prior that is no covariance, `Singular` (column
/// 0) where an innovation has no positive variance (`R` and the prior both zero), `Overflow`.
///
/// ```
/// use barline::stats::{KalmanHedge, kalman_hedge};
/// let x: Vec<f64> = (0..80).map(|t| f64::from(t % 9)).collect();
/// let y: Vec<f64> = x.iter().map(|x| 2.0 * x + 1.0).collect();
/// let path = kalman_hedge(&y, &x, KalmanHedge::chan(1e-4, 1e-3))?;
/// assert!((path.rows[79].slope - 2.0).abs() < 0.01);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn kalman_hedge(y: &[f64], x: &[f64], filter: KalmanHedge) -> Result<KalmanPath> {
    if check_finite(&[y, x])? == 0 {
        return Err(Refusal::TooShort { needed: 1, given: 0 });
    }
    filter.check()?;
    let mut state = (filter.mean, filter.covariance);
    let mut rows = Vec::with_capacity(y.len());
    let mut log_likelihood = 0.0;
    for (t, (y, x)) in y.iter().zip(x).enumerate() {
        if t > 0 || filter.first_bar == FirstBar::Inflated {
            state.1[0] += filter.process_variance;
            state.1[2] += filter.process_variance;
        }
        let row = update(state, *y, *x, filter.observation_variance);
        let (e, s) = (row.innovation, row.innovation_variance);
        if s <= 0.0 {
            return Err(Refusal::Singular { column: 0 });
        }
        log_likelihood -= 0.5 * (libm::log(2.0 * PI * s) + e * e / s);
        if !(row.is_finite() && log_likelihood.is_finite()) {
            return Err(Refusal::Overflow);
        }
        state = ([row.slope, row.intercept], row.covariance);
        rows.push(row);
    }
    Ok(KalmanPath { rows, log_likelihood })
}

impl KalmanHedge {
    fn check(&self) -> Result<()> {
        check_range("process variance", self.process_variance, 0.0..=f64::MAX)?;
        check_range("observation variance", self.observation_variance, 0.0..=f64::MAX)?;
        for mean in self.mean {
            check_range("prior mean", mean, f64::MIN..=f64::MAX)?;
        }
        let [slope, both, intercept] = self.covariance;
        check_range("prior variance", slope, 0.0..=f64::MAX)?;
        check_range("prior variance", intercept, 0.0..=f64::MAX)?;
        let most = slope.sqrt() * intercept.sqrt() * (1.0 + PRIOR_ROUNDING);
        check_range("prior covariance", both, -most..=most)
    }
}

fn update((a, p): ([f64; 2], [f64; 3]), y: f64, x: f64, r: f64) -> KalmanRow {
    let innovation = y - (x * a[0] + a[1]);
    // P H' with H = [x, 1]; P is symmetric, so this is (H P)' as well.
    let ph = [p[0] * x + p[1], p[1] * x + p[2]];
    let s = x * ph[0] + ph[1] + r;
    let gain = [ph[0] / s, ph[1] / s];
    let off_diagonal = 0.5 * ((p[1] - gain[0] * ph[1]) + (p[1] - gain[1] * ph[0]));
    KalmanRow {
        slope: a[0] + gain[0] * innovation,
        intercept: a[1] + gain[1] * innovation,
        innovation,
        innovation_variance: s,
        covariance: [p[0] - gain[0] * ph[0], off_diagonal, p[2] - gain[1] * ph[1]],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::{Center, ols};

    #[test]
    fn wrong_input_is_refused() {
        let chan = KalmanHedge::chan(1e-4, 1e-3);
        assert_eq!(kalman_hedge(&[], &[], chan), Err(Refusal::TooShort { needed: 1, given: 0 }));
        let gap = kalman_hedge(&[1.0], &[f64::INFINITY], chan);
        assert_eq!(gap, Err(Refusal::NonFinite { series: 1 }));
        let negative = KalmanHedge { observation_variance: -1.0, ..chan };
        let refusal = Refusal::out_of_range("observation variance", -1.0);
        assert_eq!(kalman_hedge(&[1.0], &[1.0], negative), Err(refusal));
        let undefined = kalman_hedge(&[1.0], &[1.0], KalmanHedge::chan(1.0, 1e-3));
        assert_eq!(undefined, Err(Refusal::out_of_range("process variance", f64::INFINITY)));
        let mute = kalman_hedge(&[1.0], &[1.0], KalmanHedge::chan(0.0, 0.0));
        assert_eq!(mute, Err(Refusal::Singular { column: 0 }));
    }

    proptest! {
        // Without process noise and with a vague prior the filter is recursive least squares.
        #[test]
        fn law_without_process_noise_it_ends_at_least_squares(
            points in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 10..60),
        ) {
            let (y, x): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            let vague = KalmanHedge {
                covariance: [1e6, 0.0, 1e6], ..KalmanHedge::chan(0.0, 1.0)
            };
            let path = kalman_hedge(&y, &x, vague).expect("finite");
            let last = path.rows[path.rows.len() - 1];
            let fit = ols(&[&x, &vec![1.0; x.len()]], &y, Center::Mean).expect("regular");
            prop_assert!((last.slope - fit.params[0]).abs() < 1e-3);
            prop_assert!((last.intercept - fit.params[1]).abs() < 1e-3);
        }

        #[test]
        fn law_a_row_knows_nothing_later(
            points in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 2..40),
        ) {
            let (y, x): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            let chan = KalmanHedge::chan(1e-4, 1e-3);
            let whole = kalman_hedge(&y, &x, chan).expect("finite");
            let cut = y.len() / 2;
            let part = kalman_hedge(&y[..=cut], &x[..=cut], chan).expect("finite");
            prop_assert_eq!(&whole.rows[..=cut], &part.rows[..]);
        }
    }
}
