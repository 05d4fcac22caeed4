//! From lazy frames to the panel: a group of instruments at a time.
//!
//! The rows of the panel are the union of the instruments' opening times, asked of the store
//! first. Then the frame of each group is collected, its opens and closes are laid into their
//! columns, and it is dropped before the next group is read: the peak is the panel and one group.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult, col};

use super::{FrameSource, collect, collect::from_polars, horizon_frame};
use crate::{
    domain::{Field, HorizonWindow, Instrument, Interval, Panel, Timestamp, Universe},
    error::{Error, Result},
};

/// A panel and what it took to fill it.
#[derive(Debug)]
pub struct LoadedPanel {
    /// The bars of the window.
    pub panel: Panel,
    /// Rows fetched from the store.
    pub rows_fetched: u64,
}

/// Bytes a row of a group's frame takes beside its values: an instrument number and a moment.
const ROW_BYTES: usize = size_of::<u32>() + size_of::<i64>();

/// Bytes the frame of a group takes while it is laid into a panel that holds `fields` beside opens
/// and closes: its rows, with an eighth on top for validity bits and for the chunk that is being
/// joined.
pub fn group_frame_bytes(group_assets: usize, rows: usize, fields: &[Field]) -> u64 {
    let values = held(fields).len() * size_of::<f64>();
    let bytes = (group_assets * rows * (ROW_BYTES + values)) as u64;
    bytes + bytes / 8
}

/// The fields that are read: opens and closes always.
fn held(fields: &[Field]) -> Vec<Field> {
    let is_held = |field: &Field| Field::ALWAYS.contains(field) || fields.contains(field);
    Field::ALL.into_iter().filter(is_held).collect()
}

/// Loads the bars of `universe` in `[load_start, end)` of the longest `window` into a panel,
/// `group_assets` instruments at a time: opens, closes and the other `fields`. A value the store does
/// not have is NaN.
///
/// Shapes: a column per field and instrument, a row per opening time at which any instrument has a
/// bar; no row at all if none has one.
///
/// # Errors
/// Data, if an instrument's bars are not strictly increasing in time; whatever the store reports.
pub fn load_panel(
    source: &FrameSource,
    universe: &Universe,
    interval: Interval,
    window: &HorizonWindow,
    fields: &[Field],
    group_assets: usize,
) -> Result<LoadedPanel> {
    let fetched_before = source.rows_fetched();
    let ts = source.time_axis(universe.instruments(), interval, window.load_start, window.end)?;
    let mut panel = Panel::with_fields(universe.clone(), ts, fields);
    let mut first_asset = 0;
    for group in universe.instruments().chunks(group_assets.max(1)) {
        lay_group(source, group, first_asset, (interval, window), &mut panel)?;
        first_asset += group.len();
    }
    Ok(LoadedPanel { panel, rows_fetched: source.rows_fetched() - fetched_before })
}

/// Lays the bars of `group` into the columns of `panel` from `first_asset` on.
///
/// # Errors
/// As [`load_panel`].
pub(super) fn lay_group(
    source: &FrameSource,
    group: &[Instrument],
    first_asset: usize,
    (interval, window): (Interval, &HorizonWindow),
    panel: &mut Panel,
) -> Result<()> {
    let wanted: Vec<_> = ["instrument_id", "ts"]
        .into_iter()
        .chain(panel.fields().iter().map(|field| field.name()))
        .map(col)
        .collect();
    let frame = collect(horizon_frame(source, group, interval, window)?.select(wanted))?;
    let assets = group.iter().zip(first_asset..).map(|(one, asset)| (one.id, asset));
    lay(&frame, &assets.collect(), panel)
}

/// Lays the bars of `frame` into the columns of their instruments; `assets` gives the column of
/// an instrument number.
fn lay(frame: &DataFrame, assets: &BTreeMap<u32, usize>, panel: &mut Panel) -> Result<()> {
    let mut place = Place::default();
    let mut refusal = Ok(());
    let fields = panel.fields().to_vec();
    let read = each_bar(frame, &fields, |bar| match place.advance(&bar, assets, panel) {
        Ok(()) => {
            for (&field, &value) in fields.iter().zip(bar.values) {
                panel.column_mut(place.asset, field)[place.row] = value;
            }
            true
        }
        Err(error) => {
            refusal = Err(error);
            false
        }
    });
    read.map_err(from_polars)?;
    refusal
}

/// A row of a group's frame; a missing value is NaN.
struct GroupRow<'a> {
    instrument_id: u32,
    ts: i64,
    /// In the order of the fields of the panel.
    values: &'a [f64],
}

/// Calls `visit` with every row, in order, as long as it answers true.
fn each_bar(
    frame: &DataFrame,
    fields: &[Field],
    mut visit: impl FnMut(GroupRow<'_>) -> bool,
) -> PolarsResult<()> {
    let ids = frame.column("instrument_id")?.u32()?;
    let times = frame.column("ts")?.datetime()?.physical();
    let mut columns = Vec::with_capacity(fields.len());
    for field in fields {
        columns.push(frame.column(field.name())?.f64()?.iter());
    }
    let mut values = vec![f64::NAN; fields.len()];
    for (id, ts) in ids.iter().zip(times.iter()) {
        for (value, column) in values.iter_mut().zip(&mut columns) {
            *value = column.next().flatten().unwrap_or(f64::NAN);
        }
        // Neither of the two is ever null in the store; a row without them has no place.
        let (Some(instrument_id), Some(ts)) = (id, ts) else { continue };
        if !visit(GroupRow { instrument_id, ts, values: &values }) {
            break;
        }
    }
    Ok(())
}

/// Where the next bar goes: walks down the rows of one instrument, then of the next.
#[derive(Default)]
struct Place {
    instrument_id: Option<u32>,
    asset: usize,
    row: usize,
}

impl Place {
    fn advance(
        &mut self,
        bar: &GroupRow<'_>,
        assets: &BTreeMap<u32, usize>,
        panel: &Panel,
    ) -> Result<()> {
        let times = panel.ts();
        if self.instrument_id == Some(bar.instrument_id) {
            if bar.ts <= times[self.row] {
                return Err(self.out_of_order(bar, panel));
            }
        } else {
            // The store orders by number, then time: a number that comes back is out of order.
            if self.instrument_id.is_some_and(|last| last > bar.instrument_id) {
                return Err(self.out_of_order(bar, panel));
            }
            self.asset = *assets.get(&bar.instrument_id).ok_or_else(|| {
                Error::internal(format!(
                    "the store gave a bar of instrument {} that was not asked for",
                    bar.instrument_id
                ))
            })?;
            self.instrument_id = Some(bar.instrument_id);
            self.row = 0;
        }
        while self.row < times.len() && times[self.row] < bar.ts {
            self.row += 1;
        }
        if times.get(self.row) == Some(&bar.ts) {
            return Ok(());
        }
        Err(Error::internal(format!(
            "a bar at {} is not on the time axis of its window",
            Timestamp(bar.ts)
        )))
    }

    fn out_of_order(&self, bar: &GroupRow<'_>, panel: &Panel) -> Error {
        let symbol = &panel.universe().instruments()[self.asset].symbol;
        Error::data(format!(
            "bars of {symbol} are not strictly increasing in time: {} follows {}",
            Timestamp(bar.ts),
            panel
                .ts()
                .get(self.row)
                .map_or_else(|| "nothing".to_owned(), |&ts| Timestamp(ts).to_string()),
        ))
        .with_hint("import the symbol again into a fresh store; 'barline check' lists its bars")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use polars::prelude::{DataFrame, DataType, TimeUnit, df};

    use super::{group_frame_bytes, lay};
    use crate::domain::{Field, Instrument, Panel, Universe};

    fn panel() -> Panel {
        let instrument =
            |symbol: &str, id| Instrument { market: "m".into(), symbol: symbol.into(), id };
        let universe =
            Universe::new(vec![instrument("A", 9), instrument("B", 2)]).expect("two symbols");
        Panel::empty(universe, vec![10, 20, 30, 40])
    }

    fn assets() -> BTreeMap<u32, usize> {
        BTreeMap::from([(9, 0), (2, 1)])
    }

    fn frame(rows: &[(u32, i64, Option<f64>, f64)]) -> DataFrame {
        let mut frame = df!(
            "instrument_id" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "ts" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "open" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            "close" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
        )
        .expect("columns of one length");
        let ts = frame.column("ts").expect("ts");
        let ts = ts.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).expect("times");
        frame.with_column(ts).expect("a column");
        frame
    }

    #[test]
    fn bars_land_on_their_rows_and_the_rest_stays_nan() {
        let mut panel = panel();
        let bars = [(2, 20, Some(1.0), 1.5), (2, 40, None, 2.5), (9, 10, Some(7.0), 7.5)];
        lay(&frame(&bars), &assets(), &mut panel).expect("bars in order");
        let bits = |column: &[f64]| column.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        let nan = f64::NAN;
        assert_eq!(bits(panel.column(0, Field::Close)), bits(&[7.5, nan, nan, nan]));
        assert_eq!(bits(panel.column(1, Field::Close)), bits(&[nan, 1.5, nan, 2.5]));
        assert_eq!(bits(panel.column(1, Field::Open)), bits(&[nan, 1.0, nan, nan]));
    }

    #[test]
    fn doubled_and_unordered_bars_are_refused_by_name() {
        for bars in [
            [(2, 20, None, 1.0), (2, 20, None, 2.0), (9, 10, None, 1.0)],
            [(2, 20, None, 1.0), (2, 10, None, 2.0), (9, 10, None, 1.0)],
            [(2, 20, None, 1.0), (9, 10, None, 2.0), (2, 30, None, 1.0)],
        ] {
            let refusal = lay(&frame(&bars), &assets(), &mut panel()).expect_err("out of order");
            assert!(refusal.is_data(), "{refusal}");
            assert!(refusal.to_string().contains("not strictly increasing"), "{refusal}");
        }
    }

    #[test]
    fn a_bar_off_the_axis_or_of_a_stranger_is_an_error_of_ours() {
        for bars in [[(2, 25, None, 1.0)], [(2, 50, None, 1.0)], [(3, 20, None, 1.0)]] {
            assert!(lay(&frame(&bars), &assets(), &mut panel()).is_err(), "{bars:?}");
        }
    }

    #[test]
    fn a_group_takes_more_than_its_bare_rows() {
        assert!(group_frame_bytes(4, 1_000, &[]) > 4 * 1_000 * 28);
        assert_eq!(group_frame_bytes(0, 1_000, &[]), 0);
        assert!(group_frame_bytes(4, 1_000, &[Field::Volume]) > 4 * 1_000 * 36);
    }
}
