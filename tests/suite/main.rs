//! The one test binary: every extra one would link DuckDB and Polars again.

mod cli;
mod demo_power;
mod frame;
mod demo_store;
mod golden;
mod golden_pairs;
mod ledger_laws;
mod plain_path;
mod run;
mod scripted;
mod second_opinion;
mod store;
mod tidy;
