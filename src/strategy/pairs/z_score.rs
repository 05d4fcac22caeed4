//! The z-score method: fits of cointegrated pairs, and the rule on the z-score of their spread.

use super::{
    CointegrationParameters, CommonRows, LegNotional, Lots, PairScreen, PairSignal, PairSizing,
    Pairs, SpreadModel, TradingWindow, WindowFit, ZRule,
    fit::{PairModel, fit},
    method::{FittedWindow, Formation, PairMethod, Verdict},
    moving_spread::Reading,
    rule::signals_of,
};
/// Engle-Granger pairs with z-score entries (PZ-1), over every pair inside a combination.
pub type Cointegration = Pairs<CointegrationParameters>;

impl PairMethod for CointegrationParameters {
    /// A signal every 56 bars.
    const SIGNAL_BYTES_PER_BAR: u64 = 1;
    /// Most pairs are not accepted: 1,700 to 2,000 were measured over all of them.
    const HANDS_ON_FITS: bool = true;
    const BARS_PER_TRADE: u64 = 1_024;

    type Model = PairModel;

    fn screen(&self) -> Option<PairScreen> {
        Some(PairScreen { rule: self.lag.rule(), far: self.far() })
    }

    fn sizing(&self) -> PairSizing {
        let notional = LegNotional::ShareOfEquity { gross_leverage: self.gross_leverage };
        PairSizing { notional, hedge: self.sizing, lots: Lots::Fractional }
    }

    fn fit(&self, formation: &Formation<'_>) -> Verdict<PairModel> {
        let (record, model) = fit(formation, self);
        Verdict { record: Some(record), tau: None, model }
    }

    fn window_fit(&self, model: &PairModel) -> WindowFit {
        model.fit
    }

    fn signals(&self, rows: &CommonRows, windows: &[FittedWindow<PairModel>]) -> Vec<PairSignal> {
        if self.hedge.moves() { self.moving(rows, windows) } else { self.fixed(rows, windows) }
    }

    fn z_scores(&self, rows: &CommonRows, windows: &[FittedWindow<PairModel>]) -> Option<Vec<f64>> {
        if self.hedge.moves() {
            let readings = self.all_readings(rows, windows);
            return Some(readings.iter().map(|reading| reading.z).collect());
        }
        let of = |window: &FittedWindow<PairModel>| {
            let fit = window.model.map(|model| model.fit);
            let z = move |row| fit.map_or(f64::NAN, |fit| z_on(rows, row, &fit));
            window.rows.clone().map(z)
        };
        Some(windows.iter().flat_map(of).collect())
    }

    fn bands(&self) -> Option<ZRule> {
        Some(self.rule())
    }
}

/// The z-score of a row on the line of a fit.
fn z_on(rows: &CommonRows, row: usize, fit: &WindowFit) -> f64 {
    let [first, second] = [rows.logs[0][row], rows.logs[1][row]];
    if fit.flipped { fit.model.z(second, first) } else { fit.model.z(first, second) }
}

impl CointegrationParameters {
    /// Signals on the lines of the formation windows.
    fn fixed(&self, rows: &CommonRows, windows: &[FittedWindow<PairModel>]) -> Vec<PairSignal> {
        let mut flips = windows
            .iter()
            .map(|window| (window.rows.end, window.model.is_some_and(|model| model.fit.flipped)));
        let mut here = flips.next().unwrap_or((usize::MAX, false));
        let z = |row: usize, model: &SpreadModel| {
            while row >= here.0 {
                here = flips.next().unwrap_or((usize::MAX, false));
            }
            z_on(rows, row, &WindowFit { model: *model, flipped: here.1 })
        };
        signals_of(&trading(windows), &self.rule(), &|row| rows.rows_after(row), z)
    }

    /// Signals on a line that moves with every row.
    fn moving(&self, rows: &CommonRows, windows: &[FittedWindow<PairModel>]) -> Vec<PairSignal> {
        let from = windows.first().map_or(0, |window| window.rows.start);
        let readings = self.all_readings(rows, windows);
        let z = |row: usize, _: &SpreadModel| readings[row - from].z;
        let after = |row: usize| rows.rows_after(row);
        let mut signals = signals_of(&trading(windows), &self.rule(), &after, z);
        for signal in &mut signals {
            signal.beta = readings[signal.row - from].beta;
        }
        signals
    }

    /// The readings of all windows, from the first row of the first one on.
    fn all_readings(&self, rows: &CommonRows, windows: &[FittedWindow<PairModel>]) -> Vec<Reading> {
        let from = windows.first().map_or(0, |window| window.rows.start);
        let mut readings = Vec::new();
        for window in windows {
            let read = window.model.and_then(|model| self.read(rows, window, &model));
            readings.extend(read.into_iter().flatten());
            readings.resize(window.rows.end - from, Reading::NONE);
        }
        readings
    }

    /// The readings of a window's rows; `None` where the filter fails on the way.
    fn read(
        &self,
        rows: &CommonRows,
        window: &FittedWindow<PairModel>,
        model: &PairModel,
    ) -> Option<Vec<Reading>> {
        let span = window.formation.start..window.rows.end;
        let formation = window.formation.len();
        let [first, second] = [&rows.logs[0][span.clone()], &rows.logs[1][span]];
        let legs = if model.fit.flipped { [second, first] } else { [first, second] };
        let readings =
            self.readings(legs, formation, model.residual_variance, model.nominal_bars).ok()?;
        Some(readings.into_iter().skip(formation).collect())
    }
}

/// The windows as the rule knows them.
fn trading(windows: &[FittedWindow<PairModel>]) -> Vec<TradingWindow> {
    let window = |window: &FittedWindow<PairModel>| TradingWindow {
        rows: window.rows.clone(),
        model: window.model.map(|model| model.fit.model),
    };
    windows.iter().map(window).collect()
}
