//! Family `published`: worked examples of papers and of other programs.
//!
//! Every value is compared twice: with the recomputation at full precision, and with the digits
//! printed by the source, to half a unit of the last one. An example is known by what it expects.

use barline::{
    measure,
    stats::{
        self, Center, Condensed, Distance, SymmetricMatrix, WeightBounds, codependence_distance,
        correlation, leaf_order, linkage, minimum_variance, ols, recursive_bisection,
    },
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, EXACT, Tolerance, Verdict, number_of},
    families::checked,
    honesty::cross_validated,
    published_relations, published_sharpe,
};

/// A checker of published examples.
type Checker = fn(&Case, &mut Check);

/// A member that only one example expects, and the checker of that example.
const EXAMPLES: [(&str, Checker); 8] = [
    ("hrp_if_condensed_d_is_used_instead", hierarchical_risk_parity),
    ("sr0_daily", published_sharpe::deflated),
    ("psr0_nonnormal", published_sharpe::probabilistic),
    ("min_btl_years_N45", published_sharpe::backtest_length),
    ("adj_r2", overfitting),
    ("bernardo_ledoit_omega0", bacon),
    ("beta1", published_relations::danish_money),
    ("nearest_correlation", published_relations::nearest_correlation),
];

/// The checker of a published example.
pub(super) fn published(case: &Case) -> Verdict {
    let expected = case.expected();
    if !expected[0]["published_stata_stat"].is_null() {
        return checked(|check| published_relations::stata(case, check));
    }
    let example = EXAMPLES.iter().find(|(member, _)| !expected[*member].is_null());
    example.map_or(Verdict::NotCovered, |(_, compare)| checked(|check| compare(case, check)))
}

pub(super) fn number(value: &Value) -> f64 {
    number_of(value).expect("a number")
}

pub(super) fn full(case: &Case) -> Tolerance {
    case.tolerance("recomputed")
}

/// Agreement to half a unit of the last digit that the source printed. JSON drops closing zeros, so
/// that a digit may count less than it did in print.
pub(super) fn printed(check: &mut Check, name: &str, found: f64, expected: &Value) {
    let tolerance = half_unit(&expected.to_string());
    check.number(&format!("printed {name}"), Some(found), expected, tolerance);
}

/// Half a unit of the last digit of a number as written.
pub(super) fn half_unit(text: &str) -> Tolerance {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let shift: i32 = exponent.parse().expect("a power of ten");
    let places = i32::try_from(decimals).expect("a few digits") - shift;
    // A hair more: the decimal numbers on both sides are rounded to binary.
    Tolerance { rtol: 0.0, atol: 0.500_001 * 10.0_f64.powi(-places) }
}

/// A list of printed numbers, each to its own last digit.
pub(super) fn all_printed(check: &mut Check, name: &str, found: &[f64], expected: &Value) {
    let expected = expected.as_array().map(Vec::as_slice).unwrap_or_default();
    check.exact(&format!("length of printed {name}"), &found.len(), &expected.len());
    for (at, (found, wanted)) in found.iter().zip(expected).enumerate() {
        printed(check, &format!("{name}[{at}]"), *found, wanted);
    }
}

/// Compares `found` with the recomputation and, where the source names it the same, its digits.
pub(super) fn both(case: &Case, check: &mut Check, found: &[(&str, Option<f64>)]) {
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
    check.same("order", order, &expected["order_1based"]);
    let rows = expected["linkage"].as_array().expect("merges");
    check.exact("number of merges", &merges.len(), &rows.len());
    for (merge, row) in merges.iter().zip(rows) {
        for (at, label) in [(0, merge.left), (1, merge.right), (3, merge.size)] {
            check.number("merge", Some(label as f64), &row[at], EXACT);
        }
        check.number("height", Some(merge.height), &row[2], full(case));
    }
    check.numbers("hrp", &weights, &expected["hrp"], full(case));
    let percent = case.get("published_percent");
    let inverse: Vec<f64> = covariance.diagonal().map(|variance| 1.0 / variance).collect();
    let total = stats::sum(&inverse);
    let inverse: Vec<f64> = inverse.iter().map(|value| value / total).collect();
    check.numbers("ivp", &inverse, &expected["ivp"], full(case));
    let long_only = WeightBounds::long_only(names.len());
    let least = minimum_variance(&covariance, &long_only).expect("a regular covariance");
    let expected_least = &expected["minvar_long_only"];
    let solver = Tolerance { rtol: 0.0, atol: number(&expected_least["tol"]) };
    check.numbers("minimum variance", &least, &expected_least["weights"], solver);
    // The exhibit prints percents with two decimals; JSON drops closing zeros.
    let exhibit = half_unit("0.01");
    for (name, weights) in [("HRP", &weights), ("IVP", &inverse), ("CLA", &least)] {
        let found: Vec<f64> = weights.iter().map(|weight| 100.0 * weight).collect();
        check.numbers(name, &found, &percent[name], exhibit);
    }
    let (_, order, weights) = tree(codependence_distance(&codependence, Distance::Correlation));
    check.same("plain order", order, &expected["order_condensed_1based"]);
    check.numbers("plain", &weights, &expected["hrp_if_condensed_d_is_used_instead"], full(case));
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

#[test]
fn half_a_unit_of_the_last_digit() {
    let holds = |found: f64, text: &str| {
        (found - text.parse::<f64>().unwrap()).abs() <= half_unit(text).atol
    };
    assert!(holds(0.122_49, "0.12") && holds(0.125, "0.12") && !holds(0.1251, "0.12"));
    assert!(holds(45.4, "45") && !holds(45.6, "45"));
    assert!(holds(1.04e-5, "1e-5") && !holds(1.6e-5, "1e-5"));
}
