//! Pairs of one horizon, each fitted once and scanned once, however many combinations hold it.
//!
//! A pair's rows are the bars common to both legs. Its trading windows start at the first row of
//! the scored window and every `refit_bars` rows after; the formation window of each is the
//! calendar span before its first row. What comes out is a [`PairScript`]: when to enter and to
//! leave, in panel rows, without quantities, so that it serves every combination and every capital.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    CointegrationParameters, PairScript, RefitMark, TradingWindow, WindowFit,
    fit::{Formation, fit},
    rule::signals_of,
};
use crate::{domain::FitRecord, strategy::HorizonBars};

const SHARDS: usize = 64;
/// Fewest bars of a formation window, and the share of the nominal number that must be there.
const LEAST_BARS: f64 = 60.0;
const LEAST_SHARE: f64 = 0.9;

type Slot = Arc<OnceLock<Arc<PairScript>>>;

/// The scripts of a horizon's pairs, made when first asked for.
pub(super) struct PairBook<'a> {
    bars: &'a HorizonBars<'a>,
    parameters: &'a CointegrationParameters,
    shards: Vec<Mutex<HashMap<(u16, u16), Slot>>>,
    fits: Mutex<Vec<FitRecord>>,
    fits_made: AtomicU64,
}

impl<'a> PairBook<'a> {
    pub(super) fn new(bars: &'a HorizonBars<'a>, parameters: &'a CointegrationParameters) -> Self {
        Self {
            bars,
            parameters,
            shards: (0..SHARDS).map(|_| Mutex::new(HashMap::new())).collect(),
            fits: Mutex::new(Vec::new()),
            fits_made: AtomicU64::new(0),
        }
    }

    pub(super) fn take_fits(&self) -> Vec<FitRecord> {
        std::mem::take(&mut *self.fits.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn fits_made(&self) -> u64 {
        self.fits_made.load(Ordering::Relaxed)
    }

    /// Lets go of all scripts; a pair that is asked for again would be fitted again.
    pub(super) fn release(&self) {
        for shard in &self.shards {
            *shard.lock().unwrap_or_else(PoisonError::into_inner) = HashMap::new();
        }
    }

    /// The script of a pair, `first < second`. Workers that ask for the same pair at the same time
    /// wait for the one that fits it.
    pub(super) fn script(&self, first: u16, second: u16) -> Arc<PairScript> {
        let shard = &self.shards[(usize::from(first) * 31 + usize::from(second)) % SHARDS];
        let slot = {
            let mut slots = shard.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry((first, second)).or_default())
        };
        Arc::clone(slot.get_or_init(|| Arc::new(self.make(first, second))))
    }

    fn make(&self, first: u16, second: u16) -> PairScript {
        let rows = PairRows::of(self.bars, first, second, self.formation_micros());
        let ranges = trading_ranges(&rows, self.refit_bars(first, second));
        let fits: Vec<_> = (0_u32..)
            .zip(&ranges)
            .map(|(refit, range)| self.fit_window(first, second, &rows, refit, range))
            .collect();
        rows.script(ranges, fits, self.parameters)
    }

    fn formation_micros(&self) -> i64 {
        self.parameters.formation_micros(&self.bars.window)
    }

    fn refit_bars(&self, first: u16, second: u16) -> usize {
        let nominal = self.bars.nominal_bars(&[first, second], self.formation_micros());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bar count")]
        let half = (nominal / 2.0).round().max(1.0) as usize;
        self.parameters.refit_bars.map_or(half, |bars| bars as usize)
    }

    /// Fits the window that trades `range`, on the calendar span before its first row.
    fn fit_window(
        &self,
        first: u16,
        second: u16,
        rows: &PairRows,
        refit: u32,
        range: &Range<usize>,
    ) -> Option<WindowFit> {
        let score_start = self.bars.window.score_start.micros();
        let end = if refit == 0 { score_start } else { rows.ts[range.start] };
        let start = end - self.formation_micros();
        let span = rows.between(start, end);
        let nominal = self.bars.nominal_bars(&[first, second], self.formation_micros());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bar count")]
        let needed_bars = (LEAST_SHARE * nominal).ceil().max(LEAST_BARS) as usize;
        let formation = Formation {
            symbols: [self.bars.symbol(first), self.bars.symbol(second)],
            logs: [&rows.logs[0][span.clone()], &rows.logs[1][span.clone()]],
            ts: &rows.ts[span],
            span: (start, end),
            horizon_days: self.bars.window.horizon.days(),
            refit,
            needed_bars,
        };
        let (record, accepted) = fit(&formation, self.parameters);
        self.fits_made.fetch_add(1, Ordering::Relaxed);
        self.fits.lock().unwrap_or_else(PoisonError::into_inner).push(record);
        accepted
    }
}

/// The bars common to two legs from the start of the formation window to the end.
struct PairRows {
    /// Log closes of each leg.
    logs: [Vec<f64>; 2],
    /// Opening times.
    ts: Vec<i64>,
    /// Panel rows.
    panel_rows: Vec<u32>,
    /// First row of the scored window.
    scored_from: usize,
    /// Panel rows of the scored window in which either leg has a bar.
    either: Vec<u32>,
}

impl PairRows {
    fn of(bars: &HorizonBars<'_>, first: u16, second: u16, formation_micros: i64) -> Self {
        let scored = bars.scored_rows();
        let from = bars.history_rows(formation_micros).start;
        let pair = [first, second];
        let (mut panel_rows, mut either) = (Vec::new(), Vec::new());
        bars.presence.rows_with(&pair, 2, &(from..scored.end), &mut panel_rows);
        bars.presence.rows_with(&pair, 1, &scored, &mut either);
        let columns = pair.map(|asset| bars.logs.column(asset));
        let gather =
            |column: &[f64]| panel_rows.iter().map(|&row| column[row as usize]).collect::<Vec<_>>();
        Self {
            logs: columns.map(gather),
            ts: panel_rows.iter().map(|&row| bars.panel.ts()[row as usize]).collect(),
            scored_from: panel_rows.partition_point(|&row| (row as usize) < scored.start),
            panel_rows,
            either,
        }
    }

    fn between(&self, from: i64, to: i64) -> Range<usize> {
        self.ts.partition_point(|&ts| ts < from)..self.ts.partition_point(|&ts| ts < to)
    }

    /// Rows of the scored window after row `row` in which either leg has a bar: how many bars the
    /// pair has left, without a look at which of them are common.
    fn rows_after(&self, row: usize) -> usize {
        let panel_row = self.panel_rows[row];
        self.either.len() - self.either.partition_point(|&other| other <= panel_row)
    }
}

impl PairRows {
    /// Scans the rule over all windows and names what it finds by panel rows.
    fn script(
        &self,
        ranges: Vec<Range<usize>>,
        fits: Vec<Option<WindowFit>>,
        parameters: &CointegrationParameters,
    ) -> PairScript {
        let refits = (ranges.iter().enumerate())
            .filter_map(|(window, range)| {
                let row = *self.panel_rows.get(range.start.checked_sub(1)?)? as usize;
                Some(RefitMark { row, window })
            })
            .collect();
        let windows: Vec<_> = (ranges.into_iter().zip(&fits))
            .map(|(rows, fit)| TradingWindow { rows, model: fit.map(|fit| fit.model) })
            .collect();
        let mut flips = windows
            .iter()
            .zip(&fits)
            .map(|(window, fit)| (window.rows.end, fit.is_some_and(|fit| fit.flipped)));
        let mut here = flips.next().unwrap_or((usize::MAX, false));
        let z = |row: usize, model: &super::SpreadModel| {
            while row >= here.0 {
                here = flips.next().unwrap_or((usize::MAX, false));
            }
            let [first, second] = [self.logs[0][row], self.logs[1][row]];
            if here.1 { model.z(second, first) } else { model.z(first, second) }
        };
        let rows_after = |row: usize| self.rows_after(row);
        let mut signals = signals_of(&windows, &parameters.rule(), &rows_after, z);
        for signal in &mut signals {
            signal.row = self.panel_rows[signal.row] as usize;
            signal.calm = signal.calm.map(|row| self.panel_rows[row] as usize);
        }
        PairScript { signals, refits, fits }
    }
}

/// The rows each fit trades: from the first scored row on, `refit_bars` at a time.
fn trading_ranges(rows: &PairRows, refit_bars: usize) -> Vec<Range<usize>> {
    let end = rows.ts.len();
    (rows.scored_from..end)
        .step_by(refit_bars.max(1))
        .map(|start| start..end.min(start + refit_bars.max(1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{CointegrationParameters, PairBook};
    use crate::{
        domain::{
            CalendarClass, Field, Horizon, Instrument, Interval, Panel, Presence, Timestamp,
            Universe, WarmupMultiplier,
        },
        strategy::{CovarianceBooks, HorizonBars, LogCloses},
    };

    #[test]
    fn a_script_is_shared_until_it_is_released() {
        let instrument = |id: u32| Instrument { market: "m".into(), symbol: format!("S{id}"), id };
        let universe = Universe::new(vec![instrument(0), instrument(1)]).expect("a universe");
        let hour = Interval::HOUR.micros();
        let mut panel = Panel::empty(universe, (0..360).map(|row| row * hour).collect());
        for asset in [0, 1] {
            for (row, close) in panel.column_mut(asset, Field::Close).iter_mut().enumerate() {
                *close = 10.0 + (row * (asset + 3) % 7) as f64;
            }
        }
        let horizon = Horizon::from_days(10).expect("days");
        let half_more = WarmupMultiplier::new(1.5).expect("a multiplier");
        let bars = HorizonBars {
            presence: &Presence::of(&panel),
            logs: &LogCloses::of(&panel),
            covariances: CovarianceBooks::default(),
            interval: Interval::HOUR,
            calendars: &[CalendarClass::Continuous; 2],
            window: horizon.window(Timestamp(360 * hour), half_more),
            max_stale_bars: 24,
            panel: &panel,
        };
        let parameters = CointegrationParameters::default();
        let book = PairBook::new(&bars, &parameters);
        let script = book.script(0, 1);
        let made = book.fits_made();
        assert!(made > 0 && Arc::ptr_eq(&script, &book.script(0, 1)));
        assert_eq!(Arc::strong_count(&script), 2, "the book's and ours");
        book.release();
        assert_eq!(Arc::strong_count(&script), 1, "ours");
        assert_eq!(book.fits_made(), made);
        assert_eq!(book.take_fits().len() as u64, made, "fits that were not taken stay");
    }
}
