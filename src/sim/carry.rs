//! What time costs: borrow, financing, dividends and funding, at the beginning of a row.

use super::{
    Borrow, Costs, Dividend, Financing, Funding, cost::years, ledger::Ledger, leg::Leg,
    marking::Track,
};
use crate::domain::EventKind;

/// An event of a leg that is due in a job row.
#[derive(Debug, Clone, Copy)]
struct Due {
    job_row: usize,
    kind: EventKind,
    leg: u16,
    value: f64,
    /// Units of the day per unit, at the time of the event.
    split_factor: f64,
}

/// The kinds that become due, in the order in which they do within a row. A borrow rate holds from
/// the row it is known in, so it comes last: the row's own time is charged at the rate before.
const ORDER: [EventKind; 3] = [EventKind::Dividend, EventKind::Funding, EventKind::Borrow];

/// The carrying costs of a job.
#[derive(Debug)]
pub(super) struct Carry {
    /// Borrow rate per leg, as it stands.
    borrow: Vec<Borrow>,
    financing: Financing,
    /// Events in the order in which they become due.
    due: Vec<Due>,
    /// The first that has not been dealt with.
    next: usize,
    /// False if time costs nothing in this job.
    active: bool,
}

impl Carry {
    /// The carrying costs of a job on the panel rows `rows`, which open at `ts`.
    pub(super) fn new(costs: &Costs, legs: &[Leg<'_>], rows: &[u32], ts: &[i64]) -> Self {
        let mut borrow: Vec<Borrow> = legs.iter().map(|leg| leg.costs.borrow).collect();
        let mut due = Vec::new();
        let first = rows.first().map(|&row| ts[row as usize]);
        for ((leg, number), rate) in legs.iter().zip(0..).zip(&mut borrow) {
            let (Some(events), Some(first)) = (leg.events, first) else { continue };
            for kind in ORDER {
                let of_kind = events.of(kind);
                let known = of_kind.partition_point(|(moment, _)| *moment <= first);
                if let (EventKind::Borrow, Some((_, bps))) = (kind, of_kind[..known].last()) {
                    *rate = Borrow::of_bps(*bps);
                }
                for &(moment, value) in &of_kind[known..] {
                    let job_row = rows.partition_point(|&row| ts[row as usize] < moment);
                    let split_factor = leg.split_factor(moment);
                    due.push(Due { job_row, kind, leg: number, value, split_factor });
                }
            }
        }
        let place = |kind| ORDER.iter().position(|other| *other == kind);
        due.sort_by_key(|event| (event.job_row, place(event.kind)));
        let financing = Financing::of_bps(costs.financing_bps);
        let charged = borrow.iter().any(|rate| rate.0 != 0.0) || financing.0 != 0.0;
        let active = charged || !due.is_empty();
        Self { borrow, financing, due, next: 0, active }
    }

    /// True if time costs anything in this job.
    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    /// The row's time and the events due in it. Rows in which nothing was held may be left out.
    fn accrue(&mut self, ledger: &mut Ledger<'_>, track: &Track<'_>, job_row: usize) {
        while self.due.get(self.next).is_some_and(|event| event.job_row < job_row) {
            self.pass();
        }
        if job_row > 0 {
            let years = years(track.moment(job_row) - track.moment(job_row - 1));
            ledger.accrue_borrow(&self.borrow, years);
            ledger.finance(self.financing, years);
        }
        while let Some(&event) = self.due.get(self.next).filter(|event| event.job_row == job_row) {
            match event.kind {
                EventKind::Dividend => {
                    ledger.pay_dividend(event.leg, Dividend(event.value), event.split_factor);
                }
                EventKind::Funding => ledger.pay_funding(event.leg, Funding(event.value)),
                EventKind::Borrow | EventKind::Split => {}
            }
            self.pass();
        }
    }

    /// Leaves an event behind; a borrow rate holds from then on.
    fn pass(&mut self) {
        let event = self.due[self.next];
        if event.kind == EventKind::Borrow {
            self.borrow[usize::from(event.leg)] = Borrow::of_bps(event.value);
        }
        self.next += 1;
    }
}

impl Track<'_> {
    /// Charges what the time since the previous job row costs, and the events due in this one.
    #[inline]
    pub(super) fn accrue(&self, carry: &mut Carry, ledger: &mut Ledger<'_>, job_row: usize) {
        if carry.is_active() {
            carry.accrue(ledger, self, job_row);
        }
    }
}
