//! A second, slow ledger, written from `docs/simulation.md` and not from the engine.
//!
//! It walks the rows one by one and asks every question of the text in every row: of each waiting
//! ticket whether its legs have bars now, of each leg what is due to it. Nothing is remembered that
//! can be asked again. It decides nothing for speed and shares no code with the engine: what both
//! say of a case has been said twice.

#![allow(clippy::float_cmp, reason = "zero, and a quantity that is another one")]
#![allow(clippy::struct_excessive_bools, reason = "a ticket is what the text says of it")]

use std::collections::{BTreeMap, BTreeSet};

use barline::{
    domain::{EventKind, Field},
    sim::{FillRule, InstrumentTerms, Reentry},
};

use crate::scripted::{Case, Line};

const MICROS_OF_A_YEAR: f64 = 365.0 * 86_400.0 * 1e6;

/// Money paid by kind, in the order of the columns of `docs/simulation.md`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Charged {
    pub(crate) commission: f64,
    pub(crate) slippage: f64,
    pub(crate) spread: f64,
    pub(crate) impact: f64,
    pub(crate) borrow: f64,
    pub(crate) financing: f64,
    pub(crate) dividend: f64,
    pub(crate) funding: f64,
}

/// A fill by job row.
#[derive(Debug, Clone)]
pub(crate) struct Filled {
    pub(crate) row: usize,
    pub(crate) leg: usize,
    pub(crate) quantity: f64,
    pub(crate) price: f64,
    pub(crate) charged: Charged,
    pub(crate) reason: &'static str,
    /// Row of the decision; its own, where nobody decided it.
    pub(crate) decided: usize,
    /// Units of the day by a unit of the ledger.
    pub(crate) factor: f64,
    /// Size of the largest order of which a part is filled here: a rest is a difference, and no more
    /// exact than what it is left of.
    pub(crate) of: f64,
}

/// A trade from flat to flat, by job rows.
#[derive(Debug, Clone)]
pub(crate) struct Episode {
    pub(crate) leg: usize,
    pub(crate) group: u32,
    pub(crate) side: f64,
    pub(crate) entered: usize,
    pub(crate) left: usize,
    pub(crate) bought_or_sold: f64,
    pub(crate) entry_value: f64,
    pub(crate) exit_quantity: f64,
    pub(crate) exit_value: f64,
    pub(crate) charged: Charged,
    pub(crate) reason: &'static str,
    /// Units of the day of the entry by a unit of the ledger.
    pub(crate) factor: f64,
}

/// What the slow ledger says happened.
#[derive(Debug, Default)]
pub(crate) struct Opinion {
    pub(crate) equity: Vec<f64>,
    pub(crate) cash: Vec<f64>,
    pub(crate) gross: Vec<f64>,
    pub(crate) charged: Vec<Charged>,
    pub(crate) fills: Vec<Filled>,
    pub(crate) trades: Vec<Episode>,
    pub(crate) exposed: u64,
    pub(crate) ruined: Option<usize>,
    /// Job row, the equity that fell short, and the exposure it fell short of.
    pub(crate) margin_call: Option<(usize, f64, f64)>,
}

#[derive(Debug, Clone)]
struct Ticket {
    legs: Vec<(usize, f64)>,
    group: u32,
    reason: &'static str,
    since: usize,
    /// Row of the decision, of which a rest is a part too.
    decided_in: usize,
    alone: bool,
    /// Written at the close of `since` by a decision: with `same-close` it fills there.
    decided: bool,
    /// The first ticket of its trade group.
    first: bool,
    /// Left over by the volume cap.
    rest: bool,
    /// Size of the order that it is left of.
    rest_of: f64,
    /// The trade group that is its unit; none if the position of its leg is.
    of_group: Option<u32>,
    /// Closes a unit because a rule says so.
    by_rule: bool,
}

/// Why there is a fill, and who asked for it.
#[derive(Debug, Clone, Copy)]
struct Why {
    group: u32,
    reason: &'static str,
    /// Why a trade ends with it, if one does.
    exit: &'static str,
    decided: usize,
    of: f64,
}

impl Ticket {
    fn alone(leg: usize, quantity: f64, group: u32, reason: &'static str, since: usize) -> Self {
        Self {
            alone: true,
            first: false,
            of_group: None,
            ..Self::together(&[(leg, quantity)], group, reason, since)
        }
    }

    fn together(legs: &[(usize, f64)], group: u32, reason: &'static str, since: usize) -> Self {
        Self {
            legs: legs.to_vec(),
            group,
            reason,
            since,
            decided_in: since,
            alone: false,
            decided: true,
            first: false,
            rest: false,
            rest_of: 0.0,
            of_group: Some(group),
            by_rule: false,
        }
    }

    fn is_alone_of(&self, leg: usize) -> bool {
        self.alone && self.legs[0].0 == leg
    }

    fn set_of_legs(&self) -> BTreeSet<usize> {
        self.legs.iter().map(|(leg, _)| *leg).collect()
    }
}

/// Units of one leg, as the lots that they were bought or sold in.
#[derive(Debug, Clone, Default)]
struct Entered {
    held: f64,
    largest: f64,
    /// What is left of each lot, unsigned, and its raw price.
    lots: Vec<(f64, f64)>,
}

impl Entered {
    /// Takes a change of quantity at a raw price: one away from zero is a lot more, one towards zero
    /// takes the same share of every lot, and one through zero begins anew.
    fn take(&mut self, quantity: f64, raw: f64) {
        let after = self.held + quantity;
        if self.held * after < 0.0 {
            *self = Self::default();
            self.take(after, raw);
            return;
        }
        if self.held * quantity >= 0.0 {
            self.lots.push((quantity.abs(), raw));
        } else {
            let left = after / self.held;
            self.lots.iter_mut().for_each(|(size, _)| *size *= left);
        }
        self.held = after;
        self.largest = self.largest.max(after.abs());
        if after.abs() <= 1e-12 * self.largest {
            *self = Self::default();
        }
    }

    /// Average raw price of what is left of the lots, told from the first one's, so that lots of one
    /// price have it to the last bit.
    fn price(&self) -> f64 {
        let first = self.lots[0].1;
        let (mut size, mut apart) = (0.0, 0.0);
        for (left, raw) in &self.lots {
            size += left;
            apart += left * (raw - first);
        }
        first + apart / size
    }
}

/// A trade group: what its tickets asked for.
#[derive(Debug, Clone, Default)]
struct Group {
    legs: BTreeMap<usize, Entered>,
    set: BTreeSet<usize>,
    opened: usize,
    closing: bool,
}

impl Group {
    fn is_flat(&self) -> bool {
        self.legs.values().all(|leg| leg.held == 0.0)
    }

    fn has(&self, leg: usize) -> bool {
        self.legs.get(&leg).is_some_and(|leg| leg.held != 0.0)
    }
}

/// What is held of one leg.
#[derive(Debug, Clone, Default)]
struct Position {
    held: f64,
    /// Largest size of this position so far.
    largest: f64,
    mark: f64,
    stale: u32,
    trade: Option<Episode>,
    entered: Entered,
    /// A rule is closing it.
    closing: bool,
    /// Last row in which it was judged within the bar.
    judged: Option<usize>,
}

struct Slow<'a> {
    case: &'a Case,
    cash: f64,
    legs: Vec<Position>,
    waiting: Vec<Ticket>,
    scales: BTreeMap<u32, f64>,
    groups: BTreeMap<u32, Group>,
    /// Groups of tickets together that have been written, and those whose first was dropped.
    known: BTreeSet<u32>,
    dropped: BTreeSet<u32>,
    highest: f64,
    /// The drawdown rule is closing everything.
    breaking: bool,
    /// Rows of the fills that closed units, and of the end of the last drawdown.
    closed_legs: BTreeMap<usize, usize>,
    closed_sets: BTreeMap<BTreeSet<usize>, usize>,
    closed_all: Option<usize>,
    row_charges: Charged,
    opinion: Opinion,
}

/// Reads a case row by row.
pub(crate) fn second_opinion(case: &Case) -> Opinion {
    let mut slow = Slow {
        case,
        cash: case.options.capital,
        legs: vec![Position { mark: f64::NAN, ..Position::default() }; case.assets.len()],
        waiting: Vec::new(),
        scales: BTreeMap::new(),
        groups: BTreeMap::new(),
        known: BTreeSet::new(),
        dropped: BTreeSet::new(),
        highest: case.options.capital,
        breaking: false,
        closed_legs: BTreeMap::new(),
        closed_sets: BTreeMap::new(),
        closed_all: None,
        row_charges: Charged::default(),
        opinion: Opinion::default(),
    };
    for row in 0..case.rows.len() {
        slow.row(row);
        slow.close_the_books();
    }
    slow.opinion.trades.sort_by_key(|trade| (trade.entered, trade.leg));
    slow.opinion
}

/// A quotient within 1e-9 of a whole number is that number.
fn whole(quotient: f64, otherwise: fn(f64) -> f64) -> f64 {
    let nearest = quotient.round();
    if (quotient - nearest).abs() <= 1e-9 { nearest } else { otherwise(quotient) }
}

fn has(price: f64) -> bool {
    !price.is_nan()
}

/// Reading the market.
impl Slow<'_> {
    fn field(&self, leg: usize, row: usize, field: Field) -> f64 {
        let panel = &self.case.panel;
        let asset = usize::from(self.case.assets[leg]);
        if panel.fields().contains(&field) {
            panel.column(asset, field)[self.case.rows[row] as usize]
        } else {
            f64::NAN
        }
    }

    fn own(&self, leg: usize) -> InstrumentTerms {
        let asset = usize::from(self.case.assets[leg]);
        self.case.particulars.get(asset).map(|own| own.terms).unwrap_or_default()
    }

    fn events(&self, leg: usize, kind: EventKind) -> Vec<(i64, f64)> {
        let asset = usize::from(self.case.assets[leg]);
        self.case.particulars.get(asset).map(|own| own.events.of(kind).to_vec()).unwrap_or_default()
    }

    /// `F` at a moment.
    fn split_factor(&self, leg: usize, micros: i64) -> f64 {
        let mut factor = 1.0;
        for (ts, ratio) in self.events(leg, EventKind::Split) {
            if ts <= micros {
                factor *= ratio;
            }
        }
        factor
    }

    /// Events after the row before and up to this one; in row 0 there are none.
    fn due(&self, leg: usize, row: usize, kind: EventKind) -> Vec<(i64, f64)> {
        let mut events = self.events(leg, kind);
        if row == 0 {
            events.clear();
        } else {
            let (before, now) = (self.case.ts(row - 1), self.case.ts(row));
            events.retain(|(ts, _)| before < *ts && *ts <= now);
        }
        events
    }

    fn borrow_bps(&self, leg: usize, micros: i64) -> f64 {
        let mut bps = self.own(leg).borrow_bps.unwrap_or(self.case.options.costs.borrow_bps);
        for (ts, rate) in self.events(leg, EventKind::Borrow) {
            if ts <= micros {
                bps = rate;
            }
        }
        bps
    }

    fn equity(&self) -> f64 {
        let mut equity = self.cash;
        for leg in &self.legs {
            if leg.held != 0.0 {
                equity += leg.held * leg.mark;
            }
        }
        equity
    }

    fn gross(&self) -> f64 {
        let mut gross = 0.0;
        for leg in &self.legs {
            if leg.held != 0.0 {
                gross += (leg.held * leg.mark).abs();
            }
        }
        gross
    }

    fn ended(&self) -> bool {
        self.opinion.ruined.is_some() || self.opinion.margin_call.is_some()
    }
}

/// The events of a row, in order.
impl Slow<'_> {
    fn row(&mut self, row: usize) {
        if self.ended() {
            return;
        }
        let last = row + 1 == self.case.rows.len();
        if row > 0 {
            self.time(row);
        }
        if self.case.options.fill == FillRule::NextOpen {
            self.fill(row, false);
            self.rules_within_the_bar(row);
        } else {
            self.rules_within_the_bar(row);
            self.fill(row, false);
        }
        self.mark(row);
        if last {
            for leg in 0..self.legs.len() {
                self.sell(leg, row, "end_of_data", true);
            }
        }
        self.delist(row);
        self.judge_equity(row);
        if last || self.ended() {
            return;
        }
        self.end_of_drawdown(row);
        self.rules_at_the_close(row);
        self.decide(row);
        if self.case.options.fill == FillRule::SameClose {
            self.fill(row, true);
            self.delist(row);
            self.judge_equity(row);
            self.end_of_drawdown(row);
        }
    }

    fn close_the_books(&mut self) {
        let (equity, gross) = (self.equity(), self.gross());
        self.opinion.equity.push(equity);
        self.opinion.cash.push(self.cash);
        self.opinion.gross.push(gross);
        self.opinion.exposed += u64::from(self.legs.iter().any(|leg| leg.held != 0.0));
        self.opinion.charged.push(std::mem::take(&mut self.row_charges));
    }

    fn time(&mut self, row: usize) {
        let (before, now) = (self.case.ts(row - 1), self.case.ts(row));
        let years = (now - before) as f64 / MICROS_OF_A_YEAR;
        for leg in 0..self.legs.len() {
            if self.legs[leg].held < 0.0 {
                let notional = -self.legs[leg].held * self.legs[leg].mark;
                let fee = notional * (self.borrow_bps(leg, before) * 1e-4 * years);
                self.cash -= fee;
                self.charge(leg, &Charged { borrow: fee, ..Charged::default() });
            }
        }
        if self.cash < 0.0 {
            let fee = -self.cash * (self.case.options.costs.financing_bps * 1e-4 * years);
            self.cash -= fee;
            self.row_charges.financing += fee;
        }
        for leg in 0..self.legs.len() {
            for (ts, amount) in self.due(leg, row, EventKind::Dividend) {
                let dividend = self.legs[leg].held * self.split_factor(leg, ts) * amount;
                self.cash += dividend;
                self.charge(leg, &Charged { dividend, ..Charged::default() });
            }
        }
        for leg in 0..self.legs.len() {
            for (_, rate) in self.due(leg, row, EventKind::Funding) {
                if self.legs[leg].held != 0.0 {
                    let funding = self.legs[leg].held * self.legs[leg].mark * rate;
                    self.cash -= funding;
                    self.charge(leg, &Charged { funding, ..Charged::default() });
                }
            }
        }
    }

    /// Writes a charge down for the row and for the trade that holds the position.
    fn charge(&mut self, leg: usize, charged: &Charged) {
        add(&mut self.row_charges, charged, 1.0);
        if let Some(trade) = &mut self.legs[leg].trade {
            add(&mut trade.charged, charged, 1.0);
        }
    }

    fn mark(&mut self, row: usize) {
        for leg in 0..self.legs.len() {
            let close = self.field(leg, row, Field::Close);
            if has(close) {
                self.legs[leg].mark = close;
                self.legs[leg].stale = 0;
            } else {
                self.legs[leg].stale += 1;
            }
        }
    }

    fn delist(&mut self, row: usize) {
        for leg in 0..self.legs.len() {
            let own = self.case.stale_rows.get(leg).copied();
            let limit = own.unwrap_or(self.case.options.max_stale_bars);
            if self.legs[leg].held != 0.0 && self.legs[leg].stale > limit {
                self.sell(leg, row, "delisted", true);
                if std::mem::take(&mut self.legs[leg].closing) {
                    self.closed_legs.insert(leg, row);
                }
                let new = self.groups_lose(leg, row);
                if self.case.on_delisted != 0.0 {
                    let other = (leg + 1) % self.legs.len();
                    let scale = self.scales.get(&9).copied().unwrap_or(1.0);
                    let legs = [(other, scale * self.case.on_delisted)];
                    let ticket =
                        Ticket { decided: false, ..Ticket::together(&legs, 9, "delisted", row) };
                    let ticket = self.screen(ticket, row);
                    self.waiting.extend(ticket);
                }
                self.waiting.retain(|ticket| ticket.legs.iter().all(|(other, _)| *other != leg));
                self.waiting.extend(new);
            }
        }
    }

    fn judge_equity(&mut self, row: usize) {
        if self.ended() {
            return;
        }
        let (equity, gross) = (self.equity(), self.gross());
        let margin = self.case.options.limits.maintenance_margin;
        if equity <= 0.0 {
            self.opinion.ruined = Some(row);
            for leg in 0..self.legs.len() {
                self.sell(leg, row, "ruined", false);
            }
        } else if margin.is_some_and(|margin| equity < margin * gross) {
            self.opinion.margin_call = Some((row, equity, gross));
            for leg in 0..self.legs.len() {
                self.sell(leg, row, "margin_call", true);
            }
        }
    }
}

/// Fills.
impl Slow<'_> {
    fn raw(&self, leg: usize, row: usize) -> f64 {
        let close = self.field(leg, row, Field::Close);
        if has(close) && self.case.options.fill == FillRule::NextOpen {
            return self.field(leg, row, Field::Open);
        }
        close
    }

    fn is_due(&self, ticket: &Ticket, row: usize, after_decision: bool) -> bool {
        let old_enough =
            if after_decision { ticket.since == row && ticket.decided } else { ticket.since < row };
        old_enough && ticket.legs.iter().all(|(leg, _)| has(self.raw(*leg, row)))
    }

    /// Fills all that is due in a row: before its marks, or after its decision with `same-close`.
    fn fill(&mut self, row: usize, after_decision: bool) {
        let (due, left): (Vec<Ticket>, Vec<Ticket>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|ticket| self.is_due(ticket, row, after_decision));
        self.waiting = left;
        for ticket in due.iter().filter(|ticket| !ticket.alone) {
            self.enter_group(ticket, row);
        }
        for leg in 0..self.legs.len() {
            let mut orders = Vec::new();
            for ticket in &due {
                for (of, quantity) in &ticket.legs {
                    if *of == leg {
                        orders.push((*quantity, ticket));
                    }
                }
            }
            self.fill_leg(leg, row, &orders);
        }
        self.settle_legs(row);
    }

    fn fill_leg(&mut self, leg: usize, row: usize, orders: &[(f64, &Ticket)]) {
        let (mut net, mut largest) = (0.0, 0.0_f64);
        if self.least_commission(leg) > 0.0 {
            largest = self.legs[leg].held.abs();
        }
        for (quantity, _) in orders {
            net += quantity;
            largest = largest.max(quantity.abs());
        }
        if net.abs() <= 1e-12 * largest {
            return;
        }
        let with_it: Vec<(f64, &Ticket)> = orders
            .iter()
            .filter(|(quantity, _)| quantity * net > 0.0)
            .map(|(quantity, ticket)| (quantity.abs(), *ticket))
            .collect();
        let later: Vec<_> = with_it.iter().copied().filter(|(_, ticket)| !ticket.first).collect();
        let leading = earliest_of_the_largest(&with_it).expect("an order in the net's direction");
        let exit = earliest_of_the_largest(&later).map_or("netted", |ticket| ticket.reason);
        let factor = self.split_factor(leg, self.case.ts(row));
        let held = self.legs[leg].held;
        let smallest = 1e-12 * self.legs[leg].largest;
        let closing =
            |quantity: f64| if (held + quantity).abs() < smallest { -held } else { quantity };
        net = closing(net);
        let lot = self.own(leg).lot.or(self.case.options.limits.lot);
        let in_lots = |quantity: f64| {
            lot.map_or(quantity, |lot| whole(quantity * factor / lot, f64::trunc) * lot / factor)
        };
        if net != -held {
            net = closing(in_lots(net));
        }
        let mut quantity = net;
        let of = orders.iter().fold(net.abs(), |most, (_, ticket)| most.max(ticket.rest_of));
        if let Some(cap) = self.case.options.limits.volume_cap {
            let volume = self.field(leg, row, Field::Volume);
            let most = if has(volume) { cap * volume } else { 0.0 };
            if quantity.abs() > most {
                quantity = closing(in_lots(most).copysign(quantity));
                self.waiting.push(Ticket {
                    legs: vec![(leg, net - quantity)],
                    since: row,
                    alone: true,
                    decided: false,
                    rest: true,
                    rest_of: of,
                    ..leading.clone()
                });
            }
        }
        if quantity != 0.0 {
            let why = Why {
                group: leading.group,
                reason: leading.reason,
                exit,
                decided: leading.decided_in,
                of,
            };
            self.trade(leg, row, quantity, self.raw(leg, row), why, true);
        }
    }

    fn sell(&mut self, leg: usize, row: usize, reason: &'static str, costs: bool) {
        let (held, mark) = (self.legs[leg].held, self.legs[leg].mark);
        if held != 0.0 {
            self.trade(leg, row, -held, mark, self.undecided(leg, row, reason), costs);
        }
    }

    /// A close that nobody has decided.
    fn undecided(&self, leg: usize, row: usize, reason: &'static str) -> Why {
        let group = self.legs[leg].trade.as_ref().expect("a trade while held").group;
        Why { group, reason, exit: reason, decided: row, of: self.legs[leg].held.abs() }
    }

    fn least_commission(&self, leg: usize) -> f64 {
        let least = self.case.options.costs.commission_minimum;
        self.own(leg).commission_minimum.unwrap_or(least)
    }

    /// Price and costs of a fill.
    fn price(&self, leg: usize, row: usize, quantity: f64, raw: f64) -> (f64, Charged) {
        let (costs, own) = (&self.case.options.costs, self.own(leg));
        let size = quantity.abs();
        let volume = self.field(leg, row, Field::Volume);
        let slippage = (costs.slippage_bps * 1e-4).min(1.0);
        let spread =
            (own.half_spread_bps.unwrap_or(costs.half_spread_bps) * 1e-4).min(1.0 - slippage);
        let mut impact = 0.0;
        if has(volume) && volume != 0.0 {
            impact =
                (costs.impact * (size / volume) * (size / volume)).min(1.0 - slippage - spread);
        }
        let share = slippage + spread + impact;
        let buy = quantity > 0.0;
        let factor = self.split_factor(leg, self.case.ts(row));
        let untouched = if buy { raw * (1.0 + share) } else { raw * (1.0 - share) };
        let mut price = untouched;
        if let Some(tick) = own.tick.or(self.case.options.limits.tick) {
            let ticks = whole(untouched / factor / tick, if buy { f64::ceil } else { f64::floor });
            if buy || ticks >= 1.0 {
                price = ticks * tick * factor;
            }
        }
        let by_tick = if buy { price - untouched } else { untouched - price };
        let per_unit = own.commission_per_unit.unwrap_or(costs.commission_per_unit);
        let commission = (costs.commission_bps * 1e-4 * size * price + per_unit * size * factor)
            .max(self.least_commission(leg));
        let charged = Charged {
            commission,
            slippage: size * raw * slippage + size * by_tick,
            spread: size * raw * spread,
            impact: size * raw * impact,
            ..Charged::default()
        };
        (price, charged)
    }

    fn trade(&mut self, leg: usize, row: usize, quantity: f64, raw: f64, why: Why, costs: bool) {
        let (price, charged) =
            if costs { self.price(leg, row, quantity, raw) } else { (raw, Charged::default()) };
        self.cash -= quantity * price;
        self.cash -= charged.commission;
        add(&mut self.row_charges, &charged, 1.0);
        let Why { group, reason, exit, decided, of } = why;
        let factor = self.split_factor(leg, self.case.ts(row));
        let filled = Filled { row, leg, quantity, price, charged, reason, decided, factor, of };
        self.opinion.fills.push(filled);
        let held = self.legs[leg].held;
        let after = held + quantity;
        if held * after < 0.0 {
            let share = held.abs() / quantity.abs();
            self.book(leg, row, -held, price, (charged, share), (group, exit));
            self.book(leg, row, after, price, (charged, 1.0 - share), (group, exit));
        } else {
            self.book(leg, row, quantity, price, (charged, 1.0), (group, exit));
        }
        self.legs[leg].entered.take(quantity, raw);
        if self.legs[leg].held == 0.0 {
            self.legs[leg].entered = Entered::default();
        }
    }

    /// Writes a fill, or its part on one side of zero, into the trade of its leg.
    fn book(
        &mut self,
        leg: usize,
        row: usize,
        quantity: f64,
        price: f64,
        (charged, share): (Charged, f64),
        (group, reason): (u32, &'static str),
    ) {
        let factor = self.split_factor(leg, self.case.ts(row));
        let position = &mut self.legs[leg];
        let mut trade = position.trade.take().unwrap_or(Episode {
            leg,
            group,
            side: quantity.signum(),
            entered: row,
            left: row,
            bought_or_sold: 0.0,
            entry_value: 0.0,
            exit_quantity: 0.0,
            exit_value: 0.0,
            charged: Charged::default(),
            reason,
            factor,
        });
        let size = quantity.abs();
        if quantity * trade.side > 0.0 {
            trade.bought_or_sold += size;
            trade.entry_value += size * price;
        } else {
            trade.exit_quantity += size;
            trade.exit_value += size * price;
        }
        add(&mut trade.charged, &charged, share);
        (trade.left, trade.reason) = (row, reason);
        position.held = if quantity == -position.held { 0.0 } else { position.held + quantity };
        position.largest = position.largest.max(position.held.abs());
        if position.held == 0.0 {
            position.largest = 0.0;
            self.opinion.trades.push(trade);
        } else {
            position.trade = Some(trade);
        }
    }
}

/// Of orders in order of writing, the first that is as large as any, to 1e-12.
fn earliest_of_the_largest<'t>(orders: &[(f64, &'t Ticket)]) -> Option<&'t Ticket> {
    let as_large = |size: f64| orders.iter().all(|(other, _)| size >= other - 1e-12 * other);
    orders.iter().find(|(size, _)| as_large(*size)).map(|(_, ticket)| *ticket)
}

fn add(sum: &mut Charged, more: &Charged, share: f64) {
    sum.commission += share * more.commission;
    sum.slippage += share * more.slippage;
    sum.spread += share * more.spread;
    sum.impact += share * more.impact;
    sum.borrow += share * more.borrow;
    sum.financing += share * more.financing;
    sum.dividend += share * more.dividend;
    sum.funding += share * more.funding;
}

/// Decisions and the caps of leverage.
impl Slow<'_> {
    fn decide(&mut self, row: usize) {
        let equity = self.equity();
        let mut decision = Vec::new();
        for (_, lines) in self.case.script.iter().filter(|(at, _)| *at == row) {
            for line in lines {
                match line {
                    Line::Together(legs, group) => {
                        let mut ticket = Ticket::together(legs, *group, "enter", row);
                        ticket.legs.retain(|(_, quantity)| *quantity != 0.0);
                        if !ticket.legs.is_empty() {
                            decision.extend(self.screen(ticket, row));
                        }
                    }
                    Line::Each(leg, quantity, group) => {
                        self.alone(&mut decision, *leg, *quantity, *group, row);
                    }
                    Line::Weights(weights) => {
                        for (leg, weight) in weights.iter().enumerate() {
                            let (held, mark) = (self.legs[leg].held, self.legs[leg].mark);
                            if has(mark) {
                                let change = weight * equity / mark - held;
                                self.alone(&mut decision, leg, change, 0, row);
                            }
                        }
                    }
                }
            }
        }
        let limits = &self.case.options.limits;
        if limits.gross_leverage_cap.is_some() || limits.net_leverage_cap.is_some() {
            self.cap(&mut decision, equity);
        }
        self.waiting.append(&mut decision);
    }

    /// An order alone takes the place of one of its leg that still waits.
    fn alone(
        &mut self,
        decision: &mut Vec<Ticket>,
        leg: usize,
        quantity: f64,
        group: u32,
        row: usize,
    ) {
        let ticket = Ticket::alone(leg, quantity, group, "rebalance", row);
        self.waiting.retain(|earlier| earlier.by_rule || !earlier.is_alone_of(leg));
        decision.retain(|earlier| !earlier.is_alone_of(leg));
        if quantity != 0.0 {
            decision.extend(self.screen(ticket, row));
        }
    }

    /// Scales what a decision adds.
    fn cap(&mut self, decision: &mut Vec<Ticket>, equity: f64) {
        let legs = self.legs.len();
        let mut base: Vec<f64> = self.legs.iter().map(|leg| leg.held).collect();
        for ticket in &self.waiting {
            for (leg, quantity) in &ticket.legs {
                base[*leg] += quantity;
            }
        }
        let mut scaled = vec![0.0; legs];
        for ticket in decision.iter().filter(|ticket| !ticket.alone) {
            for (leg, quantity) in &ticket.legs {
                match self.scales.get(&ticket.group) {
                    Some(scale) => base[*leg] += scale * quantity,
                    None => scaled[*leg] += quantity,
                }
            }
        }
        // What an order alone enlarges or reduces.
        let positions = base.clone();
        for ticket in decision.iter().filter(|ticket| ticket.alone) {
            let (leg, quantity) = ticket.legs[0];
            let reduction = reduces(positions[leg], quantity);
            base[leg] += reduction;
            scaled[leg] += quantity - reduction;
        }
        let scale = self.largest_scale(&base, &scaled, equity);
        for ticket in decision.iter_mut() {
            let of_ticket = if ticket.alone {
                scale
            } else {
                *self.scales.entry(ticket.group).or_insert(scale)
            };
            for (leg, quantity) in &mut ticket.legs {
                let keeps = if ticket.alone { reduces(positions[*leg], *quantity) } else { 0.0 };
                let left = keeps + of_ticket * (*quantity - keeps);
                let none = ticket.alone && left.abs() <= 1e-12 * quantity.abs();
                *quantity = if none { 0.0 } else { left };
            }
            ticket.legs.retain(|(_, quantity)| *quantity != 0.0);
        }
        decision.retain(|ticket| !ticket.legs.is_empty());
    }

    /// The largest `s` in `[0, 1]` that both caps allow, 0 if there is none: each cap allows an
    /// interval, since what it caps is convex in `s`.
    fn largest_scale(&self, base: &[f64], scaled: &[f64], equity: f64) -> f64 {
        let marks: Vec<f64> =
            self.legs.iter().map(|leg| if has(leg.mark) { leg.mark } else { 0.0 }).collect();
        let gross = |s: f64| {
            let mut sum = 0.0;
            for leg in 0..marks.len() {
                sum += (base[leg] + s * scaled[leg]).abs() * marks[leg];
            }
            sum
        };
        let net = |s: f64| {
            let mut sum = 0.0;
            for leg in 0..marks.len() {
                sum += (base[leg] + s * scaled[leg]) * marks[leg];
            }
            sum.abs()
        };
        let limits = &self.case.options.limits;
        let gross_cap = limits.gross_leverage_cap.map_or(f64::INFINITY, |cap| cap * equity);
        let net_cap = limits.net_leverage_cap.map_or(f64::INFINITY, |cap| cap * equity);
        let mut added = 0.0;
        for leg in 0..marks.len() {
            added += scaled[leg].abs() * marks[leg];
        }
        let rounding = 1e-12 * (equity + gross(0.0) + added);
        // Between these points both are straight lines.
        let mut bends = vec![0.0, 1.0];
        for leg in 0..marks.len() {
            bends.push(-base[leg] / scaled[leg]);
        }
        let (at_zero, at_one) = (signed_net(base, &marks), signed_net(scaled, &marks));
        bends.push(-at_zero / at_one);
        bends.retain(|bend| (0.0..=1.0).contains(bend));
        bends.sort_by(f64::total_cmp);
        let mut largest = None;
        for piece in bends.windows(2) {
            let (low, high) = (piece[0], piece[1]);
            let by_gross = room(low, high, gross(low), gross(high), gross_cap, rounding);
            let by_net = room(low, high, net(low), net(high), net_cap, rounding);
            let (from, to) = (by_gross.0.max(by_net.0), by_gross.1.min(by_net.1));
            if from <= to {
                largest = Some(to);
            }
        }
        match largest {
            Some(s) if s == 1.0 || s * added > rounding => s,
            _ => 0.0,
        }
    }
}

/// The part of an order alone that makes the position smaller.
fn reduces(held: f64, quantity: f64) -> f64 {
    if held * quantity >= 0.0 {
        0.0
    } else if quantity.abs() <= held.abs() {
        quantity
    } else {
        -held
    }
}

fn signed_net(quantities: &[f64], marks: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (quantity, mark) in quantities.iter().zip(marks) {
        sum += quantity * mark;
    }
    sum
}

/// Where between `low` and `high` the straight line from `at_low` to `at_high` is at most `cap`, which
/// an end is also within `rounding` above it; an interval whose end is before its beginning if nowhere.
fn room(low: f64, high: f64, at_low: f64, at_high: f64, cap: f64, rounding: f64) -> (f64, f64) {
    let crossing = low + (high - low) * ((cap - at_low) / (at_high - at_low));
    match (at_low <= cap + rounding, at_high <= cap + rounding) {
        (true, true) => (low, high),
        (true, false) => (low, crossing.max(low)),
        (false, true) => (crossing.min(high), high),
        (false, false) => (1.0, 0.0),
    }
}

/// Rules.
impl Slow<'_> {
    /// A group has what its tickets asked for from the row in which they are due.
    fn enter_group(&mut self, ticket: &Ticket, row: usize) {
        let raws: Vec<f64> = ticket.legs.iter().map(|(leg, _)| self.raw(*leg, row)).collect();
        let group = self.groups.entry(ticket.group).or_default();
        if group.is_flat() {
            (group.opened, group.set) = (row, BTreeSet::new());
        }
        for ((leg, quantity), raw) in ticket.legs.iter().zip(raws) {
            group.set.insert(*leg);
            group.legs.entry(*leg).or_default().take(*quantity, raw);
        }
        self.settle_group(ticket.group, row);
    }

    /// A position is closed once nothing waits of the ticket by which a rule closes it.
    fn settle_legs(&mut self, row: usize) {
        for leg in 0..self.legs.len() {
            let of_leg = |ticket: &Ticket| ticket.by_rule && ticket.of_group.is_none();
            let waits = self.waiting.iter().any(|ticket| of_leg(ticket) && ticket.is_alone_of(leg));
            if self.legs[leg].closing && !waits {
                self.legs[leg].closing = false;
                self.closed_legs.insert(leg, row);
            }
        }
    }

    /// A group that a rule was closing and that has nothing left is over.
    fn settle_group(&mut self, number: u32, row: usize) {
        let Some(group) = self.groups.get_mut(&number) else { return };
        if group.closing && group.is_flat() {
            group.closing = false;
            self.dropped.insert(number);
            self.closed_sets.insert(group.set.clone(), row);
        }
    }

    /// A delisted leg leaves its groups; a closing group closes its other legs by a new ticket.
    fn groups_lose(&mut self, leg: usize, row: usize) -> Vec<Ticket> {
        let mut new = Vec::new();
        let numbers: Vec<u32> = self.groups.keys().copied().collect();
        for number in numbers {
            let group = self.groups.get_mut(&number).expect("a known group");
            if !group.has(leg) {
                continue;
            }
            group.legs.remove(&leg);
            if group.closing && !group.is_flat() {
                let legs = closing_legs(group);
                let ticket = Ticket::together(&legs, number, "delisted", row);
                new.push(Ticket { decided: false, by_rule: true, ..ticket });
            }
            self.settle_group(number, row);
        }
        new
    }

    fn is_of_a_group(&self, leg: usize) -> bool {
        self.groups.values().any(|group| group.has(leg))
    }

    fn has_range(&self, leg: usize, row: usize) -> bool {
        [Field::Open, Field::High, Field::Low, Field::Close]
            .iter()
            .all(|field| has(self.field(leg, row, *field)))
    }

    fn rules_within_the_bar(&mut self, row: usize) {
        for leg in 0..self.legs.len() {
            let held = self.legs[leg].held;
            if held == 0.0 || self.is_of_a_group(leg) || !self.has_range(leg, row) {
                continue;
            }
            self.legs[leg].judged = Some(row);
            let Some((raw, reason)) = self.exit_within_the_bar(leg, row) else { continue };
            self.trade(leg, row, -held, raw, self.undecided(leg, row, reason), true);
            self.waiting.retain(|ticket| !ticket.is_alone_of(leg));
            self.legs[leg].closing = true;
            self.settle_legs(row);
        }
    }

    /// Price and reason at which four prices close a position.
    fn exit_within_the_bar(&self, leg: usize, row: usize) -> Option<(f64, &'static str)> {
        let rules = &self.case.options.rules;
        let entry = self.legs[leg].entered.price();
        let at = |field| self.field(leg, row, field);
        let (open, high, low) = (at(Field::Open), at(Field::High), at(Field::Low));
        let long = self.legs[leg].held > 0.0;
        if let Some(share) = rules.stop_loss {
            let stop = if long { entry * (1.0 - share) } else { entry * (1.0 + share) };
            if if long { open <= stop } else { open >= stop } {
                return Some((open, "stop_loss"));
            }
            if if long { low <= stop } else { high >= stop } {
                return Some((stop, "stop_loss"));
            }
        }
        let share = rules.take_profit?;
        let target = if long { entry * (1.0 + share) } else { entry * (1.0 - share) };
        let beyond = if long { high > target } else { low < target };
        beyond.then_some((target, "take_profit"))
    }

    /// The drawdown rule is done in the row at whose close nothing is held.
    fn end_of_drawdown(&mut self, row: usize) {
        let nothing = self.legs.iter().all(|leg| leg.held == 0.0)
            && self.groups.values().all(Group::is_flat)
            && !self.waiting.iter().any(|ticket| ticket.by_rule);
        if self.breaking && nothing {
            self.breaking = false;
            self.closed_all = Some(row);
            self.highest = self.equity();
        }
    }

    fn rules_at_the_close(&mut self, row: usize) {
        let rules = self.case.options.rules;
        let equity = self.equity();
        self.highest = self.highest.max(equity);
        let falls = |share: f64| equity <= self.highest * (1.0 - share);
        if !self.breaking && rules.max_drawdown.is_some_and(falls) {
            self.breaking = true;
            let waiting = std::mem::take(&mut self.waiting);
            for ticket in waiting {
                let of_held = |group: u32| self.groups.get(&group).is_some_and(|g| !g.is_flat());
                let held = ticket.of_group.is_some_and(of_held);
                if ticket.by_rule || ticket.rest && held {
                    self.waiting.push(ticket);
                } else if !held {
                    self.dropped.extend(ticket.of_group);
                }
            }
            self.end_of_drawdown(row);
        }
        for leg in 0..self.legs.len() {
            let is_unit = self.legs[leg].held != 0.0 && !self.is_of_a_group(leg);
            if is_unit
                && !self.legs[leg].closing
                && let Some(reason) = self.exit_of_leg(leg, row)
            {
                self.waiting.retain(|ticket| !ticket.is_alone_of(leg));
                let ticket = Ticket::alone(leg, -self.legs[leg].held, 0, reason, row);
                self.waiting.push(Ticket { by_rule: true, ..ticket });
                self.legs[leg].closing = true;
            }
        }
        let numbers: Vec<u32> = self.groups.keys().copied().collect();
        for number in numbers {
            let group = &self.groups[&number];
            if !group.is_flat()
                && !group.closing
                && let Some(reason) = self.exit_of_group(group, row)
            {
                let legs = closing_legs(group);
                self.waiting.retain(|ticket| ticket.alone || ticket.group != number);
                let ticket = Ticket::together(&legs, number, reason, row);
                self.waiting.push(Ticket { by_rule: true, ..ticket });
                self.groups.get_mut(&number).expect("a known group").closing = true;
            }
        }
    }

    fn exit_of_leg(&self, leg: usize, row: usize) -> Option<&'static str> {
        let position = &self.legs[leg];
        let told = position.judged == Some(row);
        let compares = !told && has(self.field(leg, row, Field::Close));
        let opened = position.trade.as_ref().expect("a trade while held").entered;
        let value = position.held.abs() * position.entered.price();
        let gain = position.held * (position.mark - position.entered.price());
        self.first_reason(compares, gain, value, opened, row)
    }

    fn exit_of_group(&self, group: &Group, row: usize) -> Option<&'static str> {
        let (mut gain, mut value) = (0.0, 0.0);
        for (leg, entered) in group.legs.iter().filter(|(_, entered)| entered.held != 0.0) {
            gain += entered.held * (self.legs[*leg].mark - entered.price());
            value += entered.held.abs() * entered.price();
        }
        self.first_reason(true, gain, value, group.opened, row)
    }

    /// The first rule that closes a unit at this close.
    fn first_reason(
        &self,
        compares: bool,
        gain: f64,
        value: f64,
        opened: usize,
        row: usize,
    ) -> Option<&'static str> {
        let rules = &self.case.options.rules;
        let same_close = usize::from(self.case.options.fill == FillRule::SameClose);
        let held_for = |bars: u32| row + 1 >= opened + bars as usize + same_close;
        if self.breaking {
            Some("max_drawdown")
        } else if compares && rules.stop_loss.is_some_and(|share| gain <= -share * value) {
            Some("stop_loss")
        } else if rules.time_stop_bars.is_some_and(held_for) {
            Some("time_stop")
        } else if compares && rules.take_profit.is_some_and(|share| gain >= share * value) {
            Some("take_profit")
        } else {
            None
        }
    }

    /// An order of the strategy, if the rules let it pass.
    fn screen(&mut self, mut ticket: Ticket, row: usize) -> Option<Ticket> {
        if ticket.alone {
            let (leg, quantity) = ticket.legs[0];
            let enlarges = reduces(self.legs[leg].held, quantity) != quantity;
            let rests = self.rests(self.closed_legs.get(&leg).copied(), row);
            let out = self.breaking || self.legs[leg].closing || enlarges && rests;
            return (!out).then_some(ticket);
        }
        let (set, number) = (ticket.set_of_legs(), ticket.group);
        ticket.first = self.known.insert(number);
        if self.dropped.contains(&number) {
            return None;
        }
        let held = self.groups.get(&number).filter(|group| !group.is_flat());
        let waits = self.waiting.iter().any(|earlier| earlier.of_group == Some(number));
        let opens = held.is_none() && !waits;
        let is_closing = |group: &Group| group.closing && group.set == set;
        let out = self.breaking
            || held.is_some_and(|group| group.closing)
            || opens && self.groups.values().any(is_closing)
            || opens && self.rests(self.closed_sets.get(&set).copied(), row);
        if opens && out {
            self.dropped.insert(number);
        }
        (!out).then_some(ticket)
    }

    /// True if what was closed in that row, or everything, must wait before it is entered again.
    fn rests(&self, closed: Option<usize>, row: usize) -> bool {
        let closed = closed.max(self.closed_all);
        closed.is_some_and(|closed| match self.case.options.rules.reentry {
            Reentry::Signal => false,
            Reentry::Never => true,
            Reentry::Bars(bars) => row < closed + bars as usize,
        })
    }
}

fn closing_legs(group: &Group) -> Vec<(usize, f64)> {
    let held = group.legs.iter().filter(|(_, entered)| entered.held != 0.0);
    held.map(|(leg, entered)| (*leg, -entered.held)).collect()
}
