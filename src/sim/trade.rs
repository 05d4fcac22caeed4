//! Flat-to-flat episodes of one instrument at average cost.

use super::{Paid, average_cost::AverageCost};

/// A finished trade: one leg from flat to flat. A fill that changes the sign of a position ends
/// one trade and begins another in the same row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// Leg of the combination.
    pub leg: u16,
    /// Legs opened by one decision share this number.
    pub trade_group: u32,
    /// +1 long, -1 short.
    pub side: i8,
    /// Panel row of the first fill.
    pub entry_row: u32,
    /// Panel row of the last fill.
    pub exit_row: u32,
    /// Average price of all fills that enlarged the position, since it was opened: not what rules are
    /// measured from, which is the average cost of what is held.
    pub entry_price: f64,
    /// Average price of the fills that reduced it.
    pub exit_price: f64,
    /// Sum of the quantities that enlarged the position, unsigned.
    pub quantity: f64,
    /// Profit from prices at fills, before everything that is paid beside them.
    pub gross_pnl: f64,
    /// Commission of all its fills.
    pub commission: f64,
    /// Slippage within its fill prices (already part of `gross_pnl`).
    pub slippage: f64,
    /// Half spreads within its fill prices (already part of `gross_pnl`).
    pub spread: f64,
    /// Market impact within its fill prices (already part of `gross_pnl`).
    pub impact: f64,
    /// Borrow fees while it was short.
    pub borrow: f64,
    /// Dividends received, less those paid while it was short.
    pub dividend: f64,
    /// Funding paid, less what was received.
    pub funding: f64,
    /// `gross_pnl - commission - borrow - (funding - dividend)`.
    pub net_pnl: f64,
    /// Job rows between the first and the last fill.
    pub bars_held: u32,
    /// Why the last fill: the reason of the largest order in its direction that did not open a
    /// trade group of its own; `netted` if there was none.
    pub exit_reason: &'static str,
}

/// A position while it is open: what has been paid for it and what has come back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Episode {
    group: u32,
    side: i8,
    entry_row: u32,
    entry_job_row: usize,
    entered_quantity: f64,
    entered_notional: f64,
    /// Of what is held, at the bars' prices: what stops and targets are measured from.
    pub(super) cost: AverageCost,
    left_quantity: f64,
    left_notional: f64,
    /// What has been paid so far.
    pub(super) paid: Paid,
    /// Largest absolute quantity so far.
    pub(super) peak: f64,
}

/// A fill, or the part of one that belongs to an episode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Unsigned quantity.
    pub(super) quantity: f64,
    /// Price of the fill.
    pub(super) price: f64,
    /// The bar's price.
    pub(super) raw: f64,
    /// What the fill cost.
    pub(super) paid: Paid,
}

impl Part {
    /// The share of a fill that ends one episode, and the rest that begins the next.
    pub(super) fn split(self, first_quantity: f64) -> (Self, Self) {
        let (first, rest) = self.paid.split(first_quantity / self.quantity);
        let quantity = self.quantity - first_quantity;
        (
            Self { quantity: first_quantity, paid: first, ..self },
            Self { quantity, paid: rest, ..self },
        )
    }
}

impl Episode {
    /// An episode opened by a part.
    pub(super) fn open(group: u32, side: i8, row: u32, job_row: usize, part: Part) -> Self {
        Self {
            group,
            side,
            entry_row: row,
            entry_job_row: job_row,
            entered_quantity: part.quantity,
            entered_notional: part.quantity * part.price,
            cost: AverageCost::opened_at(part.raw),
            left_quantity: 0.0,
            left_notional: 0.0,
            paid: part.paid,
            peak: part.quantity,
        }
    }

    /// Books a part that makes the position larger; `quantity` is its new unsigned size.
    pub(super) fn enlarge(&mut self, part: Part, quantity: f64) {
        self.entered_quantity += part.quantity;
        self.entered_notional += part.quantity * part.price;
        self.cost.enlarge(part.quantity, quantity, part.raw);
        self.paid.add(&part.paid);
        self.peak = self.peak.max(quantity);
    }

    /// Books a part that makes the position smaller.
    pub(super) fn reduce(&mut self, part: Part) {
        self.left_quantity += part.quantity;
        self.left_notional += part.quantity * part.price;
        self.paid.add(&part.paid);
    }

    /// Job row of the first fill.
    pub(super) fn opened(&self) -> usize {
        self.entry_job_row
    }

    /// The trade this episode has become, now that its position is flat.
    pub(super) fn close(self, leg: u16, row: u32, job_row: usize, reason: &'static str) -> Trade {
        let paid = self.paid;
        let gross_pnl = f64::from(self.side) * (self.left_notional - self.entered_notional);
        Trade {
            leg,
            trade_group: self.group,
            side: self.side,
            entry_row: self.entry_row,
            exit_row: row,
            entry_price: self.entered_notional / self.entered_quantity,
            exit_price: self.left_notional / self.left_quantity,
            quantity: self.entered_quantity,
            gross_pnl,
            commission: paid.commission,
            slippage: paid.slippage,
            spread: paid.spread,
            impact: paid.impact,
            borrow: paid.borrow,
            dividend: paid.dividend,
            funding: paid.funding,
            // In parentheses, so that a trade without either keeps its bits.
            net_pnl: gross_pnl - paid.commission - paid.borrow - (paid.funding - paid.dividend),
            bars_held: u32::try_from(job_row - self.entry_job_row).unwrap_or(u32::MAX),
            exit_reason: reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AverageCost, Episode, Paid, Part};

    fn part(quantity: f64, price: f64) -> Part {
        let paid = Paid { commission: quantity * 0.25, ..Paid::default() };
        Part { quantity, price, raw: price - 1.0, paid }
    }

    #[test]
    fn an_episode_averages_entries_and_exits() {
        let mut episode = Episode::open(7, -1, 100, 10, part(1.0, 50.0));
        episode.enlarge(part(1.0, 50.0), 2.0);
        episode.reduce(part(1.0, 40.0));
        assert_eq!(episode.cost, AverageCost::opened_at(49.0));
        episode.enlarge(part(2.0, 60.0), 3.0);
        episode.reduce(part(3.0, 48.0));
        let trade = episode.close(3, 120, 25, "exit");
        assert_eq!((trade.leg, trade.trade_group, trade.side, trade.bars_held), (3, 7, -1, 15));
        assert_eq!((trade.entry_price, trade.exit_price, trade.quantity), (55.0, 46.0, 4.0));
        assert_eq!((trade.gross_pnl, trade.commission, trade.net_pnl), (36.0, 2.0, 34.0));
    }

    #[test]
    fn a_split_fill_keeps_its_total() {
        let (first, rest) = part(5.0, 10.0).split(2.0);
        assert_eq!((first.quantity, rest.quantity), (2.0, 3.0));
        assert_eq!((first.paid.commission, rest.paid.commission), (0.5, 0.75));
    }
}
