//! Portfolio strategies, end to end: weights by definition, and the laws they keep on a ledger.

use std::path::Path;

use barline::{
    domain::{CalendarClass, Interval},
    run::Request,
    stats::{
        self, Dispersion, Distance, HrpOptions, LeafOrder, Linkage, SymmetricMatrix, WeightBounds,
        Within,
    },
    store::Cell,
    strategy::{
        CovarianceEstimator, HercParameters, HrpParameters, InverseVarianceParameters,
        MinimumVarianceParameters, NcoParameters, RiskParityParameters, StrategyParameters,
        portfolio::Lookback,
    },
};

use crate::{
    demo_store::{copy, execute},
    hrp_options::{ESTIMATORS, covariance, month_of, returns},
    small_store::{HOUR, Series, lines, number, request, series, sql, store, walk},
};

const NAMES: [&str; 6] = ["hrp", "inverse-variance", "min-variance", "risk-parity", "herc", "nco"];

/// Hours of 60 days; the scored window of 30 days begins in the middle.
const HOURS: usize = 24 * 60;

/// Limits that bind: hrp and min-variance would leave them.
const LIMITS: (f64, f64) = (0.2, 0.3);

/// The limits of a job, text out of its parameters: empty where it has none.
const MOST: &str = "regexp_extract(parameters, 'max_weight.:([0-9.]+)', 1)";
const LEAST: &str = "regexp_extract(parameters, 'min_weight.:([0-9.]+)', 1)";

/// Parameters of every portfolio with this estimator, and those that have limits with them.
pub(crate) fn parameters(
    covariance: CovarianceEstimator,
    limits: Option<(f64, f64)>,
) -> StrategyParameters {
    let (min_weight, max_weight) = limits.unwrap_or((0.0, 1.0));
    let lookback = Lookback { covariance, ..Lookback::default() };
    StrategyParameters {
        hrp: HrpParameters { covariance, min_weight, max_weight, ..HrpParameters::default() },
        inverse_variance: InverseVarianceParameters { lookback },
        minimum_variance: MinimumVarianceParameters {
            covariance,
            min_weight,
            max_weight,
            ..MinimumVarianceParameters::default()
        },
        risk_parity: RiskParityParameters { lookback },
        herc: HercParameters { covariance, within: Within::Equal, ..HercParameters::default() },
        nco: NcoParameters { covariance, max_clusters: Some(2), ..NcoParameters::default() },
        ..StrategyParameters::default()
    }
}

/// The weights of a strategy by the definitions, for a covariance.
fn expected(name: &str, matrix: &SymmetricMatrix) -> stats::Result<Vec<f64>> {
    let bounds = WeightBounds::uniform(matrix.order(), LIMITS.0, LIMITS.1)?;
    let correlation = stats::correlation(matrix)?;
    let distances = stats::codependence_distance(&correlation, Distance::Correlation);
    let merges = stats::linkage(distances.clone(), Linkage::Ward)?;
    let clusters =
        stats::cluster_count(&distances, &merges, Dispersion::MeanDistance).expect("a tree");
    match name {
        "hrp" => {
            let options = HrpOptions::default();
            let found = stats::hrp_portfolio(matrix, options, LeafOrder::Plain, Some(&bounds));
            found.map(|found| found.weights)
        }
        "inverse-variance" => stats::inverse_variance(matrix),
        "min-variance" => stats::minimum_variance(matrix, &bounds),
        "risk-parity" => stats::equal_risk_contribution(matrix),
        "herc" => stats::herc_weights(matrix, &merges, clusters, Within::Equal),
        _ => stats::nco_weights(matrix, &stats::cut_tree(&merges, clusters.min(2))),
    }
}

#[test]
fn the_stored_weights_are_those_of_the_definitions() {
    let (_folder, path) = copy();
    let mut jobs = 0;
    for estimator in ESTIMATORS {
        let mut seen = Vec::new();
        for name in NAMES {
            let limits = parameters(estimator, Some(LIMITS));
            assert_eq!(execute(&path, &month_of(name, &limits)).computed, 1, "{name}");
            jobs += 1;
            let first = format!(
                "SELECT weight FROM weight WHERE job_id = {jobs} AND ts = (SELECT min(ts) FROM weight)
                 ORDER BY symbol"
            );
            let returns = returns(&path);
            let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
            let expected = expected(name, &covariance(estimator, &columns)).expect(name);
            let stored = sql(&path, &first).rows.concat();
            let cells: Vec<_> = expected.iter().copied().map(Cell::Float).collect();
            assert_eq!(stored, cells, "{name} {estimator:?}");
            assert!(!seen.contains(&expected), "{name} {estimator:?} weighs as another");
            seen.push(expected);
        }
    }
}

/// Four walks of different size and kinship; `C` has bars in the rows that `trades` allows.
fn market(factor: f64, names: [&'static str; 4], trades: impl Fn(usize) -> bool) -> Vec<Series> {
    let own: Vec<Vec<f64>> = (0..4).map(|seed| walk(31 + seed, HOURS)).collect();
    let mixed = |leg: usize| -> Vec<f64> {
        let size = [0.6, 1.4, 1.0, 2.2][leg];
        let of = |row: usize| 4.0 + size * (own[leg][row] - 4.0) + 0.5 * (own[leg / 2][row] - 4.0);
        (0..HOURS).map(of).collect()
    };
    let hourly = |leg: usize| {
        let keep = |row: usize, _| leg != 2 || trades(row);
        let mut one = series(names[leg], CalendarClass::Continuous, HOUR, &mixed(leg), keep);
        one.closes.iter_mut().for_each(|(_, close)| *close *= factor);
        one
    };
    (0..4).map(hourly).collect()
}

fn asked(limits: Option<(f64, f64)>, sizes: &str) -> Request {
    let parameters = parameters(CovarianceEstimator::Sample, limits);
    Request { parameters, ..request(30, &NAMES, sizes) }
}

/// Every weight of a run: strategy, combination, time, symbol, number.
fn weights(path: &Path, until: &str) -> Vec<String> {
    let text = format!(
        "SELECT strategy, symbols, ts::VARCHAR, symbol, weight FROM weight
         JOIN job USING (job_id)
         WHERE ts < {until} ORDER BY ALL"
    );
    lines(path, &text)
}

#[test]
fn law_weights_are_positive_sum_to_one_and_keep_their_limits() {
    let (_folder, path) = store(Interval::HOUR, &market(1.0, ["A", "B", "C", "D"], |_| true), true);
    for limits in [None, Some(LIMITS), Some((0.0, 0.4))] {
        execute(&path, &asked(limits, "2..3,all"));
    }
    let done = "SELECT count(*) FROM job WHERE outcome <> 'done'";
    assert_eq!(number(&path, done), 0);
    let sums = "SELECT count(*) FROM (SELECT sum(weight) AS total, min(weight) AS least FROM weight
                GROUP BY job_id, ts) WHERE abs(total - 1) > 1e-9 OR least < 0";
    assert_eq!(number(&path, sums), 0);
    // Pairs cannot keep 0.3, nor 0.4; triples can keep 0.4.
    let limited = format!(
        "SELECT strategy, {MOST} AS most, string_agg(DISTINCT size::VARCHAR, ' ' ORDER BY size::VARCHAR),
                (max(weight) <= any_value({MOST})::DOUBLE + 1e-12)::VARCHAR,
                (min(weight) >= any_value({LEAST})::DOUBLE - 1e-12)::VARCHAR
         FROM weight JOIN job USING (job_id)
         WHERE strategy IN ('hrp', 'min-variance') GROUP BY ALL ORDER BY ALL"
    );
    let expected = [
        "hrp 0.3 4 true true",
        "hrp 0.4 3 4 true true",
        "hrp 1.0 3 4 true true",
        "min-variance 0.3 4 true true",
        "min-variance 0.4 3 4 true true",
        "min-variance 1.0 2 3 4 true true",
    ];
    assert_eq!(lines(&path, &limited), expected);
    let sizes = "SELECT strategy, min(size) FROM job
                 GROUP BY strategy ORDER BY strategy";
    let least =
        ["herc 3", "hrp 3", "inverse-variance 2", "min-variance 2", "nco 3", "risk-parity 2"];
    assert_eq!(lines(&path, sizes), least);
}

#[test]
fn law_the_unit_of_prices_does_not_matter() {
    let run = |factor: f64| {
        let market = market(factor, ["A", "B", "C", "D"], |_| true);
        let (_folder, path) = store(Interval::HOUR, &market, true);
        execute(&path, &asked(None, "3,all"));
        weights(&path, "TIMESTAMP '2100-01-01'")
    };
    let plain = run(1.0);
    assert!(plain.len() > 6 * 4 * 4, "{}", plain.len());
    assert_eq!(run(64.0), plain);
}

/// First weights by strategy of the whole universe, in the order of `names`.
fn first_weights(names: [&'static str; 4]) -> Vec<Vec<f64>> {
    let (_folder, path) = store(Interval::HOUR, &market(1.0, names, |_| true), true);
    execute(&path, &asked(None, "all"));
    let weight = |strategy: &str, symbol: &str| {
        let text = format!(
            "SELECT weight FROM weight JOIN job USING (job_id)
             WHERE strategy = '{strategy}' AND symbol = '{symbol}' ORDER BY ts LIMIT 1"
        );
        match sql(&path, &text).rows.concat()[..] {
            [Cell::Float(weight)] => weight,
            ref other => panic!("{other:?}"),
        }
    };
    NAMES.iter().map(|strategy| names.iter().map(|name| weight(strategy, name)).collect()).collect()
}

#[test]
fn law_the_order_of_symbols_does_not_matter() {
    let plain = first_weights(["A", "B", "C", "D"]);
    for names in [["D", "C", "B", "A"], ["B", "D", "A", "C"]] {
        for ((name, plain), other) in NAMES.iter().zip(&plain).zip(first_weights(names)) {
            for (a, b) in plain.iter().zip(&other) {
                assert!((a - b).abs() < 1e-9, "{name} {names:?}: {plain:?} {other:?}");
            }
        }
    }
}

#[test]
fn a_delisted_member_has_no_weight_and_limits_that_cannot_be_kept_leave_the_weights() {
    let last = 24 * 40;
    let market = market(1.0, ["A", "B", "C", "D"], |row| row <= last);
    let (_folder, path) = store(Interval::HOUR, &market, true);
    // Three members cannot keep 0.3.
    for limits in [None, Some((0.0, 0.3))] {
        execute(&path, &asked(limits, "all"));
    }
    let delisted = "SELECT max(ts) FROM fill WHERE reason = 'delisted'";
    let after = format!(
        "SELECT strategy, any_value({MOST}),
                round(max(abs(weight)) FILTER (symbol = 'C'), 12),
                round(sum(weight) / count(DISTINCT ts), 9)
         FROM weight JOIN job USING (job_id) WHERE ts > ({delisted})
         GROUP BY strategy, job_id ORDER BY ALL"
    );
    let expected = [
        "herc  0 1",
        "hrp 1.0 0 1",
        "inverse-variance  0 1",
        "min-variance 1.0 0 1",
        "nco  0 1",
        "risk-parity  0 1",
    ];
    assert_eq!(lines(&path, &after), expected);
    let held = format!(
        "SELECT count(DISTINCT ts) FROM weight JOIN job USING (job_id) WHERE {MOST} = '0.3'"
    );
    assert!(number(&path, &held) >= 2, "rebalanced while four members could keep the limits");
}

#[test]
fn law_what_happens_later_changes_no_decision() {
    let plain = market(1.0, ["A", "B", "C", "D"], |_| true);
    let run = |market: &[Series]| {
        let (_folder, path) = store(Interval::HOUR, market, true);
        execute(&path, &asked(None, "3,all"));
        (weights(&path, "TIMESTAMP '2024-02-12'"), weights(&path, "TIMESTAMP '2100-01-01'"))
    };
    let (decided, all) = run(&plain);
    assert!(decided.len() > 100 && all.len() > decided.len());
    // Row 1008 opens on 2024-02-12.
    let mut other = plain.clone();
    for (at, one) in other.iter_mut().enumerate() {
        let noise = walk(900 + at as u64, HOURS);
        one.closes[1008..].iter_mut().zip(&noise).for_each(|((_, close), log)| *close = log.exp());
    }
    let (same, changed) = run(&other);
    assert_eq!(same, decided);
    assert_ne!(changed, all);
}

#[test]
fn a_lookback_without_a_portfolio_is_an_outcome_that_names_the_member() {
    let mut market = market(1.0, ["A", "B", "C", "D"], |_| true);
    market[1].closes[..725].iter_mut().for_each(|(_, close)| *close = 7.0);
    let (_folder, path) = store(Interval::HOUR, &market, true);
    execute(&path, &asked(None, "all"));
    let told = lines(&path, "SELECT DISTINCT outcome || ': ' || reason FROM job");
    assert_eq!(told, ["singular_covariance: B does not move in the lookback"]);
}
