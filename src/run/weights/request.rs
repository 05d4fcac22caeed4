//! What weights are asked for, after the command line has been understood.

use crate::{
    domain::{Interval, Timestamp},
    strategy::portfolio::Portfolio,
};

/// How far the covariance looks back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LookbackLength {
    /// So many days before the close.
    Days(f64),
    /// So many bars: rows in which any of the symbols has one.
    Bars(usize),
}

/// The weights of one portfolio at one close.
#[derive(Debug, Clone)]
pub struct WeightsRequest {
    /// Symbols to weigh; all of the store when `None`.
    pub symbols: Option<Vec<String>>,
    /// Interval of the bars; the store's only one when `None`.
    pub interval: Option<Interval>,
    /// The last bar that is complete then is the one that is weighed at; the last one of all when
    /// `None`.
    pub as_of: Option<Timestamp>,
    /// The portfolio with its parameters.
    pub portfolio: Portfolio,
    /// How far it looks back.
    pub lookback: LookbackLength,
    /// Bars of its own market that a symbol may miss before it cannot be held any more.
    pub max_stale_bars: u32,
    /// Memory that it may take, bytes.
    pub budget_bytes: u64,
}
