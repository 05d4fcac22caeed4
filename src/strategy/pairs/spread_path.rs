//! The z-score of a spread bar by bar, for whoever wants to look at it.

use super::ZRule;
use crate::domain::FitRecord;

/// A pair's z-score over its trading windows, as its signals were found on it.
#[derive(Debug, Clone, PartialEq)]
pub struct SpreadPath {
    /// The two symbols in canonical order; each fit says which of them is explained.
    pub symbols: [String; 2],
    /// Where the rule enters, leaves and gives up.
    pub bands: ZRule,
    /// Opening times of the bars common to both, from the first trading window on.
    pub ts: Vec<i64>,
    /// The z-score at the close of each; NaN in windows without an accepted fit.
    pub z: Vec<f64>,
    /// The fit of every window, accepted or not.
    pub fits: Vec<FitRecord>,
}
