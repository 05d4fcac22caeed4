//! The one test binary: every extra one would link DuckDB and Polars again.

mod cli;
mod demo_power;
mod demo_store;
mod frame;
mod golden;
mod golden_metrics;
mod golden_pairs;
mod ledger_laws;
mod portfolio_laws;
mod run;
mod scripted;
mod second_opinion;
mod stats_peers;
mod store;
mod tidy;
