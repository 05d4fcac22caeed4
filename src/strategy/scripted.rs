//! Scripted: weights that somebody else decided, from a file, a statement or a program.
//!
//! A script names a combination and, for some of its bars and members, a target weight. At the
//! close of that bar a ticket is written over `weight * equity / close - held` units, both of that
//! close, and filled as any other: in the next bar of the member. Between its weights a member
//! keeps its quantity; its share of the equity drifts. Zero leaves, a negative weight is short.
//!
//! Nothing is known here of where the weights come from, and no later one is looked at: a script
//! that knows the future is found by an audit, not by this file.

use crate::{
    domain::{HorizonWindow, Outcome, PanelView, Size},
    sim::{Account, Decider, TargetWeight, Tickets, Wake},
    strategy::{Alignment, Declined, HorizonBars, Session, Strategy},
};

/// Reason written on every fill.
const SIGNAL: &str = "signal";

/// The weights of one horizon.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Script {
    /// Length of the horizon in days.
    pub horizon_days: u32,
    /// The combination: indices into the universe, increasing.
    pub assets: Vec<u16>,
    /// Target weights by panel row, then leg of the combination; a leg has a bar in its rows.
    pub weights: Vec<TargetWeight>,
    /// What the weights are, as JSON with a fixed field order: part of the job key.
    pub parameters: String,
}

/// Plays a script per horizon; a horizon without one has no job. By default it has none at all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scripted {
    scripts: Vec<Script>,
}

impl Scripted {
    /// Plays `scripts`, each over its horizon.
    pub fn new(scripts: Vec<Script>) -> Self {
        Self { scripts }
    }

    /// The scripts, as they were given.
    pub fn scripts(&self) -> &[Script] {
        &self.scripts
    }

    /// The decider of a job whose legs `weights` names, in order of panel rows.
    pub fn of(weights: &[TargetWeight]) -> impl Decider {
        Player { weights, next: 0, decisions: 0 }
    }

    fn over(&self, days: u32) -> Option<&Script> {
        self.scripts.iter().find(|script| script.horizon_days == days)
    }
}

impl Strategy for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn parameters(&self) -> String {
        "{}".to_owned()
    }

    fn parameters_over(&self, window: &HorizonWindow) -> String {
        let script = self.over(window.horizon.days());
        script.map_or_else(|| self.parameters(), |script| script.parameters.clone())
    }

    fn accepts(&self, _size: Size, members: usize) -> bool {
        self.scripts.iter().any(|script| script.assets.len() == members)
    }

    fn alignment(&self) -> Alignment {
        Alignment::Union
    }

    fn history_micros(&self, _window: &HorizonWindow) -> i64 {
        0
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        Box::new(ScriptSession(self.over(bars.window.horizon.days())))
    }
}

struct ScriptSession<'a>(Option<&'a Script>);

impl Session for ScriptSession<'_> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        match self.0 {
            Some(script) if script.assets == assets => Ok(Box::new(Scripted::of(&script.weights))),
            _ => Err(Declined {
                outcome: Outcome::Failed,
                reason: "there is no script for this combination and horizon".to_owned(),
            }),
        }
    }
}

struct Player<'a> {
    weights: &'a [TargetWeight],
    next: usize,
    decisions: u32,
}

impl Player<'_> {
    fn wake(&self) -> Wake {
        self.weights.get(self.next).map_or(Wake::Never, |weight| Wake::AtRow(weight.row as usize))
    }
}

impl Decider for Player<'_> {
    fn first_wake(&self) -> Wake {
        self.wake()
    }

    fn decide(
        &mut self,
        view: &PanelView<'_>,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) -> Wake {
        let row = view.ts().len() - 1;
        while let Some(due) = self.weights.get(self.next).filter(|due| due.row as usize <= row) {
            self.next += 1;
            let leg = usize::from(due.leg);
            let close = account.marks[leg];
            // A row that is no bar of the job was passed over: what it said is not made up for.
            if due.row as usize != row || close.is_nan() {
                continue;
            }
            tickets.weight(leg, due.weight);
            let change = due.weight * account.equity / close - account.quantities[leg];
            if change == 0.0 {
                tickets.withdraw(leg);
            } else {
                tickets.each(leg, change, self.decisions, SIGNAL);
            }
        }
        self.decisions += 1;
        self.wake()
    }
}
