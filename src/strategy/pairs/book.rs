//! Pairs of one horizon, each fitted once and scanned once, however many combinations hold it.
//!
//! What comes out of a pair's [`CommonRows`] is a [`PairScript`]: when to enter and to leave, in panel
//! rows, without quantities, so that it serves every combination and every capital.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use super::{
    CommonRows, PairScript, SpreadPath,
    candidates::Candidates,
    common_rows::FormationSpan,
    method::{FittedWindow, Formation, PairMethod},
};
use crate::{
    domain::{FitRecord, deadline},
    strategy::HorizonBars,
};

const SHARDS: usize = 64;

type Slot = Arc<OnceLock<Arc<PairScript>>>;

/// The scripts of a horizon's pairs, made when first asked for.
pub(in crate::strategy) struct PairBook<'a, M> {
    bars: &'a HorizonBars<'a>,
    method: &'a M,
    candidates: Option<Candidates<'a>>,
    shards: Vec<Mutex<HashMap<(u16, u16), Slot>>>,
    fits: Mutex<Vec<FitRecord>>,
    fits_made: AtomicU64,
    /// Scripts that a shard keeps; beyond, it is emptied and filled again. Never changes a script.
    shard_scripts: AtomicUsize,
    /// Pairs whose fits were handed on, one bit each, where scripts may be made more than once.
    handed_on: OnceLock<Vec<AtomicU64>>,
}

impl<'a, M: PairMethod> PairBook<'a, M> {
    pub(in crate::strategy) fn new(bars: &'a HorizonBars<'a>, method: &'a M) -> Self {
        let history = method.refits().formation_micros(&bars.window);
        Self {
            bars,
            method,
            candidates: method.screen().and_then(|screen| Candidates::of(bars, screen, history)),
            shards: (0..SHARDS).map(|_| Mutex::new(HashMap::new())).collect(),
            fits: Mutex::new(Vec::new()),
            fits_made: AtomicU64::new(0),
            shard_scripts: AtomicUsize::new(usize::MAX),
            handed_on: OnceLock::new(),
        }
    }

    /// Keeps about `pairs` scripts at a time from now on. One that is asked for again is made again;
    /// its fits are handed on and counted once.
    pub(in crate::strategy) fn bound(&self, pairs: usize) {
        self.shard_scripts.store((pairs / SHARDS).max(1), Ordering::Relaxed);
        if let Some(candidates) = &self.candidates {
            candidates.bound(pairs);
        }
        let symbols = self.bars.panel.universe().len();
        let words = (symbols * symbols).div_ceil(64);
        self.handed_on.get_or_init(|| (0..words).map(|_| AtomicU64::new(0)).collect());
    }

    /// True the first time it is asked about a pair whose script may be made more than once.
    fn is_first(&self, first: u16, second: u16) -> bool {
        let Some(bits) = self.handed_on.get() else { return true };
        let symbols = self.bars.panel.universe().len();
        let at = usize::from(first) * symbols + usize::from(second);
        let bit = 1 << (at % 64);
        bits[at / 64].fetch_or(bit, Ordering::Relaxed) & bit == 0
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
        if let Some(candidates) = &self.candidates {
            candidates.release();
        }
    }

    /// The script of a pair, `first < second`. Workers that ask for the same pair at the same time
    /// wait for the one that fits it.
    pub(in crate::strategy) fn script(&self, first: u16, second: u16) -> Arc<PairScript> {
        let shard = &self.shards[(usize::from(first) * 31 + usize::from(second)) % SHARDS];
        let slot = {
            let mut slots = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let is_full = slots.len() >= self.shard_scripts.load(Ordering::Relaxed);
            if is_full && !slots.contains_key(&(first, second)) {
                slots.clear();
            }
            Arc::clone(slots.entry((first, second)).or_default())
        };
        Arc::clone(slot.get_or_init(|| Arc::new(self.make(first, second))))
    }

    /// The fits of a pair, window by window, `first < second`.
    fn fitted(&self, first: u16, second: u16) -> Fitted<M::Model> {
        let pair = [first, second];
        let refits = self.method.refits();
        let formation_micros = refits.formation_micros(&self.bars.window);
        let rows = CommonRows::of(self.bars, &pair, formation_micros);
        let mut tau: Option<f64> = None;
        let (mut windows, mut records) = (Vec::new(), Vec::new());
        let ranges = rows.trading_ranges(refits.bars_between(self.bars, &pair));
        let span = |(refit, range): (usize, &Range<usize>)| {
            rows.formation(self.bars, refit, range, formation_micros)
        };
        let spans: Vec<FormationSpan> = ranges.iter().enumerate().map(span).collect();
        let formations: Vec<Range<usize>> = spans.iter().map(|span| span.rows.clone()).collect();
        let known = self.candidates.as_ref().map(|one| one.known(pair, &rows, &formations));
        for (refit, (range, span)) in (0_u32..).zip(ranges.into_iter().zip(spans)) {
            deadline::look();
            let is_ruled_out = known.as_ref().is_some_and(|k| k.is_ruled_out(refit as usize));
            let formation = Formation {
                symbols: pair.map(|asset| self.bars.symbol(asset)),
                logs: [0, 1].map(|leg: usize| &rows.logs[leg][span.rows.clone()]),
                ts: &rows.ts[span.rows.clone()],
                span: span.micros,
                horizon_days: self.bars.window.horizon.days(),
                refit,
                nominal_bars: self.bars.nominal_bars(&pair, formation_micros),
                needed_bars: self.bars.needed_bars(&pair, formation_micros),
                is_ruled_out,
            };
            let fitted = self.method.fit(&formation);
            tau = fitted.tau.into_iter().chain(tau).reduce(f64::max);
            records.extend(fitted.record);
            windows.push(FittedWindow { rows: range, formation: span.rows, model: fitted.model });
        }
        Fitted { rows, windows, records, tau }
    }

    fn make(&self, first: u16, second: u16) -> PairScript {
        let Fitted { rows, windows, records, tau } = self.fitted(first, second);
        // Only now: a script that is given up on the way is made anew, with the same fits.
        if self.is_first(first, second) {
            self.fits_made.fetch_add(windows.len() as u64, Ordering::Relaxed);
            self.fits.lock().unwrap_or_else(PoisonError::into_inner).extend(records);
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

    /// The z-score of a pair over its trading windows, as its signals were found on it; `None` for a
    /// method without one.
    pub(in crate::strategy) fn path(&self, first: u16, second: u16) -> Option<SpreadPath> {
        let Fitted { rows, windows, records, .. } = self.fitted(first, second);
        let z = self.method.z_scores(&rows, &windows)?;
        let from = windows.first().map_or(0, |window| window.rows.start);
        Some(SpreadPath {
            symbols: [first, second].map(|asset| self.bars.symbol(asset).to_owned()),
            bands: self.method.bands()?,
            ts: rows.ts[from..].to_vec(),
            z,
            fits: records,
        })
    }
}

/// What comes of fitting a pair.
struct Fitted<M> {
    rows: CommonRows,
    windows: Vec<FittedWindow<M>>,
    records: Vec<FitRecord>,
    tau: Option<f64>,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{
        super::{CointegrationParameters, LagChoice},
        Candidates, PairBook, PairScript,
    };
    use crate::{
        domain::{
            CalendarClass, Field, FitRecord, Horizon, Instrument, Interval, Panel, Presence,
            Timestamp, Universe, WarmupMultiplier,
        },
        strategy::{CovarianceBooks, HorizonBars, LogCloses},
    };

    /// Instruments of the largest panel.
    const MOST: u16 = 80;

    /// 15 days of hourly bars: a formation of 120, then 240 that are scored, refitted every 60.
    fn panel() -> Panel {
        panel_of(2)
    }

    fn panel_of(assets: u32) -> Panel {
        let instrument = |id: u32| Instrument { market: "m".into(), symbol: format!("S{id}"), id };
        let universe = Universe::new((0..assets).map(instrument).collect()).expect("a universe");
        let hour = Interval::HOUR.micros();
        let mut panel = Panel::empty(universe, (0..360).map(|row| row * hour).collect());
        for asset in 0..assets as usize {
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
        with_book_of(panel, &CointegrationParameters::default(), |book| ask(&book))
    }

    fn with_book_of<T>(
        panel: &Panel,
        parameters: &CointegrationParameters,
        ask: impl FnOnce(PairBook<'_, CointegrationParameters>) -> T,
    ) -> T {
        let horizon = Horizon::from_days(10).expect("days");
        let half_more = WarmupMultiplier::new(1.5).expect("a multiplier");
        let bars = HorizonBars {
            presence: &Presence::of(panel),
            logs: &LogCloses::of(panel),
            covariances: CovarianceBooks::default(),
            interval: Interval::HOUR,
            calendars: &[CalendarClass::Continuous; 80],
            window: horizon.window(Timestamp(360 * Interval::HOUR.micros()), half_more),
            max_stale_bars: 24,
            device: None,
            panel,
        };
        ask(PairBook::new(&bars, parameters))
    }

    /// Walks, every second one with a partner that it comes back to; from the 70th on with gaps; one
    /// that stands still.
    fn market() -> Panel {
        let mut panel = panel_of(u32::from(MOST));
        let mut state = 9_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        let mut level = vec![0.0; 360];
        for asset in 0..usize::from(MOST) {
            let mut walk = 0.0;
            for (row, at) in level.iter_mut().enumerate() {
                walk += noise();
                *at = if asset % 2 == 0 { walk } else { 0.7 * *at + noise() };
                let is_gap = asset >= 70 && row % (asset - 60) == 3;
                let close = if asset == 11 { 4.0 } else { libm::exp(0.02 * *at) };
                panel.column_mut(asset, Field::Close)[row] = if is_gap { f64::NAN } else { close };
            }
        }
        panel
    }

    #[test]
    fn no_record_tells_who_ruled_a_pair_out() {
        let panel = market();
        for (lag, symbols) in [
            (LagChoice::Aic, 30),
            (LagChoice::Bic, 20),
            (LagChoice::TStat, 20),
            (LagChoice::Bars(1), MOST),
        ] {
            let all = || (0..symbols).flat_map(|b| (0..b).map(move |a| (a, b)));
            let parameters = CointegrationParameters { lag, ..Default::default() };
            let told = |book: &PairBook<'_, CointegrationParameters>| {
                let scripts: Vec<_> =
                    all().map(|(a, b)| format!("{:?}", book.script(a, b))).collect();
                let mut fits: Vec<_> =
                    book.take_fits().iter().map(|fit| format!("{fit:?}")).collect();
                fits.sort_unstable();
                (scripts, fits)
            };
            let (plain, accepted) = with_book_of(&panel, &parameters, |mut book| {
                book.candidates = None;
                let plain = told(&book);
                (plain, all().filter(|&(a, b)| !book.script(a, b).signals.is_empty()).count())
            });
            assert!(accepted > 4, "{lag:?}: {accepted} pairs trade");
            with_book_of(&panel, &parameters, |book| {
                let with_kernel = told(&book);
                assert!(with_kernel == plain, "{lag:?}");
                let ruled_out = book.candidates.as_ref().map_or(0, Candidates::ruled_out);
                let windows = plain.1.len();
                assert!(ruled_out * 2 > windows, "{lag:?}: {ruled_out} of {windows}");
            });
            with_book_of(&panel, &parameters, |book| {
                book.bound(1);
                assert!(told(&book).0 == plain.0, "{lag:?}: tiles that are not kept");
            });
        }
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

    #[test]
    fn a_bounded_book_makes_a_script_again_and_hands_its_fits_on_once() {
        let fits = |book: &PairBook<'_, CointegrationParameters>| {
            let mut fits: Vec<String> =
                book.take_fits().iter().map(|fit| format!("{fit:?}")).collect();
            fits.sort_unstable();
            fits
        };
        let panel = panel_of(4);
        let (whole, all, made) = with_book(&panel, |book| {
            let scripts = [book.script(0, 1), book.script(2, 3)];
            (scripts, fits(book), book.fits_made())
        });
        with_book(&panel, |book| {
            book.bound(1);
            let first = book.script(0, 1);
            // The same shard has room for one of the two.
            let other = book.script(2, 3);
            assert_eq!(Arc::strong_count(&first), 1, "ours");
            let again = book.script(0, 1);
            assert!(!Arc::ptr_eq(&first, &again));
            let told = |script: &PairScript| format!("{script:?}");
            assert_eq!([told(&first), told(&other)], whole.each_ref().map(|s| told(s)));
            assert_eq!(told(&again), told(&first));
            assert_eq!((fits(book), book.fits_made()), (all, made));
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
