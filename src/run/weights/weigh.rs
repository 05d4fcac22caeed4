//! Loading the lookback, asking the portfolio, telling what its weights are worth.

use std::collections::BTreeMap;

use super::{
    answer::{WeightRow, Weights},
    close::Lookback,
    request::WeightsRequest,
};
use crate::{
    domain::{CalendarClass, Field, Panel, Presence, Timestamp},
    error::{Error, Result},
    frame::{self, FrameSource},
    run::{
        base,
        footprint::{self, MIB},
        import_stages::{answer_limit, require_budget},
        job_axis, particulars,
    },
    stats::{SymmetricMatrix, dot, risk_contributions},
    store::Store,
    strategy::{
        Alignment, CovarianceBooks, HorizonBars, LogCloses,
        portfolio::{Close, Weighed, estimator_name},
    },
};

/// Bars of a group while they are loaded.
const GROUP_BYTES: u64 = 16 * MIB;
/// Square matrices that stand side by side: a covariance, the triangle it was made from, correlations,
/// distances.
const MATRICES: u64 = 5;

/// The weights that `request` asks for.
///
/// # Errors
/// Usage, for what is not in the store, fewer than two symbols, a moment outside of the bars, or limits
/// that cannot be kept; data, where there is no portfolio; budget, if it does not fit.
pub fn weights(store: &Store, request: &WeightsRequest) -> Result<Weights> {
    request.portfolio.check()?;
    let lookback = Lookback::of(store, request)?;
    let symbols = lookback.selection.universe.len();
    let group = frame::group_frame_bytes(1, lookback.rows.max(1), &[]).max(1);
    let group_assets = usize::try_from(GROUP_BYTES / group).unwrap_or(usize::MAX);
    let group_assets = group_assets.clamp(1, symbols);
    require_room(store, request.budget_bytes, symbols, lookback.rows, group_assets)?;
    let panel = load(store, &lookback, group_assets)?;
    let bars = HorizonBars {
        panel: &panel,
        presence: &Presence::of(&panel),
        logs: &LogCloses::of(&panel),
        covariances: CovarianceBooks::default(),
        interval: lookback.selection.interval,
        calendars: &lookback.selection.calendars,
        window: lookback.window,
        max_stale_bars: request.max_stale_bars,
        device: None,
    };
    let row = panel
        .rows()
        .checked_sub(1)
        .ok_or_else(|| Error::internal("the bars of a lookback are gone"))?;
    let close = Close { bars: &bars, row, lookback_micros: lookback.micros };
    let (present, absent) = held(&close);
    if present.is_empty() {
        let (asset, why) = &absent[0];
        let of = format!("none of {symbols} symbols can be held: {}: {why}", bars.symbol(*asset));
        return Err(Error::data(of).with_hint("'barline check' lists the bars of every symbol"));
    }
    let mut weighed = request.portfolio.weigh(&close, &present)?;
    weighed.left_out.extend(absent);
    Ok(told(request, &lookback, &close, &weighed))
}

fn load(store: &Store, lookback: &Lookback, group_assets: usize) -> Result<Panel> {
    let Lookback { selection, window, .. } = lookback;
    let reader = store.reader()?;
    let own = particulars::of(&reader, &selection.universe, &BTreeMap::new())?;
    let source = FrameSource::new(reader);
    let (universe, interval) = (&selection.universe, selection.interval);
    let loaded = frame::load_panel(&source, universe, interval, window, &[], group_assets)?;
    let mut panel = loaded.panel;
    particulars::adjust(&mut panel, &own);
    Ok(panel)
}

/// Refuses what does not fit into the budget.
fn require_room(
    store: &Store,
    budget: u64,
    symbols: usize,
    rows: usize,
    group_assets: usize,
) -> Result<()> {
    let held = base::now(store.reader()?.buffer_bytes()?, symbols);
    let (file_bytes, log_bytes) = Store::file_bytes(store.path());
    let columns = (symbols * rows * size_of::<f64>()) as u64;
    let square = (symbols * symbols * size_of::<f64>()) as u64;
    let panel = Panel::bytes_for(symbols, rows, &[]);
    // While bars are loaded a group of them stands beside the panel; then returns and their products.
    let loading = frame::group_frame_bytes(group_assets, rows, &[]);
    let work = panel + loading.max(2 * columns + MATRICES * square);
    let needs = |budget| {
        let duckdb = footprint::duckdb_bytes(file_bytes + 2 * log_bytes, answer_limit(budget));
        footprint::base_bytes(held, 1) + duckdb + work
    };
    require_budget(&format!("weighing {symbols} symbols"), budget, needs).map(drop)
}

/// The instruments that can be held at the close, and the others with the reason.
fn held(close: &Close<'_>) -> (Vec<u16>, Vec<(u16, String)>) {
    let bars = close.bars;
    let all: Vec<u16> = (0..bars.calendars.len()).filter_map(|at| u16::try_from(at).ok()).collect();
    let patience = job_axis::stale_rows(bars, &all);
    let (mut present, mut absent) = (Vec::new(), Vec::new());
    for (asset, patience) in all.into_iter().zip(patience) {
        match absence(close, asset, patience as usize) {
            None => present.push(asset),
            Some(reason) => absent.push((asset, reason)),
        }
    }
    (present, absent)
}

/// Why an instrument cannot be held.
fn absence(close: &Close<'_>, asset: u16, patience: usize) -> Option<String> {
    let (bars, row) = (close.bars, close.row);
    let closes = &bars.panel.column(usize::from(asset), Field::Close)[..=row];
    let Some(last) = closes.iter().rposition(|close| !close.is_nan()) else {
        return Some("no bar in the lookback".to_owned());
    };
    let at = |row: usize| Timestamp(bars.panel.ts()[row]);
    if row - last > patience {
        let bars = if patience == 1 { "bar" } else { "bars" };
        return Some(format!("no bar since {}, more than {patience} {bars} ago", at(last)));
    }
    let bad = closes.iter().position(|close| *close <= 0.0)?;
    Some(format!("its close is {} at {}", closes[bad], at(bad)))
}

fn told(
    request: &WeightsRequest,
    lookback: &Lookback,
    close: &Close<'_>,
    weighed: &Weighed,
) -> Weights {
    let bars = close.bars;
    let shares = weighed.covariance.as_ref().and_then(|covariance| {
        let shares = risk_contributions(covariance, &weighed.weights).ok()?;
        Some((shares, variance(covariance, &weighed.weights)))
    });
    let (shares, variance) = shares.map_or((None, None), |(of, all)| (Some(of), Some(all)));
    let instruments = bars.panel.universe().instruments();
    let row = |asset: u16| {
        let instrument = &instruments[usize::from(asset)];
        let twice = instruments.iter().filter(|i| i.symbol == instrument.symbol).count() > 1;
        let place = weighed.assets.iter().position(|held| *held == asset);
        let own = close.own(asset);
        let left_out = weighed.left_out.iter().find(|(other, _)| *other == asset);
        WeightRow {
            symbol: if twice {
                format!("{}:{}", instrument.market, instrument.symbol)
            } else {
                instrument.symbol.clone()
            },
            weight: place.map_or(0.0, |at| weighed.weights[at]),
            risk_contribution: place.and_then(|at| shares.as_ref().map(|shares| shares[at])),
            volatility: (own.returns > 1)
                .then(|| annual(own.variance, bars.calendars[usize::from(asset)], bars)),
            returns: own.returns,
            left_out: left_out.map(|(_, reason)| reason.clone()),
        }
    };
    let calendar = bars.axis_calendar(&weighed.assets, Alignment::Union);
    let ts = bars.panel.ts();
    Weights {
        method: request.portfolio.name(),
        covariance: estimator_name(&request.portfolio.lookback()),
        as_of: lookback.selection.end,
        first_bar: Timestamp(ts[0]),
        last_bar: Timestamp(ts[close.row]),
        bars: ts.len(),
        by_kernel: weighed.by_kernel,
        volatility: variance.map(|variance| annual(variance, calendar, bars)),
        rows: (0..instruments.len()).filter_map(|at| u16::try_from(at).ok()).map(row).collect(),
    }
}

/// `w' S w`.
fn variance(covariance: &SymmetricMatrix, weights: &[f64]) -> f64 {
    let rows = weights.iter().enumerate().map(|(i, w)| w * dot(covariance.row(i), weights));
    rows.fold(0.0, |sum, part| sum + part)
}

/// The standard deviation a year of returns with this variance a bar.
fn annual(variance: f64, calendar: CalendarClass, bars: &HorizonBars<'_>) -> f64 {
    (variance * calendar.periods_per_year(bars.interval)).sqrt()
}
