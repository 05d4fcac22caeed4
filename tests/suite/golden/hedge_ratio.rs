//! Families `03_rolling_ols` and `03_kalman_hedge`.

use barline::stats::{
    FirstBar, KalmanHedge, RollingFit, RollingWindow, kalman_hedge, mean, rolling_ols,
    rolling_slope_statsmodels_skip, standard_deviation,
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, EXACT, Verdict, class, failed, number_of},
};

fn number(value: &Value) -> f64 {
    number_of(value).expect("a number")
}

fn count(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|value| usize::try_from(value).ok())
}

fn rows(value: &Value) -> Vec<usize> {
    value.as_array().expect("rows").iter().filter_map(count).collect()
}

/// statsmodels' `RollingOLS` of `y` on a constant and `x`.
pub(super) fn rolling(case: &Case) -> Verdict {
    let columns = case.y_and_x();
    let (y, x) = (&columns[0], &columns[1]);
    let rows = count(&case.params()["window"]).expect("a window");
    let least = count(&case.params()["min_nobs"]).unwrap_or(2);
    if case.expected()["raises"].is_string() {
        // statsmodels' window with gaps: what raises there has no row with a value here.
        let fits = rolling_ols(y, x, RollingWindow { least, ..RollingWindow::new(rows) });
        return class(fits.is_ok_and(|fits| fits.iter().all(Option::is_none)), "a value");
    }
    let mut check = Check::default();
    if case.params()["missing"] == "skip" {
        match rolling_slope_statsmodels_skip(y, x, rows, least) {
            Ok(slopes) => slopes_with_gaps(case, &mut check, &slopes),
            Err(refusal) => check.fail(format!("refused: {refusal}")),
        }
        return check.verdict();
    }
    match rolling_ols(y, x, RollingWindow { least, ..RollingWindow::new(rows) }) {
        Ok(fits) if case.params()["missing"] == "drop" => {
            let slopes: Vec<_> = fits.iter().map(|fit| fit.map(|fit| fit.slope)).collect();
            slopes_with_gaps(case, &mut check, &slopes);
        }
        Ok(fits) => windows(case, &mut check, &fits, [y, x], rows),
        Err(refusal) => check.fail(format!("refused: {refusal}")),
    }
    check.verdict()
}

fn slopes_with_gaps(case: &Case, check: &mut Check, slopes: &[Option<f64>]) {
    let expected = case.expected();
    let valid: Vec<usize> = (0..slopes.len()).filter(|row| slopes[*row].is_some()).collect();
    check.count("n_valid", valid.len(), &expected["n_valid"]);
    check.count("index_len", slopes.len(), &expected["index_len"]);
    for (at, row) in [valid.first(), valid.last()].into_iter().enumerate() {
        let row = row.copied().unwrap_or(usize::MAX);
        check.count("valid row", row, &expected["valid_rows_first_last"][at]);
    }
    let total = slopes.iter().flatten().sum();
    check.number("sum", Some(total), &expected["beta_sum"], case.tolerance("beta_sum"));
    let last = slopes.last().copied().flatten();
    check.number("last", last, &expected["beta_last"], case.tolerance("beta_last"));
}

fn windows(
    case: &Case,
    check: &mut Check,
    fits: &[Option<RollingFit>],
    [y, x]: [&Vec<f64>; 2],
    window: usize,
) {
    let expected = case.expected();
    let slopes: Vec<f64> = fits.iter().flatten().map(|fit| fit.slope).collect();
    check.count("rows_with_value", slopes.len(), &expected["rows_with_value"]);
    let first = fits.iter().position(Option::is_some).unwrap_or(usize::MAX);
    check.count("first_valid_row", first, &expected["first_valid_row"]);
    let slope = |row: usize| fits[row].map_or(f64::NAN, |fit| fit.slope);
    let spread: Vec<f64> = (0..fits.len()).map(|row| y[row] - slope(row) * x[row]).collect();
    for (at, row) in rows(&expected["at_rows"]).into_iter().enumerate() {
        let fit = fits[row];
        let residual = fit.map(|fit| spread[row] - fit.intercept);
        let history = &spread[(row + 1).saturating_sub(window)..=row];
        let score = || {
            let score = (spread[row] - mean(history)?) / standard_deviation(history, 1)?;
            (history.len() == window && score.is_finite()).then_some(score)
        };
        for (name, found) in [
            ("const", fit.map(|fit| fit.intercept)),
            ("beta", fit.map(|fit| fit.slope)),
            ("rsquared", fit.and_then(|fit| fit.r_squared)),
            ("bse_beta", fit.and_then(|fit| fit.slope_error)),
            ("same_bar_residual", residual),
            ("zscore_of_y_minus_beta_x_rolling_same_window_ddof1", score()),
        ] {
            check.number(name, found, &expected[name][at], case.tolerance(name));
        }
    }
    if expected["beta_all"].is_array() {
        check.numbers("beta_all", &slopes, &expected["beta_all"], case.tolerance("beta_all"));
    } else {
        // Given for one window only.
        check.number("beta_all", None, &expected["beta_all"], EXACT);
    }
    let tolerance = case.tolerance("beta_mean");
    check.number("beta_mean", mean(&slopes), &expected["beta_mean"], tolerance);
    let deviation = standard_deviation(&slopes, 1);
    check.number("beta_std", deviation, &expected["beta_std_ddof1"], tolerance);
}

/// The filter with each prior and noise.
pub(super) fn kalman(case: &Case) -> Verdict {
    let columns = case.y_and_x();
    let params = case.params();
    let prior = |i: usize, j: usize| number(&params["P0"][i][j]);
    let first_bar =
        if params["inflate_before_first"] == true { FirstBar::Inflated } else { FirstBar::Prior };
    let filter = KalmanHedge {
        mean: [0, 1].map(|at| number(&params["a0"][at])),
        covariance: [prior(0, 0), prior(0, 1), prior(1, 1)],
        first_bar,
        ..KalmanHedge::chan(number(&params["delta"]), number(&params["R"]))
    };
    let mut check = Check::default();
    let path = match kalman_hedge(&columns[0], &columns[1], filter) {
        Ok(path) => path,
        Err(refusal) => return failed(format!("refused: {refusal}")),
    };
    let expected = case.expected();
    for (at, row) in rows(&expected["at_rows"]).into_iter().enumerate() {
        let row = path.rows[row];
        for (name, found) in [
            ("slope", row.slope),
            ("intercept", row.intercept),
            ("innovation", row.innovation),
            ("innovation_var", row.innovation_variance),
        ] {
            check.number(name, Some(found), &expected[name][at], case.tolerance(name));
        }
        let tolerance = case.tolerance("P_00_01_11");
        check.numbers("P", &row.covariance, &expected["P_00_01_11"][at], tolerance);
    }
    let slopes: Vec<f64> = path.rows.iter().map(|row| row.slope).collect();
    let sparse: Vec<f64> = slopes.iter().copied().step_by(25).collect();
    let tolerance = case.tolerance("slope_all_every_25");
    check.numbers("slopes", &sparse, &expected["slope_all_every_25"], tolerance);
    check.number("slope_mean", mean(&slopes), &expected["slope_mean"], case.tolerance("slope"));
    let likelihood = Some(path.log_likelihood);
    check.number("loglik", likelihood, &expected["loglik"], case.tolerance("loglik"));
    check.verdict()
}
