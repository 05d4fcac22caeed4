//! Covariances of returns with gaps, and the repair of what comes out indefinite.

use barline::stats::{
    Pairwise, SKFOLIO_FLOOR, STATSMODELS_FLOOR, clipped_covariance, eigen, loaded_covariance,
    nearest_covariance, pairwise_correlation, pairwise_covariance, rolling_covariance,
    spectral_covariance,
};

use super::{
    case::Case,
    check::{EXACT, Verdict},
    covariance::table,
    estimator_call::Call,
    families::checked,
};

/// Each pair's common rows.
pub(super) fn pairwise(case: &Case, columns: &[&[f64]], min_periods: usize) -> Verdict {
    let found: Pairwise = pairwise_covariance(columns, min_periods).expect("equal lengths");
    let expected = case.expected();
    checked(|check| {
        table(check, "covariance", &found.matrix, &expected["cov"], case.tolerance("cov"));
        if !expected["n_null_cells"].is_null() {
            check.count("null cells", found.undefined(), &expected["n_null_cells"]);
        }
        if expected["corr"].is_array() {
            let found = pairwise_correlation(columns, min_periods).expect("equal lengths").matrix;
            table(check, "correlation", &found, &expected["corr"], case.tolerance("corr"));
        }
        if expected["pair_counts"].is_array() {
            table(check, "count", &found.counts, &expected["pair_counts"], EXACT);
        }
    })
}

/// The first two columns in a window that rolls.
pub(super) fn rolling(case: &Case, call: Call, columns: &[&[f64]]) -> Verdict {
    let window: usize = call.number_after(".rolling(").expect("a window");
    let min_periods = call.count("min_periods").unwrap_or(window);
    let found = rolling_covariance(columns[0], columns[1], window, min_periods);
    let found = found.expect("equal lengths");
    let expected = case.expected();
    checked(|check| {
        check.count("valid rows", found.iter().flatten().count(), &expected["n_valid"]);
        let first = found.iter().position(Option::is_some).unwrap_or(found.len());
        check.count("first valid row", first, &expected["first_valid_row"]);
        let last = found.last().copied().flatten();
        check.number("last", last, &expected["last"], case.tolerance("last"));
        let sum = found.iter().flatten().fold(0.0, |sum, value| sum + value);
        check.number("sum", Some(sum), &expected["sum"], case.tolerance("sum"));
    })
}

/// A matrix that is not positive semi-definite, and what each library makes of it.
pub(super) fn repairs(case: &Case, columns: &[&[f64]]) -> Verdict {
    let broken = pairwise_covariance(columns, 1).expect("equal lengths").matrix;
    let expected = case.expected();
    let (plain, nearest) = (case.tolerance("pairwise_cov"), case.tolerance("nearest/higham"));
    let found = [
        ("statsmodels_cov_nearest_clipped", clipped_covariance(&broken, STATSMODELS_FLOOR), plain),
        (
            "statsmodels_cov_nearest_nearest",
            nearest_covariance(&broken, STATSMODELS_FLOOR),
            nearest,
        ),
        ("pypfopt_fix_spectral", spectral_covariance(&broken), plain),
        ("pypfopt_fix_diag", loaded_covariance(&broken), plain),
        ("riskfolio_cov_fix_clipped_1e-8", clipped_covariance(&broken, 1e-8), plain),
        ("skfolio_cov_nearest_higham0", clipped_covariance(&broken, SKFOLIO_FLOOR), plain),
        ("skfolio_cov_nearest_higham1", nearest_covariance(&broken, SKFOLIO_FLOOR), nearest),
    ];
    checked(|check| {
        table(check, "pairwise", &broken, &expected["pairwise_cov"], plain);
        let mut values = eigen(&broken).expect("finite").values;
        values.reverse();
        check.numbers("eigenvalue", &values, &expected["eigenvalues"], plain);
        // The peer's own floor for rounding.
        check.same("is_psd", values[0] >= -1e-16, &expected["is_psd"]);
        for (name, found, tolerance) in found {
            match found {
                // The peer has no answer to compare with.
                _ if !expected[name].is_array() => check.see(&expected[name]),
                Ok(found) => table(check, name, &found, &expected[name], tolerance),
                Err(refusal) => check.fail(format!("{name} is refused: {refusal}")),
            }
        }
    })
}
