//! From lazy frames to the panel: a group of instruments at a time.
//!
//! The rows of the panel are the union of the instruments' opening times, asked of the store
//! first. Then the frame of each group is collected, the fields that are asked for are laid into
//! their columns, and it is dropped before the next group is read: the peak is the panel and one group.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult, col};

use super::{FrameSource, collect, collect::from_polars, horizon_frame};
use crate::{
    domain::{Field, Fields, HorizonWindow, Interval, Panel, Timestamp, Universe},
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

/// A column and a row of the panel.
type Cell = (u32, u32);

/// Bytes a row of a group's frame takes: an instrument number, a moment, a number per field, and
/// where it goes.
fn row_bytes(fields: Fields) -> usize {
    let keys = size_of::<u32>() + size_of::<i64>();
    keys + fields.count() * size_of::<f64>() + size_of::<Cell>()
}

/// Bytes the frame of a group takes while it is laid into the panel: its rows, with an eighth on
/// top for validity bits and for the chunk that is being joined.
pub fn group_frame_bytes(group_assets: usize, rows: usize, fields: Fields) -> u64 {
    let bytes = (group_assets * rows * row_bytes(fields)) as u64;
    bytes + bytes / 8
}

/// Loads the bars of `universe` in `[load_start, end)` of the longest `window` into a panel,
/// `group_assets` instruments at a time. A value the store does not have is NaN.
///
/// Shapes: one column per instrument and field, a row per opening time at which any instrument has
/// a bar; no row at all if none has one.
///
/// # Errors
/// Data, if an instrument's bars are not strictly increasing in time; whatever the store reports.
pub fn load_panel(
    source: &FrameSource,
    universe: &Universe,
    interval: Interval,
    window: &HorizonWindow,
    group_assets: usize,
    fields: Fields,
) -> Result<LoadedPanel> {
    let fetched_before = source.rows_fetched();
    let ts = source.time_axis(universe.instruments(), interval, window.load_start, window.end)?;
    let mut panel = Panel::with_fields(universe.clone(), ts, fields);
    let named = ["instrument_id", "ts"].into_iter().chain(fields.each().map(Field::name));
    let columns: Vec<_> = named.map(col).collect();
    let mut first_asset = 0;
    for group in universe.instruments().chunks(group_assets.max(1)) {
        let frame = horizon_frame(source, group, interval, window)?.select(&columns);
        let frame = collect(frame)?;
        let assets =
            group.iter().zip(first_asset..).map(|(instrument, asset)| (instrument.id, asset));
        lay(&frame, &assets.collect(), &mut panel)?;
        first_asset += group.len();
    }
    Ok(LoadedPanel { panel, rows_fetched: source.rows_fetched() - fetched_before })
}

/// Lays the bars of `frame` into the columns of their instruments; `assets` gives the column of
/// an instrument number.
fn lay(frame: &DataFrame, assets: &BTreeMap<u32, usize>, panel: &mut Panel) -> Result<()> {
    let places = places(frame, assets, panel)?;
    for field in panel.fields().each() {
        lay_field(frame, field, &places, panel).map_err(from_polars)?;
    }
    Ok(())
}

/// Column and row of every bar of the frame, in order.
fn places(frame: &DataFrame, assets: &BTreeMap<u32, usize>, panel: &Panel) -> Result<Vec<Cell>> {
    let ids = frame.column("instrument_id").and_then(|column| column.u32()).map_err(from_polars)?;
    let times = frame.column("ts").and_then(|column| column.datetime()).map_err(from_polars)?;
    let mut place = Place::default();
    let mut places = Vec::with_capacity(frame.height());
    for (id, ts) in ids.iter().zip(times.physical().iter()) {
        // Neither of the two is ever null in the store.
        let (Some(instrument_id), Some(ts)) = (id, ts) else {
            return Err(Error::internal("a bar without instrument or opening time"));
        };
        place.advance(&GroupRow { instrument_id, ts }, assets, panel)?;
        let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        places.push((small(place.asset), small(place.row)));
    }
    Ok(places)
}

/// One field of all bars; a missing value is NaN.
fn lay_field(
    frame: &DataFrame,
    field: Field,
    places: &[Cell],
    panel: &mut Panel,
) -> PolarsResult<()> {
    let values = frame.column(field.name())?.f64()?;
    for (&(asset, row), value) in places.iter().zip(values.iter()) {
        panel.column_mut(asset as usize, field)[row as usize] = value.unwrap_or(f64::NAN);
    }
    Ok(())
}

/// Whose bar a row of a group's frame is.
struct GroupRow {
    instrument_id: u32,
    ts: i64,
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
        bar: &GroupRow,
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

    fn out_of_order(&self, bar: &GroupRow, panel: &Panel) -> Error {
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
    use crate::domain::{Field, Fields, Instrument, Panel, Universe};

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
        let bytes = |assets, fields| group_frame_bytes(assets, 1_000, fields);
        assert!(bytes(4, Fields::OPEN_CLOSE) > 4 * 1_000 * 36);
        let more = Fields::OPEN_CLOSE.with(Field::Volume);
        assert_eq!(bytes(4, more) - bytes(4, Fields::OPEN_CLOSE), 4 * 1_000 * 9);
        assert_eq!(bytes(0, Fields::OPEN_CLOSE), 0);
    }
}
