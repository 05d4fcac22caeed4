//! Barline: a backtesting engine in one binary with its database inside.
//!
//! The name: a barline is the stroke between two bars. Nothing crosses it: a decision at the
//! close of a bar knows that bar and the ones before it, and is filled in the next.
//!
//! # Floors
//! Imports only point down; a test reads the `use crate::` lines and fails otherwise.
//!
//! | floor | module | holds |
//! |---|---|---|
//! | 0 | [`error`], [`domain`] | the words: bars, horizons, combinations, panels, outcomes |
//! | 1 | [`stats`], [`demo`] | definitions as pure functions; the synthetic universe |
//! | 2 | [`compute`], [`store`] | the device, and what will run on it; DuckDB and nothing else |
//! | 3 | [`frame`] | lazy Polars frames over the store, collected into a panel |
//! | 4 | [`sim`] | fills, costs, the ledger |
//! | 5 | [`strategy`] | what decides: pairs, baskets, portfolios, baselines |
//! | 6 | [`measure`] | what a finished job is worth |
//! | 7 | [`run`] | plan, admission, workers, one writer |
//! | 8 | [`report`] | tables, CSV, JSON, Parquet |
//! | 8 | [`audit`] | attacks on a strategy: what it knew too early |
//! | 8 | [`regress`] | cases whose results are held |
//! | 8 | [`compare`] | what differs between two runs, and why |
//! | 8 | [`fetch`] | archives of an exchange, downloaded and verified |
//! | 9 | [`cli`] | arguments, settings, one file per command |

pub mod audit;
pub mod cli;
pub mod compare;
pub mod compute;
pub mod demo;
pub mod domain;
pub mod error;
pub mod fetch;
pub mod frame;
pub mod measure;
pub mod regress;
pub mod report;
pub mod run;
pub mod sim;
pub mod stats;
pub mod store;
pub mod strategy;
