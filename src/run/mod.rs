//! A run: plan, load, compute, store.
//!
//! [`prepare`] says what a request will do and take; [`execute`] does it. The way of a run:
//! the selection settles universe, interval and end; the grid counts combinations without listing
//! them; the plan predicts the peak and fits workers and groups into the budget; the panel is
//! loaded once for the longest horizon; then the planner walks horizons, sizes and ranks, looks up
//! which jobs the store already has, and hands the rest to the workers in cells (one combination
//! over one horizon, all strategies); one writer commits finished jobs in batches. Queues are
//! bounded, in messages and in bytes, so memory does not grow with the number of jobs.
//!
//! Nobody else knows threads; nothing here formats for the terminal.

mod account;
mod admission;
mod after_error;
mod allocator;
mod base;
mod break_even;
mod calibration;
mod cell;
mod cgroup;
mod clock;
mod configuration;
mod contents;
mod conventions;
mod demo_store;
mod device;
mod disk;
mod execute;
mod footprint;
mod gate;
mod grid;
mod horizon_grid;
mod import_stages;
mod job_axis;
mod job_rows;
mod loading;
mod machine;
mod memory;
mod particulars;
mod plan;
mod planner;
mod prepared;
pub mod progress;
mod replay;
mod request;
mod resampling;
mod resolved;
mod result_bytes;
mod screen;
mod screened;
mod scripts;
mod selection;
mod shape;
mod side_by_side;
mod signals;
mod stage;
mod stop;
mod summary;
mod terms_text;
mod wanted_sizes;
mod watched;
mod weights;
mod workers;
mod writer;
mod written;

pub use crate::domain::Keep;
pub use account::{
    Account, AccountRequest, Curves, Detail, Drawn, Mark, Month, Source, Spread, Tree, account,
};
pub use after_error::{after_error, after_screen_error};
pub use allocator::{CountingAllocator, allocated_bytes};
pub use base::process_bytes;
pub use break_even::BreakEven;
pub use calibration::{Estimate, prepare_and_time};
pub use cgroup::Limit;
pub use clock::now;
pub use demo_store::{build_demo, demo_bytes};
pub use device::{DeviceChoice, DeviceRequest, open_device};
pub use disk::Disk;
pub use execute::{execute, execute_with};
pub use footprint::{PanelPlace, duckdb_limit};
pub use import_stages::{
    StoredBefore, answer_bytes, answer_limit, import_stages, require_budget, require_question,
};
pub use machine::Machine;
pub use memory::{MemoryReport, resident_bytes};
pub use plan::Plan;
pub use prepared::{prepare, prepare_with};
pub use replay::require_replay;
pub use request::{PanelChoice, Request, WorkerRequest};
pub use resampling::{ResampleReport, ResampleRequest, resample, resample_bytes, resampled_series};
pub use resolved::{Resolved, resolve};
pub use screen::{
    Adjustment, Direction, Listing, ScreenPlan, ScreenRequest, ScreenSummary, ScreenTest, Span,
    plan_screen, screen, screen_answered,
};
pub use side_by_side::{side_by_side, workers};
pub use signals::Signals;
pub use stage::{Phase, Stage, peak};
pub use stop::Stop;
pub use summary::Summary;
pub use watched::Watched;
pub use weights::{LookbackLength, WeightRow, Weights, WeightsRequest, weights};
