//! Ordinary least squares.
//!
//! The columns are reduced by `Reduction`; residuals are then taken from the data, not from the
//! reduction, because callers trade on them row by row.

use super::{
    householder::Reduction,
    moments::{centered_dot, dot, mean},
    refusal::{Refusal, Result, check_finite},
};

/// A fitted regression of `y` on its columns.
#[derive(Debug, Clone)]
pub struct Regression {
    /// Coefficients in the order of the columns.
    pub params: Vec<f64>,
    /// `y - X params`, one per row.
    pub residuals: Vec<f64>,
    /// Sum of squared residuals.
    pub ssr: f64,
    /// `1 - ssr / total`, where total is centered if the columns hold a constant. `None` when `y` does
    /// not vary around its center.
    pub r_squared: Option<f64>,
    reduction: Reduction,
}

impl Regression {
    /// Standard error of coefficient `j`.
    ///
    /// # Formula
    /// `sqrt(ssr / (n - k) * (X'X)^-1[j][j])`
    ///
    /// # None
    /// When no degree of freedom is left (`n <= k`), and where there is no such coefficient.
    ///
    /// ```
    /// use barline::stats::{Center, ols};
    /// let x = [0.0, 1.0, 2.0, 3.0];
    /// let fit = ols(&[&x, &[1.0; 4]], &[2.0, 1.0, 2.0, 5.0], Center::Mean)?;
    /// // Residuals 1, -1, -1, 1 on two degrees of freedom; sum of squares of x is 5.
    /// assert!((fit.standard_error(0).unwrap() - 0.4_f64.sqrt()).abs() < 1e-14);
    /// assert_eq!(fit.standard_error(2), None);
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn standard_error(&self, j: usize) -> Option<f64> {
        if j >= self.params.len() {
            return None;
        }
        let free = self.residuals.len().checked_sub(self.params.len()).filter(|free| *free > 0)?;
        Some((self.ssr / free as f64).sqrt() * self.reduction.inverse_row_norm(j))
    }
}

/// Whether the columns hold a constant, which decides the center of R squared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Center {
    /// The total sum of squares is taken around the mean of `y`.
    Mean,
    /// The total sum of squares is taken around zero.
    Zero,
}

/// Regresses `y` on `columns` (each as long as `y`).
///
/// # Errors
/// `NonFinite` and `UnequalLengths` (series 0 is `y`), `TooShort` with fewer rows than columns,
/// `Singular` where a column depends on those before it, `Overflow`.
///
/// # References
/// Golub & Van Loan, Matrix Computations, 4th ed., section 5.3 (least squares by reflections). The
/// same numbers as `OLS` of statsmodels.
///
/// ```
/// use barline::stats::{Center, ols};
/// let x = [1.0, 2.0, 3.0, 4.0];
/// let fit = ols(&[&x, &[1.0; 4]], &[3.0, 5.0, 7.0, 9.0], Center::Mean)?;
/// assert!((fit.params[0] - 2.0).abs() < 1e-12 && (fit.params[1] - 1.0).abs() < 1e-12);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn ols(columns: &[&[f64]], y: &[f64], center: Center) -> Result<Regression> {
    let mut all = vec![y];
    all.extend_from_slice(columns);
    let rows = check_finite(&all)?;
    let needed = columns.len().max(1);
    if rows < needed {
        return Err(Refusal::TooShort { needed, given: rows });
    }
    let reduction = Reduction::new(columns, y);
    let params = reduction.solve()?;
    let residuals = residuals_of(columns, y, &params);
    let ssr = dot(&residuals, &residuals);
    let around = match center {
        Center::Mean => mean(y).unwrap_or(0.0),
        Center::Zero => 0.0,
    };
    let total = centered_dot(y, around, y, around);
    if !(ssr.is_finite() && params.iter().all(|param| param.is_finite())) {
        return Err(Refusal::Overflow);
    }
    let r_squared = Some(1.0 - ssr / total).filter(|share| total > 0.0 && share.is_finite());
    Ok(Regression { params, residuals, ssr, r_squared, reduction })
}

fn residuals_of(columns: &[&[f64]], y: &[f64], params: &[f64]) -> Vec<f64> {
    let mut residuals = y.to_vec();
    for (column, param) in columns.iter().zip(params) {
        super::moments::subtract_scaled(&mut residuals, *param, column);
    }
    residuals
}

#[cfg(test)]
mod tests {
    use super::*;

    // Longley-like small case, solved by hand: y = 1 + x with errors +1, -1, -1, +1.
    const X: [f64; 4] = [0.0, 1.0, 2.0, 3.0];
    const Y: [f64; 4] = [2.0, 1.0, 2.0, 5.0];

    #[test]
    fn params_residuals_and_errors_follow_the_book() {
        let fit = ols(&[&X, &[1.0; 4]], &Y, Center::Mean).expect("full rank");
        let close =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-13, "{found}");
        close(fit.params[0], 1.0);
        close(fit.params[1], 1.0);
        close(fit.ssr, 4.0);
        close(fit.r_squared.expect("y varies"), 1.0 - 4.0 / 9.0);
        close(fit.standard_error(0).expect("2 degrees"), (2.0_f64 / 5.0).sqrt());
        close(fit.standard_error(1).expect("2 degrees"), (2.0 * (0.25 + 2.25 / 5.0_f64)).sqrt());
        for (found, expected) in fit.residuals.iter().zip([1.0, -1.0, -1.0, 1.0]) {
            close(*found, expected);
        }
    }

    #[test]
    fn wrong_input_is_refused() {
        let few = ols(&[&[1.0], &[2.0]], &[1.0], Center::Zero);
        assert_eq!(few.err(), Some(Refusal::TooShort { needed: 2, given: 1 }));
        let gap = ols(&[&[1.0, f64::NAN]], &[1.0, 2.0], Center::Zero);
        assert_eq!(gap.err(), Some(Refusal::NonFinite { series: 1 }));
        let twice = ols(&[&X, &X], &Y, Center::Zero);
        assert_eq!(twice.err(), Some(Refusal::Singular { column: 1 }));
        let none = ols(&[], &[], Center::Zero);
        assert_eq!(none.err(), Some(Refusal::TooShort { needed: 1, given: 0 }));
    }

    #[test]
    fn no_degree_of_freedom_has_no_standard_error() {
        let fit = ols(&[&[1.0, 2.0], &[1.0, 1.0]], &[5.0, 7.0], Center::Mean).expect("full rank");
        assert_eq!(fit.standard_error(0), None);
    }
}
