//! What is asked of all pairs, and what is answered.

use crate::stats::{JohansenCase, LagRule, Trend};

/// An Engle-Granger screen of all ordered pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EngleGrangerScreen {
    /// Deterministic terms of the cointegrating regression.
    pub trend: Trend,
    /// Lag order of the residual regression.
    pub rule: LagRule,
    /// Fewest common rows a pair is tested on.
    pub min_rows: usize,
    /// Largest statistic that is of interest; infinity keeps every pair.
    pub keep_below: f64,
    /// True if a few pairs that stand alone with their rows are not left to the plain path: who else
    /// is in the universe does not choose the path of a number that is listed.
    pub only_kernel: bool,
}

/// The statistic of one ordered pair: `dependent` regressed on `regressor`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairStatistic {
    /// Column that is explained.
    pub dependent: usize,
    /// Column that explains.
    pub regressor: usize,
    /// t-ratio of the lagged residual.
    pub statistic: f64,
    /// How far the plain path may be from it; infinite where the kernel cannot tell (series that are
    /// nearly collinear, lag orders that are nearly equal), and the statistic means nothing.
    pub error: f64,
    /// Lagged differences in the residual regression.
    pub lag: usize,
}

/// The answer for some pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PairTests {
    /// Common rows of these pairs.
    pub rows: usize,
    /// Ordered pairs that were tested.
    pub tests: usize,
    /// Unordered pairs of which both directions were tested.
    pub pairs: usize,
    /// Ordered pairs without a test: a column that does not move, too few common rows.
    pub refused: usize,
    /// Of these, those with too few common rows.
    pub short: usize,
    /// Those that are of interest.
    pub kept: Vec<PairStatistic>,
}

/// Complete columns whose pairs are tested: the first `split` with the others, or all with each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PairProblem {
    /// The columns, all of one length.
    pub columns: Vec<Vec<f64>>,
    /// Columns of the first side, where there are two.
    pub split: Option<usize>,
}

/// A Johansen screen of all unordered pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JohansenScreen {
    /// Deterministic terms; cases I, III and V.
    pub case: JohansenCase,
    /// Lagged differences.
    pub lags: usize,
    /// Fewest common rows a pair is tested on.
    pub min_rows: usize,
    /// Smallest trace statistic of the null of no relation that is of interest; minus infinity keeps
    /// every pair.
    pub keep_above: f64,
}

/// The statistics of one pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JohansenPair {
    /// The column with the smaller position within its calendar.
    pub first: usize,
    /// The other column.
    pub second: usize,
    /// Trace statistics of the nulls of no relation and of at most one. The maximum eigenvalue
    /// statistics are their difference and the second.
    pub trace: [f64; 2],
    /// How far the plain path may be from them; infinite where the kernel cannot tell.
    pub error: f64,
}

/// The answer for some pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JohansenTests {
    /// Common rows of these pairs.
    pub rows: usize,
    /// Pairs that were tested.
    pub tests: usize,
    /// Pairs without a test: a column that does not move, too few common rows.
    pub refused: usize,
    /// Of these, those with too few common rows.
    pub short: usize,
    /// Those that are of interest.
    pub kept: Vec<JohansenPair>,
}

/// Combinations of columns that are tested together, all of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Baskets<'a> {
    /// Members of a basket.
    pub size: usize,
    /// Positions of columns, basket after basket; in a basket each column stands once.
    pub members: &'a [usize],
}

/// The statistic of one basket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JohansenBasket {
    /// Its place among those that were asked for.
    pub basket: usize,
    /// Trace statistic of the null of no relation.
    pub trace: f64,
    /// How far the plain path may be from it; infinite where the kernel cannot tell.
    pub error: f64,
}

/// The answer for some baskets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BasketTests {
    /// Common rows of these baskets.
    pub rows: usize,
    /// Baskets that were tested.
    pub tests: usize,
    /// Baskets without a test: a column that does not move, too few common rows.
    pub refused: usize,
    /// Of these, those with too few common rows.
    pub short: usize,
    /// Those that are of interest.
    pub kept: Vec<JohansenBasket>,
}
