//! The series of some tiles on the device: levels, differences, tables.

use std::{collections::BTreeMap, ops::Range};

use super::{
    device::Device,
    fault::Done,
    kernels::KernelName,
    launch::{Memory, Stream},
    pair_kind::{EDGE, Item, Kind, Plane, Side, Source},
};

/// A block of a side of a problem; where both sides are one, of the left one.
pub(super) type Block = (usize, Side, usize);

pub(super) fn block<K: Kind>(kind: &K, item: &Item, side: Side) -> Block {
    let of = if kind.is_one_sided(item.problem) { 0 } else { side };
    (item.problem, of, if side == 0 { item.tile.0 } else { item.tile.1 })
}

/// Words of a block on the device.
pub(super) fn block_words<K: Kind>(kind: &K, problem: usize) -> usize {
    let table = kind.table(problem, 0).len();
    EDGE * (kind.rows(problem) * (1 + kind.arrays()) + table + 1)
}

/// Blocks on the device.
pub(super) struct Resident {
    pub(super) slots: BTreeMap<Block, usize>,
    /// Levels and differences, array after array.
    pub(super) columns: Memory,
    /// Rows of every problem, and its numbers.
    pub(super) lengths: Memory,
    pub(super) numbers: Memory,
    pub(super) table: Memory,
    /// Words of a column, and columns.
    pub(super) stride: usize,
    pub(super) width: usize,
    pub(super) planes: Vec<Plane>,
}

impl Resident {
    pub(super) fn new<K: Kind>(device: &Device, kind: &K, items: &[Item]) -> Done<Self> {
        let mut slots = BTreeMap::new();
        for item in items {
            for side in 0..2 {
                let next = slots.len();
                slots.entry(block(kind, item, side)).or_insert(next);
            }
        }
        let by_slot: Vec<Block> = {
            let mut by_slot: Vec<(usize, Block)> = slots.iter().map(|(b, s)| (*s, *b)).collect();
            by_slot.sort_unstable();
            by_slot.into_iter().map(|(_, block)| block).collect()
        };
        let problems = items.iter().map(|item| item.problem).max().map_or(0, |last| last + 1);
        let stride = items.iter().map(|item| kind.rows(item.problem)).max().unwrap_or(1);
        let width = slots.len() * EDGE;
        let arrays = kind.arrays();
        device.plans((1 + arrays) * width * stride);
        let columns = Memory::new(&device.driver, (1 + arrays) * width * stride)?;
        device.fill(&columns, width * stride, levels(kind, &by_slot, stride))?;
        let lengths = device.filled(problems, |words, target| {
            for (problem, word) in words.zip(target) {
                *word = kind.rows(problem) as u64;
            }
        })?;
        let numbers: Vec<f64> = (0..problems).flat_map(|problem| kind.numbers(problem)).collect();
        let numbers = device.columns(&[&numbers], numbers.len())?;
        let tables: Vec<Vec<&[f64]>> =
            by_slot.iter().map(|(problem, side, _)| kind.table(*problem, *side)).collect();
        let depth = tables.first().map_or(0, Vec::len);
        let table = device.filled(depth * width, |words, target| {
            for (word, cell) in words.zip(target) {
                let (row, column) = (word / width, word % width);
                let slot = column / EDGE;
                let at = by_slot[slot].2 * EDGE + column % EDGE;
                *cell = tables[slot][row].get(at).copied().unwrap_or(0.0).to_bits();
            }
        })?;
        let rows = device.filled(width, |words, target| {
            for (column, word) in words.zip(target) {
                *word = kind.rows(by_slot[column / EDGE].0) as u64;
            }
        })?;
        differences(device, (&columns, &rows), [width, stride], arrays)?;
        let planes = kind.planes();
        Ok(Self { slots, columns, lengths, numbers, table, stride, width, planes })
    }

    /// Address of columns of a source, from a column on.
    pub(super) fn at(&self, source: Source, column: usize) -> u64 {
        self.columns.at((source.array * self.width + column) * self.stride + source.later)
    }
}

/// Makes the differences of `arrays` lags beside the levels.
fn differences(
    device: &Device,
    (columns, rows): (&Memory, &Memory),
    [width, stride]: [usize; 2],
    arrays: usize,
) -> Done<()> {
    let stream = Stream::new(&device.driver)?;
    for array in 1..=arrays {
        for from in (0..width).step_by(1 << 15) {
            let blocks = [stride.div_ceil(128), (width - from).min(1 << 15), 1];
            let target = columns.at(array * width * stride);
            let lag = array as u64 - 1;
            let arguments = [columns.at(0), target, rows.at(0), stride as u64, lag, from as u64];
            stream.launch(KernelName::MovesApart, blocks, 128, &arguments)?;
        }
    }
    stream.wait()
}

/// Writes levels, block after block.
fn levels<'a, K: Kind>(
    kind: &'a K,
    blocks: &'a [Block],
    stride: usize,
) -> impl Fn(Range<usize>, &mut [u64]) + 'a {
    move |words, target| {
        target.fill(0);
        for column in words.start / stride..words.end.div_ceil(stride) {
            let (problem, side, block) = blocks[column / EDGE];
            if column % EDGE >= kind.assets(problem, side, block).len() {
                continue;
            }
            let at = block * EDGE + column % EDGE;
            kind.level(problem, side, at, &mut |row, value| {
                let word = column * stride + row;
                if words.contains(&word) {
                    target[word - words.start] = value.to_bits();
                }
            });
        }
    }
}
