//! The keys of a configuration and the forms their values may have.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use serde::Deserialize;
use toml::value::Datetime;

use super::cost_tables::CostTable;
use crate::{
    sim::{InstrumentTerms, Limits, Rules},
    strategy::StrategyParameters,
};

/// The keys of a file: the flags that say what a run is, not those that say what to do with it now
/// (`--dry-run`, `--fresh`).
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Keys {
    pub(super) multi_pair: bool,
    pub(super) quick: bool,
    pub(super) symbols: Option<List>,
    pub(super) strategies: Option<List>,
    pub(super) signals: Option<PathBuf>,
    pub(super) from_screen: Option<String>,
    pub(super) sizes: Option<List>,
    pub(super) max_combinations: Option<i64>,
    pub(super) ranks: Option<String>,
    pub(super) seed: Option<i64>,
    pub(super) interval: Option<String>,
    pub(super) horizons: Option<List>,
    pub(super) warmup_multiplier: Option<Number>,
    pub(super) as_of: Option<Moment>,
    pub(super) periods_per_year: Option<Number>,
    pub(super) capital: Option<Number>,
    pub(super) commission_bps: Option<Number>,
    pub(super) slippage_bps: Option<Number>,
    pub(super) borrow_bps: Option<Number>,
    pub(super) fill: Option<String>,
    pub(super) max_stale_bars: Option<i64>,
    pub(super) workers: Option<i64>,
    pub(super) max_workers: Option<i64>,
    pub(super) sequential: bool,
    pub(super) memory_budget: Option<String>,
    pub(super) memory_warn: Option<String>,
    pub(super) device: Option<String>,
    pub(super) vram_budget: Option<String>,
    pub(super) panel: Option<String>,
    pub(super) job_timeout: Option<Number>,
    pub(super) batch_jobs: Option<i64>,
    pub(super) keep: Option<String>,
    pub(super) db: Option<PathBuf>,
    pub(super) format: Option<String>,
    pub(super) strategy: StrategyParameters,
    pub(super) costs: CostTable,
    pub(super) limits: Limits,
    pub(super) rules: Rules,
    pub(super) instrument: BTreeMap<String, InstrumentTerms>,
}

/// A list, or its flag's text.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a list, or a text with commas")]
pub(super) enum List {
    Text(String),
    Number(i64),
    Items(Vec<Item>),
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a text or a whole number")]
pub(super) enum Item {
    Number(i64),
    Text(String),
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a number")]
pub(super) enum Number {
    Whole(i64),
    Real(f64),
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a date or a time")]
pub(super) enum Moment {
    Text(String),
    Written(Datetime),
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Items(items) => items.iter().enumerate().try_for_each(|(at, item)| {
                let comma = if at == 0 { "" } else { "," };
                match item {
                    Item::Number(number) => write!(f, "{comma}{number}"),
                    Item::Text(text) => write!(f, "{comma}{text}"),
                }
            }),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Written(moment) => write!(f, "{moment}"),
        }
    }
}
