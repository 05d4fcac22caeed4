//! What queries say of equity bar by bar, from rows of `equity`.

use std::collections::BTreeMap;

use barline::{domain::Keep, measure::drawdown_dates, run::Request, store::Store};

use super::{CAPITAL, Row, ask, assert_near, open, request, select, three_runs};
use crate::demo_store;

/// Between a correlation in one pass and in two.
const CORRELATION: f64 = 1e-9;

/// Equity of a job: `(strategy, horizon)`, and moments with equity and gross exposure in order.
struct Path {
    strategy: String,
    horizon_days: i64,
    rows: Vec<(i64, f64, f64)>,
}

/// By the head of the job's key.
fn paths(store: &Store) -> BTreeMap<String, Path> {
    let rows = select(
        store,
        "SELECT job_key[:8] AS job, strategy, horizon_days, ts, equity.equity, gross
         FROM equity JOIN job_result USING (job_id) WHERE run_id = 1 ORDER BY job_key, ts",
    );
    let mut paths: BTreeMap<String, Path> = BTreeMap::new();
    for row in rows {
        let path = paths.entry(row.text("job").to_owned()).or_insert_with(|| Path {
            strategy: row.text("strategy").to_owned(),
            horizon_days: row.int("horizon_days"),
            rows: Vec::new(),
        });
        let of = |name| row.real(name).expect(name);
        path.rows.push((row.time("ts").expect("a moment"), of("equity"), of("gross")));
    }
    assert!(!paths.is_empty());
    paths
}

/// Depth, peak, trough and recovery of every fall, by a walk along the path.
fn falls(rows: &[(i64, f64, f64)]) -> Vec<(f64, Option<i64>, i64, Option<i64>)> {
    let mut falls = Vec::new();
    let (mut peak, mut peak_ts) = (CAPITAL, None);
    let mut open: Option<(f64, Option<i64>, i64)> = None;
    for &(ts, equity, _) in rows {
        if equity >= peak {
            falls.extend(open.take().map(|(depth, from, at)| (depth, from, at, Some(ts))));
            if equity > peak {
                (peak, peak_ts) = (equity, Some(ts));
            }
            continue;
        }
        let depth = equity / peak - 1.0;
        if open.is_none_or(|(deepest, ..)| depth < deepest) {
            open = Some((depth, peak_ts, ts));
        }
    }
    falls.extend(open.map(|(depth, from, at)| (depth, from, at, None)));
    falls
}

fn told(row: &Row) -> (f64, Option<i64>, i64, Option<i64>) {
    let depth = row.real("drawdown").expect("a depth");
    (depth, row.time("peak_ts"), row.time("trough_ts").expect("a trough"), row.time("recovery_ts"))
}

#[test]
fn drawdowns_have_their_dates() {
    let (_folder, path) = three_runs();
    demo_store::execute(&path, &Request { keep: Keep::Measures, ..request(3, 12.0) });
    let store = open(&path);
    let paths = paths(&store);
    let found = ask(&store, "worst-drawdowns", &[("run", "1"), ("top", "all")]);
    assert!(found.windows(2).all(|two| two[0].real("drawdown") <= two[1].real("drawdown")));
    let mut walked = 0;
    for (job, path) in &paths {
        let of_job: Vec<_> = found.iter().filter(|row| row.text("job") == job).map(told).collect();
        let mut expected = falls(&path.rows);
        expected.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        assert_eq!(of_job, expected, "{job}");
        walked += expected.len();
        let equity: Vec<f64> = path.rows.iter().map(|row| row.1).collect();
        let Some(deepest) = drawdown_dates(&equity, CAPITAL) else { continue };
        let ts = |row: usize| row.checked_sub(1).map(|at| path.rows[at].0);
        let measured = (ts(deepest.peak), ts(deepest.trough), deepest.recovery.and_then(ts));
        let first = of_job[0];
        assert_eq!((first.1, Some(first.2), first.3), measured, "{job}");
    }
    assert_eq!(found.len(), walked);
    let stored = "SELECT job_key[:8] AS job, max_drawdown FROM job_result \
                  WHERE run_id = 4 AND max_drawdown < 0";
    let without: Vec<Row> = ask(&store, "worst-drawdowns", &[("run", "4"), ("top", "all")])
        .into_iter()
        .filter(|row| row.time("trough_ts").is_none())
        .collect();
    let measures = select(&store, stored);
    assert!(!measures.is_empty() && measures.len() == without.len(), "run 4 keeps no equity");
    for job in measures {
        let same = |row: &&Row| row.text("job") == job.text("job");
        let row = without.iter().find(same).expect("a row without dates");
        assert_eq!(row.real("drawdown"), job.real("max_drawdown"));
    }
}

#[test]
fn exposure_is_counted_and_leverage_averaged_over_bars() {
    let (_folder, path) = three_runs();
    let store = open(&path);
    let paths = paths(&store);
    let found = ask(&store, "exposure", &[("run", "1"), ("top", "all")]);
    assert_eq!(found.len(), paths.len());
    for row in &found {
        let rows = &paths[row.text("job")].rows;
        let held = rows.iter().filter(|row| row.2 > 0.0).count();
        assert_eq!(row.real("bars_held"), Some(held as f64));
        assert_near(row.real("exposure"), Some(held as f64 / rows.len() as f64), "exposure");
        let leverage: Vec<f64> = rows.iter().map(|row| row.2 / row.1).collect();
        let mean = leverage.iter().sum::<f64>() / leverage.len() as f64;
        assert_near(row.real("mean_leverage"), Some(mean), "mean");
        let most = leverage.iter().copied().fold(0.0, f64::max);
        assert_eq!(row.real("largest_leverage"), Some(most));
    }
}

#[test]
fn strategies_are_correlated_by_their_mean_returns() {
    let (_folder, path) = three_runs();
    let store = open(&path);
    let mut returns: BTreeMap<(i64, String), BTreeMap<i64, Vec<f64>>> = BTreeMap::new();
    for path in paths(&store).into_values() {
        let by_ts = returns.entry((path.horizon_days, path.strategy)).or_default();
        let mut last = CAPITAL;
        for (ts, equity, _) in path.rows {
            by_ts.entry(ts).or_default().push(equity / last - 1.0);
            last = equity;
        }
    }
    let mean = |all: &Vec<f64>| all.iter().sum::<f64>() / all.len() as f64;
    let found = ask(&store, "strategy-correlation", &[("run", "1")]);
    let mut expected = 0;
    for ((horizon, a), of_a) in &returns {
        for ((other, b), of_b) in &returns {
            if other != horizon || a >= b {
                continue;
            }
            expected += 1;
            let common: Vec<(f64, f64)> = of_a
                .iter()
                .filter_map(|(ts, one)| Some((mean(one), mean(of_b.get(ts)?))))
                .collect();
            let is_it = |row: &&Row| {
                row.int("horizon_days") == *horizon
                    && (row.text("strategy_a"), row.text("strategy_b")) == (a.as_str(), b.as_str())
            };
            let row = found.iter().find(is_it).expect("a row for every two");
            assert_eq!(row.real("bars"), Some(common.len() as f64));
            let known = row.real("correlation").expect("both move");
            assert!((known - correlation(&common)).abs() <= CORRELATION, "{a}, {b}: {known}");
        }
    }
    assert_eq!(found.len(), expected);
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len() as f64;
    let mean_a = pairs.iter().map(|pair| pair.0).sum::<f64>() / count;
    let mean_b = pairs.iter().map(|pair| pair.1).sum::<f64>() / count;
    let sum = |of: &dyn Fn(f64, f64) -> f64| {
        pairs.iter().map(|pair| of(pair.0 - mean_a, pair.1 - mean_b)).sum::<f64>()
    };
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}
