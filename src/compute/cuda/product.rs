//! Products of columns on the device: by our kernel, or by cuBLAS where it is here and bits do not matter.
//!
//! Our kernel adds up in the order of the processor's product and has its bits. cuBLAS has an order of its
//! own, which depends on its version and on the device, and is faster: on devices with tensor cores for f64
//! it has twice the rate of any kernel without. It is asked where the plain path decides afterwards.

use super::{fault::Done, kernels::KernelName, launch::Stream};

/// Columns on a side of a block of the kernel.
const BLOCK: usize = 64;
/// Words of a tile in the memory of a device: `Tile` of `kernels/common.cu`.
pub(super) const TILE_WORDS: usize = 5;

/// A block of left columns against a block of right ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tile {
    /// First columns of both sides.
    pub(super) sides: [usize; 2],
    /// The problem that both belong to.
    pub(super) problem: usize,
    /// Columns of both sides.
    pub(super) counts: [usize; 2],
}

impl Tile {
    /// As the device has it.
    pub(super) fn words(self) -> [u64; TILE_WORDS] {
        let [left, right] = self.sides;
        [left, right, self.problem, self.counts[0], self.counts[1]].map(|word| word as u64)
    }
}

/// Products of some tiles. Addresses of the device, zero for none: `scales` and `lengths` have a number a problem,
/// the others are those of `products.cu`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Product {
    pub(super) left: u64,
    pub(super) right: u64,
    pub(super) cells: u64,
    pub(super) tiles: u64,
    pub(super) count: usize,
    /// Most columns of a side.
    pub(super) most: [usize; 2],
    pub(super) scales: u64,
    pub(super) lengths: u64,
    pub(super) rows: usize,
    pub(super) shorter: usize,
    /// Words of a column.
    pub(super) stride: usize,
    /// Words of a row of cells, and of a tile.
    pub(super) cell_stride: usize,
    pub(super) cell_batch: usize,
    /// True if cells below the diagonal are not asked for.
    pub(super) triangle: bool,
}

impl Product {
    /// Asks the device for it, with the processor's bits.
    pub(super) fn exact(&self, stream: &Stream) -> Done<()> {
        let [left, right] = self.most;
        let blocks = [right.div_ceil(BLOCK), left.div_ceil(BLOCK), self.count];
        let arguments = [
            self.left,
            self.right,
            self.cells,
            self.tiles,
            self.scales,
            self.lengths,
            self.rows as u64,
            self.shorter as u64,
            self.stride as u64,
            self.cell_stride as u64,
            self.cell_batch as u64,
            u64::from(self.triangle),
        ];
        stream.launch(KernelName::Products, blocks, 256, &arguments)
    }
}

/// Products of whole tiles by cuBLAS: addresses of three lists of addresses on the device, of right columns,
/// left columns and cells. Sizes are those of [`Product`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Batched {
    pub(super) lists: [u64; 3],
    pub(super) count: usize,
    pub(super) edge: usize,
    pub(super) rows: usize,
    pub(super) stride: usize,
    pub(super) cell_stride: usize,
}

/// Names of cuBLAS, the newest first: they differ by the major version of CUDA.
pub(super) const CUBLAS: [&str; 3] = ["libcublas.so.13", "libcublas.so.12", "libcublas.so"];
