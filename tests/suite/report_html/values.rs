//! What charts say, read back out of the SVG and compared with SQL.

use std::{
    path::PathBuf,
    sync::{Mutex, OnceLock, PoisonError},
};

use barline::{
    domain::Keep,
    measure,
    run::Request,
    store::{Cell, Store, Table},
};
use tempfile::TempDir;

use super::page::{Page, count, element, elements, number};
use crate::demo_store;

/// A store whose jobs keep everything, and the page of the run's best pair.
struct Told {
    _folder: TempDir,
    path: PathBuf,
    /// Key of the job that is drawn.
    job: String,
    page: Page,
}

fn told() -> &'static Told {
    static TOLD: OnceLock<Told> = OnceLock::new();
    TOLD.get_or_init(|| {
        let (folder, path) = demo_store::copy();
        let request = Request {
            keep: Keep::All,
            strategies: ["cointegration", "hrp", "equal-weight"].map(str::to_owned).to_vec(),
            symbols: None,
            sizes: "2,all".parse().expect("sizes"),
            ..demo_store::request()
        };
        demo_store::execute(&path, &request);
        let best = sql(
            &path,
            "SELECT job_key FROM job_result WHERE strategy = 'cointegration' AND horizon_days = 90
             AND trades > 8 ORDER BY sharpe DESC NULLS LAST, job_key LIMIT 1",
        );
        let Cell::Text(job) = best.rows[0][0].clone() else { panic!("{best:?}") };
        let page = super::page(&path, "last", Some(&job));
        Told { _folder: folder, path, job, page }
    })
}

fn sql(path: &std::path::Path, text: &str) -> Table {
    // One at a time may hold a store.
    static HOLDER: Mutex<()> = Mutex::new(());
    let _holder = HOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    let store = Store::open_to_read(path, &demo_store::options()).expect("the store");
    let answer = store.sql(text).expect(text);
    store.close().expect("closed");
    answer
}

/// Numbers that a question about the drawn job answers, row after row; `{job}` is its number.
fn asked(question: &str) -> Vec<Vec<f64>> {
    let Told { path, job, .. } = told();
    let of_job =
        format!("(SELECT job_id FROM job WHERE replace(job_key::VARCHAR, '-', '') = '{job}')");
    let answer = sql(path, &question.replace("{job}", &of_job));
    let number = |cell: &Cell| match cell {
        Cell::Int(value) => *value as f64,
        Cell::Float(value) => *value,
        Cell::Null => f64::NAN,
        other => panic!("{question}: {other:?}"),
    };
    answer.rows.iter().map(|row| row.iter().map(number).collect()).collect()
}

fn equity() -> Vec<f64> {
    let rows = asked("SELECT equity FROM equity WHERE job_id = {job} ORDER BY ts");
    rows.into_iter().map(|row| row[0]).collect()
}

/// Equal in every bit.
fn assert_same(one: f64, other: f64, what: &str) {
    assert_eq!(one.to_bits(), other.to_bits(), "{what}: {one} {other}");
}

#[test]
fn equity_is_what_is_stored_at_every_end() {
    let line = element(told().page.chart("equity"), "data-series", "equity");
    let stored = equity();
    assert_eq!(count(&line, "data-points"), stored.len());
    assert_same(number(&line, "data-first"), stored[0], "first");
    assert_same(number(&line, "data-last"), stored[stored.len() - 1], "last");
    for (attribute, of) in [("data-min", f64::min as fn(f64, f64) -> f64), ("data-max", f64::max)] {
        let stored = stored.iter().copied().reduce(of).expect("bars");
        assert_same(number(&line, attribute), stored, attribute);
    }
    let measures = asked(
        "SELECT final_equity, benchmark_return, max_drawdown, benchmark_drawdown
                          FROM measure WHERE job_id = {job}",
    );
    assert_same(number(&line, "data-last"), measures[0][0], "final equity");
    let benchmark = element(told().page.chart("equity"), "data-series", "benchmark");
    assert_same(number(&benchmark, "data-last") / 10_000.0 - 1.0, measures[0][1], "benchmark");
    let chart = told().page.chart("drawdown");
    let deepest = |name| number(&element(chart, "data-series", name), "data-min");
    assert_same(deepest("drawdown"), measures[0][2], "drawdown");
    assert_same(deepest("benchmark-drawdown"), measures[0][3], "benchmark drawdown");
}

#[test]
fn a_line_is_drawn_where_its_values_are() {
    let chart = told().page.chart("equity");
    let axis = elements(chart, "data-low").remove(0);
    let (low, high) = (number(&axis, "data-low"), number(&axis, "data-high"));
    let line = element(chart, "data-series", "equity");
    let places: Vec<f64> = line["d"]
        .split(['M', 'L', ' '])
        .filter(|text| !text.is_empty())
        .map(|text| text.parse().expect("a place"))
        .collect();
    let heights = || places.chunks(2).map(|xy| high - (high - low) * xy[1] / 1000.0);
    let near = 0.0001 * (high - low);
    let stored = equity();
    assert!((heights().next().expect("a place") - stored[0]).abs() < near);
    let lowest = stored.iter().copied().reduce(f64::min).expect("bars");
    let highest = stored.iter().copied().reduce(f64::max).expect("bars");
    assert!(heights().any(|height| (height - lowest).abs() < near), "the lowest is drawn");
    assert!(heights().any(|height| (height - highest).abs() < near), "the highest is drawn");
    assert!(places.chunks(2).is_sorted_by(|a, b| a[0] <= b[0]));
}

#[test]
fn the_rolling_ratio_is_that_of_the_stored_bars() {
    let line = element(told().page.chart("rolling-sharpe"), "data-series", "rolling-sharpe");
    let (stored, periods) =
        (equity(), asked("SELECT periods_per_year FROM measure WHERE job_id = {job}"));
    let returns = measure::returns(&stored, 10_000.0);
    let window = stored.len() / 4;
    let last = measure::sharpe(&returns[returns.len() - window..], periods[0][0]);
    assert_same(number(&line, "data-last"), last.expect("a ratio"), "last");
    assert!(count(&line, "data-undefined") >= window - 1, "before there are enough bars");
}

#[test]
fn months_multiply_to_the_total_return() {
    let cells = elements(told().page.chart("months"), "data-cell");
    let stored = asked(
        "WITH last AS (
           SELECT date_trunc('month', ts) AS month, arg_max(equity, ts) AS equity FROM equity
           WHERE job_id = {job} GROUP BY 1
         )
         SELECT equity / lag(equity, 1, 10000) OVER (ORDER BY month) - 1 FROM last ORDER BY month",
    );
    assert_eq!(cells.len(), stored.len());
    for (cell, stored) in cells.iter().zip(&stored) {
        assert_same(number(cell, "data-value"), stored[0], &cell["data-cell"]);
    }
}

#[test]
fn marks_stand_on_the_spread_where_the_job_decided() {
    let chart = told().page.chart("spread");
    let marks = elements(chart, "data-mark");
    let entries: Vec<_> = marks.iter().filter(|mark| mark["data-mark"] == "enter").collect();
    let groups = asked("SELECT count(DISTINCT trade_group) FROM trade WHERE job_id = {job}");
    assert_same(entries.len() as f64, groups[0][0], "entries");
    let stored = asked(
        "WITH entry AS (
           SELECT DISTINCT decided_ts AS ts FROM fill WHERE job_id = {job} AND reason = 'enter'
         ),
         price AS (
           SELECT symbol, ts, close FROM bar JOIN instrument USING (instrument_id)
         )
         SELECT (ln(y.close) - alpha - beta * ln(x.close)) / spread_sd
         FROM entry
         JOIN fits_of_run(1) AS fit ON fit.horizon_days = 90 AND fit.accepted
          AND list_sort([symbol_y, symbol_x])
              = (SELECT list_sort(string_split(symbols, ',')) FROM job WHERE job_id = {job})
         JOIN price AS y ON y.symbol = symbol_y AND y.ts = entry.ts
         JOIN price AS x ON x.symbol = symbol_x AND x.ts = entry.ts
         WHERE formation_end <= entry.ts
         QUALIFY row_number() OVER (PARTITION BY entry.ts ORDER BY refit DESC) = 1
         ORDER BY entry.ts",
    );
    assert_eq!(stored.len(), entries.len());
    for (entry, stored) in entries.iter().zip(&stored) {
        let z = number(entry, "data-value");
        assert!((z - stored[0]).abs() < 1e-6 && z.abs() >= 2.0 && z.abs() < 4.0, "{z} {stored:?}");
    }
    let levels: Vec<f64> =
        elements(chart, "data-level").iter().map(|level| number(level, "data-level")).collect();
    assert_eq!(levels, [4.0, 2.0, 0.5, -0.5, -2.0, -4.0]);
}

#[test]
fn the_tree_ends_in_the_weights_that_were_set() {
    let leaves = elements(told().page.chart("dendrogram"), "data-leaf");
    let stored = sql(
        &told().path,
        "WITH best AS (
           SELECT job_id FROM job_result WHERE strategy = 'hrp' AND bars IS NOT NULL
           ORDER BY sharpe DESC NULLS LAST, symbols, horizon_days, job_key LIMIT 1
         )
         SELECT symbol, weight FROM weight JOIN best USING (job_id)
         WHERE ts = (SELECT max(ts) FROM weight JOIN best USING (job_id)) AND weight <> 0 ORDER BY symbol",
    );
    assert_eq!(leaves.len(), stored.rows.len());
    for row in &stored.rows {
        let [Cell::Text(symbol), Cell::Float(weight)] = &row[..] else { panic!("{row:?}") };
        let leaf = leaves.iter().find(|leaf| leaf["data-leaf"] == *symbol).expect("a leaf");
        assert_same(number(leaf, "data-value"), *weight, symbol);
    }
    let merges = elements(told().page.chart("dendrogram"), "data-height");
    assert_eq!(merges.len(), leaves.len() - 1);
    let layers = elements(told().page.chart("weights"), "data-layer");
    let sum: f64 = layers.iter().map(|layer| number(layer, "data-last")).sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
}

#[test]
fn pairs_have_the_p_values_of_their_first_fits() {
    let cells = elements(told().page.chart("pairs"), "data-cell");
    let fits = sql(
        &told().path,
        "SELECT symbol_y || ',' || symbol_x, p_value,
                min(tests * p_value / place) OVER (ORDER BY place ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
         FROM (
           SELECT *, row_number() OVER (ORDER BY p_value NULLS LAST) AS place,
                  count(*) OVER () AS tests
           FROM fits_of_run(1)
           WHERE horizon_days = 90 AND refit = 0
             AND (p_value IS NOT NULL OR reason LIKE 'p above %')
         )
         ORDER BY 1",
    );
    assert_eq!(cells.len(), fits.rows.len());
    let mut compared = 0;
    for row in &fits.rows {
        let Cell::Text(pair) = &row[0] else { panic!("{row:?}") };
        let cell = cells.iter().find(|cell| cell["data-cell"] == *pair).expect("a cell");
        match (&row[1], &row[2]) {
            (Cell::Null, _) => assert_eq!(cell["data-value"], "undefined", "{pair}"),
            // What lies above the smallest p-value that is not kept is bounded by it alone.
            (_, Cell::Float(q)) if *q <= 0.1 => {
                let found = number(cell, "data-value");
                assert!((found - q).abs() <= 1e-12 * q, "{pair}: {found} {q}");
                compared += 1;
            }
            _ => assert!(number(cell, "data-value") > 0.1, "{pair}"),
        }
    }
    assert!(compared > 0);
}

#[test]
fn the_waterfall_leads_to_the_net_profit() {
    let bars = elements(told().page.chart("costs"), "data-bar");
    let value = |name: &str| {
        let bar = bars.iter().find(|bar| bar["data-bar"] == name).expect(name);
        number(bar, "data-value")
    };
    let stored =
        asked("SELECT commission, slippage, final_equity FROM measure WHERE job_id = {job}");
    assert_same(-value("commission"), stored[0][0], "commission");
    assert_same(-value("slippage"), stored[0][1], "slippage");
    assert_same(value("net profit"), stored[0][2] - 10_000.0, "net");
    let sum: f64 = bars[..bars.len() - 1].iter().map(|bar| number(bar, "data-value")).sum();
    assert!((sum - value("net profit")).abs() < 1e-6);
}

#[test]
fn memory_and_outcomes_are_those_of_the_run() {
    let bars = elements(told().page.chart("memory"), "data-bar");
    let stored = asked(
        "SELECT budget_bytes, planned_peak_bytes, measured_peak_bytes, initial_bytes,
                        final_bytes FROM run WHERE run_id = 1",
    );
    let told_bytes: Vec<f64> = bars.iter().map(|bar| number(bar, "data-value")).collect();
    assert_eq!(told_bytes, stored[0]);
    let parts = elements(told().page.chart("outcomes"), "data-part");
    let counted = sql(
        &told().path,
        "SELECT strategy, outcome, count(*) FROM job_result WHERE run_id = 1 GROUP BY ALL",
    );
    assert_eq!(parts.len(), counted.rows.len());
    for row in &counted.rows {
        let [Cell::Text(strategy), Cell::Text(outcome), Cell::Int(jobs)] = &row[..] else {
            panic!("{row:?}")
        };
        let is_its = |part: &&super::page::Element| {
            part["data-row"] == *strategy && part["data-part"] == *outcome
        };
        let part = parts.iter().find(is_its).expect("a part");
        assert_eq!(part["data-count"], jobs.to_string(), "{strategy} {outcome}");
    }
}

#[test]
fn the_job_equals_what_is_stored_and_the_page_says_so() {
    let Page(text) = &told().page;
    assert!(text.contains("equals what is stored in every bit"));
    assert!(!text.contains("a fault of ours"));
    assert!(text.contains("asked for with --job"));
    assert!(text.contains("the best hrp job by Sharpe ratio"));
    for chart in [
        "equity",
        "drawdown",
        "rolling-sharpe",
        "months",
        "spread",
        "dendrogram",
        "weights",
        "pairs",
        "costs",
        "memory",
        "outcomes",
    ] {
        assert_eq!(told().page.charts(chart), 1, "{chart}");
    }
}
