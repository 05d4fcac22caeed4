//! Pairs of one horizon, each fitted once and scanned once, however many combinations hold it.
//!
//! What comes out of a pair's [`CommonRows`] is a [`PairScript`]: when to enter and to leave, in panel
//! rows, without quantities, so that it serves every combination and every capital.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    CommonRows, PairScript,
    method::{FittedWindow, Formation, PairMethod},
};
use crate::{domain::FitRecord, strategy::HorizonBars};

const SHARDS: usize = 64;

type Slot = Arc<OnceLock<Arc<PairScript>>>;

/// The scripts of a horizon's pairs, made when first asked for.
pub(in crate::strategy) struct PairBook<'a, M> {
    bars: &'a HorizonBars<'a>,
    method: &'a M,
    shards: Vec<Mutex<HashMap<(u16, u16), Slot>>>,
    fits: Mutex<Vec<FitRecord>>,
    fits_made: AtomicU64,
}

impl<'a, M: PairMethod> PairBook<'a, M> {
    pub(in crate::strategy) fn new(bars: &'a HorizonBars<'a>, method: &'a M) -> Self {
        Self {
            bars,
            method,
            shards: (0..SHARDS).map(|_| Mutex::new(HashMap::new())).collect(),
            fits: Mutex::new(Vec::new()),
            fits_made: AtomicU64::new(0),
        }
    }

    pub(in crate::strategy) fn take_fits(&self) -> Vec<FitRecord> {
        std::mem::take(&mut *self.fits.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(in crate::strategy) fn fits_made(&self) -> u64 {
        self.fits_made.load(Ordering::Relaxed)
    }

    /// Lets go of all scripts; a pair that is asked for again would be fitted again.
    pub(in crate::strategy) fn release(&self) {
        for shard in &self.shards {
            *shard.lock().unwrap_or_else(PoisonError::into_inner) = HashMap::new();
        }
    }

    /// The script of a pair, `first < second`. Workers that ask for the same pair at the same time
    /// wait for the one that fits it.
    pub(in crate::strategy) fn script(&self, first: u16, second: u16) -> Arc<PairScript> {
        let shard = &self.shards[(usize::from(first) * 31 + usize::from(second)) % SHARDS];
        let slot = {
            let mut slots = shard.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry((first, second)).or_default())
        };
        Arc::clone(slot.get_or_init(|| Arc::new(self.make(first, second))))
    }

    fn make(&self, first: u16, second: u16) -> PairScript {
        let pair = [first, second];
        let refits = self.method.refits();
        let rows = CommonRows::of(self.bars, &pair, refits.formation_micros(&self.bars.window));
        let mut tau: Option<f64> = None;
        let mut windows = Vec::new();
        let ranges = rows.trading_ranges(refits.bars_between(self.bars, &pair));
        for (refit, range) in (0_u32..).zip(ranges) {
            let (window, measured) = self.fit_window(pair, &rows, refit, range);
            tau = measured.into_iter().chain(tau).reduce(f64::max);
            windows.push(window);
        }
        let fit = |window: &FittedWindow<M::Model>| {
            window.model.as_ref().map(|model| self.method.window_fit(model))
        };
        PairScript {
            signals: rows.on_panel(self.method.signals(&rows, &windows)),
            refits: rows.refit_marks(windows.iter().map(|window| &window.rows)),
            fits: windows.iter().map(fit).collect(),
            tau,
        }
    }

    /// Fits the window that trades `range`; with it Kendall's tau, where it was measured.
    fn fit_window(
        &self,
        pair: [u16; 2],
        rows: &CommonRows,
        refit: u32,
        range: Range<usize>,
    ) -> (FittedWindow<M::Model>, Option<f64>) {
        let formation_micros = self.method.refits().formation_micros(&self.bars.window);
        let span = rows.formation(self.bars, refit as usize, &range, formation_micros);
        let formation = Formation {
            symbols: pair.map(|asset| self.bars.symbol(asset)),
            logs: [0, 1].map(|leg: usize| &rows.logs[leg][span.rows.clone()]),
            ts: &rows.ts[span.rows.clone()],
            span: span.micros,
            horizon_days: self.bars.window.horizon.days(),
            refit,
            nominal_bars: self.bars.nominal_bars(&pair, formation_micros),
            needed_bars: self.bars.needed_bars(&pair, formation_micros),
        };
        let verdict = self.method.fit(&formation);
        self.fits_made.fetch_add(1, Ordering::Relaxed);
        self.fits.lock().unwrap_or_else(PoisonError::into_inner).extend(verdict.record);
        (FittedWindow { rows: range, formation: span.rows, model: verdict.model }, verdict.tau)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{super::CointegrationParameters, PairBook, PairScript};
    use crate::{
        domain::{
            CalendarClass, Field, FitRecord, Horizon, Instrument, Interval, Panel, Presence,
            Timestamp, Universe, WarmupMultiplier,
        },
        strategy::{CovarianceBooks, HorizonBars, LogCloses},
    };

    /// 15 days of hourly bars: a formation of 120, then 240 that are scored, refitted every 60.
    fn panel() -> Panel {
        let instrument = |id: u32| Instrument { market: "m".into(), symbol: format!("S{id}"), id };
        let universe = Universe::new(vec![instrument(0), instrument(1)]).expect("a universe");
        let hour = Interval::HOUR.micros();
        let mut panel = Panel::empty(universe, (0..360).map(|row| row * hour).collect());
        for asset in [0, 1] {
            for (row, close) in panel.column_mut(asset, Field::Close).iter_mut().enumerate() {
                *close = 10.0 + libm::sin((row * row * (asset + 1)) as f64);
            }
        }
        panel
    }

    fn with_book<T>(
        panel: &Panel,
        ask: impl FnOnce(&PairBook<'_, CointegrationParameters>) -> T,
    ) -> T {
        let horizon = Horizon::from_days(10).expect("days");
        let half_more = WarmupMultiplier::new(1.5).expect("a multiplier");
        let bars = HorizonBars {
            presence: &Presence::of(panel),
            logs: &LogCloses::of(panel),
            covariances: CovarianceBooks::default(),
            interval: Interval::HOUR,
            calendars: &[CalendarClass::Continuous; 2],
            window: horizon.window(Timestamp(360 * Interval::HOUR.micros()), half_more),
            max_stale_bars: 24,
            panel,
        };
        ask(&PairBook::new(&bars, &CointegrationParameters::default()))
    }

    #[test]
    fn a_script_is_shared_until_it_is_released() {
        with_book(&panel(), |book| {
            let script = book.script(0, 1);
            let made = book.fits_made();
            assert!(made > 0 && Arc::ptr_eq(&script, &book.script(0, 1)));
            assert_eq!(Arc::strong_count(&script), 2, "the book's and ours");
            book.release();
            assert_eq!(Arc::strong_count(&script), 1, "ours");
            assert_eq!(book.fits_made(), made);
            assert_eq!(book.take_fits().len() as u64, made, "fits that were not taken stay");
        });
    }

    /// Script and fits, in order of windows, with another close in one row.
    fn played(changed: Option<usize>) -> (Arc<PairScript>, Vec<FitRecord>) {
        let mut panel = panel();
        if let Some(row) = changed {
            panel.column_mut(0, Field::Close)[row] *= 1.5;
        }
        with_book(&panel, |book| (book.script(0, 1), book.take_fits()))
    }

    #[test]
    fn a_window_is_fitted_and_shared_out_at_the_close_before_its_first_bar() {
        let (script, plain) = played(None);
        let rows: Vec<usize> = script.refits.iter().map(|mark| mark.row).collect();
        assert_eq!(rows, [119, 179, 239, 299]);
        for (window, &last) in rows.iter().enumerate() {
            let known = |fit: &FitRecord| (fit.beta, fit.alpha, fit.spread_sd, fit.statistic);
            let fit = |changed| known(&played(Some(changed)).1[window]);
            assert_ne!(fit(last), known(&plain[window]), "window {window} knows row {last}");
            assert_eq!(fit(last + 1), known(&plain[window]), "window {window} knows a later row");
        }
    }
}
