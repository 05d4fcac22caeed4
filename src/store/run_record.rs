//! What a run says about itself when it begins, while it works and when it ends.

use crate::domain::{Interval, Timestamp};

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// Begun, and not ended in a way that could be written down. The next run of the store calls
    /// it interrupted.
    Running,
    /// Every planned job has an outcome.
    Finished,
    /// Stopped by a signal or killed; the next run does the rest.
    Interrupted,
    /// Ended by an error.
    Failed,
}

impl RunStatus {
    /// The name stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

/// What a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// Strategies over combinations: jobs.
    Backtest,
    /// Tests over combinations: rows of table `screen`.
    Screen,
}

impl RunKind {
    /// The name stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Backtest => "backtest",
            Self::Screen => "screen",
        }
    }
}

/// The bars of one instrument that one horizon of a run may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunInstrument {
    /// Scored window in days.
    pub horizon_days: u32,
    /// Number of the instrument in the store.
    pub instrument_id: u32,
    /// Hash of the bars' content, hexadecimal.
    pub content: String,
    /// How many bars.
    pub bars: u64,
    /// First of them; `None` if there is none.
    pub first_ts: Option<Timestamp>,
    /// Last of them; `None` if there is none.
    pub last_ts: Option<Timestamp>,
}

/// Which bars the jobs of a strategy over a horizon may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReach {
    /// Scored window in days.
    pub horizon_days: u32,
    /// Name of the strategy.
    pub strategy: String,
    /// Before this nothing was loaded.
    pub load_ts: Timestamp,
    /// First moment whose bars it uses.
    pub from_ts: Timestamp,
    /// Begin of the scored window.
    pub score_ts: Timestamp,
    /// Bars of each symbol before the scored window that it uses whenever they were.
    pub lookback_bars: u64,
}

/// A run at its beginning.
#[derive(Debug, Clone, PartialEq)]
pub struct RunStart {
    /// What it is.
    pub kind: RunKind,
    /// Resolved configuration, canonical JSON.
    pub configuration_json: String,
    /// Hash of what decides the results, hexadecimal. Runs with the same one are runs of the same
    /// configuration: workers, budget and warmup multiplier are not in it.
    pub configuration_hash: String,
    /// Version of Barline.
    pub engine_version: String,
    /// Device the kernels run on.
    pub device: String,
    /// Workers.
    pub workers: u32,
    /// Declared memory budget.
    pub budget_bytes: u64,
    /// Peak the plan predicts.
    pub planned_peak_bytes: u64,
    /// Jobs planned.
    pub planned_jobs: u64,
    /// Where the panel stands: ram or mapped.
    pub panel: String,
    /// When it began.
    pub started_at: Timestamp,
    /// Length of the bars.
    pub interval: Interval,
    /// End of every horizon.
    pub end_ts: Timestamp,
    /// Instruments in the universe.
    pub universe_size: u32,
    /// The screen whose combinations it takes, and the tests behind it.
    pub screen: Option<(i64, u64)>,
    /// What each horizon may use of each instrument.
    pub instruments: Vec<RunInstrument>,
    /// What each strategy may use of each horizon.
    pub reaches: Vec<RunReach>,
}

/// What a device did for a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunDevice {
    /// Memory of the device that could be used.
    pub budget_bytes: u64,
    /// Most of it that was planned to be held together.
    pub planned_bytes: u64,
    /// Most of it that was held together.
    pub measured_bytes: u64,
    /// Windows whose covariances it made.
    pub windows: u64,
    /// Pairs that it tested.
    pub pairs: u64,
    /// Answers that were compared with the processor's.
    pub compared: u64,
    /// How far the furthest of them was off.
    pub deviation: f64,
    /// Why it was given up, if it was.
    pub lost: Option<String>,
}

/// A run at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    /// How it ended.
    pub status: RunStatus,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Wall time.
    pub wall_secs: f64,
    /// Measured peak.
    pub measured_peak_bytes: u64,
    /// Memory at the start.
    pub initial_bytes: u64,
    /// Memory at the end.
    pub final_bytes: u64,
    /// The kernel's high-water mark of the process; `None` where it does not tell.
    pub kernel_peak_bytes: Option<u64>,
    /// The peak of the control group; `None` where there is none.
    pub cgroup_peak_bytes: Option<u64>,
    /// The most that Rust had allocated; `None` where nobody counted.
    pub allocated_peak_bytes: Option<u64>,
    /// Times a worker waited for memory.
    pub admission_waits: u64,
    /// Jobs computed.
    pub computed: u64,
    /// Jobs found in the store.
    pub cached: u64,
    /// Combinations that `--max-combinations` or `--ranks` left out.
    pub left_out: u64,
    /// Pair fits computed.
    pub pair_fits: u64,
    /// Rows fetched from the store into frames.
    pub frame_rows: u64,
    /// What a device did, if there was one.
    pub device: Option<RunDevice>,
}

/// Memory of the process at one moment of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemorySample {
    /// Time since the run began.
    pub elapsed_micros: i64,
    /// What the run was doing.
    pub stage: String,
    /// Memory held.
    pub bytes: u64,
}
