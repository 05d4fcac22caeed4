//! Batches on the processor.

mod zscore_rules;

pub use zscore_rules::zscore_rules;
