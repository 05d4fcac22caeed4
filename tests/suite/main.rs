//! The one test binary: every extra one would link DuckDB and Polars again.

mod cli;
mod demo_power;
mod demo_store;
mod fills;
mod frame;
mod golden;
mod golden_metrics;
mod golden_pairs;
mod histories;
mod ledger_laws;
mod run;
mod scripted;
mod second_opinion;
mod small_store;
mod store;
mod tidy;
