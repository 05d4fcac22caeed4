//! The bars of a run: loaded once for the longest horizon, shared by all.
//!
//! They stand in memory, or in a file beside the store that is mapped. The file is known by a
//! fingerprint of the bars, of the splits that put them into one unit and of the shape that is
//! asked for; it also holds the logarithms of the closes.

use blake3::{Hash, Hasher};

use super::{footprint::PanelPlace, particulars, prepared::Prepared, shape};
use crate::{
    compute::Cuda,
    domain::{EventKind, Field, Panel, Presence, SharedValues},
    error::{Error, Result},
    frame::{self, FrameSource, LoadedPanel, MappedPanel, PanelOrder},
    run::Request,
    sim::Particulars,
    store::{Reader, Store},
    strategy::{CovarianceBooks, HorizonBars, LogCloses, log_close},
};

/// Bars in the units of the oldest ones, and which rows hold one.
pub(super) struct Loaded {
    pub(super) panel: Panel,
    pub(super) presence: Presence,
    /// Logarithms of the closes, where they were made before.
    logs: Option<SharedValues>,
    /// Rows fetched from the store.
    pub(super) rows_fetched: u64,
    /// What the person should know about it.
    pub(super) note: Option<String>,
}

/// Loads what `prepared` plans.
///
/// # Errors
/// As [`frame::load_panel`] and [`frame::mapped_panel`].
pub(super) fn load(store: &Store, request: &Request, prepared: &Prepared) -> Result<Loaded> {
    match prepared.plan.panel {
        PanelPlace::Ram => into_memory(store, request, prepared),
        PanelPlace::Mapped => mapped(store, request, prepared),
    }
}

fn into_memory(store: &Store, request: &Request, prepared: &Prepared) -> Result<Loaded> {
    let Prepared { selection, longest, plan, .. } = prepared;
    let loaded = frame::load_panel(
        &FrameSource::new(store.reader()?),
        &selection.universe,
        selection.interval,
        longest,
        &shape::fields(request, &prepared.strategies),
        plan.group_assets,
    )?;
    let LoadedPanel { mut panel, rows_fetched } = loaded;
    particulars::adjust(&mut panel, &prepared.particulars);
    let presence = Presence::of(&panel);
    Ok(Loaded { panel, presence, logs: None, rows_fetched, note: None })
}

fn mapped(store: &Store, request: &Request, prepared: &Prepared) -> Result<Loaded> {
    let Prepared { selection, longest, plan, particulars, .. } = prepared;
    let fields = shape::fields(request, &prepared.strategies);
    let folder = store
        .cache_folder()
        .ok_or_else(|| Error::internal("a panel was to be mapped beside a store in memory"))?;
    let reader = store.reader()?;
    let order = PanelOrder {
        universe: &selection.universe,
        interval: selection.interval,
        window: longest,
        fields: &fields,
        group_assets: plan.group_assets,
        fingerprint: fingerprint(&reader, prepared, &fields)?,
        adjust: &|panel, first| {
            let own = particulars.get(first..first + panel.universe().len());
            particulars::adjust(panel, own.unwrap_or_default());
        },
        derive: log_close,
    };
    let mapped = frame::mapped_panel(&FrameSource::new(reader), &order, &folder)?;
    let MappedPanel { panel, derived, rows_fetched, replaced } = mapped;
    let presence = Presence::of(&panel);
    Ok(Loaded { panel, presence, logs: Some(derived), rows_fetched, note: replaced })
}

/// What the values of the panel depend on.
fn fingerprint(reader: &Reader, prepared: &Prepared, fields: &[Field]) -> Result<Hash> {
    let Prepared { selection, longest, particulars, .. } = prepared;
    let (from, to) = (longest.load_start.micros(), longest.end.micros());
    let sums = reader.bar_sums(selection.interval, from, to)?;
    let mut hasher = Hasher::new();
    for number in [selection.interval.micros(), from, to] {
        hasher.update(&number.to_le_bytes());
    }
    for field in fields {
        hasher.update(field.name().as_bytes());
    }
    for (at, instrument) in selection.universe.instruments().iter().enumerate() {
        for text in [&instrument.market, &instrument.symbol] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        let place = sums.binary_search_by_key(&instrument.id, |(id, _, _)| *id);
        let (bars, sum) = place.map_or((0, 0), |place| (sums[place].1, sums[place].2));
        for number in [u64::from(instrument.id), bars, sum] {
            hasher.update(&number.to_le_bytes());
        }
        splits(particulars.get(at), &mut hasher);
    }
    Ok(hasher.finalize())
}

fn splits(own: Option<&Particulars>, hasher: &mut Hasher) {
    let splits = own.map_or(&[][..], |own| own.events.of(EventKind::Split));
    hasher.update(&(splits.len() as u64).to_le_bytes());
    for (ts, ratio) in splits {
        hasher.update(&ts.to_le_bytes());
        hasher.update(&ratio.to_bits().to_le_bytes());
    }
}

impl Loaded {
    /// Logarithms of the closes.
    pub(super) fn logs(&self) -> LogCloses<'_> {
        let made = self.logs.clone().and_then(|logs| LogCloses::of_shared(&self.panel, logs));
        made.unwrap_or_else(|| LogCloses::of(&self.panel))
    }

    /// What the jobs of each horizon share.
    pub(super) fn horizons<'a>(
        &'a self,
        request: &Request,
        prepared: &'a Prepared,
        logs: &'a LogCloses<'a>,
        device: Option<&'a Cuda>,
    ) -> Vec<HorizonBars<'a>> {
        let bars = |&window| HorizonBars {
            panel: &self.panel,
            presence: &self.presence,
            logs,
            covariances: CovarianceBooks::default(),
            interval: prepared.selection.interval,
            calendars: &prepared.selection.calendars,
            window,
            max_stale_bars: request.max_stale_bars,
            device,
        };
        prepared.windows.iter().map(bars).collect()
    }
}
