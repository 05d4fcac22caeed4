//! Which checker a case belongs to: by the family its file states and by the case's own fields.

use super::{
    backtest,
    case::Case,
    check::{Check, Verdict},
    clustered_portfolios, cointegration, covariance, half_life, hedge_ratio, honesty, hrp,
    johansen, measures, published, residual_tests, response_surface, stationarity, unit_root,
};

/// Checks a case, or says that nothing here covers it.
pub(super) fn check(case: &Case) -> Verdict {
    checker(case).map_or(Verdict::NotCovered, |check| check(case))
}

fn checker(case: &Case) -> Option<fn(&Case) -> Verdict> {
    let expected = case.expected();
    let checker: fn(&Case) -> Verdict = match case.family() {
        "adf" => unit_root::adf,
        "kpss" => stationarity::kpss,
        "phillips_ouliaris" => residual_tests::phillips_ouliaris,
        "engle_granger" if expected["statsmodels_coint"].is_object() => {
            cointegration::several_series
        }
        "engle_granger" if case.params()["method"].is_string() => residual_tests::engle_granger,
        "engle_granger" => cointegration::engle_granger,
        "response_surface" if expected.is_object() => response_surface::coefficients,
        "response_surface" => response_surface::surfaces,
        "johansen" if case.params()["det_order"].is_i64() => johansen::johansen,
        "johansen" => johansen::critical_values,
        "half_life" => half_life::half_life,
        "rolling_ols" => hedge_ratio::rolling,
        "kalman" => hedge_ratio::kalman,
        "hrp" if case.params().is_null() => hrp::edge,
        "hrp" if case.params()["leaf_order"].is_null() => hrp::tied_covariance,
        "hrp" => hrp::returns_panel,
        "herc_nco" => clustered_portfolios::herc_nco,
        "covariance" => covariance::covariance,
        "metrics" => measures::metrics,
        "turnover" => measures::turnover,
        "sharpe_inference" => honesty::sharpe_inference,
        "pbo" => honesty::overfitting,
        "pairs_backtest" => backtest::pairs_backtest,
        "published" => published::published,
        _ => return None,
    };
    Some(checker)
}

/// A checker that compares into a [`Check`].
pub(super) fn checked(compare: impl FnOnce(&mut Check)) -> Verdict {
    let mut check = Check::default();
    compare(&mut check);
    check.verdict()
}
