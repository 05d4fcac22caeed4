//! Equal weight, rebalanced.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{HorizonWindow, PanelView, Size},
    error::{Error, Result},
    sim::{Account, Decider, Tickets, Wake},
    strategy::{
        Alignment, Declined, HorizonBars, Session, Strategy,
        rebalance::{Rhythm, rebalance_bars, tickets_to_weights},
    },
};

/// Holds every listed member at the same weight and restores it every `rebalance_bars`. A member
/// that has no close yet, or was delisted, has no share: the others divide it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EqualWeight {
    /// Bars between rebalances; one week of bars when `None`.
    pub rebalance_bars: Option<usize>,
}

impl EqualWeight {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    pub fn checked(self) -> Result<Self> {
        if self.rebalance_bars == Some(0) {
            let what = "equal-weight: rebalance_bars = 0; at least one bar lies between";
            return Err(Error::usage(what));
        }
        Ok(self)
    }
}

impl Strategy for EqualWeight {
    fn name(&self) -> &'static str {
        "equal-weight"
    }

    fn parameters(&self) -> String {
        serde_json::json!({ "rebalance_bars": self.rebalance_bars }).to_string()
    }

    fn accepts(&self, size: Size, members: usize) -> bool {
        size != Size::Of(1) && members >= 2
    }

    fn alignment(&self) -> Alignment {
        Alignment::Union
    }

    fn history_micros(&self, _window: &HorizonWindow) -> i64 {
        0
    }

    /// As those of portfolios.
    fn bars_per_trade(&self) -> u64 {
        2_048
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        Box::new(EqualWeightSession { rebalance_bars: self.rebalance_bars, bars })
    }
}

struct EqualWeightSession<'a> {
    rebalance_bars: Option<usize>,
    bars: &'a HorizonBars<'a>,
}

impl Session for EqualWeightSession<'_> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        Ok(Box::new(EqualWeightDecider {
            rhythm: Rhythm::new(rebalance_bars(self.rebalance_bars, self.bars, assets)),
            delisted: vec![false; assets.len()],
            weights: vec![0.0; assets.len()],
            rebalances: 0,
        }))
    }
}

struct EqualWeightDecider {
    rhythm: Rhythm,
    delisted: Vec<bool>,
    weights: Vec<f64>,
    rebalances: u32,
}

impl Decider for EqualWeightDecider {
    fn first_wake(&self) -> Wake {
        Wake::AfterBars(0)
    }

    fn decide(
        &mut self,
        _view: &PanelView<'_>,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) -> Wake {
        if !self.rhythm.is_due(account) {
            return self.rhythm.wake(account);
        }
        let listed = |leg: usize| !self.delisted[leg] && !account.marks[leg].is_nan();
        let members = (0..self.weights.len()).filter(|&leg| listed(leg)).count();
        for leg in 0..self.weights.len() {
            self.weights[leg] = if listed(leg) { 1.0 / members as f64 } else { 0.0 };
        }
        tickets_to_weights(&self.weights, account, self.rebalances, tickets);
        self.rebalances += 1;
        self.rhythm.wake(account)
    }

    fn delisted(&mut self, leg: usize, _tickets: &mut Tickets) {
        self.delisted[leg] = true;
    }
}
