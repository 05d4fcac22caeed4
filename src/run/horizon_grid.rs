//! One horizon of a run: its bars, the sessions of its strategies, the keys of its jobs.

use blake3::{Hash, Hasher};

use super::{
    contents::{Content, content},
    terms_text::terms,
};
use crate::{
    domain::{EventKind, Field, JobKey, NUMERIC_VERSION},
    run::Request,
    sim::{Particulars, SimOptions},
    store::RunReach,
    strategy::{HorizonBars, Session, Strategy},
};

/// What the planner and the workers share about one horizon.
pub(super) struct HorizonGrid<'a> {
    /// Bars, loaded for the longest horizon.
    pub(super) bars: &'a HorizonBars<'a>,
    /// Strategies of the run.
    pub(super) strategies: &'a [Box<dyn Strategy>],
    /// Their sessions over this horizon, in the same order.
    pub(super) sessions: Vec<Box<dyn Session + 'a>>,
    /// What is known of every instrument beside its bars.
    pub(super) particulars: &'a [Particulars],
    /// Hash of each of them over this horizon; `None` for an instrument with nothing particular, so
    /// that an event of one instrument changes no key of the others.
    own_parts: Vec<Option<Hash>>,
    /// Parameters and costs as stored, per strategy.
    pub(super) terms: Vec<String>,
    /// What each strategy may use of every instrument.
    reads: Vec<Reads>,
    /// Content of every instrument's usable bars, per strategy.
    contents: Vec<Vec<Content>>,
    /// True for the signals of a statement, which may read every bar that is loaded.
    reads_all: bool,
    /// Everything else that decides a result, per strategy.
    fixed_parts: Vec<Hasher>,
}

impl<'a> HorizonGrid<'a> {
    /// Opens the sessions, which keep at most `pairs_kept` pairs each, and hashes the bars.
    pub(super) fn open(
        bars: &'a HorizonBars<'a>,
        strategies: &'a [Box<dyn Strategy>],
        particulars: &'a [Particulars],
        request: &Request,
        options: &SimOptions,
        pairs_kept: Option<usize>,
    ) -> Self {
        let sessions: Vec<Box<dyn Session + 'a>> =
            strategies.iter().map(|strategy| strategy.session(bars)).collect();
        if let Some(pairs) = pairs_kept {
            for session in &sessions {
                session.bound(pairs);
            }
        }
        let reads: Vec<Reads> = strategies
            .iter()
            .map(|s| {
                Reads::of(bars, s.as_ref(), options.limits.fields(&options.costs, &options.rules))
            })
            .collect();
        let contents = reads.iter().map(|reads| reads.contents(bars)).collect();
        let plain = particulars_hash(&Particulars::default(), bars);
        let own_parts = (particulars.iter().map(|own| particulars_hash(own, bars)))
            .map(|own| (own != plain).then_some(own))
            .collect();
        let fixed_parts =
            strategies.iter().map(|s| fixed_part(bars, s.as_ref(), request, options)).collect();
        let terms =
            strategies.iter().map(|s| terms(&s.parameters_over(&bars.window), options)).collect();
        let reads_all = request.signals.as_ref().is_some_and(|signals| signals.is_statement());
        Self {
            bars,
            strategies,
            sessions,
            particulars,
            own_parts,
            terms,
            reads,
            contents,
            reads_all,
            fixed_parts,
        }
    }

    /// The key of one job.
    pub(super) fn key(&self, strategy: usize, assets: &[u16]) -> JobKey {
        let mut hasher = self.fixed_parts[strategy].clone();
        for &asset in assets {
            let instrument = &self.bars.panel.universe().instruments()[usize::from(asset)];
            let content = &self.contents[strategy][usize::from(asset)];
            let calendar = self.bars.calendars[usize::from(asset)];
            let lookback_bars = self.strategies[strategy].lookback_bars();
            if lookback_bars > 0 {
                // As for the history: too short a warmup has another answer.
                hasher.update(&[u8::from(self.bars.covers_lookback(asset, lookback_bars))]);
            }
            for text in [&instrument.market, &instrument.symbol, calendar.name()] {
                text_part(&mut hasher, text);
            }
            hasher.update(content.hash.as_bytes());
            let own = self.own_parts.get(usize::from(asset)).copied().flatten();
            own.map(|own| hasher.update(own.as_bytes()));
        }
        JobKey::from_hash(&hasher.finalize())
    }

    /// The content of what any strategy may use of every instrument, for the run's row.
    pub(super) fn widest_contents(&self) -> Vec<Content> {
        let Some(widest) = Reads::widest(&self.reads) else { return Vec::new() };
        let known = self.reads.iter().position(|reads| *reads == widest);
        known.map_or_else(|| widest.contents(self.bars), |known| self.contents[known].clone())
    }
}

impl HorizonGrid<'_> {
    /// Which bars the jobs of each strategy may use: what [`strategy_contents`] hashes, as bounds; all
    /// that are loaded for a statement.
    pub(super) fn reaches(&self) -> Vec<RunReach> {
        let window = &self.bars.window;
        let of = |strategy: &dyn Strategy| {
            let history = window.score_start.plus_micros(-strategy.history_micros(window));
            let history = if self.reads_all { window.load_start } else { history };
            // A lookback is looked for in so much time, whatever is loaded before it.
            let assets =
                (0..self.bars.panel.universe().len()).filter_map(|at| u16::try_from(at).ok());
            let lookback =
                assets.map(|asset| self.bars.lookback_micros(asset, strategy.lookback_bars()));
            let earliest = window.score_start.plus_micros(-lookback.max().unwrap_or(0));
            RunReach {
                horizon_days: window.horizon.days(),
                strategy: strategy.name().to_owned(),
                load_ts: earliest.max(window.load_start),
                from_ts: history.max(window.load_start),
                score_ts: window.score_start,
                lookback_bars: strategy.lookback_bars() as u64,
            }
        };
        self.strategies.iter().map(|strategy| of(strategy.as_ref())).collect()
    }
}

/// What a strategy may use of the bars of every instrument, from the first one needed to the end.
#[derive(PartialEq)]
struct Reads {
    /// What the strategy reads, and what the terms ask for; opens and closes are always read.
    fields: Vec<Field>,
    /// The first row, per instrument.
    first_rows: Vec<usize>,
}

impl Reads {
    fn of(bars: &HorizonBars<'_>, strategy: &dyn Strategy, terms: &[Field]) -> Self {
        let history = bars.history_rows(strategy.history_micros(&bars.window)).start;
        let own = strategy.fields();
        let first =
            |asset: u16| history.min(bars.lookback(asset, strategy.lookback_bars(), own).first_row);
        let assets = 0..bars.panel.universe().len();
        Self {
            fields: in_order(|field| own.contains(field) || terms.contains(field)),
            first_rows: assets.map(|at| first(u16::try_from(at).unwrap_or(u16::MAX))).collect(),
        }
    }

    /// What at least one of `all` uses; `None` without any.
    fn widest(all: &[Self]) -> Option<Self> {
        let first_rows =
            (all.iter().map(|reads| reads.first_rows.clone())).reduce(|one, other| {
                one.into_iter().zip(other).map(|(one, other)| one.min(other)).collect()
            })?;
        let fields = in_order(|field| all.iter().any(|reads| reads.fields.contains(field)));
        Some(Self { fields, first_rows })
    }

    fn contents(&self, bars: &HorizonBars<'_>) -> Vec<Content> {
        let end = bars.scored_rows().end;
        let of = |(asset, &first)| content(bars.panel, asset, &self.fields, &(first..end));
        self.first_rows.iter().enumerate().map(of).collect()
    }
}

/// The fields for which `is_used` holds, in their one order.
fn in_order(is_used: impl Fn(&Field) -> bool) -> Vec<Field> {
    Field::ALL.into_iter().filter(is_used).collect()
}

/// Everything that decides a job's result except its instruments.
fn fixed_part(
    bars: &HorizonBars<'_>,
    strategy: &dyn Strategy,
    request: &Request,
    options: &SimOptions,
) -> Hasher {
    let mut hasher = Hasher::new();
    text_part(&mut hasher, strategy.name());
    text_part(&mut hasher, &strategy.parameters_over(&bars.window));
    text_part(&mut hasher, &options.fill.to_string());
    let periods = request.periods_per_year.unwrap_or(0.0);
    for number in [options.capital, periods] {
        hasher.update(&number.to_bits().to_le_bytes());
    }
    for (name, cost) in options.costs.named() {
        term_part(&mut hasher, name, Some(cost));
    }
    for (name, limit) in options.limits.named() {
        term_part(&mut hasher, name, limit);
    }
    for number in [
        i64::from(bars.window.horizon.days()),
        bars.window.end.micros(),
        bars.interval.micros(),
        i64::from(options.max_stale_bars),
        i64::from(NUMERIC_VERSION),
    ] {
        hasher.update(&number.to_le_bytes());
    }
    // A warmup too short for the strategy is another question: it has another answer.
    hasher.update(&[u8::from(bars.covers(strategy.history_micros(&bars.window)))]);
    // Without rules the key is what it was before there were any.
    if options.rules.is_active() {
        for (name, rule) in options.rules.named() {
            term_part(&mut hasher, name, rule);
        }
        text_part(&mut hasher, &options.rules.reentry.to_string());
    }
    hasher
}

/// A term by its name; one that is absent differs from every number.
fn term_part(hasher: &mut Hasher, name: &str, value: Option<f64>) {
    text_part(hasher, name);
    hasher.update(&[u8::from(value.is_some())]);
    hasher.update(&value.unwrap_or(0.0).to_bits().to_le_bytes());
}

/// What is particular to an instrument over a window: its terms, and the events that its jobs meet.
fn particulars_hash(own: &Particulars, bars: &HorizonBars<'_>) -> Hash {
    let mut hasher = Hasher::new();
    for (name, term) in own.terms.named() {
        term_part(&mut hasher, name, term);
    }
    let (start, end) = (bars.window.score_start.micros(), bars.window.end.micros());
    for kind in EventKind::ALL {
        let events = own.events.of(kind);
        let upto = events.partition_point(|(ts, _)| *ts < end);
        let from = match kind {
            // Units of the day depend on every split before it.
            EventKind::Split => 0,
            EventKind::Dividend | EventKind::Funding => events.partition_point(|e| e.0 < start),
            // The rate that holds when the window begins.
            EventKind::Borrow => events.partition_point(|e| e.0 <= start).saturating_sub(1),
        };
        for (ts, value) in &events[from.min(upto)..upto] {
            text_part(&mut hasher, kind.name());
            hasher.update(&ts.to_le_bytes());
            hasher.update(&value.to_bits().to_le_bytes());
        }
    }
    hasher.finalize()
}

/// Text with its length in front, so that no two sequences of texts hash alike.
fn text_part(hasher: &mut Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}
