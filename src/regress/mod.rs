//! Regression: cases of bars and a question whose answer is held.
//!
//! A [`Case`] names its bars ([`Fixture`]), the run on them (a [`Request`](crate::run::Request)) and what
//! is held of what the run leaves ([`Held`]). The way of a case:
//!
//! 1. `fixture` puts its bars into a store in memory: nothing of the user's is touched, and nothing is
//!    left behind however the process ends.
//! 2. `ran` runs the request there, with everything kept, and reads what the run left as [`Found`]:
//!    outcome, measures and hashes of every job (`hashes`), the bars that jobs could use, memory.
//! 3. `judge` says where it differs from what is held, a [`Difference`] a line.
//! 4. `blessing` writes what was found into the text of the case and leaves everything else there as it
//!    is; `line_diff` shows what that changed.
//! 5. `coverage` counts which strategies, outcomes and costs the cases reach; `listing` and `junit` tell
//!    the results.
//!
//! Numbers stand in cases as the shortest text that reads back as the same bits, and hashes cover bits,
//! so that "held" means held to the last bit unless a case says how far it may be off.

mod blessing;
mod case;
mod coverage;
mod fixture;
mod found;
mod hashes;
mod held;
mod judge;
mod junit;
mod line_diff;
mod listing;
mod ran;

pub use blessing::blessed;
pub use case::{Case, DEFAULT_MEASURES, DEFAULT_PLANNED_SHARE, MEASURES, PLANNED};
pub use coverage::{Coverage, Uncovered};
pub use fixture::{DemoBars, FileRows, Fixture};
pub use found::{Found, FoundBars, FoundJob};
pub use held::{Held, HeldBars, HeldValue};
pub use judge::{AMONG, Difference, PEAK, judge};
pub use junit::junit;
pub use line_diff::line_diff;
pub use listing::{CaseResult, listed};
pub use ran::ran;
