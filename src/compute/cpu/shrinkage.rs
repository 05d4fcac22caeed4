//! Covariance of many windows shrunk to a multiple of the identity: one product each.
//!
//! The fourth moments that the intensity takes need no second product: `sum_ij sum_t x_ti^2 x_tj^2` is
//! `sum_t (sum_i x_ti^2)^2`, one pass over the centred columns.
//!
//! # References
//! Ledoit & Wolf (2004), Journal of Multivariate Analysis 88, 365-411. The plain path:
//! [`ledoit_wolf`](crate::stats::ledoit_wolf).

use std::{
    ops::{ControlFlow, Range},
    sync::{Mutex, PoisonError},
};

use super::{
    covariance::{Scratch, covariance, of_windows},
    product::EDGE,
    simd::{Kernel, LANES, Lanes, widest},
    work::in_order,
};
use crate::{
    compute::{ShrunkTriangle, Triangle},
    stats::{Refusal, Result, dot},
};

/// Shrunk covariance matrices of `windows`, in their order.
pub(super) fn shrunk(
    workers: usize,
    columns: &[&[f64]],
    windows: &[Range<usize>],
    take: &mut (dyn FnMut(Result<ShrunkTriangle>) -> ControlFlow<()> + Send),
) {
    of_windows(workers, columns, windows, take, |workers, window, scratch| {
        let sample = covariance(workers, columns, window, 0, scratch)?;
        shrink(workers, sample, fourth_moments(scratch, columns.len(), window.len()), window.len())
    });
}

/// `sum_t (sum_i x_ti^2)^2`.
fn fourth_moments(scratch: &Scratch, assets: usize, rows: usize) -> f64 {
    let mut lengths = vec![0.0; rows];
    let columns = scratch.centered.side(0, assets);
    for panel in 0..columns.panels() {
        widest(Lengthen { lengths: &mut lengths, panel: columns.rows(panel, 0, rows) });
    }
    dot(&lengths, &lengths)
}

pub(in crate::compute) fn shrink(
    workers: usize,
    mut sample: Triangle,
    fourth: f64,
    rows: usize,
) -> Result<ShrunkTriangle> {
    let order = sample.order();
    let diagonal: Vec<f64> = (0..order).map(|i| sample.get(i, i)).collect();
    let target = diagonal.iter().fold(0.0, |sum, variance| sum + variance) / order as f64;
    let rows = rows as f64;
    // Both triangles without the diagonal: a sum per block of rows, added up in their order.
    let mut beside = 0.0;
    let block = |block: usize, (): &mut ()| {
        let rows = block * EDGE..order.min((block + 1) * EDGE);
        rows.map(|i| widest(Squares(&sample.upper(i)[1..]))).fold(0.0, |sum, row| sum + row)
    };
    in_order(
        workers,
        order.div_ceil(EDGE),
        || (),
        block,
        |sum| {
            beside += 2.0 * sum;
            ControlFlow::Continue(())
        },
    );
    let along = |center: f64| {
        diagonal.iter().fold(0.0, |sum, variance| sum + (variance - center) * (variance - center))
    };
    let (squares, distance) = (beside + along(0.0), beside + along(target));
    let spread = (fourth / rows - squares) / rows;
    let delta = if distance > 0.0 { spread.clamp(0.0, distance) / distance } else { 0.0 };
    if !delta.is_finite() {
        return Err(Refusal::Overflow);
    }
    let blocks: Vec<Mutex<&mut [f64]>> = sample.row_blocks(EDGE).map(Mutex::new).collect();
    let scale = |block: usize, (): &mut ()| {
        let mut rows = blocks[block].lock().unwrap_or_else(PoisonError::into_inner);
        for (i, row) in rows.chunks_mut(order).enumerate() {
            let own = block * EDGE + i;
            for cell in &mut row[own..] {
                *cell *= 1.0 - delta;
            }
            row[own] += delta * target;
        }
    };
    in_order(workers, blocks.len(), || (), scale, |()| ControlFlow::Continue(()));
    drop(blocks);
    Ok(ShrunkTriangle { covariance: sample, delta })
}

/// Adds the squares of eight columns, one after the other, to the squared lengths of their rows.
struct Lengthen<'a> {
    lengths: &'a mut [f64],
    panel: &'a [Lanes],
}

impl Kernel for Lengthen<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (length, row) in self.lengths.iter_mut().zip(self.panel) {
            *length = row.0.iter().fold(*length, |sum, x| sum + x * x);
        }
    }
}

/// The sum of squares of some cells, in as many partial sums as there are lanes.
struct Squares<'a>(&'a [f64]);

impl Kernel for Squares<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let (eights, rest) = self.0.as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for cells in eights {
            for (sum, cell) in sums.iter_mut().zip(cells) {
                *sum += cell * cell;
            }
        }
        let of_eights = sums.iter().fold(0.0, |sum, lane| sum + lane);
        rest.iter().fold(of_eights, |sum, cell| sum + cell * cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        compute::cpu::universe::{near_constant, slices, walks},
        stats::ledoit_wolf,
    };

    fn all(
        workers: usize,
        columns: &[&[f64]],
        windows: &[Range<usize>],
    ) -> Vec<Result<ShrunkTriangle>> {
        let mut found = Vec::new();
        shrunk(workers, columns, windows, &mut |answer| {
            found.push(answer);
            ControlFlow::Continue(())
        });
        found
    }

    #[test]
    fn it_is_the_plain_path_in_every_window() {
        for (assets, rows) in [(1, 9), (6, 300), (70, 120), (530, 60)] {
            let mut values = walks(assets, rows, 41);
            if assets > 5 {
                values[1].iter_mut().for_each(|x| *x = *x * 1e-9 + 5.0);
                values[2].fill(0.1);
                values[3] = near_constant(rows);
                values[4] = values[5].iter().map(|x| 2.0 * x).collect();
            }
            let columns = slices(&values);
            let windows = [0..rows, rows / 3..rows - 1];
            for workers in [1, 2] {
                for (window, found) in windows.iter().zip(all(workers, &columns, &windows)) {
                    let cut: Vec<&[f64]> = columns.iter().map(|x| &x[window.clone()]).collect();
                    let (plain, found) =
                        (ledoit_wolf(&cut).expect("complete"), found.expect("too"));
                    let off = (plain.delta - found.delta).abs();
                    assert!(off <= 1e-12 * plain.delta.max(1e-3), "{} {off:e}", plain.delta);
                    for i in 0..assets {
                        for j in i..assets {
                            let cell = |i, j| plain.covariance.get(i, j);
                            let off = (found.covariance.get(i, j) - cell(i, j)).abs();
                            let scale = (cell(i, i) * cell(j, j)).sqrt();
                            assert!(off <= 1e-12 * scale, "{i} {j}: {off:e} of {scale:e}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn workers_change_no_bit() {
        let values = walks(600, 90, 42);
        let columns = slices(&values);
        let of = |workers| all(workers, &columns, &[5..90, 0..40]);
        for (one, two) in of(1).into_iter().zip(of(2)) {
            let (one, two) = (one.expect("complete"), two.expect("complete"));
            assert_eq!(one.delta.to_bits(), two.delta.to_bits());
            let bits = |x: &ShrunkTriangle, i| -> Vec<u64> {
                x.covariance.upper(i).iter().map(|cell| cell.to_bits()).collect()
            };
            assert!((0..600).all(|i| bits(&one, i) == bits(&two, i)));
        }
    }

    #[test]
    fn what_the_plain_path_refuses_is_refused() {
        let flat = [1.0; 5];
        let found = all(1, &[&flat, &flat], &[0..5, 2..2, 0..9]);
        let empty = found[0].as_ref().expect("complete");
        assert!(empty.delta.abs() <= 0.0 && empty.covariance.get(0, 1).abs() <= 0.0);
        assert_eq!(found[1].as_ref().err(), Some(&Refusal::TooShort { needed: 1, given: 0 }));
        assert_eq!(found[2].as_ref().err(), Some(&Refusal::TooShort { needed: 9, given: 5 }));
        let huge = [1e90, -1e90];
        assert_eq!(
            all(1, &[&huge, &huge], std::slice::from_ref(&(0..2)))[0].as_ref().err(),
            Some(&Refusal::Overflow)
        );
    }
}
