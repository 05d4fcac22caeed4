//! The decider of every rule: watches each bar once, trades when the stance changes.

use super::{Exposure, Rule, Stance, WatchedBar};
use crate::{
    domain::{Field, PanelView},
    sim::{Account, Decider, Tickets, Wake},
};

/// Reasons written on fills.
const ENTER: &str = "enter";
const EXIT: &str = "exit";
const REVERSE: &str = "reverse";

/// A rule on one instrument.
#[derive(Debug)]
pub(super) struct SingleDecider<R> {
    rule: R,
    fields: &'static [Field],
    exposure: Exposure,
    /// The first row that was not watched yet.
    next_row: usize,
    held: Stance,
    /// Positions opened.
    opened: u32,
}

impl<R: Rule> SingleDecider<R> {
    /// A decider that watches from panel row `first_row` on.
    pub(super) fn new(
        rule: R,
        fields: &'static [Field],
        exposure: Exposure,
        first_row: usize,
    ) -> Self {
        Self { rule, fields, exposure, next_row: first_row, held: Stance::Flat, opened: 0 }
    }

    /// Watches the rows up to the last of the view. True if that one had a bar for the rule.
    fn watch(&mut self, view: &PanelView<'_>) -> bool {
        let mut watched = false;
        for row in self.next_row..view.ts().len() {
            let bar = WatchedBar::at(view, row, self.fields);
            watched = bar.is_some();
            if let Some(bar) = bar {
                self.rule.watch(&bar);
            }
        }
        self.next_row = view.ts().len();
        watched
    }

    fn turn_to(&mut self, stance: Stance, account: &Account<'_>, tickets: &mut Tickets) {
        let reason = match (self.held, stance) {
            (_, Stance::Flat) => EXIT,
            (Stance::Flat, _) => ENTER,
            _ => REVERSE,
        };
        self.held = stance;
        self.opened += u32::from(stance != Stance::Flat);
        let weight = self.exposure.weight(stance);
        tickets.weight(0, weight);
        let change = weight * account.equity / account.marks[0] - account.quantities[0];
        if change != 0.0 {
            tickets.each(0, change, self.opened, reason);
        }
    }
}

impl<R: Rule> Decider for SingleDecider<R> {
    fn first_wake(&self) -> Wake {
        Wake::AfterBars(0)
    }

    fn decide(
        &mut self,
        view: &PanelView<'_>,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) -> Wake {
        if self.watch(view) {
            let stance = self.exposure.allowed(self.rule.stance(self.held));
            if stance != self.held {
                self.turn_to(stance, account, tickets);
            }
        }
        Wake::AfterBars(1)
    }

    fn delisted(&mut self, _leg: usize, _tickets: &mut Tickets) {
        self.held = Stance::Flat;
    }
}
