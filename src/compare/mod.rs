//! What differs between two runs, and why.
//!
//! The rows come from the named queries `compare` and `compare-screens`. Why they differ comes from what
//! the store knows of both runs ([`RunFacts`](crate::store::RunFacts)):
//!
//! 1. `configuration` makes a list of keys of each resolved configuration, strategies with their
//!    parameters included.
//! 2. [`Causes`] are what differs there, in the bars that the runs could use (`bars`), in the engine and in how
//!    far the runs came; for a row it picks those that can reach it.
//! 3. [`Reasoned`] are the rows with a column `why`, behind a row per cause where a program reads them.
//!
//! A row that none of the causes can reach is said to be unexplained.

mod bars;
mod causes;
mod configuration;
mod reasoned;

pub use causes::{Cause, Causes};
pub use reasoned::{Counts, Reasoned};
