//! What a case holds: its table `[hold]`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What is held of a case; what is not there is not judged.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Held {
    /// Number of jobs.
    pub jobs: Option<u64>,
    /// Jobs by outcome.
    pub outcomes: Option<BTreeMap<String, u64>>,
    /// Bars that the jobs could use, all horizons and instruments together.
    pub bars: Option<u64>,
    /// Hash of all fills.
    pub fills: Option<String>,
    /// Hash of all equity.
    pub equity: Option<String>,
    /// Planned peak in bytes by number of workers.
    pub planned_bytes: Option<BTreeMap<String, u64>>,
    /// Bars by horizon and instrument: `60d demo:BOLERO`.
    pub bars_of: Option<BTreeMap<String, HeldBars>>,
    /// Jobs by name, `hrp 60d BOLERO,TOCCATA`: outcome, measures, hashes of fills and equity.
    pub job: Option<BTreeMap<String, BTreeMap<String, HeldValue>>>,
}

/// The bars of an instrument over a horizon.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldBars {
    /// How many.
    pub bars: u64,
    /// Hash of their content.
    pub content: String,
}

/// A value that is held of a job.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a text or a number")]
pub enum HeldValue {
    /// A count.
    Whole(i64),
    /// A measure.
    Real(f64),
    /// An outcome or a hash.
    Text(String),
}

impl HeldValue {
    /// The value as a number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    /// The value as it is told.
    pub fn told(&self) -> String {
        match self {
            Self::Whole(number) => number.to_string(),
            Self::Real(number) => format!("{number:?}"),
            Self::Text(text) => text.clone(),
        }
    }
}
