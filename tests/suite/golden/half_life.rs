//! Family `03_half_life_hurst`: half-lives, Ornstein-Uhlenbeck parameters, Hurst exponents.

use barline::stats::{
    Center, MeanReversion, Steps, WindowRange, centered_half_life, chan_half_life, exact_half_life,
    hurst_of_differences, hurst_rescaled_range, ols, ornstein_uhlenbeck,
};

use super::{
    case::Case,
    check::{Check, Verdict},
    unit_root::spread,
};

/// Every definition of the family on a simulated spread or the residuals of a pair.
pub(super) fn half_life(case: &Case) -> Verdict {
    let mut check = Check::default();
    let spread = if let Some(column) = case.input()["column"].as_str() {
        case.table().column(column)
    } else {
        line(case, &mut check);
        spread(&case.y_and_x())
    };
    let fit = MeanReversion::with_intercept(&spread);
    let centered = MeanReversion::without_intercept(&spread);
    let process = ornstein_uhlenbeck(&spread);
    let n = (spread.len() - 1) as f64;
    let found = [
        ("lambda_const", fit.map(|fit| fit.lambda)),
        ("intercept", fit.map(|fit| fit.intercept)),
        ("lambda_noconst", centered.map(|fit| fit.lambda)),
        ("phi_const", process.map(|process| process.phi)),
        ("t_lambda_const", process.and_then(|process| process.t_ratio)),
        ("halflife_linear_const", chan_half_life(&spread)),
        ("halflife_log_const", exact_half_life(&spread)),
        ("halflife_linear_noconst", centered_half_life(&spread)),
        ("ou_theta_dt1", process.and_then(|process| process.theta)),
        ("ou_mu", process.map(|process| process.mu)),
        ("ou_sigma_dt1", process.and_then(|process| process.sigma)),
        ("resid_sd_ml", process.map(|process| process.residual_deviation)),
        (
            "resid_sd_unbiased",
            process.map(|process| process.residual_deviation * (n / (n - 2.0)).sqrt()),
        ),
    ];
    for (name, value) in found {
        check.number(name, value, &case.expected()[name], case.tolerance(name));
    }
    hurst(case, &mut check, &spread);
    check.verdict()
}

/// The regression that the spread is the residual of.
fn line(case: &Case, check: &mut Check) {
    let columns = case.y_and_x();
    let ones = vec![1.0; columns[0].len()];
    let fit = ols(&[&columns[1], &ones], &columns[0], Center::Mean).expect("a regular pair");
    for (at, name) in ["beta", "alpha"].into_iter().enumerate() {
        let expected = &case.expected()[name];
        check.number(name, Some(fit.params[at]), expected, case.tolerance(name));
    }
}

fn hurst(case: &Case, check: &mut Check, spread: &[f64]) {
    let expected = case.expected().as_object().expect("expected values");
    let lowest = spread.iter().copied().fold(f64::INFINITY, f64::min);
    let lifted: Vec<f64> = spread.iter().map(|value| value - lowest + 1.0).collect();
    let price = || case.table().column(case.input()["y"].as_str().expect("a column"));
    for (name, wanted) in expected.iter().filter(|(name, _)| name.starts_with("hurst_")) {
        let tolerance = case.tolerance(name);
        let of_price = |range| hurst_rescaled_range(&price(), Steps::Returns, range);
        let found = match name.as_str() {
            "hurst_pkg_RS_simplified_random_walk_of_spread" => {
                hurst_rescaled_range(&lifted, Steps::Differences, WindowRange::Levels)
                    .map(|found| found.exponent)
            }
            "hurst_pkg_RS_simplified_price_of_y" => {
                of_price(WindowRange::Levels).map(|found| found.exponent)
            }
            "hurst_pkg_RS_full_price_of_y" => {
                of_price(WindowRange::Deviations).map(|found| found.exponent)
            }
            "hurst_pkg_windows" => {
                let windows = of_price(WindowRange::Levels).map(|found| found.windows);
                let windows = windows.unwrap_or_default();
                check.same(name, windows, wanted);
                continue;
            }
            _ => {
                let spans = name.strip_prefix("hurst_diff_lags_").and_then(|t| t.split_once('_'));
                let Some((first, last)) = spans else {
                    check.fail(format!("unknown field {name}"));
                    continue;
                };
                let span = |text: &str| text.parse().expect("a span");
                hurst_of_differences(spread, span(first)..=span(last))
            }
        };
        check.number(name, found, wanted, tolerance);
    }
}
