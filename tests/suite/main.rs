//! The test suite: one binary, a module per subject.

mod golden_metrics;
mod golden_pairs;
mod ledger_laws;
mod scripted;
mod second_opinion;
