//! Buy and hold: equal weights at the first decision, never touched again. Everybody's benchmark.

use crate::{
    domain::{HorizonWindow, PanelView, Size},
    sim::{Account, Decider, Tickets, Wake},
    strategy::{
        Alignment, Declined, HorizonBars, Session, Strategy, rebalance::tickets_to_weights,
    },
};

/// Buys every member at equal weight at the first bar and holds it to the end. As a strategy of
/// its own it runs on single instruments; as the benchmark it runs on every combination, scored
/// over the same bars with the same fills and costs. A member that is not listed at the first
/// decision is not bought: its share stays in cash.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuyAndHold;

impl BuyAndHold {
    /// The decider of a combination of `members` instruments.
    pub fn of(members: usize) -> impl Decider {
        Hold { weights: vec![1.0 / members as f64; members] }
    }
}

impl Strategy for BuyAndHold {
    fn name(&self) -> &'static str {
        "buy-and-hold"
    }

    fn parameters(&self) -> String {
        "{}".to_owned()
    }

    fn accepts(&self, size: Size, _members: usize) -> bool {
        size == Size::Of(1)
    }

    fn alignment(&self) -> Alignment {
        Alignment::Union
    }

    fn history_micros(&self, _window: &HorizonWindow) -> i64 {
        0
    }

    fn session<'a>(&'a self, _bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        Box::new(*self)
    }
}

impl Session for BuyAndHold {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        Ok(Box::new(Self::of(assets.len())))
    }
}

struct Hold {
    weights: Vec<f64>,
}

impl Decider for Hold {
    fn first_wake(&self) -> Wake {
        Wake::AfterBars(0)
    }

    fn decide(
        &mut self,
        _view: &PanelView<'_>,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) -> Wake {
        tickets_to_weights(&self.weights, account, 0, tickets);
        Wake::Never
    }
}
