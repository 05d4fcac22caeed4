//! A second, slow ledger, written from `docs/simulation.md` and not from the engine.
//!
//! It walks the rows one by one and asks every question of the text in every row: of each waiting
//! ticket whether its legs have bars now, of each leg what is due to it. Nothing is remembered that
//! can be asked again. It decides nothing for speed and shares no code with the engine: what both
//! say of a case has been said twice.

#![allow(clippy::cast_possible_truncation, reason = "rows and legs of small cases")]

use std::collections::BTreeMap;

use barline::{
    domain::{EventKind, Field},
    sim::{FillRule, InstrumentTerms},
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
    alone: bool,
    /// Written at the close of `since` by a decision: with `same-close` it fills there.
    decided: bool,
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
}

struct Slow<'a> {
    case: &'a Case,
    cash: f64,
    legs: Vec<Position>,
    waiting: Vec<Ticket>,
    scales: BTreeMap<u32, f64>,
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
        self.fill(row, false);
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
        self.decide(row);
        if self.case.options.fill == FillRule::SameClose {
            self.fill(row, true);
            self.delist(row);
            self.judge_equity(row);
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
            let limit = self.case.options.max_stale_bars;
            if self.legs[leg].held != 0.0 && self.legs[leg].stale > limit {
                self.sell(leg, row, "delisted", true);
                if self.case.on_delisted != 0.0 {
                    let other = (leg + 1) % self.legs.len();
                    let scale = self.scales.get(&9).copied().unwrap_or(1.0);
                    self.waiting.push(Ticket {
                        legs: vec![(other, scale * self.case.on_delisted)],
                        group: 9,
                        reason: "delisted",
                        since: row,
                        alone: false,
                        decided: false,
                    });
                }
                self.waiting.retain(|ticket| ticket.legs.iter().all(|(other, _)| *other != leg));
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
        for leg in 0..self.legs.len() {
            let mut orders = Vec::new();
            for ticket in &due {
                for (of, quantity) in &ticket.legs {
                    if *of == leg {
                        orders.push((*quantity, ticket.group, ticket.reason));
                    }
                }
            }
            self.fill_leg(leg, row, &orders);
        }
    }

    fn fill_leg(&mut self, leg: usize, row: usize, orders: &[(f64, u32, &'static str)]) {
        let mut net = 0.0;
        for (quantity, _, _) in orders {
            net += quantity;
        }
        if net == 0.0 {
            return;
        }
        let (mut size, mut group, mut reason) = (0.0, 0, "");
        for (quantity, of, why) in orders {
            if quantity * net > 0.0 && quantity.abs() > size {
                (size, group, reason) = (quantity.abs(), *of, *why);
            }
        }
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
        if let Some(cap) = self.case.options.limits.volume_cap {
            let volume = self.field(leg, row, Field::Volume);
            let most = if has(volume) { cap * volume } else { 0.0 };
            if quantity.abs() > most {
                quantity = closing(in_lots(most).copysign(quantity));
                self.waiting.push(Ticket {
                    legs: vec![(leg, net - quantity)],
                    group,
                    reason,
                    since: row,
                    alone: true,
                    decided: false,
                });
            }
        }
        if quantity != 0.0 {
            self.trade(leg, row, quantity, self.raw(leg, row), (group, reason), true);
        }
    }

    fn sell(&mut self, leg: usize, row: usize, reason: &'static str, costs: bool) {
        let Position { held, mark, .. } = self.legs[leg];
        if held != 0.0 {
            let group = self.legs[leg].trade.as_ref().expect("a trade while held").group;
            self.trade(leg, row, -held, mark, (group, reason), costs);
        }
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
        let least = own.commission_minimum.unwrap_or(costs.commission_minimum);
        let commission =
            (costs.commission_bps * 1e-4 * size * price + per_unit * size * factor).max(least);
        let charged = Charged {
            commission,
            slippage: size * raw * slippage + size * by_tick,
            spread: size * raw * spread,
            impact: size * raw * impact,
            ..Charged::default()
        };
        (price, charged)
    }

    fn trade(
        &mut self,
        leg: usize,
        row: usize,
        quantity: f64,
        raw: f64,
        (group, reason): (u32, &'static str),
        costs: bool,
    ) {
        let (price, charged) =
            if costs { self.price(leg, row, quantity, raw) } else { (raw, Charged::default()) };
        self.cash -= quantity * price;
        self.cash -= charged.commission;
        add(&mut self.row_charges, &charged, 1.0);
        self.opinion.fills.push(Filled { row, leg, quantity, price, charged, reason });
        let held = self.legs[leg].held;
        let after = held + quantity;
        if held * after < 0.0 {
            let share = held.abs() / quantity.abs();
            self.book(leg, row, -held, price, (charged, share), (group, reason));
            self.book(leg, row, after, price, (charged, 1.0 - share), (group, reason));
        } else {
            self.book(leg, row, quantity, price, (charged, 1.0), (group, reason));
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
            self.opinion.trades.push(trade);
        } else {
            position.trade = Some(trade);
        }
    }
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
                    Line::Together(legs, group) => decision.push(Ticket {
                        legs: legs.clone(),
                        group: *group,
                        reason: "enter",
                        since: row,
                        alone: false,
                        decided: true,
                    }),
                    Line::Each(leg, quantity, group) => {
                        self.alone(&mut decision, *leg, *quantity, *group, row);
                    }
                    Line::Weights(weights) => {
                        for (leg, weight) in weights.iter().enumerate() {
                            let Position { held, mark, .. } = self.legs[leg];
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
        self.waiting.retain(|ticket| !(ticket.alone && ticket.legs[0].0 == leg));
        decision.retain(|ticket| !(ticket.alone && ticket.legs[0].0 == leg));
        let legs = vec![(leg, quantity)];
        decision.push(Ticket {
            legs,
            group,
            reason: "rebalance",
            since: row,
            alone: true,
            decided: true,
        });
    }

    /// Scales what a decision adds.
    fn cap(&mut self, decision: &mut [Ticket], equity: f64) {
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
                *quantity = keeps + of_ticket * (*quantity - keeps);
            }
        }
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
        // Between these points both are straight lines.
        let mut bends = vec![0.0, 1.0];
        for leg in 0..marks.len() {
            bends.push(-base[leg] / scaled[leg]);
        }
        let (at_zero, at_one) = (signed_net(base, &marks), signed_net(scaled, &marks));
        bends.push(-at_zero / at_one);
        bends.retain(|bend| (0.0..=1.0).contains(bend));
        bends.sort_by(f64::total_cmp);
        let allowed = |s: f64| gross(s) <= gross_cap && net(s) <= net_cap;
        for piece in (0..bends.len()).rev() {
            if allowed(bends[piece]) {
                return bends[piece];
            }
            if piece == 0 {
                break;
            }
            let (low, high) = (bends[piece - 1], bends[piece]);
            let from_gross = room(low, high, gross(low), gross(high), gross_cap);
            let from_net = room(low, high, net(low), net(high), net_cap);
            let (from, to) = (from_gross.0.max(from_net.0), from_gross.1.min(from_net.1));
            if from <= to {
                return to;
            }
        }
        0.0
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

/// Where between `low` and `high` the straight line from `at_low` to `at_high` is at most `cap`;
/// an interval whose end is before its beginning if nowhere.
fn room(low: f64, high: f64, at_low: f64, at_high: f64, cap: f64) -> (f64, f64) {
    let crossing = low + (high - low) * ((cap - at_low) / (at_high - at_low));
    match (at_low <= cap, at_high <= cap) {
        (true, true) => (low, high),
        (true, false) => (low, crossing),
        (false, true) => (crossing, high),
        (false, false) => (high, low),
    }
}
