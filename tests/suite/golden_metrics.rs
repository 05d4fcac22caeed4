//! Family 06 of the golden cases: measures of return series, as far as a job has them.
//!
//! Cases with a risk-free rate hold our measures only where it does not enter. Runs on the folder
//! that `BARLINE_GOLDEN` names. Tolerances are the family's: 1e-9, or 1e-12 absolute.

#![allow(clippy::print_stdout, reason = "a golden run says how many cases it held")]

use std::{env, fs, path::PathBuf};

use barline::measure;
use serde_json::Value;

/// Ours by the golden name.
fn measures(
    returns: &[f64],
    periods_per_year: f64,
    risk_free: bool,
) -> Vec<(&'static str, Option<f64>)> {
    let mut equity = Vec::new();
    let mut value = 1.0;
    for step in returns {
        value *= 1.0 + step;
        equity.push(value);
    }
    let cagr = measure::cagr(&equity, 1.0, periods_per_year);
    let drawdown = measure::max_drawdown(&equity, 1.0);
    let mut ours = vec![
        ("total_return", Some(measure::total_return(&equity, 1.0))),
        ("cagr", cagr),
        ("volatility_ddof1", measure::volatility(returns, periods_per_year)),
        ("max_drawdown_base1", Some(drawdown)),
        ("calmar", measure::calmar(cagr, drawdown)),
        ("profit_factor", measure::profit_factor(returns)),
        ("win_rate_incl_zero", measure::win_rate(returns)),
    ];
    if !risk_free {
        ours.push(("sharpe_ddof1", measure::sharpe(returns, periods_per_year)));
        ours.push(("sortino", measure::sortino(returns, periods_per_year)));
    }
    ours
}

fn agrees(ours: Option<f64>, golden: &Value) -> bool {
    match (ours, golden.as_f64()) {
        (Some(ours), Some(golden)) => (ours - golden).abs() <= 1e-12 + 1e-9 * golden.abs(),
        (None, None) => true,
        _ => false,
    }
}

fn returns(case: &Value, folder: &std::path::Path) -> Vec<f64> {
    let input = &case["input"];
    let path = folder.join(input["file"].as_str().expect("a file"));
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let column = input["column"].as_str().expect("a column");
    let at = reader.headers().expect("a header").iter().position(|name| name == column);
    let at = at.expect("the column");
    let values: Vec<f64> = reader
        .records()
        .map(|record| record.expect("a row")[at].parse().expect("a number"))
        .collect();
    if input["kind"] == "returns" {
        return values;
    }
    values.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

#[test]
fn golden_metrics() {
    let Some(folder) = env::var_os("BARLINE_GOLDEN").map(PathBuf::from) else { return };
    let Ok(text) = fs::read_to_string(folder.join("cases").join("06_metrics.json")) else { return };
    let family: Value = serde_json::from_str(&text).expect("a case file");
    let cases = family["cases"].as_array().expect("cases");
    let mut failed = Vec::new();
    for case in cases {
        let returns = returns(case, &folder);
        let periods = case["params"]["periods_per_year"].as_f64().expect("a number");
        let risk_free = case["params"]["rf_annual"].as_f64() != Some(0.0);
        for (name, ours) in measures(&returns, periods, risk_free) {
            let golden = &case["expected"]["definitions"][name];
            if !agrees(ours, golden) {
                failed.push(format!("{} {name}: {ours:?}, expected {golden}", case["id"]));
            }
        }
    }
    println!("06_metrics: {} cases, {} differences", cases.len(), failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
