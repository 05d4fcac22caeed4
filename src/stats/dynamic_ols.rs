//! Dynamic least squares: a hedge ratio of cointegrated series without the bias of the plain one.
//!
//! Where the legs' changes answer to the spread, plain least squares is consistent but biased in
//! samples of any useful length. Adding leads and lags of the regressors' changes takes the
//! dependence out.
//!
//! # References
//! J. H. Stock and M. W. Watson (1993), A simple estimator of cointegrating vectors in higher order
//! integrated systems, Econometrica 61(4), 783-820. P. Saikkonen (1991), Econometric Theory 7, 1-21.

use super::{
    refusal::{Refusal, Result, check_finite},
    regression::{Center, ols},
};

/// A cointegrating regression.
#[derive(Debug, Clone, PartialEq)]
pub struct DynamicOls {
    /// Hedge ratios, one per regressor.
    pub slopes: Vec<f64>,
    /// Intercept.
    pub intercept: f64,
    /// Rows that entered: those with all leads and lags.
    pub rows: usize,
    /// Sum of squared residuals of the augmented regression.
    pub ssr: f64,
}

impl DynamicOls {
    /// `y - sum_i slope_i x_i - intercept`, the spread that is traded; the leads are left behind.
    ///
    /// ```
    /// use barline::stats::DynamicOls;
    /// let fit = DynamicOls { slopes: vec![2.0], intercept: 1.0, rows: 9, ssr: 0.0 };
    /// assert_eq!(fit.spread(&[5.0, 6.0], &[&[2.0, 2.0]]), [0.0, 1.0]);
    /// ```
    pub fn spread(&self, y: &[f64], x: &[&[f64]]) -> Vec<f64> {
        let mut spread: Vec<f64> = y.iter().map(|value| value - self.intercept).collect();
        for (slope, column) in self.slopes.iter().zip(x) {
            super::moments::subtract_scaled(&mut spread, *slope, column);
        }
        spread
    }
}

/// Regresses `y` on the columns of `x`, a constant, and the changes of every `x` from `lags` rows
/// before to `leads` rows after, the same row included.
///
/// # Formula
/// `y_t = a + b'x_t + sum_{j=-lags}^{leads} g_j' dx_{t+j} + e_t` over `t = lags + 1 ..= n - 1 - leads`.
/// The names follow arch's `DynamicOLS`, whose `leads` and `lags` count the same rows.
///
/// # Errors
/// Those of [`ols`] (series 0 is `y`), `Empty` without a regressor.
///
/// ```
/// use barline::stats::dynamic_ols;
/// let x: Vec<f64> = (0..40).map(|t| f64::from(t * t % 17)).collect();
/// let y: Vec<f64> = x.iter().map(|x| 2.0 * x + 1.0).collect();
/// let fit = dynamic_ols(&y, &[&x], 1, 1)?;
/// assert!((fit.slopes[0] - 2.0).abs() < 1e-9 && fit.rows == 37);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn dynamic_ols(y: &[f64], x: &[&[f64]], leads: usize, lags: usize) -> Result<DynamicOls> {
    let mut all = vec![y];
    all.extend_from_slice(x);
    let given = check_finite(&all)?;
    if x.is_empty() {
        return Err(Refusal::Empty);
    }
    let shifts = leads.saturating_add(lags).saturating_add(1);
    let width = x.len().saturating_mul(shifts.saturating_add(1)).saturating_add(1);
    let needed = width.saturating_add(shifts);
    if given < needed {
        return Err(Refusal::TooShort { needed, given });
    }
    let changes: Vec<Vec<f64>> =
        x.iter().map(|column| column.windows(2).map(|pair| pair[1] - pair[0]).collect()).collect();
    let rows = given - shifts;
    let first = lags + 1;
    let ones = vec![1.0; rows];
    let mut columns: Vec<&[f64]> = x.iter().map(|column| &column[first..first + rows]).collect();
    columns.push(&ones);
    for shift in 0..shifts {
        columns.extend(changes.iter().map(|change| &change[shift..shift + rows]));
    }
    let fit = ols(&columns, &y[first..first + rows], Center::Mean)?;
    let slopes = fit.params[..x.len()].to_vec();
    Ok(DynamicOls { slopes, intercept: fit.params[x.len()], rows, ssr: fit.ssr })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pair whose regressor answers to the spread, from plain arithmetic.
    fn pair(rows: u32) -> (Vec<f64>, Vec<f64>) {
        let noise = |t: u32, k: u32| f64::from((t * t * k + 13 * t) % 101) / 101.0 - 0.5;
        let (mut y, mut x, mut level) = (Vec::new(), Vec::new(), 0.0);
        for t in 0..rows {
            level += noise(t, 7);
            x.push(level);
            y.push(1.5 * level + 0.25 + noise(t, 29));
        }
        (y, x)
    }

    #[test]
    fn params_agree_with_arch() {
        let (y, x) = pair(120);
        // arch 8.0.0: DynamicOLS(y, x, trend="c", lags=2, leads=1).fit()
        let fit = dynamic_ols(&y, &[&x], 1, 2).expect("regular");
        assert!((fit.slopes[0] - ARCH[0]).abs() < 1e-10, "{}", fit.slopes[0]);
        assert!((fit.intercept - ARCH[1]).abs() < 1e-10, "{}", fit.intercept);
        assert_eq!(fit.rows, 116);
        assert_eq!(fit.spread(&y, &[&x]).len(), 120);
    }

    const ARCH: [f64; 2] = [1.484_224_346_395_290_2, 0.180_896_554_989_854_77];

    #[test]
    fn wrong_input_is_refused() {
        assert_eq!(dynamic_ols(&[1.0], &[], 0, 0), Err(Refusal::Empty));
        let short = dynamic_ols(&[1.0; 4], &[&[1.0, 2.0, 3.0, 5.0]], 1, 1);
        assert_eq!(short, Err(Refusal::TooShort { needed: 8, given: 4 }));
        let (y, x) = pair(50);
        let twice = dynamic_ols(&y, &[&x, &x], 1, 1);
        assert!(matches!(twice, Err(Refusal::Singular { .. })), "{twice:?}");
        let far = dynamic_ols(&y, &[&x], usize::MAX, usize::MAX);
        assert!(matches!(far, Err(Refusal::TooShort { .. })));
    }
}
