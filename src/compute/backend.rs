//! The verbs of this floor: coarse, slices in, owned values out, no type of a device.

use std::ops::{ControlFlow, Range};

use super::{
    pair_set::PairSet,
    pairs::{
        BasketTests, Baskets, EngleGrangerScreen, JohansenScreen, JohansenTests, PairProblem,
        PairTests,
    },
    triangle::{CrossMoments, PairwiseTriangles, ShrunkTriangle, Steps, Triangle},
};
use crate::stats::{Decay, EwmaRules, Hrp, Result};

/// Receives an answer; breaks to stop the rest of the work.
pub type Take<'a, T> = &'a mut (dyn FnMut(T) -> ControlFlow<()> + Send);

/// Definitions of `stats` in batches. Answers come in the order of the question, whatever the number of
/// workers, one at a time: none of the verbs holds more than the tiles in work.
pub trait Backend {
    /// The covariance matrix of `columns` over each of `windows`, divisor `rows - ddof`.
    ///
    /// # Errors
    /// Per window, those of [`sample_covariance`](crate::stats::sample_covariance).
    fn covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        ddof: usize,
        take: Take<'_, Result<Triangle>>,
    );

    /// The covariance matrix of `columns` over windows that step through the rows, by their numbers,
    /// divisor `rows - ddof`, updated by the rows that come and go and multiplied afresh at fixed windows:
    /// within 1e-12 of both deviations of the plain path, and the same bits whichever windows are asked
    /// for together.
    ///
    /// # Errors
    /// Per window, those of [`covariances`](Self::covariances).
    fn stepped_covariances(
        &self,
        columns: &[&[f64]],
        steps: Steps,
        windows: Range<usize>,
        ddof: usize,
        take: Take<'_, Result<Triangle>>,
    );

    /// The correlation matrix of `columns` over each of `windows`.
    ///
    /// # Errors
    /// Per window, those of [`covariances`](Self::covariances), `ZeroVariance`.
    fn correlations(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        take: Take<'_, Result<Triangle>>,
    );

    /// The distances `sqrt((1 - rho) / 2)` of the correlations `rho` of `columns` over each of `windows`, zero on
    /// the diagonal: what hierarchical risk parity clusters by.
    ///
    /// # Errors
    /// Per window, those of [`correlations`](Self::correlations).
    fn correlation_distances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        take: Take<'_, Result<Triangle>>,
    );

    /// The exponentially weighted covariance of `columns` over each of `windows`. NaN is missing.
    ///
    /// # Errors
    /// Per window, those of [`ewma_covariance`](crate::stats::ewma_covariance), and of `columns` that are none,
    /// or shorter than the window.
    fn ewma_covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        decay: Decay,
        rules: EwmaRules,
        take: Take<'_, Result<Triangle>>,
    );

    /// The covariance matrix of `columns` over each of `windows`, divisor `rows`, shrunk to a multiple of
    /// the identity by the intensity of Ledoit and Wolf.
    ///
    /// # Errors
    /// Per window, those of [`ledoit_wolf`](crate::stats::ledoit_wolf).
    fn shrunk_covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        take: Take<'_, Result<ShrunkTriangle>>,
    );

    /// The covariance of each pair of `columns` over its common rows in each of `windows`; NaN is missing.
    ///
    /// # Errors
    /// Per window, those of [`pairwise_covariance`](crate::stats::pairwise_covariance).
    fn pairwise_covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        min_periods: usize,
        take: Take<'_, Result<PairwiseTriangles>>,
    );

    /// The correlation of each pair of `columns` over its common rows in each of `windows`.
    ///
    /// # Errors
    /// Those of [`pairwise_covariances`](Self::pairwise_covariances).
    fn pairwise_correlations(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        min_periods: usize,
        take: Take<'_, Result<PairwiseTriangles>>,
    );

    /// `sum_t x_i[t] x_j[t - k]` over the rows of `window`, for every pair of `columns` in both orders and
    /// every lag `k` up to `lags`, tile by tile. Nothing is centred: whoever wants covariances gives
    /// columns less their means.
    ///
    /// # Errors
    /// `Empty`, `UnequalLengths`, `TooShort` (no row is left at the largest lag), `NonFinite`.
    fn cross_moments(
        &self,
        columns: &[&[f64]],
        window: Range<usize>,
        lags: usize,
        take: Take<'_, CrossMoments>,
    ) -> Result<()>;

    /// Engle-Granger tests of every pair of `columns`, both directions. NaN is missing: a pair is
    /// tested on the rows that both have.
    ///
    /// # Errors
    /// `Empty`, `UnequalLengths`, `NonFinite` for an infinite value.
    fn engle_granger(
        &self,
        columns: &[&[f64]],
        screen: &EngleGrangerScreen,
        take: Take<'_, PairTests>,
    ) -> Result<()>;

    /// Engle-Granger tests, both directions, of every pair of one of the first `split` of `columns`
    /// and one of the others. All have the same rows and miss none of them.
    ///
    /// # Errors
    /// Those of [`engle_granger`](Self::engle_granger); `NonFinite` for a missing value too.
    fn engle_granger_across(
        &self,
        columns: &[&[f64]],
        split: usize,
        screen: &EngleGrangerScreen,
        take: Take<'_, PairTests>,
    ) -> Result<()>;

    /// The same of the pairs that `among` holds; the others are neither tested nor counted.
    ///
    /// # Errors
    /// Those of [`engle_granger`](Self::engle_granger).
    fn engle_granger_among(
        &self,
        columns: &[&[f64]],
        screen: &EngleGrangerScreen,
        among: &PairSet,
        take: Take<'_, PairTests>,
    ) -> Result<()>;

    /// Engle-Granger tests, both directions, of the pairs of several problems: one window after the other, or
    /// all together. Answers come with the number of their problem.
    ///
    /// # Errors
    /// Those of [`engle_granger_across`](Self::engle_granger_across), of the first problem that has one.
    fn engle_granger_problems(
        &self,
        problems: &[PairProblem],
        screen: &EngleGrangerScreen,
        take: Take<'_, (usize, PairTests)>,
    ) -> Result<()>;

    /// Johansen's tests of every pair of `columns`. NaN is missing: a pair is tested on the rows that
    /// both have.
    ///
    /// # Errors
    /// Those of [`engle_granger`](Self::engle_granger); `Singular` for the restricted cases II and IV,
    /// whose relations hold a deterministic term.
    fn johansen(
        &self,
        columns: &[&[f64]],
        screen: &JohansenScreen,
        take: Take<'_, JohansenTests>,
    ) -> Result<()>;

    /// The same of the pairs that `among` holds; the others are neither tested nor counted.
    ///
    /// # Errors
    /// Those of [`johansen`](Self::johansen).
    fn johansen_among(
        &self,
        columns: &[&[f64]],
        screen: &JohansenScreen,
        among: &PairSet,
        take: Take<'_, JohansenTests>,
    ) -> Result<()>;

    /// The pairs of `columns` whose changes from one common row to the next have a correlation of at
    /// least `least`, as [`pairwise_correlation`](crate::stats::pairwise_correlation) has it. NaN is
    /// missing.
    ///
    /// # Errors
    /// Those of [`engle_granger`](Self::engle_granger).
    fn related(&self, columns: &[&[f64]], least: f64) -> Result<PairSet>;

    /// Johansen's trace test of no relation in every one of `baskets`, from products of their columns
    /// that are made once. NaN is missing: a basket is tested on the rows that all of it has. Answers
    /// come by the rows that baskets stand on, and within these in their order.
    ///
    /// # Errors
    /// Those of [`johansen`](Self::johansen).
    ///
    /// # Panics
    /// If a member is no column, or stands in a basket twice.
    fn johansen_baskets(
        &self,
        columns: &[&[f64]],
        baskets: Baskets<'_>,
        screen: &JohansenScreen,
        take: Take<'_, BasketTests>,
    ) -> Result<()>;

    /// The portfolio of hierarchical risk parity of `columns` of returns over each of `windows`: sample
    /// covariance, single linkage on the correlation distance, plain leaf order.
    ///
    /// # Errors
    /// Per window, those of [`covariances`](Self::covariances) and of
    /// [`hrp_weights`](crate::stats::hrp_weights).
    fn hrp(&self, columns: &[&[f64]], windows: &[Range<usize>], take: Take<'_, Result<Hrp>>);
}
