//! A series on its way into products: without its deterministic terms, of the size of one.

use super::product::padded;
use crate::stats::{Center, Trend, mean, moves, ols};

/// Those of `members` that move in `rows`, each with its values there, and how many series their
/// tables have room for: padded to whole panels.
pub(super) fn moving(
    columns: &[&[f64]],
    members: &[usize],
    rows: &[usize],
) -> (Vec<(usize, Vec<f64>)>, usize) {
    let gathered = |asset: &usize| {
        let column = columns[*asset];
        let values: Vec<f64> = rows.iter().map(|row| column[*row]).collect();
        (*asset, values)
    };
    let moving: Vec<(usize, Vec<f64>)> =
        members.iter().map(gathered).filter(|(_, values)| moves(values)).collect();
    let width = padded(moving.len());
    (moving, width)
}

/// The residuals on the deterministic terms: what is regressed on another such residual has the
/// residuals of the whole regression (Frisch and Waugh).
pub(super) fn without_terms(values: &[f64], trend: Trend) -> Vec<f64> {
    let centered = |values: &[f64]| {
        let center = mean(values).unwrap_or(0.0);
        values.iter().map(|value| value - center).collect::<Vec<f64>>()
    };
    match trend {
        Trend::None => values.to_vec(),
        Trend::Constant => centered(values),
        Trend::Linear | Trend::Quadratic => {
            let terms = trend.columns(values.len());
            let terms: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
            // Centred first: the level of a price is far above its moves.
            let centered = centered(values);
            ols(&terms, &centered, Center::Mean).map_or(centered, |fit| fit.residuals)
        }
    }
}

/// The series times the power of two that brings it to the size of one: exact, and no statistic sees
/// it, so that the squares of tiny and huge prices neither vanish nor overflow. Answers
/// the power too.
pub(super) fn scaled(mut level: Vec<f64>) -> (Vec<f64>, f64) {
    let largest = level.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let exponent = libm::frexp(largest).1.clamp(-1_000, 1_000);
    let scale = libm::scalbn(1.0, -exponent);
    for value in &mut level {
        *value *= scale;
    }
    (level, scale)
}
