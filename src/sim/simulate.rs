//! One job from its first scored row to its last.

use super::{
    Costs, Decider, Fill, FillRule, Market, TargetWeight, Trade,
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
    /// Where decisions are filled.
    pub fill: FillRule,
    /// A held leg without a bar for more rows than this is closed at its last close.
    pub max_stale_bars: u32,
    /// What is kept.
    pub keep: KeepDetail,
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
    /// Commission paid.
    pub commission: f64,
    /// Slippage paid.
    pub slippage: f64,
    /// Borrow fees paid.
    pub borrow: f64,
    /// Panel row at which equity fell to zero or below.
    pub ruined_at: Option<usize>,
    /// Times the decider was asked.
    pub decisions: u64,
    /// Tickets written.
    pub tickets: u64,
    /// Tickets filled.
    pub filled: u64,
}

impl Simulation {
    /// Empties it and keeps its buffers.
    pub(super) fn clear(&mut self) {
        let mut kept = std::mem::take(self);
        kept.equity.clear();
        kept.cash.clear();
        kept.gross.clear();
        kept.fills.clear();
        kept.trades.clear();
        kept.weights.clear();
        *self = Self {
            equity: kept.equity,
            cash: kept.cash,
            gross: kept.gross,
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
