//! Published examples of Sharpe ratios under selection.

use barline::stats::{
    SharpeEstimate, deflated_sharpe, expected_maximum, expected_maximum_sharpe,
    minimum_backtest_years, minimum_track_record_2012, probabilistic_sharpe_2012,
};

use super::{
    case::Case,
    check::Check,
    published::{all_printed, both, full, number, printed},
};

/// The deflated Sharpe ratio of the paper of 2014; the numbers of trials stand in the names.
pub(super) fn deflated(case: &Case, check: &mut Check) {
    let inputs = case.get("inputs");
    let year = number(&inputs["periods_per_year"]);
    let variance = number(&inputs["var_sr_annual"]) / year;
    let normal = SharpeEstimate::normal(
        number(&inputs["sr_annual"]) / year.sqrt(),
        usize::try_from(inputs["T"].as_u64().expect("a count")).expect("a count"),
    );
    let given = SharpeEstimate {
        skewness: number(&inputs["skew"]),
        kurtosis: number(&inputs["kurt_raw"]),
        ..normal
    };
    let trials = usize::try_from(inputs["N"].as_u64().expect("a count")).expect("a count");
    both(case, check, &[("sr0_daily", expected_maximum_sharpe(trials, variance))]);
    let members = case.expected().as_object().expect("expected values");
    for name in members.keys() {
        let Some(given_trials) = name.strip_prefix("dsr_N") else { continue };
        let (trials, moments) = given_trials.split_once('_').unwrap_or((given_trials, ""));
        let estimate = if moments == "normal_returns" { normal } else { given };
        let trials = trials.parse().expect("a number of trials");
        both(case, check, &[(name, deflated_sharpe(estimate, trials, variance))]);
    }
}

/// The probabilistic Sharpe ratio and the least track record of the paper of 2012.
pub(super) fn probabilistic(case: &Case, check: &mut Check) {
    let inputs = case.get("inputs");
    let observations = usize::try_from(inputs["T"].as_u64().expect("a count")).expect("a count");
    let ratio = number(&inputs["mean"]) / number(&inputs["sd"]);
    let normal = SharpeEstimate::normal(ratio, observations);
    let given = SharpeEstimate {
        skewness: number(&inputs["skew"]),
        kurtosis: number(&inputs["kurt_raw"]),
        ..normal
    };
    both(
        case,
        check,
        &[
            ("psr0_normal", probabilistic_sharpe_2012(normal, 0.0)),
            ("psr0_nonnormal", probabilistic_sharpe_2012(given, 0.0)),
        ],
    );
    let length = |year: f64, skewness: f64, kurtosis: f64| {
        let ratio = 2.0 / year.sqrt();
        let estimate = SharpeEstimate { ratio, observations: 0, skewness, kurtosis };
        minimum_track_record_2012(estimate, 1.0 / year.sqrt(), 0.95).unwrap_or(f64::NAN)
    };
    let name = "min_trl_years_daily_weekly_monthly_normal";
    let years = [252.0, 52.0, 12.0].map(|year| length(year, 0.0, 3.0) / year);
    check.numbers(name, &years, &case.expected()[name], full(case));
    all_printed(check, name, &years, &case.get("published")[name]);
    let months = length(12.0, -0.72, 5.78);
    let expected = &case.expected()["min_trl_months_skew-0.72_kurt5.78"];
    check.number("months", Some(months), expected, full(case));
    let digits = &case.get("published")["min_trl_years_monthly_skew-0.72_kurt5.78"];
    printed(check, "years", months / 12.0, digits);
}

/// The least length of a backtest, in the paper of 2014 on pseudo-mathematics.
pub(super) fn backtest_length(case: &Case, check: &mut Check) {
    both(
        case,
        check,
        &[
            ("emax_N10", expected_maximum(10)),
            ("expected_max_annual_sr_N45_5y", expected_maximum_sharpe(45, 0.2)),
            ("min_btl_years_N45", minimum_backtest_years(45, 1.0)),
        ],
    );
    let longer = |trials| minimum_backtest_years(trials, 1.0).is_some_and(|years| years > 5.0);
    let most = (2..1000).find(|trials| longer(*trials)).map(|trials| trials - 1);
    check.count("trials", most.unwrap_or(0), &case.get("published")["trials_for_5_years"]);
}
