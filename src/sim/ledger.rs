//! Cash and open positions, and what a fill does to them.

use super::{
    Borrow, CarryCost, Dividend, Fill, Financing, Funding, Paid, Quote, Trade,
    trade::{Episode, Part},
};

/// A position this small beside the largest it ever was is flat: what remains is the rounding of
/// the quantities that several pairs added to the leg and took away again, at most a few hundred
/// times 2^-53.
pub(super) const FLAT_SHARE: f64 = 1e-12;

/// An open position of one leg. `close` is its whole panel column: only rows up to the present
/// one are read.
#[derive(Debug)]
pub(super) struct Position<'a> {
    /// Leg.
    pub(super) leg: u16,
    /// Signed quantity, never zero.
    pub(super) quantity: f64,
    /// Last close.
    pub(super) mark: f64,
    /// Job rows since its last bar.
    pub(super) stale: u32,
    /// Closes by panel row; NaN where the leg has no bar.
    pub(super) close: &'a [f64],
    /// The trade it will become.
    pub(super) episode: Episode,
}

/// What is filled, where and why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Execution {
    /// Leg.
    pub(super) leg: u16,
    /// Signed quantity, not zero.
    pub(super) quantity: f64,
    /// The bar's price, before costs.
    pub(super) raw: f64,
    /// Panel row of the fill.
    pub(super) row: u32,
    /// Job row of the fill.
    pub(super) job_row: usize,
    /// Panel row of the decision.
    pub(super) decided_row: u32,
    /// Trade group of the position it opens, if it opens one.
    pub(super) group: u32,
    /// Why.
    pub(super) reason: &'static str,
    /// Why a trade ends with it, if one does.
    pub(super) exit_reason: &'static str,
}

/// Cash, open positions and what has been paid so far.
#[derive(Debug)]
pub(super) struct Ledger<'a> {
    /// Cash.
    pub(super) cash: f64,
    /// Open positions by leg, increasing: the order in which they are added up.
    pub(super) positions: Vec<Position<'a>>,
    /// Every fill so far; `None` if they are not kept.
    pub(super) fills: Option<Vec<Fill>>,
    /// Finished trades in order of their last fill.
    pub(super) trades: Vec<Trade>,
    /// Sum of `|quantity| * price`.
    pub(super) traded_notional: f64,
    /// Everything paid so far.
    pub(super) paid: Paid,
    /// What was paid in the present row.
    pub(super) row: Paid,
}

impl<'a> Ledger<'a> {
    /// A ledger that holds nothing but `cash`.
    pub(super) fn new(cash: f64, fills: Option<Vec<Fill>>, trades: Vec<Trade>) -> Self {
        Self {
            cash,
            positions: Vec::new(),
            fills,
            trades,
            traded_notional: 0.0,
            paid: Paid::default(),
            row: Paid::default(),
        }
    }

    /// Cash plus positions at their marks, added in order of legs.
    pub(super) fn equity(&self) -> f64 {
        self.positions.iter().fold(self.cash, |sum, held| sum + held.quantity * held.mark)
    }

    /// Sum of absolute position values.
    pub(super) fn gross(&self) -> f64 {
        self.positions.iter().fold(0.0, |sum, held| sum + (held.quantity * held.mark).abs())
    }

    /// Charges the fee on every short position at its last mark; `rates` by leg.
    #[inline]
    pub(super) fn accrue_borrow(&mut self, rates: &[Borrow], years: f64) {
        for held in &mut self.positions {
            if held.quantity < 0.0 {
                let rate = rates[usize::from(held.leg)];
                let fee = rate.charge(held.quantity * held.mark, years);
                self.cash -= fee;
                self.paid.borrow += fee;
                self.row.borrow += fee;
                held.episode.paid.borrow += fee;
            }
        }
    }

    /// Charges interest on cash below zero.
    #[inline]
    pub(super) fn finance(&mut self, rate: Financing, years: f64) {
        let fee = rate.charge(self.cash, years);
        self.cash -= fee;
        self.paid.financing += fee;
        self.row.financing += fee;
    }

    /// Pays a dividend on what is held of `leg`; `split_factor` is the number of units of the day
    /// per unit.
    pub(super) fn pay_dividend(&mut self, leg: u16, dividend: Dividend, split_factor: f64) {
        let Some(held) = self.held_mut(leg) else { return };
        let received = -dividend.charge(held.quantity * split_factor, 0.0);
        held.episode.paid.dividend += received;
        self.cash += received;
        self.paid.dividend += received;
        self.row.dividend += received;
    }

    /// Charges funding on what is held of `leg` at its last mark.
    pub(super) fn pay_funding(&mut self, leg: u16, funding: Funding) {
        let Some(held) = self.held_mut(leg) else { return };
        let fee = funding.charge(held.quantity * held.mark, 0.0);
        held.episode.paid.funding += fee;
        self.cash -= fee;
        self.paid.funding += fee;
        self.row.funding += fee;
    }

    fn held_mut(&mut self, leg: u16) -> Option<&mut Position<'a>> {
        let at = self.positions.binary_search_by_key(&leg, |held| held.leg).ok()?;
        Some(&mut self.positions[at])
    }

    /// The position in `leg`.
    pub(super) fn held(&self, leg: u16) -> Option<&Position<'a>> {
        let at = self.positions.binary_search_by_key(&leg, |held| held.leg).ok()?;
        Some(&self.positions[at])
    }

    /// `quantity`, or what closes the position in `leg` where hardly anything of it would be left.
    pub(super) fn widened(&self, leg: u16, quantity: f64) -> f64 {
        match self.held(leg) {
            Some(held) if (held.quantity + quantity).abs() <= FLAT_SHARE * held.episode.peak => {
                -held.quantity
            }
            _ => quantity,
        }
    }

    /// Fills one order, [`widened`](Self::widened), at the price and costs of `quote`; `close` is the
    /// leg's panel column and has a bar in the row of the fill unless the leg is held already.
    pub(super) fn execute(&mut self, order: &Execution, quote: &Quote, close: &'a [f64]) {
        let part = self.pay(order, quote);
        match self.positions.binary_search_by_key(&order.leg, |held| held.leg) {
            Ok(at) => self.change(at, order, part),
            Err(at) => {
                self.positions.insert(at, Position::open(order, part, order.quantity, close));
            }
        }
    }

    /// Settles the money of a fill.
    fn pay(&mut self, order: &Execution, quote: &Quote) -> Part {
        let Quote { price, paid } = *quote;
        self.cash -= order.quantity * price;
        self.cash -= paid.commission;
        self.traded_notional += order.quantity.abs() * price;
        self.paid.add(&paid);
        self.row.add(&paid);
        if let Some(fills) = &mut self.fills {
            fills.push(Fill {
                row: order.row,
                decided_row: order.decided_row,
                leg: order.leg,
                quantity: order.quantity,
                price,
                commission: paid.commission,
                slippage: paid.slippage,
                spread: paid.spread,
                impact: paid.impact,
                reason: order.reason,
            });
        }
        Part { quantity: order.quantity.abs(), price, raw: order.raw, paid }
    }

    /// Books a fill on the open position `at`: enlarges, reduces, closes or turns it over.
    fn change(&mut self, at: usize, order: &Execution, part: Part) {
        let held = &mut self.positions[at];
        let size = held.quantity.abs();
        if (order.quantity > 0.0) == (held.quantity > 0.0) {
            held.quantity += order.quantity;
            held.episode.enlarge(part, held.quantity.abs());
            return;
        }
        if part.quantity < size {
            held.quantity += order.quantity;
            held.episode.reduce(part);
            return;
        }
        let mut closed = self.positions.remove(at);
        if part.quantity > size {
            let (first, rest) = part.split(size);
            closed.episode.reduce(first);
            let quantity = closed.quantity + order.quantity;
            self.positions.insert(at, Position::open(order, rest, quantity, closed.close));
        } else {
            closed.episode.reduce(part);
        }
        self.trades.push(closed.episode.close(
            order.leg,
            order.row,
            order.job_row,
            order.exit_reason,
        ));
    }
}

impl<'a> Position<'a> {
    fn open(order: &Execution, part: Part, quantity: f64, close: &'a [f64]) -> Self {
        let side = if quantity > 0.0 { 1 } else { -1 };
        let episode = Episode::open(order.group, side, order.row, order.job_row, part);
        let mark = close[order.row as usize];
        Self { leg: order.leg, quantity, mark, stale: 0, close, episode }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::{Borrow, Dividend, Execution, Financing, Funding, Ledger, Paid, Quote};

    const CLOSE: [f64; 3] = [100.0, 110.0, 120.0];

    fn order(quantity: f64, row: u32) -> Execution {
        let raw = CLOSE[row as usize];
        let job_row = row as usize;
        let reason = "rebalance";
        Execution {
            leg: 2,
            quantity,
            raw,
            row,
            job_row,
            decided_row: row,
            group: row,
            reason,
            exit_reason: reason,
        }
    }

    fn fill(ledger: &mut Ledger<'static>, order: Execution) {
        let quantity = ledger.widened(order.leg, order.quantity);
        let quote = Quote { price: order.raw, paid: Paid::default() };
        ledger.execute(&Execution { quantity, ..order }, &quote, &CLOSE);
    }

    #[test]
    fn a_fill_through_zero_ends_one_trade_and_begins_another() {
        let mut ledger = Ledger::new(1_000.0, Some(Vec::new()), Vec::new());
        fill(&mut ledger, order(2.0, 0));
        fill(&mut ledger, order(-5.0, 1));
        assert_eq!((ledger.trades.len(), ledger.positions.len()), (1, 1));
        assert_eq!((ledger.trades[0].net_pnl, ledger.trades[0].quantity), (20.0, 2.0));
        assert_eq!(ledger.positions[0].quantity, -3.0);
        assert_eq!(ledger.positions[0].episode.cost.price(), 110.0);
        fill(&mut ledger, order(3.0, 2));
        assert_eq!((ledger.trades[1].side, ledger.trades[1].net_pnl), (-1, -30.0));
        assert_eq!((ledger.cash, ledger.equity(), ledger.gross()), (990.0, 990.0, 0.0));
        assert_eq!(ledger.fills.map(|fills| fills.len()), Some(3));
    }

    #[test]
    fn rounding_left_by_several_pairs_is_flat() {
        let mut ledger = Ledger::new(0.0, None, Vec::new());
        for quantity in [0.1, 0.2, 0.3, -0.3, -0.1, -0.2] {
            fill(&mut ledger, order(quantity, 0));
        }
        assert!(ledger.positions.is_empty(), "left {:?}", ledger.positions);
        assert_eq!(ledger.trades.len(), 1);
    }

    #[test]
    fn borrow_is_charged_on_shorts_and_interest_on_what_is_owed() {
        let mut ledger = Ledger::new(0.0, None, Vec::new());
        fill(&mut ledger, order(-2.0, 0));
        fill(&mut ledger, Execution { leg: 0, ..order(7.0, 0) });
        ledger.accrue_borrow(&[Borrow(9.0), Borrow(9.0), Borrow(0.25)], 0.0625);
        assert_eq!((ledger.paid.borrow, ledger.cash), (3.125, -503.125));
        ledger.finance(Financing(0.5), 0.0625);
        assert_eq!((ledger.paid.financing, ledger.cash), (15.722_656_25, -518.847_656_25));
        assert_eq!(ledger.row, ledger.paid);
    }

    #[test]
    fn shorts_pay_dividends_and_receive_funding() {
        let mut ledger = Ledger::new(0.0, None, Vec::new());
        fill(&mut ledger, order(-2.0, 0));
        ledger.pay_dividend(2, Dividend(0.5), 4.0);
        ledger.pay_dividend(1, Dividend(100.0), 1.0);
        assert_eq!((ledger.paid.dividend, ledger.cash), (-4.0, 196.0));
        ledger.pay_funding(2, Funding(0.01));
        assert_eq!((ledger.paid.funding, ledger.cash), (-2.0, 198.0));
        fill(&mut ledger, order(2.0, 0));
        let trade = ledger.trades[0];
        assert_eq!((trade.dividend, trade.funding, trade.net_pnl), (-4.0, -2.0, -2.0));
    }
}
