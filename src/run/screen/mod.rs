//! A screen: tests of cointegration over all combinations of a universe, and which are listed.
//!
//! The kernels of `compute` propose, at a threshold that is loosened by what they may be wrong by;
//! the plain path of `stats` makes every test that is listed and decides. Only `--all` lists the
//! kernel's own numbers, and says so in every row. The number of tests is counted whatever is listed,
//! stored with the screen, and what p-values are adjusted for.
//!
//! The way of a screen: `window` settles which bars, `columns` holds their closes, `propose` hands on
//! what may be of interest tile by tile, `pool` keeps it (16 bytes a test) until all are known,
//! `judging` tests it again by the plain path (`method`), `adjusted` makes q-values, and `listing` hands
//! rows to the store in batches, the most significant first (`told` holds the kernel's numbers where these are
//! listed). What has no test is counted by reason (`refusals`). What `plan` (by the formulas of `footprint`) has no memory for is sorted on
//! the disk: a screen is refused before it begins, or not at all.

mod adjusted;
mod columns;
mod execute;
mod footprint;
mod judging;
mod listing;
mod members;
mod method;
mod plan;
mod pool;
mod propose;
mod refusals;
mod request;
mod rows;
mod told;
mod window;

pub use execute::{ScreenSummary, screen, screen_answered};
pub use plan::{ScreenPlan, plan_screen};
pub use request::{Adjustment, Direction, Listing, ScreenRequest, ScreenTest, Span};
