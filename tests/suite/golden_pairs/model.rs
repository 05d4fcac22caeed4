//! The fits of a golden case: one per trading window, or one per row.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of small cases")]

use barline::strategy::pairs::{
    PairSignal, SpreadModel, TradingWindow, ZRule, signals, signals_of,
};
use serde_json::Value;

use super::{bars::Bars, number};

/// Where z-scores come from.
pub(super) enum Model {
    /// A fit per trading window.
    Formation(Vec<TradingWindow>),
    /// A fit per row, on the rows up to it; one trading window.
    Rolling { windows: Vec<TradingWindow>, fits: Vec<Option<(SpreadModel, f64)>> },
}

impl Model {
    pub(super) fn fit(params: &Value, bars: &Bars) -> Result<Self, String> {
        let (first, rows) = (number(params, "F")? as usize, bars.len());
        if params["mode"] == "rolling" {
            let length = number(params, "L")? as usize;
            let fit = |row: usize| (row >= first).then(|| rolling(bars, row + 1 - length..row + 1));
            let model = Some(SpreadModel { alpha: 0.0, beta: 0.0, mean: 0.0, sd: 1.0 });
            let windows = vec![TradingWindow { rows: first..rows, model }];
            return Ok(Self::Rolling { windows, fits: (0..rows).map(fit).collect() });
        }
        let length = params["W"].as_u64().map_or(rows, |length| length as usize);
        let mut windows = Vec::new();
        let mut start = first;
        while start < rows {
            let end = (start + length).min(rows);
            let model = formation(bars, start - first..start);
            windows.push(TradingWindow { rows: start..end, model });
            start = end;
        }
        Ok(Self::Formation(windows))
    }

    /// The trading windows a case states: none for rolling fits.
    pub(super) fn windows(&self) -> &[TradingWindow] {
        match self {
            Self::Formation(windows) => windows,
            Self::Rolling { .. } => &[],
        }
    }

    pub(super) fn z(&self, bars: &Bars, row: usize) -> f64 {
        match self {
            Self::Formation(windows) => {
                let window = windows.iter().find(|window| window.rows.contains(&row));
                let model = window.and_then(|window| window.model);
                model.map_or(f64::NAN, |model| model.z(bars.log_y[row], bars.log_x[row]))
            }
            Self::Rolling { fits, .. } => fits[row].map_or(f64::NAN, |(_, z)| z),
        }
    }

    /// The slope of the fit that a row is traded with.
    pub(super) fn beta(&self, row: usize) -> Option<f64> {
        match self {
            Self::Formation(windows) => {
                let window = windows.iter().find(|window| window.rows.contains(&row))?;
                window.model.map(|model| model.beta)
            }
            Self::Rolling { fits, .. } => fits[row].map(|(model, _)| model.beta),
        }
    }

    pub(super) fn signals(&self, rule: &ZRule, bars: &Bars) -> Vec<PairSignal> {
        let after = |row: usize| bars.len() - 1 - row;
        match self {
            Self::Formation(windows) => signals(&bars.log_y, &bars.log_x, windows, rule, &after),
            Self::Rolling { windows, .. } => {
                signals_of(windows, rule, &after, |row, _| self.z(bars, row))
            }
        }
    }

    /// Signals and fits as a script has them; rolling fits become one window per signal.
    pub(super) fn script(
        &self,
        signals: &[PairSignal],
    ) -> (Vec<PairSignal>, Vec<Option<SpreadModel>>) {
        match self {
            Self::Formation(windows) => {
                (signals.to_vec(), windows.iter().map(|window| window.model).collect())
            }
            Self::Rolling { fits, .. } => {
                let fit = |found: &PairSignal| fits[found.row].map(|(model, _)| model);
                let number = |(window, found): (usize, &PairSignal)| {
                    let beta = fit(found).map_or(f64::NAN, |model| model.beta);
                    PairSignal { window, beta, ..*found }
                };
                (
                    signals.iter().enumerate().map(number).collect(),
                    signals.iter().map(fit).collect(),
                )
            }
        }
    }
}

/// Centred two-pass least squares of `y` on `x` with intercept: `(alpha, beta, residuals)`.
fn least_squares(y: &[f64], x: &[f64]) -> (f64, f64, Vec<f64>) {
    let n = y.len() as f64;
    let (mean_y, mean_x) = (y.iter().sum::<f64>() / n, x.iter().sum::<f64>() / n);
    let cross: f64 = y.iter().zip(x).map(|(y, x)| (y - mean_y) * (x - mean_x)).sum();
    let square: f64 = x.iter().map(|x| (x - mean_x) * (x - mean_x)).sum();
    let beta = cross / square;
    let alpha = mean_y - beta * mean_x;
    (alpha, beta, y.iter().zip(x).map(|(y, x)| y - alpha - beta * x).collect())
}

fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

fn formation(bars: &Bars, rows: std::ops::Range<usize>) -> Option<SpreadModel> {
    SpreadModel::fit(&bars.log_y[rows.clone()], &bars.log_x[rows])
}

/// The fit of the rows and the z-score of the last of them.
fn rolling(bars: &Bars, rows: std::ops::Range<usize>) -> (SpreadModel, f64) {
    let (alpha, beta, residuals) = least_squares(&bars.log_y[rows.clone()], &bars.log_x[rows]);
    let (mean, sd) = mean_and_sd(&residuals);
    let last = residuals.last().copied().unwrap_or(f64::NAN);
    (SpreadModel { alpha, beta, mean, sd }, last / sd)
}
