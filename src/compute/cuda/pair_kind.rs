//! What a test of pairs tells the device path, and what it is told.

use std::ops::ControlFlow;

use super::{fault::Done, launch::Stream};
use crate::compute::Take;

/// Series on a side of a tile, and its cells.
pub(super) const EDGE: usize = 256;
pub(super) const CELLS: usize = EDGE * EDGE;

/// A side of a problem: left or right.
pub(super) type Side = usize;

/// Columns of a product: the levels (0) or the sums of differences so many apart (one more), without their
/// first `later` rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) array: usize,
    pub(super) later: usize,
}

/// A product that a test takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plane {
    pub(super) left: Source,
    pub(super) right: Source,
    /// Rows less than the levels have.
    pub(super) shorter: usize,
}

/// Where the kernel of a test finds its numbers.
pub(super) struct Given {
    pub(super) planes: u64,
    pub(super) table: u64,
    pub(super) tiles: u64,
    /// Rows of every problem, and what [`Kind::numbers`] gives of them.
    pub(super) lengths: u64,
    pub(super) numbers: u64,
    pub(super) survivors: u64,
    pub(super) desks: u64,
    pub(super) width: usize,
    pub(super) count: usize,
    /// Blocks of threads that share the cells.
    pub(super) blocks: usize,
}

/// A test of pairs, on some problems.
pub(super) trait Kind {
    /// What a tile is answered with.
    type Answer;

    /// Positions in the universe of a block of a side of a problem.
    fn assets(&self, problem: usize, side: Side, block: usize) -> &[usize];
    /// Rows of a problem.
    fn rows(&self, problem: usize) -> usize;
    /// Level of a series, from a row on.
    fn level(&self, problem: usize, side: Side, at: usize, out: &mut dyn FnMut(usize, f64));
    /// The table of a side: rows of numbers, series side by side.
    fn table(&self, problem: usize, side: Side) -> Vec<&[f64]>;
    /// True if both sides are one.
    fn is_one_sided(&self, problem: usize) -> bool;
    /// Arrays of differences.
    fn arrays(&self) -> usize;
    /// Products.
    fn planes(&self) -> Vec<Plane>;
    /// Numbers of a problem that the kernel takes.
    fn numbers(&self, problem: usize) -> Vec<f64>;
    /// Words of a survivor, and of a thread's desk (none for a thread a cell).
    fn record(&self) -> usize;
    fn desk(&self) -> usize;
    /// Most survivors of a pair.
    fn survivors(&self) -> usize;
    /// Asks for the tests.
    fn test(&self, stream: &Stream, given: &Given) -> Done<()>;
    /// The answer of a tile from its survivors, in the order of their cells, and the pairs that were tested.
    fn answer(&self, item: &Item, records: &[&[u64]]) -> (Self::Answer, usize);
    /// How far the answer of a tile is off the processor's, and what was compared.
    fn off(&self, item: &Item, answer: &Self::Answer) -> (usize, f64);
    /// True if the processor's bits are wanted.
    fn is_exact(&self) -> bool;
    /// Tiles of a problem by the processor.
    fn alone(
        &self,
        problem: usize,
        tiles: &[(usize, usize)],
        take: Take<'_, (usize, Self::Answer)>,
    ) -> ControlFlow<()>;
}

/// A tile of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) problem: usize,
    pub(super) tile: (usize, usize),
}

/// Where lag orders begin in a key.
pub(super) const LAG_SHIFT: u32 = 48;

/// Row, column and turn of a key.
pub(super) fn cell_of(key: u64) -> (usize, usize, bool) {
    let cell = (key & ((1 << LAG_SHIFT) - 1)) / 2 % CELLS as u64;
    let cell = usize::try_from(cell).unwrap_or(0);
    (cell / EDGE, cell % EDGE, key & 1 == 1)
}
