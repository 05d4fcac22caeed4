//! One test per flag of `barline screen` that changes what is tested or listed.

use std::path::Path;

use barline::{
    domain::{CalendarClass, Interval, Timestamp},
    run::{Adjustment, Direction, Listing, ScreenRequest, ScreenTest, Span},
    stats::{LagRule, Trend, benjamini_hochberg, pairwise_correlation, test_pair},
    store::Cell,
};

use crate::{
    binary::{barline, said},
    screen::{NAMES, asked, market, run},
    small_disk::Disk,
    small_store::{HOUR, START, Series, lines, series, sql, store, walk},
};

const FIXED: Option<LagRule> = Some(LagRule::Fixed(1));

/// Closes of two symbols in the rows that both have.
fn common(series: &[Series], [first, second]: [usize; 2]) -> [Vec<f64>; 2] {
    let of = |own: &Series, other: &Series| {
        let both = own.closes.iter().filter(|(ts, _)| other.closes.iter().any(|o| o.0 == *ts));
        both.map(|(_, close)| *close).collect::<Vec<_>>()
    };
    [of(&series[first], &series[second]), of(&series[second], &series[first])]
}

fn logs(closes: &[f64]) -> Vec<f64> {
    closes.iter().map(|close| libm::log(*close)).collect()
}

fn pairs(count: usize) -> impl Iterator<Item = [usize; 2]> {
    (0..count).flat_map(move |i| (i + 1..count).map(move |j| [i, j]))
}

/// Correlation of the log returns between common bars.
fn correlation(series: &[Series], pair: [usize; 2]) -> f64 {
    let [first, second] = common(series, pair).map(|closes| {
        let logs = logs(&closes);
        logs.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<f64>>()
    });
    pairwise_correlation(&[&first, &second], 2).expect("finite").matrix.get(0, 1)
}

fn listed(path: &Path) -> Vec<String> {
    lines(path, "SELECT symbols, q_value FROM screen ORDER BY symbols")
}

#[test]
fn min_correlation_chooses_the_tests_and_their_number() {
    let series = market(12);
    let least = 0.02;
    let kept: Vec<[usize; 2]> =
        pairs(12).filter(|pair| correlation(&series, *pair) >= least).collect();
    assert!((5..50).contains(&kept.len()), "{kept:?}");
    let p_values: Vec<f64> = (kept.iter())
        .map(|pair| {
            let [first, second] = common(&series, *pair).map(|closes| logs(&closes));
            test_pair(&first, &second, Trend::Constant, LagRule::Fixed(1)).expect("regular").p_value
        })
        .collect();
    let adjusted = benjamini_hochberg(&p_values).expect("p-values");
    let expected: Vec<String> = (kept.iter().zip(adjusted))
        .map(|(pair, q)| format!("{} {q}", pair.map(|at| NAMES[at]).join(",")))
        .collect();
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let adjustment = Adjustment::BenjaminiHochberg;
    let filtered =
        ScreenRequest { min_correlation: Some(least), lag: FIXED, adjustment, ..asked() };
    let summary = run(&path, &filtered);
    let tests = kept.len() as u64;
    assert_eq!((summary.tests, summary.filtered, summary.refused), (tests, 66 - tests, 0));
    assert!(summary.plan.asked.contains("log returns correlated by at least 0.02"));
    assert_eq!(listed(&path), expected);
    let stored = "SELECT min_correlation, tests, filtered FROM screen_run";
    assert_eq!(lines(&path, stored), [format!("0.02 {tests} {}", 66 - tests)]);
    // Every ordered pair is a test of its own, and a bound of -1 leaves no pair out.
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let given = run(&path, &ScreenRequest { direction: Direction::Given, ..filtered.clone() });
    assert_eq!((given.tests, given.filtered), (2 * tests, 2 * (66 - tests)));
    let all = run(&path, &ScreenRequest { min_correlation: Some(-1.0), ..filtered });
    assert_eq!((all.tests, all.filtered), (66, 0));
}

#[test]
fn min_correlation_is_kept_by_every_test_and_path() {
    let series = market(9);
    let least = Some(0.0);
    let kept = pairs(9).filter(|pair| correlation(&series, *pair) >= 0.0).count() as u64;
    let counted = |request: &ScreenRequest| {
        let (_folder, path) = store(Interval::HOUR, &series, true);
        let summary = run(&path, request);
        assert_eq!(summary.listed, summary.tests);
        (summary.tests, summary.filtered)
    };
    let of = ScreenRequest { min_correlation: least, listing: Listing::Top(1_000), ..asked() };
    let whole = (kept, 36 - kept);
    let outliaris = ScreenRequest { test: ScreenTest::PhillipsOuliaris, lag: None, ..of.clone() };
    assert_eq!(counted(&outliaris), whole);
    let johansen = ScreenRequest { test: ScreenTest::Johansen, lag: FIXED, ..of.clone() };
    assert_eq!(counted(&johansen), whole);
    assert_eq!(counted(&ScreenRequest { listing: Listing::All, ..of }), whole);
    let related = |pair: [usize; 2]| correlation(&series, pair) >= 0.0;
    let mut triples = 0;
    for [i, j] in pairs(9).filter(|pair| related(*pair)) {
        triples += (j + 1..9).filter(|k| related([i, *k]) && related([j, *k])).count() as u64;
    }
    assert!(triples > 0, "no three symbols are related");
    let sizes = "3".parse().expect("sizes");
    assert_eq!(counted(&ScreenRequest { sizes, ..johansen }), (triples, 84 - triples));
}

#[test]
fn level_tests_closes_as_they_are() {
    let series = market(7);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    run(&path, &ScreenRequest { logs: false, lag: FIXED, ..asked() });
    let found = sql(&path, "SELECT symbols, statistic FROM screen ORDER BY symbols").rows;
    for (row, pair) in found.iter().zip(pairs(7)) {
        let [first, second] = common(&series, pair);
        let test = test_pair(&first, &second, Trend::Constant, LagRule::Fixed(1));
        let statistic = test.expect("regular").chosen.statistic;
        assert_eq!(row[0], Cell::Text(pair.map(|at| NAMES[at]).join(",")));
        assert_eq!(row[1], Cell::Float(statistic));
    }
    assert_eq!(lines(&path, "SELECT price FROM screen_run"), ["level"]);
    // Correlations are of price changes then.
    let changes = |closes: &[f64]| closes.windows(2).map(|c| c[1] - c[0]).collect::<Vec<f64>>();
    let correlated = |pair: &[usize; 2]| {
        let [a, b] = common(&series, *pair).map(|closes| changes(&closes));
        pairwise_correlation(&[&a, &b], 2).expect("finite").matrix.get(0, 1) >= 0.0
    };
    let kept = pairs(7).filter(correlated).count() as u64;
    let filtered = ScreenRequest { logs: false, lag: FIXED, min_correlation: Some(0.0), ..asked() };
    assert_eq!(run(&path, &filtered).tests, kept);
}

#[test]
fn the_window_ends_where_it_is_told_to() {
    let series = market(4);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let span = 400 * HOUR;
    let as_of = Timestamp(START + 600 * HOUR);
    let request = ScreenRequest {
        as_of: Some(as_of),
        formation_micros: span,
        interval: Some(Interval::HOUR),
        min_observations: Some(100),
        lag: FIXED,
        ..asked()
    };
    run(&path, &request);
    let window = lines(
        &path,
        "SELECT DISTINCT epoch_us(window_start), epoch_us(window_end), observations FROM screen",
    );
    assert_eq!(window, [format!("{} {} 400", START + 200 * HOUR, START + 600 * HOUR)]);
    let [first, second] = common(&series, [0, 1]).map(|closes| logs(&closes[200..600]));
    let test = test_pair(&first, &second, Trend::Constant, LagRule::Fixed(1)).expect("regular");
    let found = sql(&path, "SELECT statistic FROM screen WHERE symbols = 'A,B'").rows;
    assert_eq!(found, [[Cell::Float(test.chosen.statistic)]]);
}

#[test]
fn trends_and_half_lives_in_time_reach_the_test() {
    let series = market(8);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let [first, second] = common(&series, [0, 1]).map(|closes| logs(&closes));
    for trend in Trend::ALL {
        let run_id = run(&path, &ScreenRequest { trend, lag: FIXED, ..asked() }).run_id;
        let test = test_pair(&first, &second, trend, LagRule::Fixed(1)).expect("regular");
        let of =
            format!("SELECT statistic FROM screen WHERE run_id = {run_id} AND symbols = 'A,B'");
        assert_eq!(sql(&path, &of).rows, [[Cell::Float(test.chosen.statistic)]], "{trend:?}");
    }
    let bounded = |span: &str| {
        let max_half_life = span.parse::<Span>().ok();
        run(&path, &ScreenRequest { max_half_life, lag: FIXED, ..asked() }).listed
    };
    // Hourly bars: ten hours are ten bars.
    assert_eq!(bounded("10h"), bounded("10"));
    assert!(bounded("10h") < bounded("30d"));
}

#[test]
fn directions_are_counted_as_tests() {
    let (_folder, path) = store(Interval::HOUR, &market(8), true);
    for (direction, tests, name) in [(Direction::Both, 28, "both"), (Direction::Given, 56, "given")]
    {
        let summary = run(&path, &ScreenRequest { direction, lag: FIXED, ..asked() });
        assert_eq!(summary.tests, tests);
        let of = |table: &str| {
            let text =
                format!("SELECT DISTINCT direction FROM {table} WHERE run_id = {}", summary.run_id);
            lines(&path, &text)
        };
        assert_eq!(
            (of("screen"), of("screen_run")),
            (vec![name.to_owned()], vec![name.to_owned()])
        );
    }
}

#[test]
fn the_query_has_what_was_listed_and_the_number_of_tests() {
    let (folder, path) = store(Interval::HOUR, &market(6), true);
    run(&path, &ScreenRequest { lag: FIXED, adjustment: Adjustment::BenjaminiHochberg, ..asked() });
    let store = path.to_string_lossy().into_owned();
    let asked = ["query", "screen", "--db", &store, "--format", "csv", "--top", "all"];
    let csv = barline(folder.path(), &asked);
    let text = String::from_utf8(csv.stdout).expect("text");
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    for name in [
        "symbols",
        "symbol_y",
        "symbol_x",
        "direction",
        "hedge_ratio",
        "intercept",
        "statistic",
        "p_value",
        "q_value",
        "critical_1",
        "critical_5",
        "critical_10",
        "lag_bars",
        "half_life_bars",
        "half_life_hours",
        "observations",
        "window_start",
        "window_end",
        "tests",
        "min_correlation",
    ] {
        assert!(header.contains(&name), "{name} is not in {header:?}");
    }
    assert_eq!(text.lines().count(), 1 + 15);
}

#[test]
fn a_screen_that_fails_says_why_and_ends_like_a_run() {
    let symbol = |at: usize| -> &'static str { Box::leak(format!("S{at:03}").into_boxed_str()) };
    let of = |at: usize| {
        let logs = walk(900 + at as u64, 120);
        series(symbol(at), CalendarClass::Continuous, HOUR, &logs, |_, _| true)
    };
    let (folder, path) = store(Interval::HOUR, &(0..100).map(of).collect::<Vec<Series>>(), true);
    let bytes = std::fs::metadata(&path).expect("a store").len();
    let Some(disk) = Disk::of(bytes.div_ceil(1024) + 200) else { return };
    let whole = disk.path().join("s.duckdb");
    std::fs::copy(&path, &whole).expect("a copy");
    drop(folder);
    let line = "screen --db s.duckdb --formation-days 5 --min-observations 60 --lag 1 --fdr none --all \
                --direction given";
    let line: Vec<&str> = line.split_whitespace().collect();
    let output = barline(disk.path(), &line);
    let text = said(&output);
    let errors = text.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!((output.status.code(), errors), (Some(1), 1), "{text}");
    assert!(text.contains("the screen is not complete") && text.contains("s.duckdb"), "{text}");
    // The room it asks for is enough.
    let hint = text.lines().find_map(|line| line.strip_prefix("hint: ")).expect("a hint");
    let needed: u64 = (hint.split("; "))
        .find_map(|part| part.split_once(" bytes (")?.0.parse().ok())
        .expect("a number of bytes");
    let there = [".wal", ".highwater", ""].map(|suffix| {
        let path = disk.path().join(format!("s.duckdb{suffix}"));
        std::fs::metadata(path).map_or(0, |meta| meta.len())
    });
    disk.grow((there.iter().sum::<u64>() + needed).div_ceil(1024));
    let output = barline(disk.path(), &line);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(lines(&whole, "SELECT tests, listed FROM screen_run"), ["9900 9900"]);
}
