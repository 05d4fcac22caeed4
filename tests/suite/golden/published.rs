//! Family `08_published`: worked examples of papers and of other programs.
//!
//! Every value is compared twice: with the recomputation at full precision, and with the digits
//! printed by the source.

use barline::{
    measure,
    stats::{
        self, Center, Condensed, Distance, LagRule, SharpeEstimate, SymmetricMatrix, Trend,
        codependence_distance, correlation, deflated_sharpe, expected_maximum,
        expected_maximum_sharpe, leaf_order, linkage, minimum_backtest_years,
        minimum_track_record_2012, ols, probabilistic_sharpe_2012, recursive_bisection, unit_root,
    },
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Tolerance, Verdict, number_of},
    honesty::cross_validated,
    published_relations,
};

/// The checker of a published example.
pub(super) fn published(case: &Case) -> Verdict {
    let mut check = Check::default();
    match case.id() {
        "pub.ldp2016.hrp10" => hierarchical_risk_parity(case, &mut check),
        "pub.dsr2014" => deflated(case, &mut check),
        "pub.psr2012" => probabilistic(case, &mut check),
        "pub.minbtl2014" => backtest_length(case, &mut check),
        "pub.pbo.vignette" => overfitting(case, &mut check),
        "pub.bacon" => bacon(case, &mut check),
        "pub.adf.stata" => stata(case, &mut check),
        "pub.jj1990.urca" => published_relations::danish_money(case, &mut check),
        "pub.higham2002.3x3" => published_relations::nearest_correlation(case, &mut check),
        _ => return Verdict::NotCovered,
    }
    check.verdict()
}

fn number(value: &Value) -> f64 {
    number_of(value).expect("a number")
}

fn full(case: &Case) -> Tolerance {
    case.tolerance("recomputed")
}

/// Agreement to the digits that the source printed; a last digit cut off instead of rounded counts.
fn printed(check: &mut Check, name: &str, found: f64, expected: &Value) {
    let text = expected.to_string();
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let unit = (0..decimals).fold(1.0, |unit, _| unit / 10.0);
    let tolerance = Tolerance { rtol: 0.0, atol: 1.0001 * unit };
    check.number(&format!("printed {name}"), Some(found), expected, tolerance);
}

/// Compares `found` with the recomputation and, where the source names it the same, its digits.
fn both(case: &Case, check: &mut Check, found: &[(&str, Option<f64>)]) {
    for (name, value) in found {
        check.number(name, *value, &case.expected()[*name], full(case));
        let digits = &case.get("published")[*name];
        if digits.is_number() {
            printed(check, name, value.unwrap_or(f64::NAN), digits);
        }
    }
}

fn hierarchical_risk_parity(case: &Case, check: &mut Check) {
    let table = case.table();
    let names = table.assets();
    let columns: Vec<Vec<f64>> = names.iter().map(|name| table.column(name)).collect();
    let covariance = SymmetricMatrix::from_upper(names.len(), |i, j| columns[j][i]);
    let codependence = correlation(&covariance).expect("variances");
    let expected = case.expected();
    let tree = |distances: Condensed| {
        let merges = linkage(distances, stats::Linkage::Single).expect("a tree");
        let order = leaf_order(&merges);
        let weights = recursive_bisection(&covariance, &order).expect("weights");
        (merges, order.iter().map(|leaf| leaf + 1).collect::<Vec<_>>(), weights)
    };
    let (merges, order, weights) = tree(codependence_distance(&codependence, Distance::Paper));
    check.exact("order", &serde_json::json!(order), &expected["order_1based"]);
    for (merge, row) in merges.iter().zip(expected["linkage"].as_array().expect("merges")) {
        let labels = [merge.left, merge.right, merge.size].map(|label| label as f64);
        check.exact("merge", &labels, &[0, 1, 3].map(|at| number(&row[at])));
        check.number("height", Some(merge.height), &row[2], full(case));
    }
    check.numbers("hrp", &weights, &expected["hrp"], full(case));
    let percent = case.get("published_percent");
    let inverse: Vec<f64> = covariance.diagonal().map(|variance| 1.0 / variance).collect();
    let total = stats::sum(&inverse);
    let inverse: Vec<f64> = inverse.iter().map(|value| value / total).collect();
    check.numbers("ivp", &inverse, &expected["ivp"], full(case));
    // JSON drops closing zeros; the exhibit prints two decimals.
    let exhibit = Tolerance { rtol: 0.0, atol: 0.010_001 };
    for (name, weights) in [("HRP", &weights), ("IVP", &inverse)] {
        let found: Vec<f64> = weights.iter().map(|weight| 100.0 * weight).collect();
        check.numbers(name, &found, &percent[name], exhibit);
    }
    let (_, order, weights) = tree(codependence_distance(&codependence, Distance::Correlation));
    check.exact("plain order", &serde_json::json!(order), &expected["order_condensed_1based"]);
    check.numbers("plain", &weights, &expected["hrp_if_condensed_d_is_used_instead"], full(case));
}

fn deflated(case: &Case, check: &mut Check) {
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
    both(
        case,
        check,
        &[
            ("sr0_daily", expected_maximum_sharpe(100, variance)),
            ("dsr_N100", deflated_sharpe(given, 100, variance)),
            ("dsr_N46", deflated_sharpe(given, 46, variance)),
            ("dsr_N88_normal_returns", deflated_sharpe(normal, 88, variance)),
        ],
    );
}

fn probabilistic(case: &Case, check: &mut Check) {
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
    for (at, found) in years.iter().enumerate() {
        printed(check, name, *found, &case.get("published")[name][at]);
    }
    let months = length(12.0, -0.72, 5.78);
    let expected = &case.expected()["min_trl_months_skew-0.72_kurt5.78"];
    check.number("months", Some(months), expected, full(case));
    let digits = &case.get("published")["min_trl_years_monthly_skew-0.72_kurt5.78"];
    printed(check, "years", months / 12.0, digits);
}

fn backtest_length(case: &Case, check: &mut Check) {
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

fn overfitting(case: &Case, check: &mut Check) {
    let found = match cross_validated(case, number(&case.params()["rf_per_period"])) {
        Ok(found) => found,
        Err(refusal) => return check.fail(format!("refused: {refusal}")),
    };
    let inside: Vec<f64> = found.splits.iter().map(|split| split.in_sample).collect();
    let outside: Vec<f64> = found.splits.iter().map(|split| split.out_of_sample).collect();
    let ones = vec![1.0; inside.len()];
    let package = ols(&[&outside, &ones], &inside, Center::Mean).expect("a line");
    let choices = inside.len() as f64;
    let r_squared = package.r_squared.expect("ratios that differ");
    let adjusted = 1.0 - (1.0 - r_squared) * (choices - 1.0) / (choices - 2.0);
    let line = found.degradation();
    both(
        case,
        check,
        &[
            ("p_bo", Some(found.probability_r_package())),
            ("p_loss", Some(found.probability_of_loss())),
            ("package_slope_label_is_intercept_of_lm_IS_on_OOS", Some(package.params[1])),
            ("package_intercept_label_is_slope_of_lm_IS_on_OOS", Some(package.params[0])),
            ("adj_r2", Some(adjusted)),
            ("true_slope_OOS_on_IS", line.map(|line| line.slope)),
            ("true_intercept_OOS_on_IS", line.map(|line| line.intercept)),
        ],
    );
    printed(check, "slope", package.params[1], &case.get("published")["slope"]);
    printed(check, "ar^2", adjusted, &case.get("published")["ar^2"]);
}

fn bacon(case: &Case, check: &mut Check) {
    let r = case.table().column(case.input()["column"].as_str().expect("a column"));
    let mar = number(&case.params()["MAR"]);
    let year = number(&case.params()["periods_per_year"]);
    let lower = |order| measure::lower_partial_moment(&r, mar, order).unwrap_or(f64::NAN);
    let upper = |order| measure::upper_partial_moment(&r, mar, order).unwrap_or(f64::NAN);
    let excess = stats::mean(&r).expect("returns") - mar;
    let share = |holds: fn(f64, f64) -> bool| {
        r.iter().filter(|value| holds(**value, mar)).count() as f64 / r.len() as f64
    };
    let mut value = 1.0;
    let growth = r.iter().map(|step| {
        value *= 1.0 + step;
        value
    });
    let equity: Vec<f64> = growth.collect();
    let skewness = measure::skewness_biased(&r).expect("a shape");
    let kurtosis = measure::kurtosis_raw(&r).expect("a shape");
    let annual = measure::cagr(&equity, 1.0, year).expect("a rate");
    let sharpe = annual / measure::volatility(&r, year).expect("a deviation");
    both(
        case,
        check,
        &[
            ("downside_deviation_MAR", measure::downside_deviation(&r, mar, 1.0)),
            ("downside_potential_MAR", Some(lower(1))),
            ("upside_risk_MAR", Some(upper(2).sqrt())),
            ("upside_potential_MAR", Some(upper(1))),
            ("omega_sharpe_MAR", Some(excess / lower(1))),
            ("kappa2_MAR", Some(excess / lower(2).sqrt())),
            ("downside_frequency_MAR", Some(share(|value, mar| value < mar))),
            ("upside_frequency_MAR", Some(share(|value, mar| value > mar))),
            ("bernardo_ledoit_omega0", measure::omega(&r, 0.0)),
            ("mean_absolute_deviation", measure::mean_absolute_deviation(&r)),
            ("pain_index", measure::pain_index(&equity, 1.0)),
            ("adjusted_sharpe", measure::adjusted_sharpe(sharpe, skewness, kurtosis - 3.0)),
            ("kurtosis_sample", measure::kurtosis_sample(&r)),
            ("kurtosis_sample_excess", measure::kurtosis_excess(&r)),
            ("d_ratio", measure::d_ratio(&r)),
            ("volatility_skewness", Some(upper(2) / lower(2))),
            ("variability_skewness", Some((upper(2) / lower(2)).sqrt())),
            ("skewness_kurtosis_ratio", Some(skewness / kurtosis)),
        ],
    );
}

fn stata(case: &Case, check: &mut Check) {
    let table = case.table();
    for row in case.expected().as_array().expect("tests") {
        let series = table.column(row["series"].as_str().expect("a series"));
        let trend = row["regression"].as_str().and_then(Trend::from_name).expect("a trend");
        let lags = usize::try_from(row["lags"].as_u64().expect("lags")).expect("lags");
        match unit_root(&series, trend, LagRule::Fixed(lags)) {
            Ok(found) => {
                check.number("stat", Some(found.statistic), &row["stat"], full(case));
                check.number("pvalue", found.p_value, &row["pvalue"], full(case));
                // Stata inverts another way; its printed statistics hold to five decimals.
                let stata = Tolerance { rtol: 0.0, atol: 1.0001e-5 };
                let printed = &row["published_stata_stat"];
                check.number("Stata's statistic", Some(found.statistic), printed, stata);
            }
            Err(refusal) => check.fail(format!("refused: {refusal}")),
        }
    }
}
