//! Family `03_half_life_hurst`, its half-life part.

use barline::stats::{MeanReversion, centered_half_life, chan_half_life, exact_half_life};

use super::{
    case::Case,
    check::{Check, Verdict},
    unit_root::spread,
};

/// The three half-lives and the regressions behind them; Hurst exponents are not covered.
pub(super) fn half_life(case: &Case) -> Verdict {
    let spread = match case.input()["column"].as_str() {
        Some(column) => case.table().column(column),
        None => spread(&case.y_and_x()),
    };
    let fit = MeanReversion::with_intercept(&spread);
    let centered = MeanReversion::without_intercept(&spread);
    let found = [
        ("lambda_const", fit.map(|fit| fit.lambda)),
        ("intercept", fit.map(|fit| fit.intercept)),
        ("lambda_noconst", centered.map(|fit| fit.lambda)),
        ("halflife_linear_const", chan_half_life(&spread)),
        ("halflife_log_const", exact_half_life(&spread)),
        ("halflife_linear_noconst", centered_half_life(&spread)),
    ];
    let mut check = Check::default();
    for (name, value) in found {
        check.number(name, value, &case.expected()[name], case.tolerance(name));
    }
    check.verdict()
}
