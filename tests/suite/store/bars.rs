//! Bars in and out: order, duplicates, rejects, hostile names, what a query fetches.

use barline::{
    domain::{Interval, Timestamp},
    store::{BarColumn, BarQuery, Cell, Compare, Comparison, Literal, Store},
};
use duckdb::arrow::array::AsArray;

use super::{HOUR, bar, empty, fill, options, source};

fn count(store: &Store, table: &str) -> Cell {
    let table = store.sql(&format!("SELECT count(*) FROM {table}")).expect("counted");
    table.rows[0][0].clone()
}

#[test]
fn an_import_accounts_for_every_record_and_keeps_what_was_there() {
    let (_folder, path, store) = empty();
    fill(&store, &[("A", 0..10)]);
    let mut import = store.begin_import(source()).expect("an import");
    let id = import.instrument("demo", "A").expect("known");
    let bars: Vec<_> = [8, 9, 10, 10, 12].into_iter().map(|hour| bar(hour, 99.0)).collect();
    import.append(id, &bars).expect("bars");
    import.reject(7, Some("close"), "negative", &"x".repeat(5_000)).expect("counted");
    let summary = import.finish().expect("finished");
    assert_eq!((summary.read, summary.stored, summary.duplicate, summary.rejected), (6, 2, 3, 1));
    let closes = store.sql("SELECT close FROM bar ORDER BY ts").expect("closes").rows;
    assert_eq!(closes[9], [Cell::Float(10.0)], "the stored bar is kept");
    assert_eq!(closes.len(), 12);
    let rejects = store.query("rejects", &[]).expect("rejects");
    assert_eq!(rejects.rows[0][2], Cell::Int(7));
    store.close().expect("closed");
    let store = Store::open(&path, &options()).expect("opened");
    let health = store.query("import-health", &[]).expect("health");
    let gaps = health.columns.iter().position(|name| name == "gaps").expect("a column");
    assert_eq!(health.rows[0][gaps], Cell::Int(1));
    assert_eq!(count(&store, "import_gap"), Cell::Int(1));
}

#[test]
fn an_unfinished_or_disordered_import_leaves_nothing() {
    let (_folder, _path, store) = empty();
    let mut import = store.begin_import(source()).expect("an import");
    let id = import.instrument("demo", "A").expect("new");
    import.append(id, &[bar(0, 1.0), bar(1, 2.0)]).expect("bars");
    let error = import.append(id, &[bar(5, 1.0), bar(4, 2.0)]).expect_err("disorder");
    assert!(error.is_data());
    assert!(store.begin_import(source()).is_err(), "one at a time");
    drop(import);
    for table in ["bar", "instrument", "series", "import"] {
        assert_eq!(count(&store, table), Cell::Int(0), "{table}");
    }
    store.begin_import(source()).expect("free again");
}

#[test]
fn a_series_has_one_calendar() {
    let (_folder, _path, store) = empty();
    fill(&store, &[("A", 0..3)]);
    let other = barline::store::ImportSource {
        calendar: barline::domain::CalendarClass::Exchange,
        ..source()
    };
    let mut import = store.begin_import(other).expect("an import");
    assert!(import.instrument("demo", "A").expect_err("another calendar").is_data());
    import.instrument("elsewhere", "A").expect("another instrument");
}

#[test]
fn hostile_names_are_data() {
    let (_folder, _path, store) = empty();
    let names = [
        "'; DROP TABLE bar;--",
        "\"A\"",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "=HYPERLINK()",
        "NULL",
        "000001",
        "?",
        "$1",
        "A%",
        "\u{202e}rtl",
        "e\u{301}",
        "\u{e9}",
    ];
    let filled: Vec<_> = names.iter().map(|name| (*name, 0..2)).collect();
    fill(&store, &filled);
    let series = store.instruments().expect("read");
    let mut stored: Vec<&str> = series.iter().map(|s| s.instrument.symbol.as_str()).collect();
    let mut expected = names.to_vec();
    stored.sort_unstable();
    expected.sort_unstable();
    assert_eq!(stored, expected);
    let mut query = BarQuery::new(Interval::HOUR, vec![BarColumn::Symbol, BarColumn::Close]);
    for name in names {
        query.symbols = Some(vec![name.into()]);
        let rows = store.stream_bars(&query, &mut |_| Ok(())).expect("read");
        assert_eq!(rows, 2, "{name}");
        let parameters = [("symbols".to_owned(), name.to_owned())];
        assert_eq!(store.query("import-health", &parameters).expect("health").rows.len(), 1);
    }
}

#[test]
fn a_series_says_what_the_store_holds() {
    let (_folder, _path, store) = empty();
    fill(&store, &[("B", 2..5), ("A", 0..10)]);
    let mut import = store.begin_import(source()).expect("an import");
    let id = import.instrument("demo", "C").expect("new");
    let closes: Vec<_> =
        (0..3).map(|hour| barline::domain::Bar { open: f64::NAN, ..bar(hour, 1.0) }).collect();
    import.append(id, &closes).expect("bars");
    import.finish().expect("finished");
    let series = store.instruments().expect("read");
    let told: Vec<_> = series
        .iter()
        .map(|s| (s.instrument.symbol.as_str(), s.first.micros() / HOUR, s.bars, s.has_open))
        .collect();
    assert_eq!(told, [("A", 0, 10, true), ("B", 2, 3, true), ("C", 0, 3, false)]);
    assert_eq!(series[1].last, Timestamp(4 * HOUR));
    assert_eq!(series[0].source, "test");
}

#[test]
fn bars_come_in_order_and_no_more_of_them_than_asked_for() {
    let (_folder, _path, store) = empty();
    fill(&store, &[("A", 0..5_000), ("B", 0..5_000)]);
    fill(&store, &[("A", 5_000..6_000)]);
    let mut query = BarQuery::new(
        Interval::HOUR,
        vec![BarColumn::InstrumentId, BarColumn::Ts, BarColumn::Close],
    );
    query.from = Some(100 * HOUR);
    query.to = Some(5_500 * HOUR);
    let mut seen: Vec<(u32, i64)> = Vec::new();
    let rows = store
        .stream_bars(&query, &mut |batch| {
            let ids = batch.column(0).as_primitive::<duckdb::arrow::datatypes::UInt32Type>();
            let ts = batch
                .column(1)
                .as_primitive::<duckdb::arrow::datatypes::TimestampMicrosecondType>();
            seen.extend((0..ids.len()).map(|at| (ids.value(at), ts.value(at))));
            Ok(())
        })
        .expect("read");
    assert_eq!(rows, 5_400 + 4_900);
    assert!(seen.is_sorted());
    query.comparisons = vec![Comparison {
        column: BarColumn::Close,
        op: Compare::Gt,
        literal: Literal::Float(5_400.5),
    }];
    assert_eq!(store.stream_bars(&query, &mut |_| Ok(())).expect("read"), 100);
    query.limit = Some(7);
    assert_eq!(store.stream_bars(&query, &mut |_| Ok(())).expect("read"), 7);
    query.instruments = Some(vec![]);
    assert_eq!(store.stream_bars(&query, &mut |_| Ok(())).expect("read"), 0);
}

#[test]
fn the_axis_is_the_union_of_moments() {
    let (_folder, _path, store) = empty();
    fill(&store, &[("A", 0..5), ("B", 3..8), ("C", 20..22)]);
    let axis = store.time_axis(Interval::HOUR, &[1, 2], HOUR, 7 * HOUR).expect("an axis");
    assert_eq!(axis, (1..7).map(|hour| hour * HOUR).collect::<Vec<_>>());
    assert!(store.time_axis(Interval::DAY, &[1], 0, HOUR).expect("none").is_empty());
    assert!(store.time_axis(Interval::HOUR, &[], 0, HOUR).expect("none").is_empty());
}
