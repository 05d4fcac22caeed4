//! A second, slow ledger written from the design's words alone, and the fast one held to it.
//!
//! It looks at every row and every leg, keeps nothing but a list of waiting tickets and one number
//! per leg, and asks of each ticket in each row whether its legs have bars now.

use barline::sim::FillRule;
use proptest::prelude::*;

use crate::scripted::{Case, Line, Spice, random_case};

#[derive(Debug, Clone)]
struct Waiting {
    legs: Vec<(usize, f64)>,
    since: usize,
    replaceable: bool,
    /// Written by a decision; what a delisting brings about waits for the next row.
    decided: bool,
}

/// What the slow ledger says happened.
#[derive(Debug, Default)]
struct Opinion {
    equity: Vec<f64>,
    /// Job row, leg, quantity, price.
    fills: Vec<(usize, usize, f64, f64)>,
    exposed: u64,
    ruined: Option<usize>,
}

#[derive(Debug)]
struct Slow<'a> {
    case: &'a Case,
    cash: f64,
    quantity: Vec<f64>,
    mark: Vec<f64>,
    silent: Vec<u32>,
    waiting: Vec<Waiting>,
    opinion: Opinion,
}

fn second_opinion(case: &Case) -> Opinion {
    let legs = case.assets.len();
    let mut slow = Slow {
        case,
        cash: case.options.capital,
        quantity: vec![0.0; legs],
        mark: vec![f64::NAN; legs],
        silent: vec![0; legs],
        waiting: Vec::new(),
        opinion: Opinion::default(),
    };
    for row in 0..case.rows.len() {
        slow.row(row);
    }
    slow.opinion
}

impl Slow<'_> {
    fn row(&mut self, row: usize) {
        let last = row + 1 == self.case.rows.len();
        if self.opinion.ruined.is_some() {
            self.opinion.equity.push(self.cash);
            return;
        }
        self.borrow(row);
        self.fill(row, false);
        for leg in 0..self.mark.len() {
            let close = self.case.prices(leg, row).1;
            self.silent[leg] = if close.is_nan() { self.silent[leg] + 1 } else { 0 };
            if !close.is_nan() {
                self.mark[leg] = close;
            }
        }
        if last {
            (0..self.mark.len()).for_each(|leg| self.close(leg, row, true));
        } else {
            self.delist(row);
        }
        self.ruin(row);
        if !last && self.opinion.ruined.is_none() {
            self.decide(row);
            if self.case.options.fill == FillRule::SameClose {
                self.fill(row, true);
                self.ruin(row);
            }
        }
        self.opinion.exposed += u64::from(self.quantity.iter().any(|quantity| *quantity != 0.0));
        self.opinion.equity.push(self.equity());
    }

    fn equity(&self) -> f64 {
        let held = (0..self.mark.len()).filter(|&leg| self.quantity[leg] != 0.0);
        self.cash + held.map(|leg| self.quantity[leg] * self.mark[leg]).sum::<f64>()
    }

    fn borrow(&mut self, row: usize) {
        for leg in 0..self.mark.len() {
            if row > 0 && self.quantity[leg] < 0.0 {
                let years = (self.case.ts(row) - self.case.ts(row - 1)) as f64 / 31_536e9;
                let notional = -self.quantity[leg] * self.mark[leg];
                self.cash -= notional * self.case.options.costs.borrow_bps / 10_000.0 * years;
            }
        }
    }

    fn trade(&mut self, leg: usize, quantity: f64, raw: f64, row: usize, costs: bool) {
        let options = &self.case.options;
        let slip = if costs { options.costs.slippage_bps / 10_000.0 } else { 0.0 };
        let rate = if costs { options.costs.commission_bps / 10_000.0 } else { 0.0 };
        let price = raw * (1.0 + slip * quantity.signum());
        self.cash -= quantity * price + rate * quantity.abs() * price;
        self.quantity[leg] += quantity;
        if self.quantity[leg].abs() < 1e-9 {
            self.quantity[leg] = 0.0;
        }
        self.opinion.fills.push((row, leg, quantity, price));
    }

    fn close(&mut self, leg: usize, row: usize, costs: bool) {
        if self.quantity[leg] != 0.0 {
            self.trade(leg, -self.quantity[leg], self.mark[leg], row, costs);
        }
    }

    /// Fills what can be filled in this row; `now` at its own close, right after deciding.
    fn fill(&mut self, row: usize, now: bool) {
        let rule = self.case.options.fill;
        let price = |leg: usize| {
            let (open, close) = self.case.prices(leg, row);
            let raw = if rule == FillRule::NextOpen { open } else { close };
            if close.is_nan() { close } else { raw }
        };
        let ready = |ticket: &Waiting| {
            let early =
                if now { ticket.since == row && ticket.decided } else { ticket.since < row };
            early && ticket.legs.iter().all(|(leg, _)| !price(*leg).is_nan())
        };
        let mut net = vec![0.0; self.mark.len()];
        for ticket in self.waiting.iter().filter(|ticket| ready(ticket)) {
            for (leg, quantity) in &ticket.legs {
                net[*leg] += quantity;
            }
        }
        let prices: Vec<f64> = (0..net.len()).map(price).collect();
        let left = self.waiting.iter().filter(|ticket| !ready(ticket)).cloned().collect();
        self.waiting = left;
        for (leg, quantity) in net.into_iter().enumerate() {
            if quantity != 0.0 {
                self.trade(leg, quantity, prices[leg], row, true);
                if now {
                    self.mark[leg] = prices[leg];
                }
            }
        }
    }

    fn delist(&mut self, row: usize) {
        for leg in 0..self.mark.len() {
            let limit = self.case.options.max_stale_bars;
            if self.quantity[leg] != 0.0 && self.silent[leg] > limit {
                self.close(leg, row, true);
                let others = self.case.assets.len();
                if self.case.on_delisted != 0.0 {
                    let legs = vec![((leg + 1) % others, self.case.on_delisted)];
                    self.waiting.push(Waiting {
                        legs,
                        since: row,
                        replaceable: false,
                        decided: false,
                    });
                }
                self.waiting.retain(|ticket| ticket.legs.iter().all(|(other, _)| *other != leg));
            }
        }
    }

    fn ruin(&mut self, row: usize) {
        if self.equity() <= 0.0 {
            (0..self.mark.len()).for_each(|leg| self.close(leg, row, false));
            self.opinion.ruined = Some(row);
        }
    }

    fn decide(&mut self, row: usize) {
        let equity = self.equity();
        let lines = self.case.script.iter().filter(|(at, _)| *at == row).flat_map(|(_, l)| l);
        for line in lines {
            match line {
                Line::Together(legs, _) => {
                    self.waiting.push(Waiting {
                        legs: legs.clone(),
                        since: row,
                        replaceable: false,
                        decided: true,
                    });
                }
                Line::Each(leg, quantity, _) => self.replace(*leg, *quantity, row),
                Line::Weights(weights) => {
                    for (leg, weight) in weights.iter().enumerate() {
                        if !self.mark[leg].is_nan() {
                            let target = weight * equity / self.mark[leg];
                            self.replace(leg, target - self.quantity[leg], row);
                        }
                    }
                }
            }
        }
    }

    fn replace(&mut self, leg: usize, quantity: f64, row: usize) {
        self.waiting.retain(|ticket| !(ticket.replaceable && ticket.legs[0].0 == leg));
        let legs = vec![(leg, quantity)];
        self.waiting.push(Waiting { legs, since: row, replaceable: true, decided: true });
    }
}

fn agree(case: &Case) -> Result<(), TestCaseError> {
    let fast = case.simulate();
    let slow = second_opinion(case);
    let near = |a: f64, b: f64, scale: f64| (a - b).abs() <= 1e-9 * scale;
    let scale = case.options.capital + fast.traded_notional;
    for (row, (a, b)) in fast.equity.iter().zip(&slow.equity).enumerate() {
        prop_assert!(near(*a, *b, scale), "row {row}: equity {a} against {b}");
    }
    prop_assert_eq!(fast.ruined_at, slow.ruined.map(|row| case.rows[row] as usize));
    prop_assert_eq!(fast.exposed_rows, slow.exposed);
    prop_assert_eq!(fast.fills.len(), slow.fills.len());
    for (fill, (row, leg, quantity, price)) in fast.fills.iter().zip(&slow.fills) {
        prop_assert_eq!((fill.row, usize::from(fill.leg)), (case.rows[*row], *leg));
        prop_assert!(near(fill.quantity, *quantity, 100.0 + quantity.abs()));
        prop_assert!(near(fill.price, *price, *price));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_two_ledgers_agree_on_calm_markets(seed in any::<u64>()) {
        agree(&random_case(seed, Spice::MILD))?;
    }

    #[test]
    fn law_two_ledgers_agree_on_wild_markets(seed in any::<u64>()) {
        agree(&random_case(seed, Spice::WILD))?;
    }
}
