//! Tests of all pairs of prepared series, tile by tile, on the device.
//!
//! What series bring (levels, tables of moments and ends) goes up once, as blocks of 256; the differences are
//! made there. A tile is multiplied and tested without coming down: only survivors cross the bus. Many tiles,
//! of one problem or of many windows, are one launch each of a few kernels. Where the blocks do not find room
//! together, groups of them meet two by two.

use std::{
    collections::BTreeMap,
    ops::{ControlFlow, Range},
    sync::{Mutex, PoisonError},
};

use super::{
    batches::{Lane, Words, Work, in_batches},
    device::Device,
    fault::Done,
    pair_kind::{CELLS, EDGE, Given, Item, Kind, LAG_SHIFT},
    product::{Batched, Product, TILE_WORDS, Tile},
    resident::{Block, Resident, block, block_words},
};
use crate::compute::Take;

/// Tiles of a batch.
const MOST: usize = 256;
/// Threads that share the cells of a batch, where each has a desk.
const THREADS: usize = 1 << 16;

/// Tests all of `items`, which stand problem by problem.
pub(super) fn test<K: Kind>(
    device: &Device,
    kind: &K,
    items: &[Item],
    take: Take<'_, (usize, K::Answer)>,
) -> ControlFlow<()> {
    let compared = Mutex::new(false);
    for group in groups(device, kind, items) {
        match Resident::new(device, kind, &group) {
            Ok(resident) if device.is_of_use() => {
                let work = Tiles { device, kind, items: &group, resident, compared: &compared };
                in_batches(device, group.len(), &work, take)?;
            }
            met => {
                met.map_err(|fault| device.met(fault)).ok();
                alone(kind, &group, take)?;
            }
        }
    }
    ControlFlow::Continue(())
}

fn alone<K: Kind>(kind: &K, items: &[Item], take: Take<'_, (usize, K::Answer)>) -> ControlFlow<()> {
    for part in items.chunk_by(|a, b| a.problem == b.problem) {
        let tiles: Vec<_> = part.iter().map(|item| item.tile).collect();
        kind.alone(part[0].problem, &tiles, take)?;
    }
    ControlFlow::Continue(())
}

/// Items whose blocks find room together, beside a batch.
fn groups<K: Kind>(device: &Device, kind: &K, items: &[Item]) -> Vec<Vec<Item>> {
    let most = items.iter().map(|item| block_words(kind, item.problem)).max().unwrap_or(1);
    let fits = (device.room() / 2 / most).max(2);
    let mut blocks: BTreeMap<Block, usize> = BTreeMap::new();
    for item in items {
        for side in 0..2 {
            let next = blocks.len();
            blocks.entry(block(kind, item, side)).or_insert(next);
        }
    }
    if blocks.len() <= fits {
        return vec![items.to_vec()];
    }
    let mut found: BTreeMap<[usize; 2], Vec<Item>> = BTreeMap::new();
    for item in items {
        let group = |side| blocks[&block(kind, item, side)] / (fits / 2);
        found.entry([group(0), group(1)]).or_default().push(*item);
    }
    found.into_values().collect()
}

struct Tiles<'a, K> {
    device: &'a Device,
    kind: &'a K,
    items: &'a [Item],
    resident: Resident,
    compared: &'a Mutex<bool>,
}

impl<K: Kind> Tiles<'_, K> {
    fn tile(&self, item: &Item) -> Tile {
        let blocks = [0, 1].map(|side| block(self.kind, item, side));
        let sides = blocks.map(|block| self.resident.slots[&block] * EDGE);
        let counts =
            blocks.map(|(problem, side, block)| self.kind.assets(problem, side, block).len());
        Tile { sides, problem: item.problem, counts }
    }

    /// True if cuBLAS multiplies.
    fn by_blas(&self) -> bool {
        self.device.driver.blas.is_some() && !self.kind.is_exact()
    }

    fn planes(&self) -> usize {
        self.resident.planes.len()
    }

    /// Threads that have desks.
    fn threads(&self, items: usize) -> usize {
        if self.kind.desk() == 0 { 0 } else { THREADS.min(items * CELLS) }
    }

    fn multiply(&self, count: usize, lane: &Lane) -> Done<()> {
        let (resident, planes) = (&self.resident, self.planes());
        for (number, plane) in resident.planes.iter().enumerate() {
            let rows = resident.stride - plane.shorter;
            if let Some(blas) = self.device.driver.blas.as_ref().filter(|_| self.by_blas()) {
                let list = |k: usize| lane.input.at(count * TILE_WORDS + (number * 3 + k) * count);
                let lists = [list(0), list(1), list(2)];
                let stride = resident.stride;
                let of = Batched { lists, count, edge: EDGE, rows, stride, cell_stride: EDGE };
                blas.batched(&lane.stream, &of)?;
                continue;
            }
            let product = Product {
                left: resident.at(plane.left, 0),
                right: resident.at(plane.right, 0),
                cells: lane.desk.at(number * CELLS),
                tiles: lane.input.at(0),
                count,
                most: [EDGE, EDGE],
                scales: 0,
                lengths: resident.lengths.at(0),
                rows,
                shorter: plane.shorter,
                stride: resident.stride,
                cell_stride: EDGE,
                cell_batch: planes * CELLS,
                triangle: true,
            };
            product.exact(&lane.stream)?;
        }
        Ok(())
    }
}

impl<K: Kind> Work for Tiles<'_, K> {
    type Answer = (usize, K::Answer);

    fn words(&self, items: usize) -> Words {
        let lists = if self.by_blas() { 3 * self.planes() } else { 0 };
        let record = self.kind.record() * self.kind.survivors();
        let desks = self.threads(items) * self.kind.desk();
        Words {
            input: items * (TILE_WORDS + lists),
            output: 1 + items * CELLS * record,
            desk: items * self.planes() * CELLS + desks,
        }
    }

    fn most(&self) -> usize {
        MOST
    }

    fn stage(&self, items: Range<usize>, lane: &Lane, input: &mut [u64]) {
        let (count, planes) = (items.len(), self.planes());
        for (z, item) in self.items[items].iter().enumerate() {
            let tile = self.tile(item);
            input[z * TILE_WORDS..][..TILE_WORDS].copy_from_slice(&tile.words());
            if !self.by_blas() {
                continue;
            }
            for (number, plane) in self.resident.planes.iter().enumerate() {
                let at = count * TILE_WORDS + number * 3 * count + z;
                input[at] = self.resident.at(plane.right, tile.sides[1]);
                input[at + count] = self.resident.at(plane.left, tile.sides[0]);
                input[at + 2 * count] = lane.desk.at((z * planes + number) * CELLS);
            }
        }
    }

    fn ask(&self, items: Range<usize>, lane: &Lane) -> Done<()> {
        let (count, resident) = (items.len(), &self.resident);
        lane.stream.clear(&lane.output, 1)?;
        self.multiply(count, lane)?;
        let given = Given {
            planes: lane.desk.at(0),
            table: resident.table.at(0),
            tiles: lane.input.at(0),
            lengths: resident.lengths.at(0),
            numbers: resident.numbers.at(0),
            survivors: lane.output.at(0),
            desks: lane.desk.at(count * self.planes() * CELLS),
            width: resident.width,
            count,
            blocks: self.threads(count) / 128,
        };
        self.kind.test(&lane.stream, &given)
    }

    fn first(&self, _: usize) -> usize {
        1
    }

    fn all(&self, _: usize, first: &[u64]) -> usize {
        1 + usize::try_from(first[0]).unwrap_or(0) * self.kind.record()
    }

    fn answer(
        &self,
        items: Range<usize>,
        output: &[u64],
        take: Take<'_, Self::Answer>,
    ) -> ControlFlow<()> {
        let mut records: Vec<&[u64]> = output[1..].chunks_exact(self.kind.record()).collect();
        let place = |record: &[u64]| record[0] & ((1 << LAG_SHIFT) - 1);
        records.sort_unstable_by_key(|record| place(record));
        let mut rest = records.as_slice();
        for (z, item) in self.items[items].iter().enumerate() {
            let end = ((z as u64 + 1) * CELLS as u64) * 2;
            let (own, after) = rest.split_at(rest.partition_point(|record| place(record) < end));
            rest = after;
            let (answer, pairs) = self.kind.answer(item, own);
            let mut compared = self.compared.lock().unwrap_or_else(PoisonError::into_inner);
            if !std::mem::replace(&mut *compared, true) {
                let (count, off) = self.kind.off(item, &answer);
                let bound = if self.by_blas() { 1e-10 } else { 0.0 };
                self.device.compared(count, off, bound);
            }
            drop(compared);
            if !self.device.is_of_use() {
                self.kind.alone(item.problem, &[item.tile], take)?;
                continue;
            }
            self.device.did_pairs(pairs);
            take((item.problem, answer))?;
        }
        ControlFlow::Continue(())
    }

    fn alone(&self, items: Range<usize>, take: Take<'_, Self::Answer>) -> ControlFlow<()> {
        alone(self.kind, &self.items[items], take)
    }
}
