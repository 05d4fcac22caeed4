//! Signals that come later than they could: the weights a statement gave, some bars on.

use super::{
    rows::{Detail, Rows},
    world::World,
};
use crate::{
    domain::{Horizon, Timestamp, WeightRows},
    run::Signals,
    store::Cell,
};

/// The weights of the job of one horizon, each `bars` bars of its own symbol later; `None` where no
/// weight is left, or they cannot be given as signals.
pub(super) fn late_signals(
    known: &Rows,
    world: &World,
    horizon: Horizon,
    bars: usize,
) -> Option<Signals> {
    let (_, job) =
        known.jobs.iter().find(|(name, _)| name.horizon_days == i64::from(horizon.days()))?;
    let mut rows = WeightRows::default();
    for (line, (ts, cells)) in (1..).zip(job.of(Detail::Weight)) {
        let [Cell::Text(symbol), Cell::Float(weight)] = cells.as_slice() else { continue };
        if let Some(late) = later(world, symbol, *ts, bars) {
            rows.push(symbol, late.micros(), *weight, line);
        }
    }
    Signals::rows("delayed signals", rows).ok()
}

/// The opening time of the bar of `symbol` that is `bars` after the one at `ts`.
fn later(world: &World, symbol: &str, ts: Timestamp, bars: usize) -> Option<Timestamp> {
    let series = world.series_of(symbol)?;
    let at = series.bars.partition_point(|bar| bar.ts < ts);
    series.bars.get(at + bars).map(|bar| bar.ts)
}
