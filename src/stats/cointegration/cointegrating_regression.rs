//! The cointegrating regression, step 1 of the residual-based tests.

use crate::stats::{
    refusal::{Refusal, Result, check_finite},
    regression::{Center, Regression, ols},
    trend::Trend,
    unit_root::check_moves,
};

/// Residuals within this many roundings of the regression's largest term are noise.
const NOISE_ROUNDINGS: f64 = 64.0;

/// `y` on `[x..., 1, t, t^2]`, as many terms as the trend has.
///
/// # Errors
/// `Empty` without `x`, `NonFinite`, `UnequalLengths` and `Constant` with the series' position (`y`
/// is 0), `TooShort`, `Singular` (the column counts `x`, then the terms), `Collinear` where the residuals
/// are rounding noise.
pub(super) fn cointegrating_regression(
    y: &[f64],
    x: &[&[f64]],
    trend: Trend,
) -> Result<Regression> {
    if x.is_empty() {
        return Err(Refusal::Empty);
    }
    let mut series = vec![y];
    series.extend_from_slice(x);
    check_finite(&series)?;
    for (position, values) in series.iter().enumerate() {
        check_moves(values, position)?;
    }
    let fit = regress(y, x, trend)?;
    let noise = NOISE_ROUNDINGS * f64::EPSILON * largest_term(y, x, &fit.params);
    if fit.ssr <= y.len() as f64 * noise * noise { Err(Refusal::Collinear) } else { Ok(fit) }
}

/// The largest magnitude among `y` and the regressors' contributions to it.
fn largest_term(y: &[f64], x: &[&[f64]], params: &[f64]) -> f64 {
    let largest = |values: &[f64]| values.iter().fold(0.0, |max: f64, v| max.max(v.abs()));
    let terms = x.iter().zip(params).map(|(x, param)| param.abs() * largest(x));
    terms.fold(largest(y), f64::max)
}

fn regress(y: &[f64], x: &[&[f64]], trend: Trend) -> Result<Regression> {
    let terms = trend.columns(y.len());
    let columns: Vec<&[f64]> = x.iter().copied().chain(terms.iter().map(Vec::as_slice)).collect();
    // One more row than columns, or the residuals are zero by construction.
    let needed = columns.len() + 1;
    if y.len() < needed {
        return Err(Refusal::TooShort { needed, given: y.len() });
    }
    ols(&columns, y, if trend == Trend::None { Center::Zero } else { Center::Mean })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_of_a_noisy_line_are_orthogonal_to_its_terms() {
        let x: Vec<f64> = (0..50_u32).map(|t| f64::from(t * t % 13)).collect();
        let y: Vec<f64> = x.iter().zip(0_u32..).map(|(x, t)| 2.0 * x + f64::from(t % 5)).collect();
        let fit = cointegrating_regression(&y, &[&x], Trend::Constant).expect("regular");
        assert!(fit.residuals.iter().sum::<f64>().abs() < 1e-10);
        assert!((fit.params[0] - 2.0).abs() < 0.1);
    }

    #[test]
    fn what_cannot_be_regressed_is_refused_by_name() {
        let x: Vec<f64> = (0..50_u32).map(|t| f64::from(t * t % 13)).collect();
        let double: Vec<f64> = x.iter().map(|value| 2.0 * value).collect();
        let refusal =
            |y: &[f64], x: &[&[f64]]| cointegrating_regression(y, x, Trend::Constant).err();
        assert_eq!(refusal(&x, &[]), Some(Refusal::Empty));
        assert_eq!(refusal(&x, &[&double]), Some(Refusal::Collinear));
        assert_eq!(refusal(&x, &[&[4.0; 50]]), Some(Refusal::Constant { series: 1 }));
    }
}
