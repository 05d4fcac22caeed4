//! Batches on the processor.
#![allow(clippy::inline_always, reason = "what is not inlined keeps the narrow registers")]

mod calendars;
pub(super) mod covariance;
pub(super) mod cross_moments;
pub(super) mod engle_granger;
pub(super) mod hrp;
pub(super) mod johansen;
mod lane_matrix;
pub(super) mod pairwise;
pub(super) mod product;
mod related;
mod series;
pub(super) mod shrinkage;
mod simd;
pub(super) mod stepped;
#[cfg(test)]
mod universe;
mod work;
mod zscore_rules;

use std::ops::{ControlFlow, Range};

use super::{
    backend::{Backend, Take},
    pair_set::PairSet,
    pairs::{
        BasketTests, Baskets, EngleGrangerScreen, JohansenScreen, JohansenTests, PairProblem,
        PairTests,
    },
    triangle::{CrossMoments, PairwiseTriangles, ShrunkTriangle, Steps, Triangle},
};
use crate::stats::{Decay, EwmaRules, Hrp, LagRule, Result};

use pairwise::Moment;
pub use zscore_rules::zscore_rules;

impl Cpu {
    /// Bytes that a worker takes for Engle-Granger tests of a tile of two of the blocks of at most `block`
    /// columns that `columns` columns of `rows` rows stand in, with lags by `rule`, beside the columns
    /// themselves.
    pub fn engle_granger_bytes(columns: usize, block: usize, rows: usize, rule: LagRule) -> u64 {
        engle_granger::tile_bytes(columns, block, rows, rule)
    }

    /// Columns that a side of a tile has room for, of `columns` that are tested: what its memory follows.
    pub fn tile_columns(columns: usize) -> usize {
        product::padded(columns.min(product::EDGE))
    }
}

/// The processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpu {
    /// Threads that work; none of them changes an answer.
    pub workers: usize,
}

impl Backend for Cpu {
    fn covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        ddof: usize,
        take: Take<'_, Result<Triangle>>,
    ) {
        covariance::covariances(self.workers, columns, windows, ddof, take);
    }

    fn stepped_covariances(
        &self,
        columns: &[&[f64]],
        steps: Steps,
        windows: Range<usize>,
        ddof: usize,
        take: Take<'_, Result<Triangle>>,
    ) {
        stepped::covariances(self.workers, columns, steps, windows, ddof, take);
    }

    fn correlations(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        take: Take<'_, Result<Triangle>>,
    ) {
        let mut correlated =
            |answer: Result<Triangle>| take(answer.and_then(covariance::correlate));
        covariance::covariances(self.workers, columns, windows, 1, &mut correlated);
    }

    fn correlation_distances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        take: Take<'_, Result<Triangle>>,
    ) {
        let mut apart = |answer: Result<Triangle>| {
            take(answer.and_then(covariance::correlate).map(covariance::distances))
        };
        covariance::covariances(self.workers, columns, windows, 1, &mut apart);
    }

    fn ewma_covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        decay: Decay,
        rules: EwmaRules,
        take: Take<'_, Result<Triangle>>,
    ) {
        covariance::fading(self.workers, columns, windows, (decay, rules), take);
    }

    fn shrunk_covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        take: Take<'_, Result<ShrunkTriangle>>,
    ) {
        shrinkage::shrunk(self.workers, columns, windows, take);
    }

    fn pairwise_covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        min_periods: usize,
        take: Take<'_, Result<PairwiseTriangles>>,
    ) {
        pairwise::pairwise(self.workers, columns, windows, (Moment::Covariance, min_periods), take);
    }

    fn pairwise_correlations(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        min_periods: usize,
        take: Take<'_, Result<PairwiseTriangles>>,
    ) {
        pairwise::pairwise(
            self.workers,
            columns,
            windows,
            (Moment::Correlation, min_periods),
            take,
        );
    }

    fn cross_moments(
        &self,
        columns: &[&[f64]],
        window: Range<usize>,
        lags: usize,
        take: Take<'_, CrossMoments>,
    ) -> Result<()> {
        cross_moments::cross_moments(self.workers, columns, &window, lags, take)
    }

    fn engle_granger(
        &self,
        columns: &[&[f64]],
        screen: &EngleGrangerScreen,
        take: Take<'_, PairTests>,
    ) -> Result<()> {
        engle_granger::all_pairs(&engle_granger::OnCpu(self.workers), columns, screen, None, take)
    }

    fn engle_granger_among(
        &self,
        columns: &[&[f64]],
        screen: &EngleGrangerScreen,
        among: &PairSet,
        take: Take<'_, PairTests>,
    ) -> Result<()> {
        engle_granger::all_pairs(
            &engle_granger::OnCpu(self.workers),
            columns,
            screen,
            Some(among),
            take,
        )
    }

    fn engle_granger_across(
        &self,
        columns: &[&[f64]],
        split: usize,
        screen: &EngleGrangerScreen,
        take: Take<'_, PairTests>,
    ) -> Result<()> {
        engle_granger::across(&engle_granger::OnCpu(self.workers), columns, split, screen, take)
    }

    fn engle_granger_problems(
        &self,
        problems: &[PairProblem],
        screen: &EngleGrangerScreen,
        take: Take<'_, (usize, PairTests)>,
    ) -> Result<()> {
        for (at, problem) in problems.iter().enumerate() {
            let columns: Vec<&[f64]> = problem.columns.iter().map(Vec::as_slice).collect();
            let mut over = ControlFlow::Continue(());
            let mut numbered = |answer| {
                over = take((at, answer));
                over
            };
            match problem.split {
                Some(split) => self.engle_granger_across(&columns, split, screen, &mut numbered)?,
                None => self.engle_granger(&columns, screen, &mut numbered)?,
            }
            if over.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn johansen(
        &self,
        columns: &[&[f64]],
        screen: &JohansenScreen,
        take: Take<'_, JohansenTests>,
    ) -> Result<()> {
        johansen::all_pairs(&johansen::OnCpu(self.workers), columns, screen, None, take)
    }

    fn johansen_among(
        &self,
        columns: &[&[f64]],
        screen: &JohansenScreen,
        among: &PairSet,
        take: Take<'_, JohansenTests>,
    ) -> Result<()> {
        johansen::all_pairs(&johansen::OnCpu(self.workers), columns, screen, Some(among), take)
    }

    fn related(&self, columns: &[&[f64]], least: f64) -> Result<PairSet> {
        related::related(self.workers, columns, least)
    }

    fn johansen_baskets(
        &self,
        columns: &[&[f64]],
        baskets: Baskets<'_>,
        screen: &JohansenScreen,
        take: Take<'_, BasketTests>,
    ) -> Result<()> {
        johansen::baskets(self.workers, columns, baskets, screen, take)
    }

    fn hrp(&self, columns: &[&[f64]], windows: &[Range<usize>], take: Take<'_, Result<Hrp>>) {
        let mut weighed = |answer: Result<Triangle>| take(answer.and_then(hrp::portfolio));
        covariance::covariances(self.workers, columns, windows, 1, &mut weighed);
    }
}
