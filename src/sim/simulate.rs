//! One job from its first scored row to its last.

use super::{
    Costs, Decider, Fill, FillRule, Limits, Market, Paid, Rules, TargetWeight, Trade,
    step::{Desk, Steps},
};

/// Rows without a bar after which a held leg is closed, unless the request says otherwise.
pub const MAX_STALE_BARS: u32 = 24;

/// What a simulation keeps beside equity and trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeepDetail {
    /// Every fill.
    pub fills: bool,
    /// Cash and gross exposure of every row.
    pub equity: bool,
    /// Target weights of every decision.
    pub weights: bool,
}

/// How a job is simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimOptions {
    /// Equity before the first row.
    pub capital: f64,
    /// Costs.
    pub costs: Costs,
    /// What may be held and traded.
    pub limits: Limits,
    /// Exits that every strategy shares.
    pub rules: Rules,
    /// Where decisions are filled.
    pub fill: FillRule,
    /// A held leg without a bar for more rows than this is closed at its last close, unless the
    /// market gives the leg a limit of its own.
    pub max_stale_bars: u32,
    /// What is kept.
    pub keep: KeepDetail,
}

/// A job's end by its maintenance margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarginCall {
    /// Panel row.
    pub row: usize,
    /// Equity that fell short.
    pub equity: f64,
    /// Sum of absolute position values it was held against.
    pub gross: f64,
}

/// What a job did and what became of its capital.
#[derive(Debug, Default)]
pub struct Simulation {
    /// Equity at the close of every job row.
    pub equity: Vec<f64>,
    /// Cash at the close of every job row; empty unless kept.
    pub cash: Vec<f64>,
    /// Sum of absolute position values at the close of every job row; empty unless kept.
    pub gross: Vec<f64>,
    /// What was paid in every job row; empty unless kept.
    pub paid_by_row: Vec<Paid>,
    /// Job rows with a position at the close.
    pub exposed_rows: u64,
    /// Fills in order; empty unless kept.
    pub fills: Vec<Fill>,
    /// Trades in order of entry row, then leg.
    pub trades: Vec<Trade>,
    /// Target weights in order of decision; empty unless kept.
    pub weights: Vec<TargetWeight>,
    /// Sum of `|quantity| * fill price` over all fills.
    pub traded_notional: f64,
    /// Everything paid, by kind.
    pub paid: Paid,
    /// Panel row at which equity fell to zero or below.
    pub ruined_at: Option<usize>,
    /// Where equity fell short of the maintenance margin.
    pub margin_call: Option<MarginCall>,
    /// Times the decider was asked.
    pub decisions: u64,
    /// Tickets written.
    pub tickets: u64,
    /// Tickets filled.
    pub filled: u64,
}

impl Simulation {
    /// True once the job has ended before its last row.
    pub(super) fn is_ended(&self) -> bool {
        self.ruined_at.is_some() || self.margin_call.is_some()
    }

    /// Empties it and keeps its buffers.
    pub(super) fn clear(&mut self) {
        let mut kept = std::mem::take(self);
        kept.equity.clear();
        kept.cash.clear();
        kept.gross.clear();
        kept.paid_by_row.clear();
        kept.fills.clear();
        kept.trades.clear();
        kept.weights.clear();
        *self = Self {
            equity: kept.equity,
            cash: kept.cash,
            gross: kept.gross,
            paid_by_row: kept.paid_by_row,
            fills: kept.fills,
            trades: kept.trades,
            weights: kept.weights,
            ..Self::default()
        };
    }
}

/// Buffers that one worker reuses from job to job.
#[derive(Debug, Default)]
pub struct Scratch {
    desk: Desk,
    spare: Simulation,
}

impl Scratch {
    /// Takes a simulation back once its numbers have been read, so that the next one needs no
    /// allocation.
    pub fn recycle(&mut self, simulation: Simulation) {
        self.spare = simulation;
    }
}

/// Simulates one job: the rule of `decider` on the bars of `market`, in the order of events that
/// the module docs give.
///
/// Equity before the first row is the capital; there is no decision before the close of the first
/// row and none at the close of the last. A job without rows ends as it began.
pub fn simulate(
    market: &Market<'_>,
    decider: &mut dyn Decider,
    options: &SimOptions,
    scratch: &mut Scratch,
) -> Simulation {
    let spare = std::mem::take(&mut scratch.spare);
    Steps::new(market, options, &mut scratch.desk, spare).run(decider)
}

#[cfg(test)]
mod tests {
    use super::{
        Costs, Decider, FillRule, KeepDetail, Limits, Market, Rules, Scratch, SimOptions,
        Simulation,
    };
    use crate::{
        domain::{Field, Instrument, Panel, PanelView, Universe},
        sim::{Account, Tickets, Wake, simulate},
    };

    /// Buys a fixed quantity of leg 0 when first asked, and notes the rows it was asked at.
    struct BuyOnce {
        quantity: f64,
        first: Wake,
        asked: Vec<usize>,
    }

    impl Decider for BuyOnce {
        fn first_wake(&self) -> Wake {
            self.first
        }

        fn decide(
            &mut self,
            view: &PanelView<'_>,
            account: &Account<'_>,
            tickets: &mut Tickets,
        ) -> Wake {
            self.asked.push(view.ts().len() - 1);
            if account.quantities[0] == 0.0 && self.asked.len() == 1 {
                tickets.each(0, self.quantity, 0, "enter");
            }
            Wake::AfterBars(2)
        }
    }

    /// One leg; the open of a bar is one below its close.
    fn panel(closes: &[f64]) -> Panel {
        let instrument = Instrument { market: String::new(), symbol: "A".to_owned(), id: 0 };
        let universe = Universe::new(vec![instrument]).expect("a universe");
        let mut panel = Panel::empty(universe, (0..).take(closes.len()).collect());
        panel.column_mut(0, Field::Close).copy_from_slice(closes);
        let opens: Vec<f64> = closes.iter().map(|close| close - 1.0).collect();
        panel.column_mut(0, Field::Open).copy_from_slice(&opens);
        panel
    }

    fn run(closes: &[f64], quantity: f64, fill: FillRule) -> (Simulation, Vec<usize>) {
        let panel = panel(closes);
        let rows: Vec<u32> = (1..).take(closes.len() - 1).collect();
        let market =
            Market { panel: &panel, assets: &[0], rows: &rows, stale_rows: &[], particulars: &[] };
        let keep = KeepDetail { fills: true, equity: true, weights: true };
        let (costs, limits, rules) = (Costs::NONE, Limits::default(), Rules::default());
        let options =
            SimOptions { capital: 100.0, costs, limits, rules, fill, max_stale_bars: 1, keep };
        let mut decider = BuyOnce { quantity, first: Wake::AfterBars(0), asked: Vec::new() };
        let simulation = simulate(&market, &mut decider, &options, &mut Scratch::default());
        (simulation, decider.asked)
    }

    #[test]
    fn a_decision_is_filled_where_the_rule_says() {
        let closes = [9.0, 10.0, 12.0, 15.0, 20.0];
        for (fill, row, price, equity) in [
            (FillRule::NextOpen, 2, 11.0, [100.0, 102.0, 108.0, 118.0]),
            (FillRule::NextClose, 2, 12.0, [100.0, 100.0, 106.0, 116.0]),
            (FillRule::SameClose, 1, 10.0, [100.0, 104.0, 110.0, 120.0]),
        ] {
            let (simulation, asked) = run(&closes, 2.0, fill);
            let bought = simulation.fills[0];
            assert_eq!((bought.row, bought.decided_row, bought.price), (row, 1, price));
            assert_eq!(simulation.equity, equity);
            assert_eq!(asked, [1, 3], "never in the last row");
            let sold = simulation.fills[1];
            assert_eq!((sold.row, sold.price, sold.reason), (4, 20.0, "end_of_data"));
            assert_eq!((simulation.tickets, simulation.filled, simulation.decisions), (1, 1, 2));
        }
    }

    #[test]
    fn exposure_counts_rows_with_a_position_at_the_close() {
        let (simulation, _) = run(&[9.0, 10.0, 12.0, 15.0, 20.0], 2.0, FillRule::NextOpen);
        assert_eq!(simulation.exposed_rows, 2);
        assert_eq!(simulation.gross, [0.0, 24.0, 30.0, 0.0]);
        assert_eq!(simulation.cash, [100.0, 78.0, 78.0, 118.0]);
    }

    #[test]
    fn a_silent_leg_is_valued_at_its_last_close_and_then_closed_there() {
        let gone = f64::NAN;
        let (simulation, _) =
            run(&[9.0, 10.0, 12.0, gone, gone, gone, 50.0], 2.0, FillRule::NextClose);
        assert_eq!(simulation.equity, [100.0; 6]);
        let trade = simulation.trades[0];
        assert_eq!((trade.exit_row, trade.exit_price, trade.exit_reason), (4, 12.0, "delisted"));
    }

    #[test]
    fn ruin_ends_the_job_and_its_equity_stays() {
        let (simulation, asked) =
            run(&[9.0, 10.0, 10.0, 70.0, 5.0, 1.0], -2.0, FillRule::NextClose);
        assert_eq!(simulation.equity, [100.0, 100.0, -20.0, -20.0, -20.0]);
        assert_eq!((simulation.ruined_at, asked), (Some(3), vec![1]));
        let trade = simulation.trades[0];
        assert_eq!((trade.exit_row, trade.exit_reason, trade.net_pnl), (3, "ruined", -120.0));
    }

    #[test]
    fn equity_of_exactly_zero_is_ruin() {
        // Sold 2 at 10 with 100 in cash: 120 are owed at 60, and 120 are there.
        let (simulation, _) = run(&[9.0, 10.0, 10.0, 60.0, 10.0, 10.0], -2.0, FillRule::NextClose);
        assert_eq!(simulation.equity, [100.0, 100.0, 0.0, 0.0, 0.0]);
        assert_eq!(simulation.ruined_at, Some(3));
    }

    #[test]
    fn a_job_without_rows_ends_as_it_began() {
        let (simulation, asked) = run(&[9.0], 2.0, FillRule::NextOpen);
        assert!(simulation.equity.is_empty() && simulation.trades.is_empty() && asked.is_empty());
        let (single, asked) = run(&[9.0, 10.0], 2.0, FillRule::NextOpen);
        assert_eq!((single.equity, asked.len()), (vec![100.0], 0));
    }
}
