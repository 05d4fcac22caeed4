//! What every series brings to its systems: levels, moves, moments of its own, ends.

use crate::{
    compute::cpu::{
        product::{EDGE, Panels, Side},
        series::{moving, scaled, without_terms},
        simd::LANES,
    },
    stats::{Trend, dot},
};

/// Series with the same rows, for tests with `lags` lagged differences. Variables are the differences
/// `0..=lags` steps back, then the level one step back.
pub(in crate::compute) struct Series {
    pub(in crate::compute) assets: Vec<usize>,
    pub(in crate::compute) rows: usize,
    pub(in crate::compute) lags: usize,
    pub(in crate::compute) terms: usize,
    pub(in crate::compute) width: usize,
    levels: Panels,
    moves: Panels,
    /// Moments of a series with itself, without terms: `own[u][v]`, `u <= v`.
    own: Vec<f64>,
    /// Components along the deterministic terms: `along[term][u]`.
    along: Vec<f64>,
    heads: Vec<f64>,
    tails: Vec<f64>,
    /// The largest number of each series as it was given, over the smaller of its level and its
    /// moves: how much of it the rounding of the plain path reaches.
    grains: Vec<f64>,
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
        let (variables, terms) = (lags + 2, trend.terms());
        let mut series = Self {
            assets: moving.iter().map(|(asset, _)| *asset).collect(),
            rows: rows.len(),
            lags,
            terms,
            width,
            levels: Panels::zeros(width, rows.len()),
            moves: Panels::zeros(width, rows.len()),
            own: vec![0.0; variables * variables * width],
            along: vec![0.0; terms * variables * width],
            heads: vec![0.0; (lags + 1) * width],
            tails: vec![0.0; (lags + 1) * width],
            grains: vec![0.0; width],
        };
        let basis = basis(rows.len() - lags - 1, trend);
        for (at, (_, values)) in moving.iter().enumerate() {
            let (level, scale) = scaled(without_terms(values, trend));
            let largest = values.iter().fold(0.0, |most: f64, x| most.max((x * scale).abs()));
            series.grains[at] = largest;
            series.describe(at, &level, &basis);
        }
        series
    }

    fn describe(&mut self, at: usize, level: &[f64], basis: &[Vec<f64>]) {
        let (rows, lags, width) = (level.len(), self.lags, self.width);
        let differences: Vec<f64> = level.windows(2).map(|pair| pair[1] - pair[0]).collect();
        self.levels.set(at, level);
        self.moves.set(at, &differences);
        for s in 0..=lags {
            self.heads[s * width + at] = level[s];
            self.tails[s * width + at] = level[rows - 1 - s];
        }
        let variables = lags + 2;
        let mut sample: Vec<Vec<f64>> =
            (0..=lags).map(|j| differences[lags - j..rows - 1 - j].to_vec()).collect();
        sample.push(level[lags..rows - 1].to_vec());
        for (u, variable) in sample.iter_mut().enumerate() {
            for (term, direction) in basis.iter().enumerate() {
                let along = dot(variable, direction);
                self.along[(term * variables + u) * width + at] = along;
                for (value, part) in variable.iter_mut().zip(direction) {
                    *value -= along * part;
                }
            }
        }
        let least = sample.iter().map(|x| dot(x, x)).fold(f64::INFINITY, f64::min);
        self.grains[at] *= (rows as f64 / least).sqrt();
        for u in 0..variables {
            for v in u..variables {
                self.own[(u * variables + v) * width + at] = dot(&sample[u], &sample[v]);
            }
        }
    }

    /// Moments of variables `u <= v` of a series, series side by side.
    #[inline(always)]
    pub(super) fn own(&self, u: usize, v: usize) -> &[f64] {
        &self.own[(u * (self.lags + 2) + v) * self.width..][..self.width]
    }

    /// Component of variable `u` along a term.
    #[inline(always)]
    pub(super) fn along(&self, term: usize, u: usize) -> &[f64] {
        &self.along[(term * (self.lags + 2) + u) * self.width..][..self.width]
    }

    /// Level `s` rows after the first.
    #[inline(always)]
    pub(super) fn head(&self, s: usize) -> &[f64] {
        &self.heads[s * self.width..][..self.width]
    }

    /// Level `s` rows before the last.
    #[inline(always)]
    pub(super) fn tail(&self, s: usize) -> &[f64] {
        &self.tails[s * self.width..][..self.width]
    }

    /// How far the rounding of each series reaches into its moves.
    #[inline(always)]
    pub(super) fn grains(&self) -> &[f64] {
        &self.grains
    }

    /// Levels of a block of series, one side of a product.
    pub(super) fn levels(&self, block: usize) -> Side<'_> {
        self.levels.side(block * EDGE, self.count(block))
    }

    /// Differences, from the one after `shift` others.
    pub(super) fn moves(&self, block: usize, shift: usize) -> Side<'_> {
        self.moves.side(block * EDGE, self.count(block)).later(shift)
    }

    /// Series of a block.
    pub(super) fn count(&self, block: usize) -> usize {
        EDGE.min(self.assets.len() - block * EDGE)
    }

    /// The level of a series, row by row.
    pub(in crate::compute) fn level(&self, at: usize) -> impl Iterator<Item = f64> {
        let panel = self.levels.side(at / LANES * LANES, 1).rows(0, 0, self.rows);
        panel.iter().map(move |row| row.0[at % LANES])
    }

    /// The table that kernels of a device read, one row of numbers after the other, series side by side:
    /// own moments, components along the terms, heads, tails, grains.
    pub(in crate::compute) fn table(&self) -> impl Iterator<Item = &[f64]> {
        let tables = [&self.own, &self.along, &self.heads, &self.tails, &self.grains];
        tables.into_iter().flat_map(|table| table.chunks_exact(self.width.max(1)))
    }
}

/// The deterministic terms on a sample, orthogonal and of length one.
fn basis(rows: usize, trend: Trend) -> Vec<Vec<f64>> {
    let mut found: Vec<Vec<f64>> = Vec::new();
    for mut column in trend.columns(rows) {
        for _ in 0..2 {
            for other in &found {
                let along = dot(&column, other);
                for (value, part) in column.iter_mut().zip(other) {
                    *value -= along * part;
                }
            }
        }
        let norm = dot(&column, &column).sqrt();
        for value in &mut column {
            *value /= norm;
        }
        found.push(column);
    }
    found
}
