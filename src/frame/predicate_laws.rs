//! Laws of the split: the translated part and the residual together are the predicate.
//!
//! The translated part is judged by an evaluator of its own with SQL's rules (null is not true,
//! NaN is equal to itself and above every number), once on the predicate as written and once on
//! the form Polars' optimizer hands to a scan.

use std::{any::Any, cmp::Ordering, sync::Arc};

use polars::prelude::{
    AnonymousScan, AnonymousScanArgs, BooleanChunked, DataFrame, DataType, Expr, IntoLazy,
    LazyFrame, LiteralValue, NULL, NamedFrom, NewChunkedArray, PolarsResult, Scalar,
    ScanArgsAnonymous, Series, TimeUnit, col, df, lit, when,
};
use proptest::prelude::*;

use super::Split;
use crate::{
    frame::collect,
    store::{BarColumn, Compare, Comparison, Literal},
};

#[derive(Debug, Clone)]
struct Row {
    instrument_id: u32,
    symbol: String,
    ts: i64,
    close: Option<f64>,
    volume: Option<f64>,
}

fn frame_of(rows: &[Row]) -> DataFrame {
    let mut frame = df!(
        "instrument_id" => rows.iter().map(|row| row.instrument_id).collect::<Vec<_>>(),
        "symbol" => rows.iter().map(|row| row.symbol.clone()).collect::<Vec<_>>(),
        "ts" => rows.iter().map(|row| row.ts).collect::<Vec<_>>(),
        "close" => rows.iter().map(|row| row.close).collect::<Vec<_>>(),
        "volume" => rows.iter().map(|row| row.volume).collect::<Vec<_>>(),
    )
    .expect("columns of one length");
    let ts = frame.column("ts").expect("ts");
    let ts = ts.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).expect("times");
    frame.with_column(ts).expect("a column");
    frame
}

/// What SQL makes of the translated part.
fn selects(split: &Split, row: &Row) -> bool {
    !split.selects_nothing()
        && split.instruments.as_ref().is_none_or(|ids| ids.contains(&row.instrument_id))
        && split.symbols.as_ref().is_none_or(|symbols| symbols.contains(&row.symbol))
        && split.from.is_none_or(|from| row.ts >= from)
        && split.to.is_none_or(|to| row.ts < to)
        && split.comparisons.iter().all(|comparison| holds(comparison, row))
}

fn holds(comparison: &Comparison, row: &Row) -> bool {
    let order = match (comparison.column, &comparison.literal) {
        (BarColumn::InstrumentId, Literal::Int(id)) => Some(i64::from(row.instrument_id).cmp(id)),
        (BarColumn::Symbol, Literal::Text(text)) => Some(row.symbol.cmp(text)),
        (BarColumn::Ts, Literal::Time(at)) => Some(row.ts.cmp(at)),
        (BarColumn::Close, Literal::Float(value)) => row.close.map(|x| sql_order(x, *value)),
        (BarColumn::Volume, Literal::Float(value)) => row.volume.map(|x| sql_order(x, *value)),
        other => unreachable!("{other:?} is not a comparison of a column with its own kind"),
    };
    order.is_some_and(|order| match comparison.op {
        Compare::Eq => order.is_eq(),
        Compare::Ne => order.is_ne(),
        Compare::Lt => order.is_lt(),
        Compare::Le => order.is_le(),
        Compare::Gt => order.is_gt(),
        Compare::Ge => order.is_ge(),
    })
}

fn sql_order(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

fn filtered(rows: &[Row], split: Split) -> DataFrame {
    let mask: Vec<bool> = rows.iter().map(|row| selects(&split, row)).collect();
    let mask = BooleanChunked::from_slice("mask".into(), &mask);
    let kept = frame_of(rows).filter(&mask).expect("a mask of the frame's length");
    match split.residual {
        Some(rest) => collect(kept.lazy().filter(rest)).expect("a predicate over the frame"),
        None => kept,
    }
}

/// A scan of rows in memory that splits as the scan of the store does.
struct RowScan(Vec<Row>);

impl AnonymousScan for RowScan {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn scan(&self, args: AnonymousScanArgs) -> PolarsResult<DataFrame> {
        Ok(filtered(&self.0, args.predicate.as_ref().map(Split::of).unwrap_or_default()))
    }

    fn allows_predicate_pushdown(&self) -> bool {
        true
    }
}

fn scanned(rows: &[Row]) -> LazyFrame {
    let schema = frame_of(rows).schema().clone();
    let args = ScanArgsAnonymous { schema: Some(schema), ..ScanArgsAnonymous::default() };
    LazyFrame::anonymous_scan(Arc::new(RowScan(rows.to_vec())), args).expect("a plan")
}

fn moment(micros: i64) -> Expr {
    let scalar = Scalar::new_datetime(micros, TimeUnit::Microseconds, None);
    Expr::Literal(LiteralValue::Scalar(scalar))
}

fn price() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![-1.0, -0.0, 0.0, 0.5, 1.0, 1.5, 2.0, f64::NAN, f64::INFINITY])
}

fn row() -> impl Strategy<Value = Row> {
    let symbol = prop::sample::select(vec!["A", "B", "C'", ""]);
    (0u32..4, symbol, -3i64..4, prop::option::of(price()), prop::option::of(price())).prop_map(
        |(instrument_id, symbol, ts, close, volume)| Row {
            instrument_id,
            symbol: symbol.to_owned(),
            ts,
            close,
            volume,
        },
    )
}

fn compared(left: Expr, op: u8, right: Expr) -> Expr {
    match op % 6 {
        0 => left.eq(right),
        1 => left.neq(right),
        2 => left.lt(right),
        3 => left.lt_eq(right),
        4 => left.gt(right),
        _ => left.gt_eq(right),
    }
}

/// A column with a literal of its own kind, or nearly so.
fn column_and_literal() -> impl Strategy<Value = (Expr, Expr)> {
    let symbol = prop::sample::select(vec!["A", "B", "C'", "D", ""]);
    prop_oneof![
        symbol.prop_map(|text| (col("symbol"), lit(text))),
        (-2i64..5).prop_map(|id| (col("instrument_id"), lit(id))),
        (0u32..5).prop_map(|id| (col("instrument_id"), lit(id))),
        (-4i64..5).prop_map(|at| (col("ts"), moment(at))),
        price().prop_map(|x| (col("close"), lit(x))),
        (-1i32..3).prop_map(|x| (col("volume"), lit(x))),
        price().prop_map(|x| (col("close") - col("volume"), lit(x))),
        Just((col("close"), lit(NULL))),
        Just((col("close"), col("volume"))),
    ]
}

fn leaf() -> impl Strategy<Value = Expr> {
    let symbols = prop::collection::vec(prop::sample::select(vec!["A", "C'", "D"]), 0..3);
    prop_oneof![
        6 => (column_and_literal(), any::<u8>(), any::<bool>()).prop_map(
            |((column, literal), op, flipped)| {
                if flipped {
                    compared(literal, op, column)
                } else {
                    compared(column, op, literal)
                }
            }
        ),
        1 => symbols.prop_map(|symbols| {
            col("symbol").is_in(lit(Series::new("".into(), symbols)).implode(true), false)
        }),
        1 => prop::collection::vec(0u32..6, 0..3).prop_map(|ids| {
            col("instrument_id").is_in(lit(Series::new("".into(), ids)).implode(true), false)
        }),
        1 => prop_oneof![Just(col("close").is_null()), Just(col("volume").is_not_null())],
        1 => price().prop_map(|x| {
            when(col("close").is_null()).then(lit(1.0)).otherwise(col("close")).gt(lit(x))
        }),
    ]
}

fn predicate() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            4 => (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| a.or(b)),
            1 => inner.prop_map(Expr::not),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn law_translated_and_residual_are_the_predicate(
        rows in prop::collection::vec(row(), 0..24),
        predicate in predicate(),
    ) {
        let judge = collect(frame_of(&rows).lazy().filter(predicate.clone())).expect("a filter");
        let split = filtered(&rows, Split::of(&predicate));
        prop_assert!(split.equals_missing(&judge), "as written\n{split}\n{judge}");
        let pushed = collect(scanned(&rows).filter(predicate)).expect("a filter");
        prop_assert!(pushed.equals_missing(&judge), "as optimized\n{pushed}\n{judge}");
    }
}

fn some_rows() -> Vec<Row> {
    let row = |instrument_id, symbol: &str, ts, close| Row {
        instrument_id,
        symbol: symbol.to_owned(),
        ts,
        close,
        volume: Some(1.0),
    };
    vec![row(0, "A", 0, Some(1.0)), row(1, "B", 0, Some(5.0)), row(1, "B", 1, None)]
}

#[test]
fn simple_terms_leave_no_residual() {
    let ids = lit(Series::new("".into(), [3u32, 1])).implode(true);
    let predicate = col("symbol")
        .eq(lit("A"))
        .or(col("symbol").eq(lit("B")))
        .and(col("instrument_id").is_in(ids, false))
        .and(col("ts").gt(moment(9)))
        .and(moment(20).gt_eq(col("ts")))
        .and(col("close").gt(lit(5)));
    let split = Split::of(&predicate);
    assert_eq!(split.symbols.as_deref(), Some(&["A".to_owned(), "B".to_owned()][..]));
    assert_eq!(split.instruments.as_deref(), Some(&[1, 3][..]));
    assert_eq!((split.from, split.to), (Some(10), Some(21)));
    assert_eq!(split.comparisons.len(), 1);
    assert!(split.residual.is_none(), "{:?}", split.residual);
}

#[test]
fn the_rest_stays_with_polars() {
    let wide = col("close") - col("volume");
    let split = Split::of(&wide.clone().gt(lit(0.5)).and(col("symbol").eq(lit("A"))));
    assert_eq!(split.symbols.as_deref(), Some(&["A".to_owned()][..]));
    assert_eq!(split.residual, Some(wide.gt(lit(0.5))));
}

#[test]
fn a_term_that_looks_at_other_rows_keeps_everything_with_polars() {
    let above_mean = col("volume").lt_eq(col("close").mean()).and(col("symbol").eq(lit("A")));
    let split = Split::of(&above_mean);
    assert!(split.symbols.is_none() && split.residual.is_some());
    let judge = collect(frame_of(&some_rows()).lazy().filter(above_mean.clone()));
    let pushed = collect(scanned(&some_rows()).filter(above_mean));
    let (judge, pushed) = (judge.expect("a filter"), pushed.expect("a filter"));
    assert!(pushed.equals_missing(&judge), "{pushed}\n{judge}");
}

#[test]
fn contradictions_select_nothing() {
    let both = col("symbol").eq(lit("A")).and(col("symbol").eq(lit("B")));
    let late = col("ts").gt(moment(5)).and(col("ts").lt(moment(6)));
    assert!(Split::of(&both).selects_nothing());
    assert!(Split::of(&late).selects_nothing());
    assert!(!Split::of(&col("ts").eq(moment(5))).selects_nothing());
}
