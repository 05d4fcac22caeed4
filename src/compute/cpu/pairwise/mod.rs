//! Covariance and correlation of columns with gaps, by products of centred columns.
//!
//! With `z` a column less the mean of its own rows, zero where it is missing, and `m` one where it is
//! there: `n = m'm`, `s = z'm`, `c = (z'z - s s' / n) / (n - 1)`. Counts are made of bits, and the sums of a
//! column over the rows of another are its own sum less what stands in the rows that the other
//! misses: a column that misses few rows costs few additions, one that misses many another product.
//!
//! The centre is that of the column, not of the pair, so a cell loses digits where the common rows
//! hold little of a column's squares; such cells, and columns that hardly move, are left to the plain
//! path. How little can be left is read from the column's largest squares: no set of as many rows
//! holds more.

mod masked;
mod tile;

use std::ops::{ControlFlow, Range};

use crate::{
    compute::PairwiseTriangles,
    stats::{Refusal, Result},
};

use masked::Masked;

/// What is estimated in each cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compute) enum Moment {
    Covariance,
    Correlation,
}

/// The estimate of every window, in order.
pub(in crate::compute) fn pairwise(
    workers: usize,
    columns: &[&[f64]],
    windows: &[Range<usize>],
    (moment, min_periods): (Moment, usize),
    take: &mut (dyn FnMut(Result<PairwiseTriangles>) -> ControlFlow<()> + Send),
) {
    for window in windows {
        let found = masked(columns, window, moment)
            .map(|masked| tile::estimate(&masked, workers, min_periods));
        if take(found).is_break() {
            return;
        }
    }
}

/// Refuses what `pairwise_covariance` refuses.
pub(in crate::compute) fn check(columns: &[&[f64]], window: &Range<usize>) -> Result<()> {
    let first = columns.first().ok_or(Refusal::Empty)?.len();
    if let Some(other) = columns.iter().find(|column| column.len() != first) {
        return Err(Refusal::UnequalLengths { first, other: other.len() });
    }
    if window.start > window.end || window.end > first {
        return Err(Refusal::TooShort { needed: window.end, given: first });
    }
    let endless = |x: &&[f64]| x[window.clone()].iter().any(|value| value.is_infinite());
    match columns.iter().position(endless) {
        Some(series) => Err(Refusal::NonFinite { series }),
        None => Ok(()),
    }
}

fn masked<'a>(columns: &[&'a [f64]], window: &Range<usize>, moment: Moment) -> Result<Masked<'a>> {
    check(columns, window)?;
    let cut: Vec<&[f64]> = columns.iter().map(|column| &column[window.clone()]).collect();
    Ok(Masked::new(cut, window.len(), moment))
}

#[cfg(test)]
mod tests;
