//! Lagged cross-moments, tile by tile, with the processor's bits.

use std::ops::{ControlFlow, Range};

use super::{
    batches::{Lane, Words, Work, in_batches},
    device::Device,
    fault::Done,
    launch::Memory,
    product::{Product, TILE_WORDS, Tile},
};
use crate::{
    compute::{CrossMoments, Take, cpu::cross_moments},
    stats::Result,
};

/// Columns on a side of a tile.
const EDGE: usize = 256;
/// Tiles of a batch.
const MOST: usize = 64;

/// Cross-moments of `columns` over the rows of `window`, for every lag up to `lags`.
pub(super) fn cross_moments(
    (device, workers): (&Device, usize),
    columns: &[&[f64]],
    window: &Range<usize>,
    lags: usize,
    take: Take<'_, CrossMoments>,
) -> Result<()> {
    cross_moments::check(columns, window, lags)?;
    let cut: Vec<&[f64]> = columns.iter().map(|column| &column[window.clone()]).collect();
    let memory = match device.columns(&cut, window.len()) {
        Ok(memory) if device.is_of_use() => memory,
        met => {
            met.map_err(|fault| device.met(fault)).ok();
            return cross_moments::cross_moments(workers, columns, window, lags, take);
        }
    };
    let work = Tiles { columns, window, lags, workers, memory };
    let blocks = columns.len().div_ceil(EDGE);
    let _ = in_batches(device, blocks * blocks * (lags + 1), &work, take);
    Ok(())
}

struct Tiles<'a> {
    columns: &'a [&'a [f64]],
    window: &'a Range<usize>,
    lags: usize,
    workers: usize,
    memory: Memory,
}

impl Tiles<'_> {
    /// Lag and sides of a task, as the processor counts them.
    fn task(&self, task: usize) -> (usize, [Range<usize>; 2]) {
        let order = self.columns.len();
        let blocks = order.div_ceil(EDGE);
        let block = |block: usize| block * EDGE..order.min((block + 1) * EDGE);
        let tile = task / (self.lags + 1);
        (task % (self.lags + 1), [block(tile / blocks), block(tile % blocks)])
    }
}

impl Work for Tiles<'_> {
    type Answer = CrossMoments;

    fn words(&self, items: usize) -> Words {
        Words { input: items * TILE_WORDS, output: items * EDGE * EDGE, desk: 0 }
    }

    fn most(&self) -> usize {
        MOST
    }

    fn stage(&self, items: Range<usize>, _: &Lane, input: &mut [u64]) {
        for (item, words) in items.zip(input.chunks_exact_mut(TILE_WORDS)) {
            let (_, [now, before]) = self.task(item);
            let counts = [now.len(), before.len()];
            let tile = Tile { sides: [now.start, before.start], problem: 0, counts };
            words.copy_from_slice(&tile.words());
        }
    }

    fn ask(&self, items: Range<usize>, lane: &Lane) -> Done<()> {
        for (z, item) in items.enumerate() {
            let (lag, _) = self.task(item);
            let product = Product {
                left: self.memory.at(lag),
                right: self.memory.at(0),
                cells: lane.output.at(z * EDGE * EDGE),
                tiles: lane.input.at(z * TILE_WORDS),
                count: 1,
                most: [EDGE, EDGE],
                rows: self.window.len() - lag,
                stride: self.window.len(),
                cell_stride: EDGE,
                ..Product::default()
            };
            product.exact(&lane.stream)?;
        }
        Ok(())
    }

    fn answer(
        &self,
        items: Range<usize>,
        output: &[u64],
        take: Take<'_, CrossMoments>,
    ) -> ControlFlow<()> {
        for (item, cells) in items.zip(output.chunks_exact(EDGE * EDGE)) {
            let (lag, [now, before]) = self.task(item);
            let rows = cells.chunks_exact(EDGE).take(now.len());
            let values =
                rows.flat_map(|row| &row[..before.len()]).map(|word| f64::from_bits(*word));
            take(CrossMoments { lag, values: values.collect(), now, before })?;
        }
        ControlFlow::Continue(())
    }

    fn alone(&self, items: Range<usize>, take: Take<'_, CrossMoments>) -> ControlFlow<()> {
        let (mut over, mut at) = (ControlFlow::Continue(()), 0);
        let all = cross_moments::cross_moments(
            self.workers,
            self.columns,
            self.window,
            self.lags,
            &mut |answer| {
                at += 1;
                if at > items.start {
                    over = take(answer);
                }
                over
            },
        );
        debug_assert!(all.is_ok(), "checked before");
        over
    }
}
