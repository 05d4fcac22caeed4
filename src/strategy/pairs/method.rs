//! What a strategy of pairs says: how a pair is fitted, and when it is traded on its fits.
//!
//! [`PairBook`](super::PairBook) asks it: a fit per trading window on the formation window before it,
//! then one scan over all windows.

use std::{fmt::Debug, ops::Range};

use serde::Serialize;

use super::{
    CommonRows, PairLegs, PairScreen, PairSignal, PairSizing, WindowFit, ZRule, refits::Refits,
};
use crate::{domain::FitRecord, error::Result};

/// The log closes of a pair's common bars in a formation window.
pub(in crate::strategy) struct Formation<'f> {
    /// Symbols, in canonical order.
    pub(in crate::strategy) symbols: [&'f str; 2],
    /// Log closes of each, bar by bar.
    pub(in crate::strategy) logs: [&'f [f64]; 2],
    /// Opening times of the bars.
    pub(in crate::strategy) ts: &'f [i64],
    /// First moment of the window and the moment it ends.
    pub(in crate::strategy) span: (i64, i64),
    /// Scored window in days.
    pub(in crate::strategy) horizon_days: u32,
    /// Number of the refit.
    pub(in crate::strategy) refit: u32,
    /// Bars that the window nominally holds.
    pub(in crate::strategy) nominal_bars: f64,
    /// Fewest bars it must hold.
    pub(in crate::strategy) needed_bars: usize,
    /// True if the pair is known to fail its test ([`PairMethod::screen`]).
    pub(in crate::strategy) is_ruled_out: bool,
}

/// What came of a fit.
pub(in crate::strategy) struct Verdict<M> {
    /// What the store keeps of it.
    pub(in crate::strategy) record: Option<FitRecord>,
    /// Kendall's tau of the legs, where it was measured.
    pub(in crate::strategy) tau: Option<f64>,
    /// What the next window trades on; `None` where the pair was not accepted.
    pub(in crate::strategy) model: Option<M>,
}

/// A trading window and what it trades on.
pub(in crate::strategy) struct FittedWindow<M> {
    /// Pair rows that it trades.
    pub(in crate::strategy) rows: Range<usize>,
    /// Pair rows of its formation window, which ends where the trading window begins.
    pub(in crate::strategy) formation: Range<usize>,
    /// Its fit; `None` where the pair was not accepted.
    pub(in crate::strategy) model: Option<M>,
}

/// Parameters of a strategy of spreads.
pub(in crate::strategy) trait SpreadParameters:
    Debug + Copy + Send + Sync + Serialize
{
    /// Name in flags and results.
    const NAME: &'static str;

    /// Checks what the types cannot.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    fn check(&self) -> Result<()>;

    /// Formation window, and distance of the refits.
    fn refits(&self) -> Refits;
}

/// How pairs are fitted and traded.
pub(in crate::strategy) trait PairMethod: SpreadParameters {
    /// Bytes of signals, at 56 each, for a bar of the scored window.
    const SIGNAL_BYTES_PER_BAR: u64;

    /// True if its fits are records that the store keeps.
    const HANDS_ON_FITS: bool;

    /// See [`Strategy::bars_per_trade`](crate::strategy::Strategy::bars_per_trade).
    const BARS_PER_TRADE: u64;

    /// What a window trades on.
    type Model;

    /// The test that rules pairs out before they are fitted, if there is one.
    fn screen(&self) -> Option<PairScreen> {
        None
    }

    /// How large an entry is.
    fn sizing(&self) -> PairSizing;

    /// Fits one formation window.
    fn fit(&self, formation: &Formation<'_>) -> Verdict<Self::Model>;

    /// What the decider must know of a fit.
    fn window_fit(&self, model: &Self::Model) -> WindowFit;

    /// Every signal over the windows, on the pair's rows. What it says at a row must depend on no
    /// later one.
    fn signals(&self, rows: &CommonRows, windows: &[FittedWindow<Self::Model>]) -> Vec<PairSignal>;

    /// The z-scores that [`Self::signals`] looks at, a row each from the first window's first row on;
    /// NaN where no fit was accepted, `None` for a method that has no z-score.
    fn z_scores(
        &self,
        rows: &CommonRows,
        windows: &[FittedWindow<Self::Model>],
    ) -> Option<Vec<f64>> {
        let _ = (rows, windows);
        None
    }

    /// The thresholds of the z-score, where there is one.
    fn bands(&self) -> Option<ZRule> {
        None
    }

    /// What is to be said of `pairs` none of which was accepted at any refit, from a colon on.
    fn why_none(&self, pairs: &[PairLegs]) -> String {
        let _ = pairs;
        String::new()
    }
}
