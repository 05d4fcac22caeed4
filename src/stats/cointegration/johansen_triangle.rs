//! The reduced data of Johansen's regressions, and the eigenvalue problem in it.
//!
//! One orthogonal reduction of `[terms | lagged differences | dx_t | x_{t-1}]` holds every `S_ij` as
//! products of its triangle's blocks, so that no product of the data is ever formed: `S_0k` comes from
//! the block of levels beside the differences, `S_kk` from that and the block below. A second
//! reduction whitens the levels, and the eigenvalues are those of a symmetric matrix of order `n`.

use super::johansen_case::JohansenCase;
use crate::stats::{
    eigen::eigen,
    householder::Reduction,
    matrix::SymmetricMatrix,
    refusal::{Refusal, Result},
    trend::Trend,
};

/// The rows `t` of the regressions.
pub(super) fn sample(lags: usize, rows: usize) -> std::ops::Range<usize> {
    lags.saturating_add(1).min(rows)..rows
}

/// What stands in the regressions.
pub(super) struct Layout {
    pub(super) lags: usize,
    pub(super) rows: usize,
    pub(super) case: JohansenCase,
    pub(super) unrestricted: Trend,
}

/// The reduced data: its blocks are all that the tests and the error correction model need.
#[derive(Debug, Clone)]
pub(super) struct Triangle {
    pub(super) reduction: Reduction,
    /// Columns partialled out: unrestricted terms, lagged differences, further regressors.
    pub(super) partialled: usize,
    /// Unrestricted deterministic terms among them.
    pub(super) terms: usize,
    /// Series.
    pub(super) series: usize,
    /// Components of the level.
    pub(super) components: usize,
}

impl Triangle {
    /// Cell of the differences' triangle, `i <= j < series`.
    pub(super) fn difference(&self, i: usize, j: usize) -> f64 {
        self.reduction.r(self.partialled + i, self.partialled + j)
    }

    /// Cell `i` of level component `j`: the first `series` cells lie along the differences, the rest
    /// beside them.
    pub(super) fn level(&self, i: usize, j: usize) -> f64 {
        let below_diagonal = i > self.series + j;
        let column = self.partialled + self.series + j;
        if below_diagonal { 0.0 } else { self.reduction.r(self.partialled + i, column) }
    }
}

/// Reduces `[terms | lagged differences | regressors | dx_t | level]`.
pub(super) fn reduce(
    layout: &Layout,
    series: &[&[f64]],
    levels: &[&[f64]],
    regressors: &[&[f64]],
) -> Result<Triangle> {
    let sample = sample(layout.lags, layout.rows);
    let terms = layout.unrestricted.columns(sample.len());
    let restricted = layout.case.restricted(sample.len());
    let differences: Vec<Vec<f64>> =
        series.iter().map(|x| x.windows(2).map(|pair| pair[1] - pair[0]).collect()).collect();
    // Difference t of a series stands at t - 1 of its list.
    let lagged = |j: usize| {
        let sample = sample.clone();
        differences.iter().map(move |dx| &dx[sample.start - 1 - j..sample.end - 1 - j])
    };
    let mut columns: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
    let lagged_columns = layout.lags.saturating_mul(series.len());
    let partialled = lagged_columns.saturating_add(terms.len() + regressors.len());
    let components = series.len() + usize::from(restricted.is_some());
    let width = partialled.saturating_add(series.len() + components);
    // One more row than columns, or some relation is exact by construction.
    if sample.len() <= width {
        let needed = width.saturating_add(layout.lags).saturating_add(2);
        return Err(Refusal::TooShort { needed, given: layout.rows });
    }
    columns.extend((1..=layout.lags).flat_map(lagged));
    columns.extend(regressors.iter().map(|values| &values[sample.clone()]));
    columns.extend(lagged(0));
    columns.extend_from_slice(levels);
    columns.extend(restricted.as_deref());
    let reduction = Reduction::new(&columns, &vec![0.0; sample.len()]);
    reduction.check_rank()?;
    let series = series.len();
    Ok(Triangle { reduction, partialled, terms: terms.len(), series, components })
}

/// Eigenvalues and vectors of `S_k0 S_00^-1 S_0k` in the metric of `S_kk`.
pub(super) fn relations(triangle: &Triangle) -> Result<(Vec<f64>, Vec<Vec<f64>>)> {
    let components = triangle.components;
    let height = triangle.series + components;
    let stacked: Vec<Vec<f64>> =
        (0..components).map(|j| (0..height).map(|i| triangle.level(i, j)).collect()).collect();
    let columns: Vec<&[f64]> = stacked.iter().map(Vec::as_slice).collect();
    let white = Reduction::new(&columns, &vec![0.0; height]);
    white.check_rank()?;
    // Row i of the block along the differences, whitened: q L = row.
    let whitened: Vec<Vec<f64>> = (0..triangle.series)
        .map(|i| white.solve_rows(&columns.iter().map(|column| column[i]).collect::<Vec<_>>()))
        .collect();
    let products = SymmetricMatrix::from_upper(components, |a, b| {
        whitened.iter().fold(0.0, |sum, row| sum + row[a] * row[b])
    });
    let found = eigen(&products)?;
    let scale = (triangle.reduction.rows() as f64).sqrt();
    let vectors = found.vectors.iter().map(|w| scaled(white.solve_leading(w), scale)).collect();
    Ok((found.values.iter().map(|value| value.max(0.0)).collect(), vectors))
}

/// `vector` times `scale`, its first component that is not zero positive.
fn scaled(mut vector: Vec<f64>, scale: f64) -> Vec<f64> {
    let leading = vector.iter().find(|value| **value != 0.0);
    let signed = if leading.is_some_and(|value| *value < 0.0) { -scale } else { scale };
    for value in &mut vector {
        *value *= signed;
    }
    vector
}
