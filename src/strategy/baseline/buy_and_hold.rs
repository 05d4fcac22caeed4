//! Buy and hold: equal weights at the first decision, never touched again. Everybody's benchmark.

use crate::{
    domain::{HorizonWindow, PanelView, Size},
    sim::{Account, Decider, Tickets, Wake},
    strategy::{Alignment, Declined, HorizonBars, Session, Strategy, rebalance::REBALANCE},
};

/// Buys every member at equal weight at the first bar and holds it to the end. As a strategy of
/// its own it runs on single instruments; as the benchmark it runs on every combination, scored
/// over the same bars with the same fills and costs. A member without a bar at the first decision
/// (not listed yet, or its market closed) is bought at its first one with its share of the capital,
/// which stays in cash until then.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuyAndHold;

impl BuyAndHold {
    /// The decider of a combination of `members` instruments.
    pub fn of(members: usize) -> impl Decider {
        Hold { bought: vec![false; members] }
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

    fn bars_per_trade(&self) -> u64 {
        1_024
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
    bought: Vec<bool>,
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
        let weight = 1.0 / self.bought.len() as f64;
        for (leg, bought) in self.bought.iter_mut().enumerate() {
            let close = account.marks[leg];
            if !*bought && !close.is_nan() {
                tickets.weight(leg, weight);
                tickets.each(leg, weight * account.capital / close, 0, REBALANCE);
                *bought = true;
            }
        }
        if self.bought.iter().all(|bought| *bought) { Wake::Never } else { Wake::AfterBars(1) }
    }

    fn delisted(&mut self, leg: usize, _tickets: &mut Tickets) {
        self.bought[leg] = true;
    }
}
