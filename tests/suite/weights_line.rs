//! `barline weights` from outside: rows on standard output, what they stand on beside it, one line for
//! every mistake.

use std::path::Path;

use crate::{
    binary::{answer, barline, contents, said},
    demo_store,
};

const STORE: &str = "store.duckdb";

/// A copy of the demo store in a folder of its own.
fn folder() -> tempfile::TempDir {
    demo_store::copy().0
}

fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let arguments = [&["weights", "--db", STORE], arguments].concat();
    let output = barline(folder, &arguments);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("error: "), "{arguments:?}: {text}");
    assert!(lines[1].starts_with("hint: "), "{arguments:?}: {text}");
    text
}

#[test]
fn rows_go_to_standard_output_and_nothing_else_does() {
    let folder = folder();
    let before = contents(folder.path());
    let line = ["weights", "--db", STORE, "--method", "hrp", "--lookback-days", "60"];
    let csv = barline(folder.path(), &[&line[..], &["--format", "csv"]].concat());
    let text = String::from_utf8(csv.stdout.clone()).expect("text");
    let mut rows = text.lines();
    let header = "symbol,weight,risk_contribution,volatility,returns,numeric_path,left_out";
    assert_eq!(rows.next(), Some(header), "{}", said(&csv));
    let weights: Vec<f64> = rows
        .clone()
        .map(|row| row.split(',').nth(1).expect("a weight").parse().expect("a number"))
        .collect();
    assert_eq!(weights.len(), 16);
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(rows.all(|row| row.split(',').nth(5) == Some("plain")));
    for part in
        ["hrp, covariance sample; as of ", "window ", "returns; numeric path plain", "a year"]
    {
        assert!(said(&csv).contains(part), "{part} is not in {}", said(&csv));
    }
    let json = answer(folder.path(), &[&line[..], &["--format", "json"]].concat());
    let rows: serde_json::Value = serde_json::from_str(&json).expect("json");
    let rows = rows.as_array().expect("rows");
    for (row, weight) in rows.iter().zip(&weights) {
        // The reader of JSON may be off by a rounding.
        let read = row["weight"].as_f64().expect("a weight");
        assert!((read - weight).abs() < 1e-16, "{read} {weight}");
    }
    assert!(
        rows.iter().all(|row| row["weight"].as_f64() != Some(0.0) || row["left_out"].is_string())
    );
    let parquet = barline(folder.path(), &[&line[..], &["--format", "parquet"]].concat());
    assert!(parquet.stdout.starts_with(b"PAR1"), "{}", said(&parquet));
    let quiet = barline(folder.path(), &[&line[..], &["-q"]].concat());
    assert!(quiet.stderr.is_empty() && !quiet.stdout.is_empty());
    assert!(contents(folder.path()) == before, "something was stored");
}

#[test]
fn every_method_and_option_answers() {
    let folder = folder();
    let common = ["weights", "--db", STORE, "--symbols", "BOLERO,CADENZA,PRELUDE,TOCCATA", "-q"];
    let of = |more: &[&str]| {
        let line = [&common[..], more, &["--format", "csv"]].concat();
        answer(folder.path(), &line)
    };
    let mut seen = Vec::new();
    for more in [
        &["--method", "hrp"][..],
        &["--method", "hrp", "--covariance", "ewma"],
        &["--method", "hrp", "--covariance", "ewma", "--half-life", "10"],
        &["--method", "hrp", "--covariance", "oas"],
        &["--method", "hrp", "--linkage", "ward", "--max-weight", "0.3"],
        &["--method", "hrp", "--lookback-bars", "500"],
        &["--method", "hrp", "--as-of", "2024-01-01"],
        &["--method", "herc", "--max-clusters", "2"],
        &["--method", "herc", "--max-clusters", "2", "--within", "equal"],
        &["--method", "nco"],
        &["--method", "risk-parity"],
        &["--method", "min-variance"],
        &["--method", "min-variance", "--min-weight", "0.24"],
        &["--method", "inverse-variance"],
        &["--method", "equal"],
    ] {
        let rows = of(more);
        assert_eq!(rows.lines().count(), 5, "{more:?}");
        assert!(!seen.contains(&rows), "{more:?} weighs as another");
        seen.push(rows);
    }
    let equal = of(&["--method", "equal-weight"]);
    assert_eq!(Some(&equal), seen.last());
    assert!(equal.lines().skip(1).all(|row| row.split(',').nth(1) == Some("0.25")), "{equal}");
}

#[test]
fn what_cannot_be_weighed_is_refused_in_one_line() {
    let folder = folder();
    let four = ["--symbols", "BOLERO,CADENZA,PRELUDE,TOCCATA"];
    let cases: [(&[&str], &str); 14] = [
        (
            &["--method", "hpr"][..],
            "--method hpr: there is no such portfolio\nhint: did you mean hrp?",
        ),
        (&[], "no --method is given\nhint: one of hrp, herc, nco, risk-parity"),
        (&["--method", "hrp", "--as-of", "1999-01-01"], "no bar is complete at --as-of 1999-01-01"),
        (
            &["--method", "hrp", "--as-of", "2999-01-01"],
            "--as-of 2999-01-01T00:00:00Z lies outside",
        ),
        (&["--method", "hrp", "--symbols", "BOLERO"], "BOLERO alone: weights are shared"),
        (&["--method", "hrp", "--symbols", "BOLERO,CADENCA"], "hint: did you mean CADENZA?"),
        (
            &["--method", "hrp", "--max-weight", "0.05"],
            "symbols cannot keep weights from 0 to 0.05",
        ),
        (&["--method", "min-variance", "--min-weight", "0.2"], "they would hold from"),
        (&["--method", "nco", "--within", "equal"], "--within has no effect on nco"),
        (&["--method", "hrp", "--interval", "1d"], "the store holds no 1d bars"),
        (
            &["--method", "hrp", "--lookback-bars", "99999999"],
            "--lookback-bars 99999999: there are ",
        ),
        (&["--method", "hrp", "--lookback-days", "1"], "has a history in the lookback"),
        (&["--method", "hrp", "--memory-budget", "1MiB"], "weighing 16 symbols needs"),
        (
            &["--method", "hrp", "--lookback-days", "2", "--lookback-bars", "2"],
            "cannot be used with",
        ),
    ];
    for (arguments, expected) in cases {
        let text = refusal(folder.path(), arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    let few =
        refusal(folder.path(), &[&four[..], &["--method", "hrp", "--max-weight", "0.2"]].concat());
    assert!(few.contains("4 symbols cannot keep weights from 0 to 0.2"), "{few}");
}
