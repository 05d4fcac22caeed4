//! Covariances of many windows of complete columns.
//!
//! Up to 64 columns a window is a block of the device, and whole batches of windows are one launch. Beyond,
//! columns are centred and multiplied by the product that pairs use too, and what does not find room is made in parts
//! of its rows. Both have the bits of the processor's kernels. A window in which a column hardly moves, or holds
//! what is no number, is the processor's.

use std::{
    ops::{ControlFlow, Range},
    sync::{Mutex, PoisonError},
};

use super::{
    batches::{Lane, Words, Work, in_batches},
    device::Device,
    fading::{Fading, Form},
    fault::Done,
    kernels::KernelName,
    launch::Memory,
    product::{Product, TILE_WORDS, Tile},
};
use crate::{
    compute::{Take, Triangle, cpu::covariance},
    stats::Result,
};

/// Columns up to which a window is a block.
const FEW_COLUMNS: usize = 64;
/// Windows of a batch: what a grid may be deep, and less than a second of work.
const MOST_FEW: usize = 1 << 16;
const MOST_MANY: usize = 1 << 10;
/// Columns whose cells are compared with the processor's.
const COMPARED: usize = 64;
/// Words of a window that go up.
const GIVEN: usize = 5;

/// Finishes a window from its triangle, its fourth moments and its rows.
pub(super) type Finish<'a, T> = &'a (dyn Fn(Triangle, f64, usize) -> Result<T> + Sync);
/// Answers windows without a device.
pub(super) type Alone<'a, T> = &'a (dyn Fn(&[Range<usize>], Take<'_, Result<T>>) + Sync);

/// The windows of a call, and how one is finished or made without a device.
pub(super) struct Windows<'a, T> {
    pub(super) device: &'a Device,
    pub(super) columns: &'a [&'a [f64]],
    pub(super) spans: &'a [Range<usize>],
    pub(super) ddof: usize,
    pub(super) form: Form,
    pub(super) fading: Option<&'a Fading>,
    /// True if cuBLAS may multiply.
    pub(super) fast: bool,
    pub(super) finish: Finish<'a, T>,
    pub(super) alone: Alone<'a, T>,
}

impl<T> Windows<'_, T> {
    /// Columns up to which a window is a block.
    pub(super) const FEW: usize = FEW_COLUMNS;

    /// Answers every window, in their order.
    pub(super) fn run(&self, take: Take<'_, Result<T>>) {
        let of_use = self.device.is_of_use() && !self.spans.is_empty();
        let usual = |window| covariance::check(self.columns, window, self.ddof).is_ok();
        if !of_use || !self.spans.iter().all(usual) {
            return (self.alone)(self.spans, take);
        }
        let few = self.columns.len() <= FEW_COLUMNS;
        let made = if few {
            self.device.rows(self.columns)
        } else {
            self.device.columns(self.columns, self.columns[0].len())
        };
        let ages =
            self.fading.map(|fading| self.device.columns(&[&fading.ages], fading.ages.len()));
        let given = made.and_then(|memory| Ok((memory, ages.transpose()?)));
        let work = match given {
            Ok((memory, ages)) => Of {
                call: self,
                memory,
                ages,
                few,
                longest: self.spans.iter().map(Range::len).max().unwrap_or(0),
                parts: 1,
                part: Mutex::new(None),
                compared: Mutex::new(false),
            },
            Err(fault) => {
                self.device.met(fault);
                return (self.alone)(self.spans, take);
            }
        };
        let work = work.in_parts();
        // Broken off or not: whoever takes the answers knows.
        let _ = in_batches(self.device, self.spans.len() * work.parts, &work, take);
    }
}

/// A call with its columns on the device.
struct Of<'a, 'b, T> {
    call: &'a Windows<'b, T>,
    memory: Memory,
    ages: Option<Memory>,
    few: bool,
    longest: usize,
    /// Parts that a window's rows are made in; an item is one of them.
    parts: usize,
    /// The window that is put together.
    part: Mutex<Option<Triangle>>,
    compared: Mutex<bool>,
}

impl<T> Of<'_, '_, T> {
    /// Parts so many that two lanes find room for one each.
    fn in_parts(mut self) -> Self {
        let room = self.call.device.room() / 2;
        while !self.few && self.part_rows() > 64 {
            let words = self.words(1);
            if words.input + words.output + words.desk <= room {
                break;
            }
            self.parts += 1;
        }
        self
    }

    fn order(&self) -> usize {
        self.call.columns.len()
    }

    /// Rows of a part.
    fn part_rows(&self) -> usize {
        self.order().div_ceil(self.parts)
    }

    /// Cells of an item that come down.
    fn cells(&self) -> usize {
        if self.few {
            self.order() * (self.order() + 1) / 2
        } else {
            self.part_rows() * self.order()
        }
    }

    fn window(&self, item: usize) -> &Range<usize> {
        &self.call.spans[item / self.parts]
    }

    /// The rows of a part.
    fn rows_of(&self, item: usize) -> Range<usize> {
        let from = item % self.parts * self.part_rows();
        from.min(self.order())..self.order().min(from + self.part_rows())
    }

    /// Oldest weight, sum of weights and factor of a window.
    fn weights(&self, rows: usize) -> [f64; 3] {
        let equal = || [1.0, 1.0, 1.0 / (rows - self.call.ddof) as f64];
        self.call.fading.map_or_else(equal, |fading| fading.of_rows(rows))
    }

    fn ask_few(&self, count: usize, lane: &Lane) -> Done<()> {
        let given = |k: usize| lane.input.at(k * count);
        let (order, flags) = (self.order() as u64, lane.output.at(0));
        let cells = lane.output.at(2 * count);
        if let Some(ages) = &self.ages {
            let arguments = [
                self.memory.at(0),
                given(0),
                given(1),
                given(2),
                ages.at(0),
                given(3),
                given(4),
                cells,
                flags,
                order,
                0,
            ];
            lane.stream.launch(KernelName::FadedCovariances, [count, 1, 1], 256, &arguments)?;
        } else {
            let fourths = lane.output.at(count);
            let arguments =
                [self.memory.at(0), given(0), given(1), given(2), cells, flags, fourths, order];
            lane.stream.launch(KernelName::WindowCovariances, [count, 1, 1], 256, &arguments)?;
        }
        if self.call.form == Form::Covariance {
            return Ok(());
        }
        let distances = u64::from(self.call.form == Form::Distance);
        let arguments = [cells, flags, order, distances];
        lane.stream.launch(KernelName::Correlations, [count, 1, 1], 128, &arguments)
    }

    fn ask_many(&self, items: &Range<usize>, lane: &Lane) -> Done<()> {
        let (count, order) = (items.len(), self.order());
        let given = |k: usize| lane.input.at(k * count);
        let (flags, desk) = (lane.output.at(0), lane.desk.at(0));
        let rows = self.call.columns[0].len() as u64;
        let stride = self.longest as u64;
        let arguments = [self.memory.at(0), desk, given(0), given(1), flags, rows, stride];
        lane.stream.launch(KernelName::Center, [order, count, 1], 128, &arguments)?;
        let fourths = [desk, lane.output.at(count), order as u64, stride];
        lane.stream.launch(KernelName::FourthMoments, [count, 1, 1], 128, &fourths)?;
        let product = Product {
            left: desk,
            right: desk,
            cells: lane.output.at(2 * count),
            tiles: given(GIVEN),
            count,
            most: [self.part_rows(), order],
            scales: given(2),
            lengths: given(1),
            rows: self.longest,
            shorter: 0,
            stride: self.longest,
            cell_stride: order,
            cell_batch: self.cells(),
            triangle: true,
        };
        match &self.call.device.driver.blas {
            Some(blas) if self.call.fast && count == 1 && self.parts == 1 => {
                let rows = self.window(items.start).len();
                let whole = Product { rows, ..product };
                blas.squares(&lane.stream, &whole, self.weights(rows)[2])
            }
            _ => product.exact(&lane.stream),
        }
    }

    /// Cells of a triangle that are off the processor's.
    fn compare(&self, window: &Range<usize>, found: &Triangle) {
        let columns = &self.call.columns[..self.order().min(COMPARED)];
        let mut scratch = covariance::Scratch::default();
        let (ddof, form) = (self.call.ddof, self.call.form);
        let known = covariance::covariance(1, columns, window, ddof, &mut scratch);
        let known =
            if form == Form::Covariance { known } else { known.and_then(covariance::correlate) };
        let Ok(known) = known else { return };
        let (mut furthest, mut count): (f64, usize) = (0.0, 0);
        for i in 0..columns.len() {
            for j in i..columns.len() {
                let (cell, scale) = match form {
                    Form::Covariance => {
                        (known.get(i, j), (known.get(i, i) * known.get(j, j)).sqrt())
                    }
                    Form::Correlation => (known.get(i, j), 1.0),
                    Form::Distance if i == j => (0.0, 1.0),
                    Form::Distance => (covariance::distance(known.get(i, j)), 1.0),
                };
                let off = (found.get(i, j) - cell).abs();
                furthest = furthest.max(if off > 0.0 { off / scale } else { off });
                count += 1;
            }
        }
        let bound = if self.call.fast { 1e-10 } else { 0.0 };
        self.call.device.compared(count, furthest, bound);
    }

    /// A window without the device.
    fn one(&self, window: &Range<usize>, take: Take<'_, Result<T>>) -> ControlFlow<()> {
        let mut over = ControlFlow::Continue(());
        (self.call.alone)(std::slice::from_ref(window), &mut |answer| {
            over = take(answer);
            over
        });
        over
    }

    fn finished(
        &self,
        item: usize,
        triangle: Triangle,
        fourth: f64,
        take: Take<'_, Result<T>>,
    ) -> ControlFlow<()> {
        let window = self.window(item);
        let first = !std::mem::replace(
            &mut *self.compared.lock().unwrap_or_else(PoisonError::into_inner),
            true,
        );
        if first && self.call.fading.is_none() {
            self.compare(window, &triangle);
            if !self.call.device.is_of_use() {
                return self.one(window, take);
            }
        }
        self.call.device.did_windows(1);
        take((self.call.finish)(triangle, fourth, window.len()))
    }
}

impl<T> Work for Of<'_, '_, T> {
    type Answer = Result<T>;

    fn words(&self, items: usize) -> Words {
        let tiles = if self.few { 0 } else { TILE_WORDS };
        let desk = if self.few { 0 } else { self.order() * self.longest };
        Words {
            input: items * (GIVEN + tiles),
            output: items.saturating_mul(2 + self.cells()),
            desk: items.saturating_mul(desk),
        }
    }

    fn most(&self) -> usize {
        if self.few { MOST_FEW } else { MOST_MANY }
    }

    fn stage(&self, items: Range<usize>, _: &Lane, input: &mut [u64]) {
        let count = items.len();
        for (z, item) in items.enumerate() {
            let window = self.window(item);
            let [oldest, total, scale] = self.weights(window.len());
            input[z] = window.start as u64;
            input[count + z] = window.len() as u64;
            input[2 * count + z] = scale.to_bits();
            input[3 * count + z] = oldest.to_bits();
            input[4 * count + z] = total.to_bits();
            if !self.few {
                let (rows, order) = (self.rows_of(item), self.order());
                let from = z * order + rows.start;
                let counts = [rows.len(), order - rows.start];
                let tile = Tile { sides: [from, from], problem: z, counts };
                let at = GIVEN * count + z * TILE_WORDS;
                input[at..at + TILE_WORDS].copy_from_slice(&tile.words());
            }
        }
    }

    fn ask(&self, items: Range<usize>, lane: &Lane) -> Done<()> {
        lane.stream.clear(&lane.output, 2 * items.len())?;
        if self.few { self.ask_few(items.len(), lane) } else { self.ask_many(&items, lane) }
    }

    fn answer(
        &self,
        items: Range<usize>,
        output: &[u64],
        take: Take<'_, Self::Answer>,
    ) -> ControlFlow<()> {
        let (count, order, size) = (items.len(), self.order(), self.cells());
        for (z, item) in items.enumerate() {
            let (flag, fourth) = (f64::from_bits(output[z]), f64::from_bits(output[count + z]));
            let cells = &output[2 * count + z * size..][..size];
            let rows = if self.few { 0..order } else { self.rows_of(item) };
            let mut part = self.part.lock().unwrap_or_else(PoisonError::into_inner);
            let mut triangle = part.take().unwrap_or_else(|| Triangle::zeros(order));
            let mut at = 0;
            for i in rows.clone() {
                let row = triangle.upper_mut(i);
                let from = if self.few { at } else { (i - rows.start) * order + i - rows.start };
                for (cell, word) in row.iter_mut().zip(&cells[from..]) {
                    *cell = f64::from_bits(*word);
                }
                at += row.len();
            }
            let last = self.few || item % self.parts == self.parts - 1;
            let broken = flag != 0.0 || (last && !triangle.is_finite());
            if !last && !broken {
                *part = Some(triangle);
                continue;
            }
            drop(part);
            if !last {
                // The parts that follow say the same of the window.
                continue;
            }
            if broken || !self.call.device.is_of_use() {
                self.one(self.window(item), take)?;
            } else {
                self.finished(item, triangle, fourth, take)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn alone(&self, items: Range<usize>, take: Take<'_, Self::Answer>) -> ControlFlow<()> {
        let windows = &self.call.spans[items.start / self.parts..];
        let mut over = ControlFlow::Continue(());
        (self.call.alone)(windows, &mut |answer| {
            over = take(answer);
            over
        });
        over
    }
}
