//! Lazy frames over a real store: the SQL they become, the rows they fetch, the answers they give.

use barline::{
    domain::{
        Bar, CalendarClass, Field, Horizon, HorizonWindow, Instrument, Interval, Panel, Timestamp,
        Universe, WarmupMultiplier,
    },
    frame::{FrameSource, collect, horizon_frame, load_panel},
    store::{ImportSource, Store, StoreOptions},
};
use polars::prelude::{
    Expr, IntoLazy, LiteralValue, NamedFrom, Scalar, Series, TimeUnit, col, len, lit,
};
use tempfile::TempDir;

const HOUR: i64 = 3_600_000_000;
/// 2024-03-01T00:00:00Z, where every store of these tests ends.
const END: i64 = 1_709_251_200_000_000;
/// Two days scored and one of warmup.
const WINDOW_HOURS: i64 = 72;
const WINDOW_BARS: usize = 72;

/// The price of `symbol` at an hour: a walk without a formula in the engine.
fn price(symbol: usize, ts: i64) -> f64 {
    let hour = ts.div_euclid(HOUR);
    let step = i64::try_from(symbol).expect("a small number") * 11;
    100.0 + symbol as f64 * 10.0 + (hour * 37 + step).rem_euclid(101) as f64 / 8.0
}

/// A bar of `symbol`; `CLOSE` has closes only, and every fifth volume is missing.
fn bar(symbol: usize, name: &str, ts: i64) -> Bar {
    let close = price(symbol, ts + HOUR);
    let open = if name == "CLOSE" { f64::NAN } else { price(symbol, ts) };
    let volume = if (ts / HOUR) % 5 == 0 { f64::NAN } else { (ts / HOUR % 7) as f64 };
    Bar {
        ts: Timestamp(ts),
        open,
        high: if open.is_nan() { open } else { open.max(close) },
        low: if open.is_nan() { open } else { open.min(close) },
        close,
        volume,
    }
}

/// A store of four symbols with `hours` of history; `GAPS` lacks every ninth bar, `LATE` begins
/// ten hours before the end.
fn store_of(hours: i64) -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let options = StoreOptions { memory_limit_bytes: 64_000_000, threads: 1 };
    let store = Store::create(&folder.path().join("bars.duckdb"), &options).expect("a store");
    let mut import = store
        .begin_import(ImportSource {
            name: "test".into(),
            market: "m".into(),
            interval: Interval::HOUR,
            calendar: CalendarClass::Continuous,
            detail: String::new(),
            content: String::new(),
        })
        .expect("an import");
    for (symbol, name) in ["WHOLE", "GAPS", "LATE", "CLOSE"].into_iter().enumerate() {
        let id = import.instrument("m", name).expect("an instrument");
        let first = if name == "LATE" { 10 } else { hours };
        let bars: Vec<Bar> = (0..first)
            .map(|back| END - (first - back) * HOUR)
            .filter(|ts| name != "GAPS" || (ts / HOUR) % 9 != 0)
            .map(|ts| bar(symbol, name, ts))
            .collect();
        import.append(id, &bars).expect("bars in order");
    }
    import.finish().expect("an import that adds up");
    (folder, store)
}

fn universe(store: &Store) -> Universe {
    let series = store.instruments().expect("instruments");
    Universe::new(series.into_iter().map(|one| one.instrument).collect()).expect("a universe")
}

fn window() -> HorizonWindow {
    let horizon = Horizon::from_days(2).expect("two days");
    horizon.window(Timestamp(END), WarmupMultiplier::default())
}

fn source(store: &Store) -> FrameSource {
    FrameSource::new(store.reader().expect("a reader"))
}

fn moment(micros: i64) -> Expr {
    let scalar = Scalar::new_datetime(micros, TimeUnit::Microseconds, None);
    Expr::Literal(LiteralValue::Scalar(scalar))
}

fn bits(panel: &Panel) -> Vec<u64> {
    let columns = (0..panel.universe().len())
        .flat_map(|asset| [Field::Open, Field::Close].map(|field| panel.column(asset, field)));
    columns.flatten().map(|value| value.to_bits()).collect()
}

/// Bars of the window: whole and close-only ones, those with gaps, the late ones.
fn bars_in_window() -> u64 {
    let gaps = (1..=WINDOW_HOURS).filter(|back| (END / HOUR - back) % 9 == 0).count() as u64;
    3 * WINDOW_HOURS.unsigned_abs() - gaps + 10
}

#[test]
fn a_horizon_is_one_query_of_its_window_its_symbols_and_its_columns() {
    let (_folder, store) = store_of(500);
    let source = source(&store);
    let universe = universe(&store);
    let two: Vec<Instrument> = universe
        .instruments()
        .iter()
        .filter(|one| ["WHOLE", "CLOSE"].contains(&one.symbol.as_str()))
        .cloned()
        .collect();
    let mut ids: Vec<u32> = two.iter().map(|one| one.id).collect();
    ids.sort_unstable();
    let frame = horizon_frame(&source, &two, Interval::HOUR, &window()).expect("a plan");
    assert!(source.queries().is_empty(), "a lazy frame reads nothing");
    let frame = collect(frame.select([col("ts"), col("close")])).expect("bars");
    assert_eq!(frame.height(), 2 * WINDOW_BARS);
    assert_eq!(source.rows_fetched(), 2 * WINDOW_BARS as u64);
    let [query] = &source.queries()[..] else { panic!("one query: {:?}", source.queries()) };
    let (from, to) = (END - WINDOW_HOURS * HOUR, END);
    for part in [
        // The column of a predicate is fetched with it.
        "SELECT bar.ts, bar.close, bar.instrument_id FROM bar WHERE".to_owned(),
        "bar.interval_us = 3600000000".to_owned(),
        format!("bar.instrument_id IN ({}, {})", ids[0], ids[1]),
        format!("bar.ts >= make_timestamp({from})"),
        format!("bar.ts < make_timestamp({to})"),
    ] {
        assert!(query.contains(&part), "{part} in {query}");
    }
}

#[test]
fn ten_times_the_history_changes_neither_the_rows_nor_the_queries() {
    let load = |hours| {
        let (_folder, store) = store_of(hours);
        let source = source(&store);
        let universe = universe(&store);
        let loaded = load_panel(&source, &universe, Interval::HOUR, &window(), &[], 2);
        let loaded = loaded.expect("a panel");
        (loaded.rows_fetched, source.queries(), bits(&loaded.panel))
    };
    let (short, long) = (load(300), load(3_000));
    assert_eq!(short.0, bars_in_window(), "rows fetched are window times symbols");
    assert_eq!(short.1.len(), 2, "a query per group of two");
    assert!(short == long, "{} and {} rows", short.0, long.0);
}

#[test]
fn the_size_of_a_group_changes_no_bit_of_the_panel() {
    let (_folder, store) = store_of(300);
    let universe = universe(&store);
    let load = |group_assets| {
        load_panel(&source(&store), &universe, Interval::HOUR, &window(), &[], group_assets)
            .expect("a panel")
            .panel
    };
    let whole = load(16);
    for group_assets in [0, 1, 2, 3] {
        assert_eq!(bits(&load(group_assets)), bits(&whole), "groups of {group_assets}");
    }
    assert_eq!(whole.rows(), WINDOW_BARS);
    let at = |symbol: &str| {
        let all = universe.instruments().iter();
        all.into_iter().position(|one| one.symbol == symbol).expect("a symbol")
    };
    let absent =
        |symbol, field| whole.column(at(symbol), field).iter().filter(|x| x.is_nan()).count();
    assert_eq!(absent("WHOLE", Field::Close), 0);
    assert_eq!(absent("LATE", Field::Close), WINDOW_BARS - 10);
    assert_eq!((absent("CLOSE", Field::Open), absent("CLOSE", Field::Close)), (WINDOW_BARS, 0));
    for (row, &ts) in whole.ts().iter().enumerate() {
        let close = whole.column(at("WHOLE"), Field::Close)[row];
        assert_eq!(close.to_bits(), price(0, ts + HOUR).to_bits());
    }
}

#[test]
fn a_window_without_bars_is_a_panel_without_rows() {
    let (_folder, store) = store_of(100);
    let horizon = Horizon::from_days(2).expect("two days");
    let before = horizon.window(Timestamp(END - 1_000 * HOUR), WarmupMultiplier::default());
    let loaded = load_panel(&source(&store), &universe(&store), Interval::HOUR, &before, &[], 2);
    let loaded = loaded.expect("a panel");
    assert_eq!((loaded.panel.rows(), loaded.rows_fetched), (0, 0));
}

/// Predicates of every kind: translated whole, in part, not at all.
fn predicates() -> Vec<Expr> {
    let names = |names: &[&str]| lit(Series::new("".into(), names)).implode(true);
    let ids = |ids: &[u32]| lit(Series::new("".into(), ids)).implode(true);
    let wide = col("close") - col("open");
    vec![
        col("symbol").eq(lit("GAPS")),
        col("symbol").eq(lit("GAPS")).or(col("symbol").eq(lit("LATE"))),
        col("symbol").is_in(names(&["GAPS", "nobody", "O'Brien"]), false),
        col("symbol").neq(lit("GAPS")).and(col("symbol").gt(lit("L"))),
        col("market").eq(lit("m")).and(col("instrument_id").is_in(ids(&[1, 3, 9]), false)),
        col("instrument_id").gt(lit(1)).and(lit(3u32).gt_eq(col("instrument_id"))),
        col("ts").eq(moment(END - 7 * HOUR)),
        col("ts").gt(moment(END - 7 * HOUR)).and(col("ts").lt_eq(moment(END - 2 * HOUR))),
        col("ts").neq(moment(END - 3 * HOUR)).and(col("ts").gt_eq(moment(END - 5 * HOUR))),
        col("close").gt(lit(110.125)).and(col("close").lt(lit(115))),
        col("open").neq(lit(104.5)).and(col("volume").eq(lit(3))),
        col("volume").lt(lit(0.0)).or(col("volume").eq(lit(-0.0))),
        col("open").lt_eq(lit(f64::NAN)),
        wide.clone().gt(lit(2.0)).and(col("symbol").eq(lit("WHOLE"))),
        col("open").is_null().and(col("ts").lt(moment(END - 20 * HOUR))),
        col("volume").eq(lit(3)).not().and(col("symbol").eq(lit("GAPS")).not()),
        col("close").gt(col("close").mean()).and(col("symbol").eq(lit("WHOLE"))),
        col("symbol").eq(lit("WHOLE")).and(col("symbol").eq(lit("GAPS"))),
        col("symbol").eq(lit("a\0b")),
        wide.eq(lit(0.0)).or(col("symbol").eq(lit("LATE"))),
    ]
}

#[test]
fn the_store_and_polars_filter_alike() {
    let (_folder, store) = store_of(60);
    let source = source(&store);
    let all = collect(source.bars(Interval::HOUR).expect("a plan")).expect("all bars");
    assert_eq!(all.width(), 9);
    let mut kept = 0;
    for predicate in predicates() {
        let judge = collect(all.clone().lazy().filter(predicate.clone())).expect("a filter");
        let bars = source.bars(Interval::HOUR).expect("a plan");
        let pushed = collect(bars.filter(predicate.clone())).expect("a filter");
        assert!(pushed.equals_missing(&judge), "{predicate}\n{pushed:?}\n{judge:?}");
        kept += pushed.height();
        // The same rows, seen through one column that the predicate may not name.
        let one = source.bars(Interval::HOUR).expect("a plan").filter(predicate.clone());
        let one = collect(one.select([col("low")])).expect("a filter");
        assert!(one.equals_missing(&judge.select(["low"]).expect("low")), "{predicate}");
    }
    assert!(kept > 500, "predicates that keep nothing prove nothing: {kept}");
}

#[test]
fn sql_takes_what_it_can_and_fetches_no_more() {
    let (_folder, store) = store_of(60);
    let fetched = |predicate: Expr| {
        let source = source(&store);
        let bars = source.bars(Interval::HOUR).expect("a plan").filter(predicate);
        let kept = collect(bars.select([col("close")])).expect("a filter").height() as u64;
        (source.rows_fetched(), kept, source.queries())
    };
    let (rows, kept, _) = fetched(col("symbol").eq(lit("WHOLE")).and(col("close").gt(lit(105))));
    assert_eq!(rows, kept, "nothing left for Polars");
    let wide = (col("close") - col("open")).gt(lit(2.0));
    let (rows, kept, queries) = fetched(wide.and(col("symbol").eq(lit("WHOLE"))));
    assert_eq!(rows, 60, "the symbol is filtered by the store");
    assert!(kept < rows && queries[0].contains("bar.open"), "{queries:?}");
    let nothing = col("symbol").eq(lit("WHOLE")).and(col("symbol").eq(lit("GAPS")));
    assert_eq!(fetched(nothing), (0, 0, Vec::new()), "a contradiction asks nothing");
}

#[test]
fn limits_and_counts_are_the_frames_own() {
    let (_folder, store) = store_of(60);
    let source = source(&store);
    let bars = || source.bars(Interval::HOUR).expect("a plan");
    let all = collect(bars()).expect("all bars");
    let first = collect(bars().limit(7)).expect("seven bars");
    assert!(first.equals_missing(&all.head(Some(7))));
    assert!(source.queries()[1].ends_with("LIMIT 7"), "{:?}", source.queries());
    let seven_then_filtered = bars().limit(7).filter(col("volume").gt(lit(3)));
    let judge = all.head(Some(7)).lazy().filter(col("volume").gt(lit(3)));
    let judge = collect(judge).expect("a filter");
    assert!(collect(seven_then_filtered).expect("a filter").equals_missing(&judge));
    let counted = collect(bars().filter(col("symbol").eq(lit("LATE"))).select([len()]));
    let counted = counted.expect("a count").column("len").expect("len").clone();
    assert_eq!(counted.get(0).expect("one row").extract::<u64>(), Some(10));
}

#[test]
fn an_error_of_the_store_arrives_as_it_was() {
    let (_folder, store) = store_of(10);
    let source = source(&store);
    let missing = source.bars(Interval::HOUR).expect("a plan").filter(col("vwap").gt(lit(1)));
    assert!(collect(missing).expect_err("no such column").to_string().contains("vwap"));
}
