//! Random markets and decisions written in advance: what the ledger is tested with.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of small cases")]

use barline::{
    domain::{
        EventHistory, EventKind, Field, Instrument, InstrumentEvent, Panel, PanelView, Timestamp,
        Universe,
    },
    sim::{
        Account, Costs, Decider, FillRule, InstrumentTerms, KeepDetail, Limits, Market,
        Particulars, Reentry, Rules, Scratch, SimOptions, Simulation, Tickets, Wake, simulate,
    },
};

/// Steele, Lea and Flood's `SplitMix64`: enough for test cases, the same on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number in `[-1, 1)`.
    pub(crate) fn signed(&mut self) -> f64 {
        2.0 * self.unit() - 1.0
    }

    /// A number in `0..bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("a small number")
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

/// One order of a script.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Line {
    /// Legs that fill together.
    Together(Vec<(usize, f64)>, u32),
    /// One leg, replaceable.
    Each(usize, f64, u32),
    /// Target weights of all legs that have a mark, one replaceable ticket each.
    Weights(Vec<f64>),
}

/// Lines by job row, in order of rows.
pub(crate) type Script = Vec<(usize, Vec<Line>)>;

/// A market and what is done on it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) panel: Panel,
    pub(crate) assets: Vec<u16>,
    pub(crate) rows: Vec<u32>,
    pub(crate) script: Script,
    pub(crate) options: SimOptions,
    pub(crate) particulars: Vec<Particulars>,
    /// Rows a leg may be silent, where it has a limit of its own.
    pub(crate) stale_rows: Vec<u32>,
    /// Quantity of the next leg that is bought when a leg is delisted.
    pub(crate) on_delisted: f64,
}

impl Case {
    pub(crate) fn market(&self) -> Market<'_> {
        Market {
            panel: &self.panel,
            assets: &self.assets,
            rows: &self.rows,
            stale_rows: &self.stale_rows,
            particulars: &self.particulars,
        }
    }

    pub(crate) fn simulate(&self) -> Simulation {
        self.simulate_with(&mut Scratch::default(), false)
    }

    /// With buffers of earlier jobs, and if `restless` woken at every row.
    pub(crate) fn simulate_with(&self, scratch: &mut Scratch, restless: bool) -> Simulation {
        let mut decider = Scripted { case: self, next: 0, restless };
        simulate(&self.market(), &mut decider, &self.options, scratch)
    }

    /// Prices of a leg at a job row: open and close, NaN without a bar.
    pub(crate) fn prices(&self, leg: usize, job_row: usize) -> (f64, f64) {
        let (asset, row) = (usize::from(self.assets[leg]), self.rows[job_row] as usize);
        (self.panel.column(asset, Field::Open)[row], self.panel.column(asset, Field::Close)[row])
    }

    pub(crate) fn ts(&self, job_row: usize) -> i64 {
        self.panel.ts()[self.rows[job_row] as usize]
    }

    /// The same case, `micros` later.
    pub(crate) fn shifted(&self, micros: i64) -> Self {
        let mut later = self.clone();
        later.panel = self.panel.shifted(micros);
        later.particulars.iter_mut().for_each(|own| own.events = own.events.shifted(micros));
        later
    }

    /// Multiplies every price.
    pub(crate) fn scale_prices(&mut self, factor: f64) {
        for asset in 0..self.panel.universe().len() {
            for field in [Field::Open, Field::Close, Field::High, Field::Low] {
                self.panel.column_mut(asset, field).iter_mut().for_each(|price| *price *= factor);
            }
        }
    }
}

struct Scripted<'a> {
    case: &'a Case,
    next: usize,
    restless: bool,
}

impl Scripted<'_> {
    fn wake(&self) -> Wake {
        if self.restless {
            return Wake::AfterBars(1);
        }
        let Some((job_row, _)) = self.case.script.get(self.next) else { return Wake::Never };
        self.case.rows.get(*job_row).map_or(Wake::Never, |&row| Wake::AtRow(row as usize))
    }
}

impl Decider for Scripted<'_> {
    fn first_wake(&self) -> Wake {
        if self.restless { Wake::AfterBars(0) } else { self.wake() }
    }

    fn decide(&mut self, view: &PanelView<'_>, account: &Account<'_>, out: &mut Tickets) -> Wake {
        let row = view.ts().len() - 1;
        while let Some((job_row, lines)) = self.case.script.get(self.next) {
            if self.case.rows[*job_row] as usize > row {
                break;
            }
            self.next += 1;
            for line in lines {
                write(line, account, out);
            }
        }
        self.wake()
    }

    fn delisted(&mut self, leg: usize, tickets: &mut Tickets) {
        if self.case.on_delisted != 0.0 {
            let other = (leg + 1) % self.case.assets.len();
            tickets.together(&[(other, self.case.on_delisted)], 9, "delisted");
        }
    }
}

fn write(line: &Line, account: &Account<'_>, out: &mut Tickets) {
    match line {
        Line::Together(legs, group) => out.together(legs, *group, "enter"),
        Line::Each(leg, quantity, group) => out.each(*leg, *quantity, *group, "rebalance"),
        Line::Weights(weights) => {
            for (leg, weight) in weights.iter().enumerate() {
                let mark = account.marks[leg];
                if !mark.is_nan() {
                    let change = weight * account.equity / mark - account.quantities[leg];
                    out.each(leg, change, 0, "rebalance");
                    out.weight(leg, *weight);
                }
            }
        }
    }
}

/// What a random case may contain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spice {
    /// Probability that a bar is missing.
    pub(crate) gaps: f64,
    /// Size of price moves per bar.
    pub(crate) moves: f64,
    /// Largest weight of a leg.
    pub(crate) leverage: f64,
    /// False: weights only.
    pub(crate) fixed_quantities: bool,
    pub(crate) weights: bool,
}

impl Spice {
    pub(crate) const MILD: Self =
        Self { gaps: 0.1, moves: 0.02, leverage: 0.4, fixed_quantities: true, weights: true };
    pub(crate) const WILD: Self =
        Self { gaps: 0.3, moves: 0.2, leverage: 2.0, fixed_quantities: true, weights: true };
}

/// A random market of 1 to 4 legs with missing bars, and random decisions on it.
pub(crate) fn random_case(seed: u64, spice: Spice) -> Case {
    let mut dice = Dice(seed);
    let legs = 1 + dice.below(4);
    let panel = random_panel(&mut dice, 6, 60, spice);
    let mut assets: Vec<u16> = (0..6).collect();
    while assets.len() > legs {
        assets.remove(dice.below(assets.len()));
    }
    let start = dice.below(10);
    let skip = dice.unit() * 0.2;
    let rows: Vec<u32> = (start..60).filter(|_| !dice.chance(skip)).map(|row| row as u32).collect();
    let script = random_script(&mut dice, rows.len(), legs, spice);
    let options = SimOptions {
        capital: 10_000.0,
        costs: Costs {
            commission_bps: 30.0 * dice.unit(),
            slippage_bps: 20.0 * dice.unit(),
            borrow_bps: if dice.chance(0.5) { 5_000.0 * dice.unit() } else { 0.0 },
            ..Costs::NONE
        },
        limits: Limits::default(),
        rules: Rules::default(),
        fill: FillRule::ALL[dice.below(3)],
        max_stale_bars: u32::try_from(dice.below(5)).expect("small"),
        keep: KeepDetail { fills: true, equity: true, weights: true },
    };
    let on_delisted = if dice.chance(0.3) { 3.0 * dice.signed() } else { 0.0 };
    let (particulars, stale_rows) = (Vec::new(), Vec::new());
    Case { panel, assets, rows, script, options, particulars, stale_rows, on_delisted }
}

/// A random case with every cost, limit and event on.
pub(crate) fn everything(seed: u64, spice: Spice) -> Case {
    let mut case = random_case(seed, spice);
    let mut dice = Dice(seed ^ 0x5eed_1e55);
    let assets = case.panel.universe().len();
    let ts = case.panel.ts().to_vec();
    for asset in 0..assets {
        for volume in case.panel.column_mut(asset, Field::Volume) {
            *volume = if dice.chance(0.1) { f64::NAN } else { 60.0 * dice.unit() };
        }
    }
    let costs = &mut case.options.costs;
    costs.commission_per_unit = 0.05 * dice.unit();
    costs.commission_minimum = 2.0 * dice.unit();
    costs.half_spread_bps = 20.0 * dice.unit();
    costs.impact = 0.2 * dice.unit();
    costs.borrow_bps = 9_000.0 * dice.unit();
    costs.financing_bps = 9_000.0 * dice.unit();
    let mut maybe = |most: f64, least: f64| {
        let value = least + (most - least) * dice.unit();
        dice.chance(0.5).then_some(value)
    };
    case.options.limits = Limits {
        lot: maybe(1.0, 0.01),
        tick: maybe(0.5, 0.001),
        volume_cap: maybe(1.0, 0.05),
        gross_leverage_cap: maybe(2.0, 0.3),
        net_leverage_cap: maybe(1.5, 0.2),
        maintenance_margin: maybe(0.4, 0.01),
    };
    case.particulars = (0..assets).map(|_| random_particulars(&mut dice, &ts)).collect();
    case
}

/// A random case with every cost, limit, event and rule on, and some bars of closes alone.
pub(crate) fn with_rules(seed: u64, spice: Spice) -> Case {
    let mut case = everything(seed, spice);
    let mut dice = Dice(seed ^ 0x0123_4567);
    for asset in 0..case.panel.universe().len() {
        for row in 0..case.panel.rows() {
            let price = |field| case.panel.column(asset, field)[row];
            let (open, close) = (price(Field::Open), price(Field::Close));
            let reach = spice.moves * dice.unit();
            let (high, low) = (open.max(close) * (1.0 + reach), open.min(close) * (1.0 - reach));
            if !dice.chance(0.15) {
                case.panel.column_mut(asset, Field::High)[row] = high;
                case.panel.column_mut(asset, Field::Low)[row] = low;
            }
        }
    }
    let moves = spice.moves;
    case.options.rules = Rules {
        stop_loss: dice.chance(0.7).then(|| moves * (0.1 + 2.0 * dice.unit())),
        take_profit: dice.chance(0.7).then(|| moves * (0.1 + 2.0 * dice.unit())),
        time_stop_bars: dice.chance(0.5).then(|| 1 + dice.below(12) as u32),
        max_drawdown: dice.chance(0.5).then(|| moves * (0.05 + dice.unit())),
        reentry: match dice.below(4) {
            0 => Reentry::Never,
            1 => Reentry::Bars(1 + dice.below(8) as u32),
            _ => Reentry::Signal,
        },
    };
    case
}

fn random_particulars(dice: &mut Dice, ts: &[i64]) -> Particulars {
    let mut events = Vec::new();
    for _ in 0..dice.below(12) {
        let kind = EventKind::ALL[dice.below(4)];
        let value = match kind {
            EventKind::Split => [0.5, 2.0, 3.0, 0.1][dice.below(4)],
            EventKind::Dividend => dice.unit(),
            EventKind::Funding => 0.01 * dice.signed(),
            EventKind::Borrow => 9_000.0 * dice.unit(),
        };
        let moment = ts[dice.below(ts.len())] - i64::from(dice.chance(0.5)) * 1_000;
        events.push(InstrumentEvent { ts: Timestamp(moment), kind, value });
    }
    let mut terms = InstrumentTerms::default();
    if dice.chance(0.5) {
        terms.half_spread_bps = Some(30.0 * dice.unit());
        terms.borrow_bps = Some(5_000.0 * dice.unit());
        terms.lot = dice.chance(0.5).then_some(0.25);
    }
    Particulars { terms, events: EventHistory::new(events) }
}

fn random_panel(dice: &mut Dice, assets: usize, rows: usize, spice: Spice) -> Panel {
    let instrument = |at: usize| {
        let id = u32::try_from(at).expect("small");
        Instrument { market: "test".to_owned(), symbol: format!("A{at}"), id }
    };
    let universe = Universe::new((0..assets).map(instrument).collect()).expect("a universe");
    let hour = 3_600_000_000_i64;
    let mut ts = Vec::with_capacity(rows);
    let mut now = 0_i64;
    for _ in 0..rows {
        now += hour * (1 + i64::from(dice.chance(0.1)) * 60);
        ts.push(now);
    }
    let mut panel = Panel::with_fields(universe, ts, &[Field::High, Field::Low, Field::Volume]);
    for asset in 0..assets {
        let mut price = 10.0 + 90.0 * dice.unit();
        let silent_from = if dice.chance(0.2) { dice.below(rows) } else { rows };
        for row in 0..rows {
            let open = price * (1.0 + 0.3 * spice.moves * dice.signed());
            price = open * (1.0 + spice.moves * dice.signed());
            if row < silent_from && !dice.chance(spice.gaps) {
                panel.column_mut(asset, Field::Open)[row] = open;
                panel.column_mut(asset, Field::Close)[row] = price;
            }
        }
    }
    panel
}

fn random_script(dice: &mut Dice, rows: usize, legs: usize, spice: Spice) -> Script {
    let mut script = Script::new();
    for row in 0..rows {
        if dice.chance(0.25) {
            let lines = (0..=dice.below(2)).map(|_| random_line(dice, legs, spice)).collect();
            script.push((row, lines));
        }
    }
    script
}

fn random_line(dice: &mut Dice, legs: usize, spice: Spice) -> Line {
    if spice.weights && (!spice.fixed_quantities || dice.chance(0.4)) {
        return Line::Weights((0..legs).map(|_| spice.leverage * dice.signed()).collect());
    }
    let group = u32::try_from(dice.below(100)).expect("small");
    if dice.chance(0.5) {
        return Line::Each(dice.below(legs), 20.0 * spice.leverage * dice.signed(), group);
    }
    let mut ticket = Vec::new();
    for leg in 0..legs {
        if ticket.is_empty() || dice.chance(0.6) {
            ticket.push((leg, 20.0 * spice.leverage * dice.signed()));
        }
    }
    Line::Together(ticket, group)
}
