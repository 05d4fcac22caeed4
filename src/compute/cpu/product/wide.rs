//! Blocks of eight by 24 cells in the 32 registers of AVX-512.
//!
//! Written with the processor's own operations: 24 sums that stay in registers are more than the
//! compiler keeps there by itself.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    _mm512_add_pd, _mm512_fmadd_pd, _mm512_load_pd, _mm512_loadu_pd, _mm512_set1_pd,
    _mm512_setzero_pd, _mm512_storeu_pd,
};

use super::{Product, Span};
use crate::compute::cpu::simd::{LANES, Lanes, is_wide};

/// Right panels of a block: with eight left columns 24 sums, three rows of the right side and a number
/// of the left one.
const PANELS: usize = 3;

/// Multiplies the rows of `span`; false where the processor has no such registers.
pub(super) fn multiply(product: &mut Product<'_, '_>, span: Span) -> bool {
    if !is_wide() {
        return false;
    }
    // SAFETY: the processor has every feature that the function is compiled for.
    unsafe { blocks(product, span) };
    true
}

#[target_feature(enable = "avx512f,avx2,fma")]
fn blocks(product: &mut Product<'_, '_>, span: Span) {
    let panels = product.right.panels();
    for panel in (0..panels).step_by(PANELS) {
        let count = PANELS.min(panels - panel);
        for left in 0..product.lefts(panel + count) {
            match count {
                1 => block::<1>(product, span, left, panel),
                2 => block::<2>(product, span, left, panel),
                _ => block::<PANELS>(product, span, left, panel),
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx2,fma")]
fn block<const COUNT: usize>(product: &mut Product<'_, '_>, span: Span, left: usize, panel: usize) {
    let Span { from, depth, fresh } = span;
    let rights: [&[Lanes]; COUNT] =
        std::array::from_fn(|k| product.right.rows(panel + k, from, depth));
    let mut sums = [[_mm512_setzero_pd(); COUNT]; LANES];
    for (row, numbers) in product.left.rows(left, from, depth).iter().enumerate() {
        // SAFETY: eight numbers, aligned to their size.
        let rights = rights.map(|right| unsafe { _mm512_load_pd(right[row].0.as_ptr()) });
        for (sums, number) in sums.iter_mut().zip(numbers.0) {
            let number = _mm512_set1_pd(number);
            for (sum, right) in sums.iter_mut().zip(rights) {
                *sum = _mm512_fmadd_pd(right, number, *sum);
            }
        }
    }
    for (i, sums) in sums.into_iter().enumerate() {
        let cells = &mut product.cells(left * LANES + i, panel)[..COUNT * LANES];
        for (cells, sum) in cells.as_chunks_mut::<LANES>().0.iter_mut().zip(sums) {
            // SAFETY: eight numbers.
            let before = unsafe { _mm512_loadu_pd(cells.as_ptr()) };
            let after = if fresh { sum } else { _mm512_add_pd(before, sum) };
            // SAFETY: eight numbers.
            unsafe { _mm512_storeu_pd(cells.as_mut_ptr(), after) };
        }
    }
}
