//! The one test binary: every extra one would link DuckDB and Polars again.

mod answers;
mod bad_ends;
mod binary;
mod cli;
mod crash;
mod demo_power;
mod demo_store;
mod fills;
mod frame;
mod golden;
mod golden_pairs;
mod histories;
mod hrp_options;
mod import;
mod ledger_laws;
mod one_holder;
mod plain_path;
mod portfolio_laws;
mod readme;
mod run;
mod scripted;
mod second_opinion;
mod small_store;
mod stats_peers;
mod store;
mod tidy;
