//! Signals end to end: a statement, a CSV file and a Parquet file that say the same are the same.

mod command_line;
mod refusals;
mod waiting;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
};

use barline::{
    domain::{CalendarClass, EventKind, Horizon, Interval, Outcome, WarmupMultiplier, WeightRows},
    run::{self, Request, Signals, Stop, Summary, WorkerRequest, progress::Silent},
    sim::{Costs, Scratch, TargetWeight, simulate},
    store::{Cell, Store},
    strategy::Scripted,
};
use polars::prelude::{DataType, ParquetWriter, TimeUnit, df};
use tempfile::TempDir;

use crate::{
    alone::alone,
    demo_store,
    ledger_terms::import,
    scripted::{Line, Spice, random_case},
    small_store::{self, DAY, HOUR, START, Series, lines, number, series, sql, walk},
};

/// Moving averages of three symbols; weights with all their digits.
const CROSSOVER: &str = "
    WITH averages AS (
      SELECT ts, symbol,
             avg(close) OVER (PARTITION BY symbol ORDER BY ts ROWS 9 PRECEDING) AS fast,
             avg(close) OVER (PARTITION BY symbol ORDER BY ts ROWS 29 PRECEDING) AS slow
      FROM bars
    )
    SELECT symbol AS Symbol, (fast / slow - 1) * 10 AS WEIGHT, ts
    FROM averages WHERE epoch(ts) % 10800 = 0 ORDER BY ts, symbol";

fn three() -> Vec<Series> {
    let always = CalendarClass::Continuous;
    vec![
        series("A", always, HOUR, &walk(1, 2_000), |_, _| true),
        series("B", always, HOUR, &walk(2, 2_000), |row, _| row % 7 != 3),
        series("C", always, HOUR, &walk(3, 2_000), |row, _| row < 1_900),
    ]
}

fn small() -> (TempDir, PathBuf) {
    small_store::store(Interval::HOUR, &three(), true)
}

fn request(days: u32, signals: Signals) -> Request {
    let signals = Some(Arc::new(signals));
    Request { signals, multi_pair: false, ..small_store::request(days, &["scripted"], "2") }
}

fn statement(text: &str) -> Signals {
    Signals::statement("s.sql", text).expect(text)
}

fn run(path: &Path, request: &Request) -> barline::error::Result<Summary> {
    let store = Store::open(path, &demo_store::options()).expect("the store");
    let summary = run::execute(&store, request, &Silent, &Stop::new());
    store.close().expect("closed");
    summary
}

/// All that a store knows of its jobs, but for what they are called.
fn told(path: &Path) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for text in [
        "SELECT * EXCLUDE (parameters, job_key) FROM results ORDER BY ALL",
        "SELECT * EXCLUDE (job_id) FROM fill ORDER BY ALL",
        "SELECT * EXCLUDE (job_id) FROM trade ORDER BY ALL",
        "SELECT * EXCLUDE (job_id) FROM equity ORDER BY ALL",
        "SELECT * EXCLUDE (job_id) FROM weight ORDER BY ALL",
    ] {
        let table = sql(path, text);
        assert!(!table.rows.is_empty(), "{text}");
        rows.extend(table.rows);
    }
    rows
}

fn keys(path: &Path) -> Vec<String> {
    lines(path, "SELECT job_key::VARCHAR FROM job ORDER BY 1")
}

/// The weights that a store holds.
fn weights(path: &Path) -> Vec<(i64, String, f64)> {
    let table = sql(path, "SELECT ts, symbol, weight FROM weight ORDER BY ts, symbol");
    let row = |cells: &Vec<Cell>| match &cells[..] {
        [Cell::Time(ts), Cell::Text(symbol), Cell::Float(weight)] => (*ts, symbol.clone(), *weight),
        other => panic!("{other:?}"),
    };
    table.rows.iter().map(row).collect()
}

fn csv(rows: &[(i64, String, f64)]) -> String {
    let row = |(ts, symbol, weight): &(i64, String, f64)| format!("{weight},{ts},{symbol}\n");
    let rows: String = rows.iter().map(row).collect();
    format!("Weight,TS,symbol\n{rows}")
}

fn parquet(path: &Path, rows: &[(i64, String, f64)]) {
    let mut frame = df!(
        "SYMBOL" => rows.iter().map(|row| row.1.as_str()).collect::<Vec<_>>(),
        "ts" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "weight" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
    )
    .expect("columns of one length");
    let ts = frame.column("ts").expect("ts");
    let ts = ts.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).expect("times");
    frame.with_column(ts).expect("a column");
    ParquetWriter::new(File::create(path).expect("a file")).finish(&mut frame).expect("written");
}

#[test]
fn one_script_in_three_forms_is_one_result_to_the_last_bit() {
    let (folder, path) = small();
    let summary = run(&path, &request(40, statement(CROSSOVER))).expect("a run");
    assert_eq!((summary.planned, summary.computed, summary.combinations), (1, 1, 1));
    assert_eq!(
        lines(&path, "SELECT strategy, symbols, outcome FROM results"),
        ["scripted A,B,C done"]
    );
    let (said, decided) = (told(&path), weights(&path));
    assert!(decided.len() > 700, "{}", decided.len());
    fs::write(folder.path().join("s.csv"), csv(&decided)).expect("written");
    parquet(&folder.path().join("s.parquet"), &decided);
    let mut of_files = Vec::new();
    for name in ["s.csv", "s.parquet"] {
        let (_other, other) = small();
        let signals = Signals::read(&folder.path().join(name)).expect(name);
        run(&other, &request(40, signals)).expect(name);
        assert!(told(&other) == said, "{name}");
        of_files.push(keys(&other));
    }
    assert_eq!(of_files[0], of_files[1], "the same weights are the same job");
    assert_ne!(of_files[0], keys(&path));
}

#[test]
fn a_weight_fills_in_the_next_bar_and_is_left_alone_until_the_next_one() {
    let (_folder, path) = small();
    let from = START + 64 * DAY;
    let mut rows = WeightRows::default();
    // B has no bar in hours 3 modulo 7: what is decided an hour earlier fills an hour later.
    let missing = (0..7).find(|hour| (1_536 + hour) % 7 == 2).expect("a row");
    rows.push("A", from + HOUR, 0.5, 1);
    rows.push("B", from + missing * HOUR, -0.25, 2);
    rows.push("A", from + 30 * HOUR, 0.0, 3);
    rows.push("A", from + 40 * HOUR, 0.0, 4);
    let signals = Signals::rows("rows", rows).expect("signals");
    run(&path, &Request { keep: run::Keep::All, ..request(20, signals) }).expect("a run");
    let fills = lines(
        &path,
        &format!(
            "SELECT symbol, (epoch_us(decided_ts) - {from}) // {HOUR}, \
                    (epoch_us(fill.ts) - {from}) // {HOUR}, sign(quantity)::INT, reason, \
                    price = bar.open \
             FROM fill JOIN instrument USING (symbol) \
             JOIN bar ON bar.instrument_id = instrument.instrument_id AND bar.ts = fill.ts \
             ORDER BY fill.ts, symbol"
        ),
    );
    let last = format!("B {} {} 1 end_of_data Bool(false)", 1_999 - 1_536, 1_999 - 1_536);
    let expected = [
        "A 1 2 1 signal Bool(true)".to_owned(),
        format!("B {missing} {} -1 signal Bool(true)", missing + 2),
        "A 30 31 -1 signal Bool(true)".to_owned(),
        last,
    ];
    assert_eq!(fills, expected);
    // The size is decided at the close of the bar: weight x equity / close.
    let size = lines(
        &path,
        "SELECT round(quantity * bar.close / 10000, 12) FROM fill JOIN instrument USING (symbol)
         JOIN bar ON bar.instrument_id = instrument.instrument_id AND bar.ts = decided_ts
         ORDER BY fill.ts LIMIT 1",
    );
    assert_eq!(size, ["0.5"]);
}

#[test]
fn weights_play_as_the_tests_own_decider_plays_them() {
    let mut decisions = 0;
    for seed in 0..300 {
        let case = random_case(seed, Spice { fixed_quantities: false, ..Spice::MILD });
        let mut case = case;
        case.on_delisted = 0.0;
        let expected = case.simulate();
        let mut weights = Vec::new();
        for (job_row, lines) in case.script.iter().filter(|(row, _)| row + 1 < case.rows.len()) {
            // Of several lines of a row the last one holds.
            let Some(Line::Weights(line)) = lines.last() else { panic!("weights only") };
            for (leg, &weight) in line.iter().enumerate() {
                let seen = (0..=*job_row).any(|row| !case.prices(leg, row).1.is_nan());
                if seen {
                    let (row, leg) = (case.rows[*job_row], u16::try_from(leg).expect("few"));
                    weights.push(TargetWeight { row, leg, weight });
                }
            }
        }
        decisions += weights.len();
        let mut decider = Scripted::of(&weights);
        let found = simulate(&case.market(), &mut decider, &case.options, &mut Scratch::default());
        assert_eq!(found.equity, expected.equity, "seed {seed}");
        let fills = |simulation: &barline::sim::Simulation| {
            let fill =
                |f: &barline::sim::Fill| (f.row, f.leg, f.quantity.to_bits(), f.price.to_bits());
            simulation.fills.iter().map(fill).collect::<Vec<_>>()
        };
        assert_eq!(fills(&found), fills(&expected), "seed {seed}");
    }
    assert!(decisions > 1_000, "{decisions}");
}

#[test]
fn a_statement_that_looks_ahead_runs_and_gets_rich() {
    let (_folder, path) = small();
    let ahead = "SELECT ts, symbol,
                        sign(lead(close, 2, close) OVER ahead - lead(open, 1, close) OVER ahead) / 3 AS weight
                 FROM bars WINDOW ahead AS (PARTITION BY symbol ORDER BY ts) ORDER BY ts, symbol";
    run(&path, &request(40, statement(ahead))).expect("a run");
    let gains = lines(&path, "SELECT outcome, total_return > 1 FROM results");
    assert_eq!(gains, ["done Bool(true)"]);
}

#[test]
fn a_key_holds_the_text_and_every_bar_that_may_be_read() {
    let (_folder, path) = small();
    let of_a = "SELECT ts, symbol, 0.5 AS weight FROM bars WHERE symbol = 'A' ORDER BY ts, symbol";
    let key = |path: &Path, text: &str, multiplier: f64| {
        let multiplier = WarmupMultiplier::new(multiplier).expect("a multiplier");
        run(path, &Request { multiplier, ..request(20, statement(text)) }).expect("a run");
        let newest = "SELECT job_key::VARCHAR FROM job ORDER BY job_id DESC LIMIT 1";
        lines(path, newest).remove(0)
    };
    let first = key(&path, of_a, 1.5);
    assert_eq!(keys(&path), std::slice::from_ref(&first));
    let again = run(&path, &request(20, statement(of_a))).expect("a run");
    assert_eq!((again.planned, again.cached, again.computed), (1, 1, 0));
    let commented = key(&path, &format!("{of_a} -- again"), 1.5);
    let wider = key(&path, of_a, 2.0);
    // A bar of a symbol that has no weight, and a high that is not traded on.
    let mut other = three();
    other[1].closes[1_500].1 *= 1.01;
    let (_folder_2, of_other) = small_store::store(Interval::HOUR, &other, true);
    let elsewhere = key(&of_other, of_a, 1.5);
    // Bars that opened before anything was loaded are no part of it.
    let mut early = three();
    early[1].closes[10].1 *= 1.01;
    let (_folder_3, of_early) = small_store::store(Interval::HOUR, &early, true);
    assert_eq!(key(&of_early, of_a, 1.5), first);
    let mut all = vec![first, commented, wider, elsewhere];
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4);
    assert_eq!(number(&path, "SELECT count(DISTINCT total_return) FROM results"), 1);
}

#[test]
fn runs_of_different_signals_stand_side_by_side() {
    let (_folder, path) = small();
    for weight in ["0.25", "0.5"] {
        let text = format!("SELECT ts, symbol, {weight} AS weight FROM bars ORDER BY ts, symbol");
        run(&path, &request(20, statement(&text))).expect("a run");
    }
    assert_eq!(number(&path, "SELECT count(*) FROM results"), 2);
}

#[test]
fn no_setting_changes_a_row() {
    alone("signals::no_setting_changes_a_row", settings_change_no_row);
}

fn settings_change_no_row() {
    let (_folder, path) = small();
    let plain = Request { horizons: vec![days(10), days(40)], ..request(40, statement(CROSSOVER)) };
    run(&path, &plain).expect("a run");
    let expected = told(&path);
    assert_eq!(number(&path, "SELECT count(*) FROM results"), 2);
    let workers = WorkerRequest { asked: Some(4), cap: Some(4), sequential: false };
    let alone = WorkerRequest { asked: None, cap: None, sequential: true };
    for changed in [
        Request { workers, ..plain.clone() },
        Request { workers: alone, batch_jobs: 1, ..plain.clone() },
        Request { budget_bytes: 400 << 20, ..plain.clone() },
    ] {
        let (_other, other) = small();
        run(&other, &changed).expect("a run");
        assert!(told(&other) == expected);
        assert_eq!(keys(&other), keys(&path));
    }
}

fn days(days: u32) -> Horizon {
    Horizon::from_days(days).expect("days")
}

#[test]
fn a_horizon_plays_what_lies_in_it_and_a_note_counts_the_rest() {
    let (_folder, path) = small();
    let end = START + 2_000 * HOUR;
    let mut rows = WeightRows::default();
    rows.push("A", end - 15 * DAY, 0.5, 2);
    rows.push("B", end - 36 * DAY, 0.25, 3);
    rows.push("A", end, 0.5, 4);
    let signals = Signals::rows("rows", rows).expect("signals");
    let horizons = vec![days(5), days(20), days(40)];
    let summary = run(&path, &Request { horizons, ..request(20, signals) }).expect("a run");
    assert_eq!((summary.planned, summary.computed, summary.pending), (2, 2, 0));
    assert_eq!(
        summary.notes,
        [
            "rows: no signal lies in the scored window of 5 days, which has no job",
            "rows: 2 of 3 signals lie outside the scored window of 20 days or are of symbols that \
             are not tested, and are ignored",
            "rows: 1 of 3 signals lie outside the scored window of 40 days or are of symbols that \
             are not tested, and are ignored",
        ]
    );
    let jobs = lines(&path, "SELECT horizon_days, symbols, trades FROM results ORDER BY 1");
    assert_eq!(jobs, ["20 A 1", "40 A,B 2"]);
}

#[test]
fn symbols_restrict_what_is_seen_and_played() {
    let (_folder, path) = small();
    let symbols = Some(vec!["A".to_owned(), "C".to_owned()]);
    let mut rows = WeightRows::default();
    for (line, symbol) in ["A", "B"].into_iter().enumerate() {
        rows.push(symbol, START + 70 * DAY, 0.5, line as u64);
    }
    let signals = Signals::rows("rows", rows).expect("signals");
    run(&path, &Request { symbols: symbols.clone(), ..request(20, signals) }).expect("a run");
    assert_eq!(lines(&path, "SELECT symbols FROM results"), ["A"]);
    let all = "SELECT ts, symbol, 0.1 AS weight FROM bars ORDER BY ts, symbol";
    run(&path, &Request { symbols, ..request(20, statement(all)) }).expect("a run");
    assert_eq!(lines(&path, "SELECT DISTINCT symbols FROM results ORDER BY 1"), ["A", "A,C"]);
}

#[test]
fn a_bar_that_is_not_complete_is_not_seen() {
    let (_folder, path) = small();
    // The last bar a statement sees decides the sign of every weight.
    let text = "SELECT ts, symbol, CASE WHEN (SELECT max(ts) FROM bars) = TIMESTAMP '2024-03-11 04:00' \
                THEN 1 ELSE -1 END AS weight FROM bars WHERE symbol = 'A' ORDER BY ts, symbol";
    let as_of = Some("2024-03-11T05:30:00Z".parse().expect("a moment"));
    run(&path, &Request { as_of, ..request(20, statement(text)) }).expect("a run");
    assert_eq!(lines(&path, "SELECT DISTINCT weight FROM weight"), ["1"]);
}

#[test]
fn a_statement_sees_the_bars_that_strategies_see() {
    let (_folder, path) = small();
    import(&path, EventKind::Split, "ts,symbol,ratio\n2024-03-15,A,4\n");
    let text = "SELECT ts, symbol, close / 1000 AS weight FROM bars WHERE symbol = 'A'
                ORDER BY ts, symbol";
    run(&path, &request(20, statement(text))).expect("a run");
    let factors = "SELECT round(weight * 1000 / bar.close, 9) AS factor, min(weight.ts)::VARCHAR
                   FROM weight JOIN instrument USING (symbol)
                   JOIN bar ON bar.instrument_id = instrument.instrument_id AND bar.ts = weight.ts
                   GROUP BY factor ORDER BY factor";
    assert_eq!(lines(&path, factors), ["1 2024-03-04 08:00:00", "4 2024-03-15 00:00:00"]);
}

#[test]
fn an_outcome_is_told_as_of_any_job() {
    let (_folder, path) = small();
    // C has its last bar 100 rows before the end: in the last four days it has none.
    let mut rows = WeightRows::default();
    rows.push("A", START + 1_950 * HOUR, 0.0, 1);
    let signals = Signals::rows("rows", rows).expect("signals");
    let summary = run(&path, &request(4, signals)).expect("a run");
    assert_eq!(summary.outcomes, [("scripted".to_owned(), vec![(Outcome::NoTrade, 1)])]);
    assert_eq!(number(&path, "SELECT count(*) FROM fill"), 0);
    let costs = Costs::default();
    let mut rows = WeightRows::default();
    rows.push("A", START + 1_950 * HOUR, 1.0, 1);
    let signals = Signals::rows("rows", rows).expect("signals");
    run(&path, &Request { costs, ..request(4, signals) }).expect("a run");
    let paid = lines(&path, "SELECT count(*) FROM fill WHERE commission > 0 AND slippage > 0");
    assert_eq!(paid, ["2"]);
}
