//! The lazy frame of one horizon: some instruments, from the first bar loaded to the end.

use std::ops::RangeInclusive;

use polars::prelude::{
    Expr, LazyFrame, LiteralValue, NamedFrom, Scalar, Series, TimeUnit, col, lit,
};

use super::FrameSource;
use crate::{
    domain::{HorizonWindow, Instrument, Interval, Timestamp},
    error::Result,
};

/// The bars of `instruments` in `[load_start, end)` of `window`: warmup and scored bars together,
/// ordered by instrument number, then time. Nothing is read before the frame is collected.
///
/// # Errors
/// Only if Polars refuses the plan.
pub fn horizon_frame(
    source: &FrameSource,
    instruments: &[Instrument],
    interval: Interval,
    window: &HorizonWindow,
) -> Result<LazyFrame> {
    let inside = col("ts")
        .gt_eq(moment(window.load_start))
        .and(col("ts").lt(moment(window.end)))
        .and(one_of(instruments));
    Ok(source.bars(interval)?.filter(inside))
}

/// A moment as a literal in the unit of `ts`; another unit would be cast, and not reach the query.
fn moment(at: Timestamp) -> Expr {
    let scalar = Scalar::new_datetime(at.micros(), TimeUnit::Microseconds, None);
    Expr::Literal(LiteralValue::Scalar(scalar))
}

/// Lengths of lists that cost more than a longer one: up to the last of them a list is spelled out as a tree
/// of comparisons on its way to the query, which takes 10 MB for 100 values, and nothing beyond. The query names every
/// value once.
const SPELLED_OUT: RangeInclusive<usize> = 17..=100;

fn one_of(instruments: &[Instrument]) -> Expr {
    let mut ids: Vec<u32> = instruments.iter().map(|instrument| instrument.id).collect();
    if let (Some(last), true) = (ids.last().copied(), SPELLED_OUT.contains(&ids.len())) {
        ids.resize(*SPELLED_OUT.end() + 1, last);
    }
    col("instrument_id").is_in(lit(Series::new("ids".into(), ids)).implode(true), false)
}
