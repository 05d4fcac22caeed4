//! Everything settled before the first bar is read, and what signals add once bars are there.

use super::{
    footprint,
    grid::{self, SizeGrid},
    particulars,
    plan::{self, Plan, PlanInput},
    screened,
    scripts::{self, Ground, Settled},
    selection::{self, Asked, Selection},
    signals::{SignalSource, Signals},
    stop::Stop,
};
use crate::{
    domain::{EventKind, HorizonWindow},
    error::{Error, Result},
    run::Request,
    sim::Particulars,
    store::{Astray, SeriesSummary, Store, StoredScreen},
    strategy::{HorizonBars, Scripted, Strategy},
};

/// Says what a request will do and take, without doing it.
///
/// # Errors
/// Usage for an unknown symbol, interval or strategy; budget if it cannot fit; data for signals of
/// symbols that are not in the store.
pub fn prepare(store: &Store, request: &Request) -> Result<Plan> {
    prepare_with(store, request, plan::strategies(request)?)
}

/// The same with strategies of the caller's own instead of those it names.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_with(
    store: &Store,
    request: &Request,
    strategies: Vec<Box<dyn Strategy>>,
) -> Result<Plan> {
    Ok(Prepared::new(store, request, strategies)?.plan)
}

/// What a run is, before and without its bars.
pub(super) struct Prepared {
    pub(super) selection: Selection,
    pub(super) strategies: Vec<Box<dyn Strategy>>,
    pub(super) particulars: Vec<Particulars>,
    pub(super) sizes: Vec<SizeGrid>,
    pub(super) windows: Vec<HorizonWindow>,
    pub(super) longest: HorizonWindow,
    pub(super) plan: Plan,
    /// The screen whose combinations are tested.
    pub(super) screen: Option<StoredScreen>,
    /// Bars and events that the store once had, a line each.
    pub(super) missing: Vec<String>,
    series: Vec<SeriesSummary>,
}

impl Prepared {
    pub(super) fn new(
        store: &Store,
        request: &Request,
        strategies: Vec<Box<dyn Strategy>>,
    ) -> Result<Self> {
        let series = store.instruments()?;
        let screen = request.from_screen.as_deref();
        let screen = screen.map(|text| store.reader()?.stored_screen(text)).transpose()?;
        let picked =
            screen.as_ref().map(|screen| screened::symbols(screen, request)).transpose()?;
        let mut asked = Asked::from(request);
        asked.symbols = picked.as_deref().or(asked.symbols);
        let selection = selection::select(&series, asked)?;
        let particulars =
            particulars::of(&store.reader()?, &selection.universe, &request.instruments)?;
        let sizes = match &request.signals {
            None if screen.is_some() => {
                let listed = screened::assets(screen.as_ref(), &selection, &series)?;
                grid::listed_grid(request, &strategies, listed, selection.universe.len())?
            }
            None => grid::grid(request, &strategies, selection.universe.len())?,
            Some(signals) => {
                let assets = named(signals, &selection, &series)?;
                of_scripts((0..request.horizons.len()).map(|_| Some(assets.clone())), &selection)
            }
        };
        let windows: Vec<_> =
            request.horizons.iter().map(|h| h.window(selection.end, request.multiplier)).collect();
        if let Some(screen) = &screen {
            screened::require_before(screen, &windows)?;
        }
        let longest = *windows
            .iter()
            .min_by_key(|w| w.load_start)
            .ok_or_else(|| Error::usage("no horizon to run"))?;
        let mut plan = plan::plan(&PlanInput {
            request,
            selection: &selection,
            strategies: &strategies,
            grids: &sizes,
            windows: &windows,
            series: &series,
            rows: rows(store, &selection, &longest)?,
            store,
        })?;
        plan.notes.extend(unseen_splits(store, &selection, &particulars, &longest)?);
        plan.notes.extend(screen.as_ref().map(screened::told));
        let missing: Vec<_> = store.missing_rows()?.iter().map(ToString::to_string).collect();
        plan.notes.extend(missing.iter().cloned());
        Ok(Self {
            selection,
            strategies,
            particulars,
            sizes,
            windows,
            longest,
            plan,
            screen,
            missing,
            series,
        })
    }

    /// The same with the scripts that `signals` are on the bars of every horizon, and remarks.
    ///
    /// # Errors
    /// As [`scripts::settle`].
    pub(super) fn settled(
        &self,
        signals: &Signals,
        horizons: &[HorizonBars<'_>],
        store: &Store,
        stop: &Stop,
    ) -> Result<(Self, Vec<String>)> {
        let panel = horizons.first().map_or(0, |bars| bars.panel.rows() as u64);
        let ground = Ground {
            store,
            series: &self.series,
            selection: &self.selection,
            cage_bytes: footprint::cage_bytes(panel * self.selection.universe.len() as u64),
            stop,
        };
        let Settled { scripts, notes } = scripts::settle(signals, horizons, &ground)?;
        let assets = self.windows.iter().map(|window| {
            let own = scripts.iter().find(|one| one.horizon_days == window.horizon.days());
            own.map(|script| script.assets.clone())
        });
        let sizes = of_scripts(assets, &self.selection);
        let mut plan = self.plan.clone();
        plan.jobs = grid::jobs(&sizes, self.windows.len()).unwrap_or(u64::MAX);
        plan.combinations = grid::combinations(&sizes);
        plan.notes.extend(notes.iter().cloned());
        let settled = Self {
            selection: self.selection.clone(),
            strategies: vec![Box::new(Scripted::new(scripts))],
            particulars: self.particulars.clone(),
            sizes,
            windows: self.windows.clone(),
            longest: self.longest,
            plan,
            screen: None,
            missing: Vec::new(),
            series: Vec::new(),
        };
        Ok((settled, notes))
    }
}

/// Rows of the panel: opening times at which an instrument has a bar.
fn rows(store: &Store, selection: &Selection, longest: &HorizonWindow) -> Result<usize> {
    let ids: Vec<u32> = selection.universe.instruments().iter().map(|one| one.id).collect();
    let (from, to) = (longest.load_start.micros(), longest.end.micros());
    Ok(store.reader()?.time_axis(selection.interval, &ids, from, to)?.len().max(1))
}

/// Most splits that are named one by one.
const MOST_SPLITS: usize = 3;

/// Remarks about stored splits within the run that its bars do not show.
fn unseen_splits(
    store: &Store,
    selection: &Selection,
    particulars: &[Particulars],
    longest: &HorizonWindow,
) -> Result<Vec<String>> {
    if particulars.iter().all(|own| own.events.of(EventKind::Split).is_empty()) {
        return Ok(Vec::new());
    }
    let mut findings = store.event_findings(None)?;
    findings.retain(|finding| {
        matches!(finding.what, Astray::NotInBars { interval, .. } if interval == selection.interval)
            && (longest.load_start..selection.end).contains(&finding.first)
            && (selection.universe.instruments().iter())
                .any(|i| i.market == finding.market && i.symbol == finding.symbol)
    });
    let more = findings.len().saturating_sub(MOST_SPLITS);
    let mut notes: Vec<_> = findings.iter().take(MOST_SPLITS).map(ToString::to_string).collect();
    if more > 0 {
        notes.push(format!("{more} more splits that the bars do not show: barline check"));
    }
    Ok(notes)
}

/// The symbols that signals may name: those of their rows, all for a statement.
fn named(signals: &Signals, selection: &Selection, series: &[SeriesSummary]) -> Result<Vec<u16>> {
    let SignalSource::Rows(rows) = signals.source() else {
        return Ok((0..selection.universe.len()).filter_map(|at| u16::try_from(at).ok()).collect());
    };
    let meant = scripts::symbols_meant(signals, rows, selection, series)?;
    let mut assets: Vec<u16> = meant.into_iter().flatten().collect();
    assets.sort_unstable();
    assets.dedup();
    Ok(assets)
}

/// One combination per horizon that has a script.
fn of_scripts(
    assets: impl Iterator<Item = Option<Vec<u16>>>,
    selection: &Selection,
) -> Vec<SizeGrid> {
    let universe = selection.universe.len();
    let of = |(at, assets): (usize, Option<Vec<u16>>)| {
        assets.map(|assets| SizeGrid::of_script(at, assets, universe))
    };
    assets.enumerate().filter_map(of).collect()
}
