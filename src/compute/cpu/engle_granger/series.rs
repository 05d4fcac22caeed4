//! What every series brings to its pairs: its level without terms, its own moments, its ends.

use crate::{
    compute::cpu::{
        product::Panels,
        series::{moving, scaled, without_terms},
        simd::LANES,
    },
    stats::{Trend, dot, mean},
};

/// Terms that leave less than a billionth of a series leave its rounding.
const LARGEST_SIZE: f64 = 1e9;

/// Where the regression leaves less than this share of a series' squares around its mean, the plain path may
/// find it collinear, which it does at half of it: the terms count as explanations there.
const LEAST_SHARE: f64 = 3e-6;

/// Series with the same rows, prepared for lags up to `lags`. Tables of moments and ends have the
/// series side by side, padded to whole panels.
#[derive(Default)]
pub(in crate::compute) struct Series {
    /// Positions of those that move, in the universe.
    pub(in crate::compute) assets: Vec<usize>,
    pub(in crate::compute) rows: usize,
    /// Series in the tables.
    pub(in crate::compute) width: usize,
    /// Levels without deterministic terms.
    pub(super) levels: Panels,
    /// `own[k]`: squares of the level (`k = 0`) and of the sums of differences (`k - 1` apart).
    own: Vec<f64>,
    heads: Vec<f64>,
    tails: Vec<f64>,
    /// The largest number of the series as it was given, in units of its level; infinite where the terms
    /// leave nothing but rounding.
    sizes: Vec<f64>,
    /// Squares of residuals that are too small to tell; zero without terms that explain.
    floors: Vec<f64>,
    /// One over the squares of the level.
    inverses: Vec<f64>,
    /// Roots of the squares of the level.
    lengths: Vec<f64>,
    /// Roots of the squares of the differences over those of the level.
    slopes: Vec<f64>,
}

impl Series {
    /// `members` of `columns` in `rows`; those that do not move are left out.
    pub(super) fn new(
        columns: &[&[f64]],
        members: &[usize],
        rows: &[usize],
        trend: Trend,
        lags: usize,
    ) -> Self {
        let (moving, width) = moving(columns, members, rows);
        let mut series = Self {
            assets: moving.iter().map(|(asset, _)| *asset).collect(),
            rows: rows.len(),
            width,
            levels: Panels::zeros(width, rows.len()),
            own: vec![0.0; (lags + 2) * width],
            heads: vec![0.0; (lags + 1) * width],
            tails: vec![0.0; (lags + 1) * width],
            sizes: vec![0.0; width],
            floors: vec![0.0; width],
            inverses: vec![0.0; width],
            lengths: vec![0.0; width],
            slopes: vec![0.0; width],
        };
        for (at, (_, values)) in moving.iter().enumerate() {
            let (level, scale) = scaled(without_terms(values, trend));
            let size = values.iter().fold(0.0, |most: f64, value| most.max((value * scale).abs()));
            let regressed = matches!(trend, Trend::Linear | Trend::Quadratic);
            // The rounding of the regression on the terms: the plain path has to look.
            let rounding = regressed && size > LARGEST_SIZE;
            series.sizes[at] = if rounding { f64::INFINITY } else { size };
            series.levels.set(at, &level);
            series.describe(at, &level, lags);
            if regressed {
                let center = mean(values).unwrap_or(0.0);
                let moves = values.iter().map(|value| (value - center) * scale);
                series.floors[at] = LEAST_SHARE * moves.fold(0.0, |sum, x| sum + x * x);
            }
        }
        series
    }

    fn describe(&mut self, at: usize, level: &[f64], lags: usize) {
        let (rows, width) = (level.len(), self.width);
        self.own[at] = dot(level, level);
        let differences: Vec<f64> = level.windows(2).map(|pair| pair[1] - pair[0]).collect();
        self.own[width + at] = dot(&differences, &differences);
        for lag in 1..=lags {
            let sums: Vec<f64> =
                differences[lag..].iter().zip(&differences).map(|(a, b)| a + b).collect();
            self.own[(lag + 1) * width + at] = dot(&sums, &sums);
        }
        self.inverses[at] = 1.0 / self.own[at];
        self.lengths[at] = self.own[at].sqrt();
        self.slopes[at] = (self.own[width + at] * self.inverses[at]).sqrt();
        for s in 0..=lags {
            self.heads[s * width + at] = level[s];
            self.tails[s * width + at] = level[rows - 1 - s];
        }
    }

    /// Own squares of plane `k`, series side by side.
    #[inline(always)]
    pub(super) fn own(&self, k: usize) -> &[f64] {
        &self.own[k * self.width..(k + 1) * self.width]
    }

    /// Level `s` rows after the first.
    #[inline(always)]
    pub(super) fn head(&self, s: usize) -> &[f64] {
        &self.heads[s * self.width..(s + 1) * self.width]
    }

    /// Level `s` rows before the last.
    #[inline(always)]
    pub(super) fn tail(&self, s: usize) -> &[f64] {
        &self.tails[s * self.width..(s + 1) * self.width]
    }

    /// The largest number of each series, in units of its level.
    #[inline(always)]
    pub(super) fn sizes(&self) -> &[f64] {
        &self.sizes
    }

    /// Squares of residuals of each series that are too small to tell.
    #[inline(always)]
    pub(super) fn floors(&self) -> &[f64] {
        &self.floors
    }

    /// One over the squares of each level.
    #[inline(always)]
    pub(super) fn inverses(&self) -> &[f64] {
        &self.inverses
    }

    /// Roots of the squares of each level.
    #[inline(always)]
    pub(super) fn lengths(&self) -> &[f64] {
        &self.lengths
    }

    /// Roots of the squares of each series' differences over those of its level.
    #[inline(always)]
    pub(super) fn slopes(&self) -> &[f64] {
        &self.slopes
    }

    /// The level of a series, row by row.
    pub(in crate::compute) fn level(&self, at: usize) -> impl Iterator<Item = f64> {
        let panel = self.levels.side(at / LANES * LANES, 1).rows(0, 0, self.rows);
        panel.iter().map(move |row| row.0[at % LANES])
    }

    /// The table that kernels of a device read, one row of numbers after the other, series side by side: own
    /// squares, heads, tails, then what a series has one number of.
    pub(in crate::compute) fn table(&self) -> impl Iterator<Item = &[f64]> {
        let tables = [&self.own, &self.heads, &self.tails, &self.inverses, &self.lengths];
        let last = [&self.slopes, &self.sizes, &self.floors];
        tables.into_iter().chain(last).flat_map(|table| table.chunks_exact(self.width.max(1)))
    }
}
