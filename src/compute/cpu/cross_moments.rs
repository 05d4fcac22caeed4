//! Lagged cross-moments of all pairs of columns, tile by tile.

use std::ops::{ControlFlow, Range};

use super::{
    product::{Cells, EDGE, Panels, add_products, padded},
    work::in_order,
};
use crate::{
    compute::CrossMoments,
    stats::{Refusal, Result},
};

/// Cross-moments of `columns` over the rows of `window`, for every lag up to `lags`.
pub(in crate::compute) fn cross_moments(
    workers: usize,
    columns: &[&[f64]],
    window: &Range<usize>,
    lags: usize,
    take: &mut (dyn FnMut(CrossMoments) -> ControlFlow<()> + Send),
) -> Result<()> {
    check(columns, window, lags)?;
    let rows = window.len();
    let mut panels = Panels::zeros(columns.len(), rows);
    for (at, column) in columns.iter().enumerate() {
        panels.set(at, &column[window.clone()]);
    }
    let block = |block: usize| block * EDGE..columns.len().min((block + 1) * EDGE);
    let blocks = columns.len().div_ceil(EDGE);
    let tile = |task: usize, cells: &mut Vec<f64>| {
        let (lag, now, before) =
            (task % (lags + 1), task / (lags + 1) / blocks, task / (lags + 1) % blocks);
        let (now, before) = (block(now), block(before));
        let stride = padded(before.len());
        cells.resize(padded(now.len()) * stride, 0.0);
        let [left, right] = [&now, &before].map(|side| panels.side(side.start, side.len()));
        add_products(
            &mut Cells { values: cells, stride },
            left.later(lag),
            right,
            rows - lag,
            true,
        );
        let rows = cells.chunks_exact(stride).take(now.len());
        let values = rows.flat_map(|row| &row[..before.len()]).copied().collect();
        CrossMoments { lag, now, before, values }
    };
    in_order(workers, blocks * blocks * (lags + 1), Vec::new, tile, take);
    Ok(())
}

pub(in crate::compute) fn check(
    columns: &[&[f64]],
    window: &Range<usize>,
    lags: usize,
) -> Result<()> {
    let first = columns.first().ok_or(Refusal::Empty)?.len();
    if let Some(other) = columns.iter().find(|column| column.len() != first) {
        return Err(Refusal::UnequalLengths { first, other: other.len() });
    }
    if window.start > window.end || window.end > first {
        return Err(Refusal::TooShort { needed: window.end, given: first });
    }
    if window.len() <= lags {
        return Err(Refusal::TooShort { needed: lags + 1, given: window.len() });
    }
    let finite = |column: &&[f64]| column[window.clone()].iter().all(|value| value.is_finite());
    match columns.iter().position(|column| !finite(column)) {
        Some(series) => Err(Refusal::NonFinite { series }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        compute::cpu::universe::{slices, walks},
        stats::dot,
    };

    fn all(
        workers: usize,
        columns: &[&[f64]],
        window: Range<usize>,
        lags: usize,
    ) -> Vec<CrossMoments> {
        let mut found = Vec::new();
        let mut take = |tile| {
            found.push(tile);
            ControlFlow::Continue(())
        };
        cross_moments(workers, columns, &window, lags, &mut take).expect("complete");
        found
    }

    #[test]
    fn a_moment_is_the_sum_of_products_of_its_lag() {
        let values = walks(300, 90, 71);
        let columns = slices(&values);
        let window = 5..85;
        let (mut cells, mut lags) = (0, [0; 4]);
        for tile in all(1, &columns, window.clone(), 3) {
            lags[tile.lag] += 1;
            for (i, row) in tile.now.clone().zip(tile.values.chunks(tile.before.len())) {
                for (j, found) in tile.before.clone().zip(row) {
                    let now = &columns[i][window.start + tile.lag..window.end];
                    let before = &columns[j][window.start..window.end - tile.lag];
                    let expected = dot(now, before);
                    let scale = (dot(now, now) * dot(before, before)).sqrt();
                    assert!((found - expected).abs() <= 1e-13 * scale, "{i} {j} {}", tile.lag);
                    cells += 1;
                }
            }
        }
        assert_eq!((cells, lags), (4 * 300 * 300, [4; 4]));
    }

    #[test]
    fn workers_and_strangers_change_no_bit() {
        let values = walks(300, 60, 72);
        let columns = slices(&values);
        let (one, two) = (all(1, &columns, 0..60, 2), all(2, &columns, 0..60, 2));
        assert_eq!(one, two);
        let few = all(1, &columns[..20], 0..60, 2);
        for (whole, few) in one.iter().zip(&few) {
            let rows = whole.values.chunks(whole.before.len()).zip(few.values.chunks(20));
            for (whole, few) in rows.take(20) {
                assert!(whole.iter().zip(few).all(|(a, b)| a.to_bits() == b.to_bits()));
            }
        }
    }

    #[test]
    fn what_is_not_a_table_is_refused() {
        let ask = |columns: &[&[f64]], window, lags| {
            cross_moments(1, columns, &window, lags, &mut |_| ControlFlow::Continue(())).err()
        };
        let (gap, short) = ([1.0, f64::NAN, 2.0], [1.0]);
        assert_eq!(ask(&[], 0..0, 0), Some(Refusal::Empty));
        assert_eq!(ask(&[&gap], 0..3, 0), Some(Refusal::NonFinite { series: 0 }));
        assert_eq!(ask(&[&gap], 2..3, 1), Some(Refusal::TooShort { needed: 2, given: 1 }));
        assert_eq!(ask(&[&gap], 2..9, 0), Some(Refusal::TooShort { needed: 9, given: 3 }));
        let unequal = Refusal::UnequalLengths { first: 3, other: 1 };
        assert_eq!(ask(&[&gap, &short], 0..1, 0), Some(unequal));
    }
}
