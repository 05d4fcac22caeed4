//! Families `06_psr_dsr` and `06_pbo`.

use barline::{
    measure,
    stats::{
        self, Overfitting, SharpeEstimate, deflated_sharpe, expected_maximum,
        expected_maximum_sharpe, minimum_backtest_years, minimum_track_record_2012,
        probabilistic_sharpe_2012, probabilistic_sharpe_2025,
    },
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Verdict, failed, number_of},
    measures::returns,
};

fn number(value: &Value) -> f64 {
    number_of(value).expect("a number")
}

fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a count")).expect("a count")
}

/// Inference on Sharpe ratios: of a series, on a grid of moments, on a grid of trials.
pub(super) fn sharpe_inference(case: &Case) -> Verdict {
    let mut check = Check::default();
    match case.expected().as_array() {
        None => of_series(case, &mut check),
        Some(grid) => {
            for row in grid {
                if row["emax"].is_null() {
                    moments(case, &mut check, row);
                } else {
                    trials(case, &mut check, row);
                }
            }
        }
    }
    check.verdict()
}

fn of_series(case: &Case, check: &mut Check) {
    let returns = returns(case);
    let expected = case.expected();
    // "0.5/252 per period^2": half an annual unit over the bars of a year.
    let note = case.params()["var_sr_for_dsr"].as_str().expect("a variance");
    let (variance, year) = note.split_once('/').expect("a quotient");
    let year: f64 = year.split(' ').next().expect("bars").parse().expect("bars per year");
    let variance: f64 = variance.parse::<f64>().expect("a variance") / year;
    let estimate = SharpeEstimate {
        ratio: measure::sharpe(&returns, 1.0).unwrap_or(f64::NAN),
        observations: returns.len(),
        skewness: measure::skewness_biased(&returns).unwrap_or(f64::NAN),
        kurtosis: measure::kurtosis_raw(&returns).unwrap_or(f64::NAN),
    };
    check.count("T", estimate.observations, &expected["T"]);
    let half = 0.5 / year.sqrt();
    for (name, found) in [
        ("sr_per_period_ddof1", Some(estimate.ratio)),
        ("skew_biased", Some(estimate.skewness)),
        ("kurtosis_raw_biased", Some(estimate.kurtosis)),
        ("psr_sr0_0", probabilistic_sharpe_2012(estimate, 0.0)),
        ("psr_sr0_annual_0.5", probabilistic_sharpe_2012(estimate, half)),
        ("psr_2025_sr0_0", probabilistic_sharpe_2025(estimate, 0.0)),
        ("psr_2025_sr0_annual_0.5", probabilistic_sharpe_2025(estimate, half)),
        ("min_trl_obs_sr0_0_p95", minimum_track_record_2012(estimate, 0.0, 0.95)),
    ] {
        check.number(name, found, &expected[name], case.tolerance(name));
    }
    for (trials, wanted) in expected["dsr"].as_object().expect("a row per number of trials") {
        let trials = trials.parse().expect("a number of trials");
        let deflated = deflated_sharpe(estimate, trials, variance);
        check.number("dsr", deflated, &wanted["dsr"], case.tolerance("dsr"));
        let maximum = expected_maximum_sharpe(trials, variance);
        check.number("sr0", maximum, &wanted["sr0"], case.tolerance("sr0"));
    }
}

fn moments(case: &Case, check: &mut Check, row: &Value) {
    let year = number(&row["A"]).sqrt();
    let estimate = SharpeEstimate {
        ratio: number(&row["sr_annual"]) / year,
        observations: count(&row["T"]),
        skewness: number(&row["skew"]),
        kurtosis: number(&row["kurt_raw"]),
    };
    let threshold = number(&row["sr0_annual"]) / year;
    for (name, found) in [
        ("psr", probabilistic_sharpe_2012(estimate, threshold)),
        ("psr_2025", probabilistic_sharpe_2025(estimate, threshold)),
        ("min_trl_p95_obs", minimum_track_record_2012(estimate, threshold, 0.95)),
    ] {
        check.number(name, found, &row[name], case.tolerance(name));
    }
    // The moments that the row is about.
    for name in ["sr_annual", "sr0_annual", "T", "A", "skew", "kurt_raw"] {
        check.see(&row[name]);
    }
}

fn trials(case: &Case, check: &mut Check, row: &Value) {
    let trials = count(&row["N"]);
    check.see(&row["N"]);
    check.number("emax", expected_maximum(trials), &row["emax"], case.tolerance("emax"));
    let years = minimum_backtest_years(trials, 1.0);
    check.number("years", years, &row["min_btl_years"], case.tolerance("min_btl_years"));
}

/// The trials of a case: all columns of numbers.
pub(super) fn cross_validated(case: &Case, risk_free: f64) -> stats::Result<Overfitting> {
    let table = case.table();
    let columns: Vec<Vec<f64>> = table.assets().iter().map(|name| table.column(name)).collect();
    let trials: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    stats::overfitting(&trials, count(&case.params()["S"]), risk_free)
}

/// Combinatorially symmetric cross-validation.
pub(super) fn overfitting(case: &Case) -> Verdict {
    let found = match cross_validated(case, 0.0) {
        Ok(found) => found,
        Err(refusal) => return failed(format!("refused: {refusal}")),
    };
    let expected = case.expected();
    let mut check = Check::default();
    check.count("n_combinations", found.splits.len(), &expected["n_combinations"]);
    let column =
        |value: fn(&stats::Split) -> f64| -> Vec<f64> { found.splits.iter().map(value).collect() };
    let mut logits = column(|split| split.logit);
    let mean_logit = stats::mean(&logits);
    let negative = logits.iter().filter(|logit| **logit < 0.0).count() as f64;
    logits.sort_by(f64::total_cmp);
    let degradation = found.degradation();
    for (name, value) in [
        ("pbo_paper_lambda_le_0", Some(found.probability())),
        ("pbo_lambda_lt_0", Some(negative / logits.len() as f64)),
        ("pbo_rankN_lambda_le_0", Some(found.probability_r_package())),
        ("degradation_slope_oos_on_is", degradation.map(|line| line.slope)),
        ("degradation_intercept", degradation.map(|line| line.intercept)),
        ("degradation_r2", degradation.map(|line| line.r_squared)),
        ("prob_oos_loss", Some(found.probability_of_loss())),
        ("mean_is_best", stats::mean(&column(|split| split.in_sample))),
        ("mean_oos_of_best", stats::mean(&column(|split| split.out_of_sample))),
        ("lambda_mean", mean_logit),
        ("lambda_median", stats::quantile(&logits, 0.5)),
    ] {
        check.number(name, value, &expected[name], case.tolerance(name));
    }
    splits(case, &mut check, &found);
    check.verdict()
}

fn splits(case: &Case, check: &mut Check, found: &Overfitting) {
    let expected = case.expected();
    let first = expected["first10"].as_array().expect("splits");
    check.exact("splits shown", &first.len(), &found.splits.len().min(10));
    for (split, wanted) in found.splits.iter().zip(first) {
        check.count("n_star", split.chosen, &wanted["n_star"]);
        for (name, value) in [
            ("is", split.in_sample),
            ("oos", split.out_of_sample),
            ("oos_rank", split.rank),
            ("lambda", split.logit),
        ] {
            check.number(name, Some(value), &wanted[name], case.tolerance(name));
        }
    }
    let mut counts = vec![0_u64; found.trials];
    found.splits.iter().for_each(|split| counts[split.chosen] += 1);
    check.same("selected_counts", counts, &expected["selected_counts"]);
}
