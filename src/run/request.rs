//! What a run is asked to do, after the command line has been understood.

use std::{collections::BTreeMap, ops::Range, str::FromStr, sync::Arc, time::Duration};

use super::{DeviceRequest, Signals};
use crate::{
    domain::{Horizon, Interval, Keep, Sizes, Timestamp, WarmupMultiplier},
    error::{Error, Result},
    sim::{Costs, FillRule, InstrumentTerms, Limits, Rules},
    strategy::StrategyParameters,
};

/// How many workers are asked for and allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorkerRequest {
    /// `--workers`.
    pub asked: Option<usize>,
    /// `--max-workers`: lifts the cap that `--multi-pair` sets.
    pub cap: Option<usize>,
    /// `--sequential`: everything on one thread.
    pub sequential: bool,
}

/// Where the panel is asked to stand. Never changes a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PanelChoice {
    /// In memory where it fits into the budget, else mapped.
    #[default]
    Auto,
    /// In memory, or not at all.
    Ram,
    /// Mapped from a file.
    Mapped,
}

impl FromStr for PanelChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "ram" => Ok(Self::Ram),
            "mapped" => Ok(Self::Mapped),
            _ => Err(Error::usage(format!("'{text}' is not a place for the panel"))
                .with_hint("one of auto, ram, mapped")),
        }
    }
}

/// One run: what to test, over which windows, at which costs, within which limits.
#[derive(Debug, Clone)]
pub struct Request {
    /// Symbols to use; all of the store when `None`.
    pub symbols: Option<Vec<String>>,
    /// Interval of the bars; the store's only one when `None`.
    pub interval: Option<Interval>,
    /// Horizons, increasing.
    pub horizons: Vec<Horizon>,
    /// How much is loaded before the scored window.
    pub multiplier: WarmupMultiplier,
    /// Strategies by name, in order.
    pub strategies: Vec<String>,
    /// Parameters of those strategies that have any.
    pub parameters: StrategyParameters,
    /// Weights decided elsewhere: the run plays them, and nothing else, on the one combination of
    /// the symbols they name.
    pub signals: Option<Arc<Signals>>,
    /// The screen whose combinations are tested, and no others: a run's number, `last`, `last~1`.
    pub from_screen: Option<String>,
    /// Combination sizes.
    pub sizes: Sizes,
    /// True for multi-asset strategies over combinations.
    pub multi_pair: bool,
    /// At most this many combinations per size, evenly sampled.
    pub max_combinations: Option<u64>,
    /// Only these ranks of every size.
    pub ranks: Option<Range<u64>>,
    /// End of every horizon; the last bar's close when `None`.
    pub as_of: Option<Timestamp>,
    /// Starting equity of every job.
    pub capital: f64,
    /// Costs of every job.
    pub costs: Costs,
    /// What every job may hold and trade.
    pub limits: Limits,
    /// Exits that every strategy shares; the benchmark has none.
    pub rules: Rules,
    /// Terms of single instruments, by `SYMBOL` or `MARKET:SYMBOL`.
    pub instruments: BTreeMap<String, InstrumentTerms>,
    /// When a decision is filled; chosen from the bars when `None` (next open, or next close where
    /// the bars have no open).
    pub fill: Option<FillRule>,
    /// Bars of its own market that a held instrument may miss before it counts as delisted.
    pub max_stale_bars: u32,
    /// Bars per year, where the calendar class does not decide.
    pub periods_per_year: Option<f64>,
    /// Workers.
    pub workers: WorkerRequest,
    /// Memory the run may take, bytes.
    pub budget_bytes: u64,
    /// Where kernels work.
    pub device: DeviceRequest,
    /// Where the panel stands.
    pub panel: PanelChoice,
    /// Share of the budget above which a run says that its memory is high.
    pub memory_warn: f64,
    /// Time after which a job is given up, if it may be.
    pub job_timeout: Option<Duration>,
    /// Jobs per transaction.
    pub batch_jobs: usize,
    /// What is stored per job.
    pub keep: Keep,
    /// Seed of the combination sample.
    pub seed: u64,
    /// Recompute jobs that are already stored, and compare.
    pub fresh: bool,
}
