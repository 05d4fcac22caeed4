//! From signals to scripts: what moments and symbols mean on the bars of a run.
//!
//! A row is a weight decided at the close of the bar that opens at its ts. Rows outside the scored
//! window of a horizon, and rows of symbols of the store that the run leaves out, are counted and
//! play no part. Any other row that is no bar of its symbol is refused: a weight that nobody could
//! act on is a mistake, and most often one of time zone or of the end a moment names.

use std::{
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use blake3::Hasher;

use super::{
    contents::content,
    selection::{self, Selection},
    signals::{SignalSource, Signals, in_front},
    stop::Stop,
};
use crate::{
    domain::{Field, HorizonWindow, Timestamp, WeightRow, WeightRows},
    error::{Error, Result},
    sim::TargetWeight,
    store::{Interrupt, SeriesSummary, Store},
    strategy::{HorizonBars, Script},
};

/// A symbol of the signals: its place in the universe, or known to the store and left out.
pub(super) type Meant = Option<u16>;

/// Scripts of the horizons that have weights, and remarks.
pub(super) struct Settled {
    pub(super) scripts: Vec<Script>,
    pub(super) notes: Vec<String>,
}

/// What signals are settled on.
pub(super) struct Ground<'a> {
    pub(super) store: &'a Store,
    pub(super) series: &'a [SeriesSummary],
    pub(super) selection: &'a Selection,
    /// Memory of a statement's cage.
    pub(super) cage_bytes: u64,
    pub(super) stop: &'a Stop,
}

/// Settles `signals` on the bars of every horizon.
///
/// # Errors
/// Data, naming the row, for one that is no bar of its symbol; if no horizon has a weight; for a
/// statement, whatever its cage refuses.
pub(super) fn settle(
    signals: &Signals,
    horizons: &[HorizonBars<'_>],
    ground: &Ground<'_>,
) -> Result<Settled> {
    let mut settled = Settled { scripts: Vec::new(), notes: Vec::new() };
    let mut outside = 0;
    for bars in horizons {
        let made;
        let (rows, parts, told) = match signals.source() {
            SignalSource::Rows(rows) => (rows, "\"signals\":\"rows\"".to_owned(), "line"),
            SignalSource::Statement(text) => {
                made = answered(signals, text, bars, ground)?;
                (&made, statement_parts(text, bars), "row")
            }
        };
        let meant = symbols_meant(signals, rows, ground.selection, ground.series)?;
        let reading = Reading { signals, rows, meant: &meant, bars, told };
        let placed = reading.placed()?;
        outside = rows.len() - placed.len();
        let days = bars.window.horizon.days();
        if placed.is_empty() {
            settled.notes.push(format!(
                "{}: no signal lies in the scored window of {days} days, which has no job",
                signals.name()
            ));
            continue;
        }
        if outside > 0 {
            settled.notes.push(format!(
                "{}: {outside} of {} signals lie outside the scored window of {days} days or are of \
                 symbols that are not tested, and are ignored",
                signals.name(),
                rows.len()
            ));
        }
        settled.scripts.push(script(&placed, bars, &parts));
    }
    if settled.scripts.is_empty() {
        return Err(nothing_scored(signals, horizons, outside));
    }
    Ok(settled)
}

fn nothing_scored(signals: &Signals, horizons: &[HorizonBars<'_>], outside: usize) -> Error {
    let longest = horizons.iter().map(|bars| bars.window).min_by_key(|w| w.score_start);
    let span = longest.map_or_else(String::new, |w| format!(" {} to {}", w.score_start, w.end));
    let hint = if outside == 0 {
        "the statement answers no row: look at its WHERE"
    } else {
        "choose --horizons and --as-of so that the signals are scored"
    };
    let what = format!(
        "{}: no signal lies in a scored window{span}; {outside} lie elsewhere",
        signals.name()
    );
    Error::data(what).with_hint(hint)
}

/// What a statement may see: the bars loaded for the horizon that are complete at its end.
fn seen(bars: &HorizonBars<'_>) -> Range<usize> {
    let HorizonWindow { load_start, end, .. } = bars.window;
    bars.rows_between(load_start.micros(), end.micros()).start..bars.scored_rows().end
}

/// Runs a statement over the bars of one horizon; a wish to stop ends it.
fn answered(
    signals: &Signals,
    text: &str,
    bars: &HorizonBars<'_>,
    ground: &Ground<'_>,
) -> Result<WeightRows> {
    let cage = ground.store.signal_cage(bars.panel, seen(bars), ground.cage_bytes)?;
    let (ended, handle) = (AtomicBool::new(false), cage.interrupt_handle());
    let answer = thread::scope(|scope| {
        let watcher = scope.spawn(|| interrupt_on_stop(&handle, ground.stop, &ended));
        let answer = cage.weights(text);
        ended.store(true, Ordering::Release);
        watcher.thread().unpark();
        answer
    });
    answer.map_err(|error| in_front(signals.name(), &error))
}

fn interrupt_on_stop(handle: &Interrupt, stop: &Stop, ended: &AtomicBool) {
    while !ended.load(Ordering::Acquire) {
        if stop.requested() {
            handle.interrupt();
        }
        thread::park_timeout(Duration::from_millis(50));
    }
}

/// The statement and all that it may read, as two hashes.
fn statement_parts(text: &str, bars: &HorizonBars<'_>) -> String {
    let mut hasher = Hasher::new();
    for (asset, instrument) in bars.panel.universe().instruments().iter().enumerate() {
        for name in [&instrument.market, &instrument.symbol] {
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
        }
        hasher.update(content(bars.panel, asset, &Field::ALL, &seen(bars)).hash.as_bytes());
    }
    format!(
        "\"signals\":\"statement\",\"text\":\"{}\",\"bars\":\"{}\"",
        short(&blake3::hash(text.as_bytes())),
        short(&hasher.finalize())
    )
}

/// 128 bits, as a job key has.
fn short(hash: &blake3::Hash) -> String {
    hash.to_hex()[..32].to_owned()
}

/// What the symbols of the rows mean, by their numbers.
///
/// # Errors
/// Data, with the first row that names it, for a symbol that the store does not have or that
/// several markets have.
pub(super) fn symbols_meant(
    signals: &Signals,
    rows: &WeightRows,
    selection: &Selection,
    series: &[SeriesSummary],
) -> Result<Vec<Meant>> {
    let place = |name: &String| {
        selection::meant(selection, series, name).map_err(|error| {
            let named = rows.rows().iter().find(|row| rows.symbol(row) == name);
            let told = if signals.is_statement() { "row" } else { "line" };
            let line = named.map_or(0, |row| row.line);
            let located = Error::data(format!("{}: {told} {line}: {error}", signals.name()));
            error.hint().map_or(Error::data(located.to_string()), |hint| located.with_hint(hint))
        })
    };
    rows.symbols().iter().map(place).collect()
}

/// A weight on its bar.
#[derive(Debug, Clone, Copy)]
struct Placed {
    row: u32,
    asset: u16,
    weight: f64,
}

struct Reading<'a> {
    signals: &'a Signals,
    rows: &'a WeightRows,
    meant: &'a [Meant],
    bars: &'a HorizonBars<'a>,
    /// What the place of a row is called.
    told: &'static str,
}

impl Reading<'_> {
    /// The weights of the scored window by row, then instrument.
    fn placed(&self) -> Result<Vec<Placed>> {
        let HorizonWindow { score_start, end, .. } = self.bars.window;
        let last_open = end.micros() - self.bars.interval.micros();
        let scored = score_start.micros()..=last_open;
        let mut placed = Vec::new();
        for row in self.rows.rows().iter().filter(|row| scored.contains(&row.ts)) {
            let Some(asset) = self.meant[row.symbol as usize] else { continue };
            let at = self.bars.panel.row_at(row.ts);
            let is_row = self.bars.panel.ts().get(at) == Some(&row.ts);
            if !is_row || !self.bars.has(asset, at, &[]) {
                return Err(self.no_bar(row));
            }
            let at = u32::try_from(at).map_err(|_| self.no_bar(row))?;
            placed.push(Placed { row: at, asset, weight: row.weight });
        }
        placed.sort_by_key(|weight| (weight.row, weight.asset));
        match placed.windows(2).find(|two| (two[0].row, two[0].asset) == (two[1].row, two[1].asset))
        {
            None => Ok(placed),
            Some(two) => Err(self.twice(&two[1])),
        }
    }

    fn no_bar(&self, row: &WeightRow) -> Error {
        Error::data(format!(
            "{}: {} {}: {} has no bar that opens at {} (weight {})",
            self.signals.name(),
            self.told,
            row.line,
            self.rows.symbol(row),
            Timestamp(row.ts),
            row.weight
        ))
        .with_hint("ts is the opening time of the bar at whose close the weight is decided, in UTC")
    }

    /// One instrument under two names.
    fn twice(&self, weight: &Placed) -> Error {
        let ts = Timestamp(self.bars.panel.ts()[weight.row as usize]);
        let symbol = self.bars.symbol(weight.asset);
        Error::data(format!("{}: {symbol} has two weights at {ts}", self.signals.name()))
            .with_hint("name an instrument in one way, as SYMBOL or as MARKET:SYMBOL")
    }
}

/// The script that weights are; `parts` says what made them.
fn script(placed: &[Placed], bars: &HorizonBars<'_>, parts: &str) -> Script {
    let mut assets: Vec<u16> = placed.iter().map(|weight| weight.asset).collect();
    assets.sort_unstable();
    assets.dedup();
    let mut hasher = Hasher::new();
    let mut weights = Vec::with_capacity(placed.len());
    for one in placed {
        let leg = assets.partition_point(|&asset| asset < one.asset);
        let leg = u16::try_from(leg).unwrap_or(u16::MAX);
        hasher.update(&bars.panel.ts()[one.row as usize].to_le_bytes());
        hasher.update(&leg.to_le_bytes());
        hasher.update(&one.weight.to_bits().to_le_bytes());
        weights.push(TargetWeight { row: one.row, leg, weight: one.weight });
    }
    let parameters = format!("{{{parts},\"weights\":\"{}\"}}", short(&hasher.finalize()));
    Script { horizon_days: bars.window.horizon.days(), assets, weights, parameters }
}
