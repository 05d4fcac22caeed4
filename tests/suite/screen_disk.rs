//! A screen of which far more passes than its plan holds in memory: the rest is sorted on the disk, under the
//! least budget that does, and every row is that of a screen which holds all.

use std::{fs, path::Path};

use barline::{
    domain::{CalendarClass, Interval},
    stats::{benjamini_hochberg, benjamini_yekutieli, holm},
    store::Cell,
};

use crate::{
    binary::{barline, said},
    screen::spread,
    small_store::{HOUR, Series, number, series, sql, store, walk},
};

const SYMBOLS: usize = 100;
const PAIRS: usize = SYMBOLS * (SYMBOLS - 1) / 2;
const ROWS: usize = 24 * 10;
const LEVEL: f64 = 0.05;

/// Symbols that all follow one walk: nearly every pair of them is cointegrated.
fn crowd() -> Vec<Series> {
    let common = walk(5, ROWS);
    let one = |at: usize| {
        let own = spread(100 + at as u64, ROWS, 0.2);
        let logs: Vec<f64> = common.iter().zip(own).map(|(x, e)| x + e).collect();
        let name: &'static str = Box::leak(format!("S{at:03}").into_boxed_str());
        series(name, CalendarClass::Continuous, HOUR, &logs, |_, _| true)
    };
    (0..SYMBOLS).map(one).collect()
}

/// Rows of the last screen: symbols, p-value, q-value and what else the test says, by symbols.
fn rows(path: &Path) -> Vec<Vec<Cell>> {
    let columns = "symbols, p_value, q_value, statistic, hedge_ratio, half_life_bars, symbol_y";
    let last = "run_id = (SELECT max(run_id) FROM run)";
    sql(path, &format!("SELECT {columns} FROM screen WHERE {last} ORDER BY symbols")).rows
}

fn float(cell: &Cell) -> f64 {
    let Cell::Float(value) = cell else { panic!("{cell:?}") };
    *value
}

#[test]
fn what_passes_against_all_odds_is_sorted_on_the_disk_and_no_row_differs() {
    let (folder, path) = store(Interval::HOUR, &crowd(), true);
    let screen = |more: &[&str]| {
        let flags =
            ["screen", "--db", "small.duckdb", "-q", "--formation-days", "10", "--lag", "1"];
        barline(folder.path(), &[&flags[..], more].concat())
    };
    // Where every test is to be listed, as many are planned for as there are.
    let all = screen(&["--max-p", "1", "--fdr", "none"]);
    assert_eq!(all.status.code(), Some(0), "{}", said(&all));
    let all = rows(&path);
    assert_eq!(all.len(), PAIRS);
    let p_values: Vec<f64> = all.iter().map(|row| float(&row[1])).collect();
    let level = LEVEL.to_string();
    for (name, definition) in [
        ("bh", benjamini_hochberg(&p_values)),
        ("by", benjamini_yekutieli(&p_values)),
        ("holm", holm(&p_values)),
    ] {
        let flags = ["--max-p", &level, "--fdr", name, "--memory-budget"];
        let under = |budget: &str| screen(&[&flags[..], &[budget]].concat());
        let refused = under("1MB");
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        let text = said(&refused);
        let least = text.split("--memory-budget ").nth(1).expect("the least").trim();
        let done = under(least);
        assert_eq!(done.status.code(), Some(0), "{least}: {}", said(&done));
        let mib: i64 = least.strip_suffix("MiB").expect("MiB").parse().expect("a number");
        let peak = "SELECT arg_max(measured_peak_bytes, run_id) FROM run";
        let samples =
            "SELECT stage, bytes FROM memory_sample WHERE run_id = (SELECT max(run_id) FROM run)";
        let of = || format!("{} of {least} {:?}", number(&path, peak), sql(&path, samples).rows);
        assert!(number(&path, peak) <= mib << 20, "{name}: {}", of());
        let expected: Vec<Vec<Cell>> = (all.iter().zip(definition.expect("p-values")))
            .filter(|(_, q)| *q <= LEVEL)
            .map(|(row, q)| {
                let mut row = row.clone();
                row[2] = Cell::Float(q);
                row
            })
            .collect();
        // More than what a plan by chance holds of so many tests.
        assert!(expected.len() > 4_500, "{name}: {}", expected.len());
        assert_eq!(rows(&path), expected, "{name}");
    }
    let names = fs::read_dir(folder.path()).expect("a folder").map(|e| e.expect("one").file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["small.duckdb"]);
}
