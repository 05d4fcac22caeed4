//! The bars of an audit: those of the store, and what an attack makes of them.

use std::collections::BTreeSet;

use crate::{
    domain::{
        Bar, CalendarClass, EventHistory, EventKind, Field, Instrument, Interval, Panel, Timestamp,
        WarmupMultiplier,
    },
    error::Result,
    frame::{self, FrameSource},
    run::Resolved,
    store::{ImportSource, Store, StoreOptions},
};

/// What DuckDB may take of a variant's store: it holds bars and rows of one audit.
const STORE_OPTIONS: StoreOptions = StoreOptions { memory_limit_bytes: 192 << 20, threads: 1 };

/// One instrument of a world.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) instrument: Instrument,
    pub(super) calendar: CalendarClass,
    /// In order of time.
    pub(super) bars: Vec<Bar>,
    pub(super) events: EventHistory,
}

/// The bars that a run would find, and where they end.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) interval: Interval,
    pub(super) series: Vec<Series>,
    /// End of every horizon.
    pub(super) end: Timestamp,
}

impl World {
    /// The bars of a resolved request, loaded as for `multiplier`.
    ///
    /// # Errors
    /// Whatever the store reports.
    pub(super) fn of(
        store: &Store,
        resolved: &Resolved,
        multiplier: WarmupMultiplier,
    ) -> Result<Self> {
        let reader = store.reader()?;
        let mut events = reader.events()?;
        let window = resolved.longest_window(multiplier)?;
        let loaded = frame::load_panel(
            &FrameSource::new(reader),
            &resolved.universe,
            resolved.interval,
            &window,
            &Field::ALL,
            1,
        )?;
        let instruments = resolved.universe.instruments().iter().zip(&resolved.calendars);
        let series = instruments.enumerate().map(|(asset, (instrument, &calendar))| Series {
            instrument: instrument.clone(),
            calendar,
            bars: bars_of(&loaded.panel, asset),
            events: events.remove(&instrument.id).unwrap_or_default(),
        });
        Ok(Self { interval: resolved.interval, series: series.collect(), end: resolved.end })
    }

    /// The same world without the bars before `from`.
    pub(super) fn since(&self, from: Timestamp) -> Self {
        let mut later = self.clone();
        for one in &mut later.series {
            one.bars.retain(|bar| bar.ts >= from);
        }
        later
    }

    /// A store of its own that holds this world and nothing else.
    ///
    /// An instrument without any bar gets one after the end of every horizon, where no run sees
    /// it: the request names it, so it must exist.
    ///
    /// # Errors
    /// Whatever the store reports.
    pub(super) fn store(&self) -> Result<Store> {
        let store = Store::in_memory(&STORE_OPTIONS)?;
        let mut calendars: Vec<_> = self.series.iter().map(|one| one.calendar).collect();
        calendars.sort_unstable();
        calendars.dedup();
        for calendar in calendars {
            let mut import = store.begin_import(ImportSource {
                name: "audit".to_owned(),
                market: String::new(),
                interval: self.interval,
                calendar,
                detail: String::new(),
                content: String::new(),
            })?;
            for one in self.series.iter().filter(|one| one.calendar == calendar) {
                let id = import.instrument(&one.instrument.market, &one.instrument.symbol)?;
                if one.bars.is_empty() {
                    import.append(id, &[self.beyond()])?;
                } else {
                    import.append(id, &one.bars)?;
                }
            }
            import.finish()?;
        }
        self.append_events(&store)?;
        Ok(store)
    }

    /// Puts these bars in the place of those of another world without events.
    ///
    /// # Errors
    /// Whatever the store reports.
    pub(super) fn put_in(&self, store: &Store) -> Result<()> {
        let beyond = [self.beyond()];
        let mut bars: Vec<(&Instrument, &[Bar])> =
            self.series.iter().map(|one| (&one.instrument, one.bars.as_slice())).collect();
        for (_, none) in bars.iter_mut().filter(|(_, bars)| bars.is_empty()) {
            *none = &beyond;
        }
        store.use_again(self.interval, &bars)?;
        self.append_events(store)
    }

    /// True if any instrument has a split, a dividend, a rate.
    pub(super) fn has_events(&self) -> bool {
        let of =
            |one: &Series| EventKind::ALL.into_iter().any(|kind| !one.events.of(kind).is_empty());
        self.series.iter().any(of)
    }

    fn append_events(&self, store: &Store) -> Result<()> {
        for kind in EventKind::ALL {
            let events: Vec<_> = self
                .series
                .iter()
                .map(|one| (&one.instrument, one.events.of(kind)))
                .filter(|(_, events)| !events.is_empty())
                .collect();
            if !events.is_empty() {
                store.append_events("audit", kind, &events)?;
            }
        }
        Ok(())
    }

    fn beyond(&self) -> Bar {
        let (ts, price) = (self.end, 1.0);
        Bar { ts, open: price, high: price, low: price, close: price, volume: price }
    }

    /// Bars of the instrument that has most.
    pub(super) fn longest(&self) -> usize {
        self.series.iter().map(|one| one.bars.len()).max().unwrap_or(0)
    }

    /// The instrument of a symbol, the first one where several markets have it.
    pub(super) fn series_of(&self, symbol: &str) -> Option<&Series> {
        self.series.iter().find(|one| one.instrument.symbol == symbol)
    }

    /// Opening times at which any instrument has a bar from `from` on, increasing.
    pub(super) fn axis(&self, from: Timestamp) -> Vec<Timestamp> {
        let mut axis: BTreeSet<Timestamp> = BTreeSet::new();
        for one in &self.series {
            axis.extend(one.bars.iter().filter(|bar| bar.ts >= from).map(|bar| bar.ts));
        }
        axis.into_iter().collect()
    }
}

/// The bars of one instrument: where a row has a close.
fn bars_of(panel: &Panel, asset: usize) -> Vec<Bar> {
    let value = |field, row: usize| panel.column(asset, field)[row];
    let bar = |row: usize| Bar {
        ts: Timestamp(panel.ts()[row]),
        open: value(Field::Open, row),
        high: value(Field::High, row),
        low: value(Field::Low, row),
        close: value(Field::Close, row),
        volume: value(Field::Volume, row),
    };
    (0..panel.rows()).map(bar).filter(|bar| !bar.close.is_nan()).collect()
}
