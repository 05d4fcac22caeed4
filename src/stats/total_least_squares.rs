//! Total least squares: a hedge ratio that does not depend on which leg is called dependent.
//!
//! Ordinary least squares measures errors along `y` alone, so the ratio of `y` on `x` is not the
//! inverse of that of `x` on `y`. Total least squares measures them at right angles to the line.
//! It is not scale free: legs in different units want logarithms first.
//!
//! # References
//! W. E. Deming (1943), Statistical Adjustment of Data, chapter 8 (equal error variances).
//! G. H. Golub and C. F. Van Loan (1980), An analysis of the total least squares problem, SIAM
//! Journal on Numerical Analysis 17(6), 883-893.

use super::{
    dispersion::moves,
    moments::{centered_dot, largest, mean},
    refusal::{Refusal, Result, check_finite},
};

/// A line `y = slope x + intercept`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HedgeLine {
    /// Units of `x` held short against one unit of `y`.
    pub slope: f64,
    /// Level of the spread.
    pub intercept: f64,
}

/// The line at least squared distance, measured at right angles, from the points `(x_t, y_t)`.
///
/// # Formula
/// With centered second moments `s`: `slope = (d + sqrt(d^2 + 4 s_xy^2)) / (2 s_xy)`,
/// `d = s_yy - s_xx`; the line passes through the means.
///
/// # Errors
/// `NonFinite` and `UnequalLengths` (series 0 is `y`), `TooShort` under 2 rows, `Constant` for a leg
/// that does not move, `Singular` (column 0) where `s_xy` is zero up to rounding: the best line is then
/// vertical or horizontal by rounding only; `Overflow`.
///
/// ```
/// use barline::stats::total_least_squares;
/// let line = total_least_squares(&[1.0, 3.0, 5.0], &[0.0, 1.0, 2.0])?;
/// assert!((line.slope - 2.0).abs() < 1e-12 && (line.intercept - 1.0).abs() < 1e-12);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn total_least_squares(y: &[f64], x: &[f64]) -> Result<HedgeLine> {
    let given = check_finite(&[y, x])?;
    let (Some(center_y), Some(center_x)) = (mean(y), mean(x)) else {
        return Err(Refusal::TooShort { needed: 2, given });
    };
    if given < 2 {
        return Err(Refusal::TooShort { needed: 2, given });
    }
    let s_yy = centered_dot(y, center_y, y, center_y);
    let s_xx = centered_dot(x, center_x, x, center_x);
    let s_xy = centered_dot(x, center_x, y, center_y);
    if let Some(series) = [y, x].iter().position(|leg| !moves(leg)) {
        return Err(Refusal::Constant { series });
    }
    if cross_is_rounding(y, x, s_xy, [s_yy, s_xx]) {
        return Err(Refusal::Singular { column: 0 });
    }
    // Relative to the geometric mean nothing over- or underflows.
    let scale = s_yy.sqrt() * s_xx.sqrt();
    let (d, cross) = ((s_yy - s_xx) / scale, s_xy / scale);
    let root = libm::hypot(d, 2.0 * cross);
    // The two forms of the same root: the one that adds, never cancels.
    let slope = if d >= 0.0 { (d + root) / (2.0 * cross) } else { 2.0 * cross / (root - d) };
    let line = HedgeLine { slope, intercept: center_y - slope * center_x };
    if slope != 0.0 && slope.is_finite() && line.intercept.is_finite() {
        Ok(line)
    } else {
        Err(Refusal::Overflow)
    }
}

/// Whether the legs' products cancel to what the rounding of their sum leaves, or moments that are no
/// numbers.
fn cross_is_rounding(y: &[f64], x: &[f64], s_xy: f64, [s_yy, s_xx]: [f64; 2]) -> bool {
    // The errors of both means enter the products, those of the sum beside them.
    let noise = |leg: &[f64]| f64::EPSILON * largest(leg) * (leg.len() as f64).sqrt();
    let means = noise(y) * s_xx.sqrt() + noise(x) * s_yy.sqrt();
    let sum = f64::EPSILON * s_yy.sqrt() * s_xx.sqrt();
    s_xy.abs() <= means + sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn degenerate_points_are_refused() {
        assert_eq!(
            total_least_squares(&[1.0], &[1.0]),
            Err(Refusal::TooShort { needed: 2, given: 1 })
        );
        assert_eq!(total_least_squares(&[], &[]), Err(Refusal::TooShort { needed: 2, given: 0 }));
        let flat = total_least_squares(&[1.0, 2.0], &[3.0, 3.0]);
        assert_eq!(flat, Err(Refusal::Constant { series: 1 }));
        let square = total_least_squares(&[1.0, -1.0, 1.0, -1.0], &[1.0, 1.0, -1.0, -1.0]);
        assert_eq!(square, Err(Refusal::Singular { column: 0 }));
        let gap = total_least_squares(&[1.0, f64::NAN], &[1.0, 2.0]);
        assert_eq!(gap, Err(Refusal::NonFinite { series: 0 }));
    }

    proptest! {
        #[test]
        fn law_swapping_the_legs_inverts_the_slope(
            points in prop::collection::vec((-10.0..10.0_f64, -10.0..10.0_f64), 3..40), exponent in -30..30_i32,
        ) {
            let scale = 2.0_f64.powi(exponent);
            let (y, x): (Vec<f64>, Vec<f64>) =
                points.into_iter().map(|(a, b)| (scale * a, scale * b)).unzip();
            if let (Ok(one), Ok(two)) = (total_least_squares(&y, &x), total_least_squares(&x, &y)) {
                prop_assert!((one.slope * two.slope - 1.0).abs() < 1e-9);
            }
        }

        #[test]
        fn law_no_turned_line_is_closer(
            points in prop::collection::vec((-10.0..10.0_f64, -10.0..10.0_f64), 3..40), turn in -0.1..0.1_f64,
        ) {
            let (y, x): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            if let Ok(line) = total_least_squares(&y, &x) {
                let (mx, my) = (mean(&x).unwrap(), mean(&y).unwrap());
                let distance = |slope: f64| {
                    let squares = x.iter().zip(&y).map(|(x, y)| (y - my - slope * (x - mx)).powi(2));
                    squares.sum::<f64>() / (1.0 + slope * slope)
                };
                let turned = libm::tan(libm::atan(line.slope) + turn);
                prop_assert!(distance(line.slope) <= distance(turned) * (1.0 + 1e-9) + 1e-9);
            }
        }
    }
}
