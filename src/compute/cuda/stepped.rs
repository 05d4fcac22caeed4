//! Covariances of windows that step through the rows, and of columns with gaps.

use std::ops::{ControlFlow, Range};

use super::{
    batches::{Lane, Words, Work, in_batches},
    device::Device,
    fault::Done,
    kernels::KernelName,
    launch::Memory,
};
use crate::{
    compute::{
        PairwiseTriangles, Steps, Take, Triangle,
        cpu::{
            pairwise::{self, Moment},
            stepped,
        },
    },
    stats::{Pairwise, Result, pairwise_correlation, pairwise_covariance},
};

/// Segments of a batch.
const MOST_SEGMENTS: usize = 1 << 12;

/// Windows that step through the rows: the verb on a device.
pub(super) struct Stepping<'a> {
    pub(super) device: &'a Device,
    pub(super) workers: usize,
    pub(super) columns: &'a [&'a [f64]],
    pub(super) steps: Steps,
    pub(super) windows: Range<usize>,
    pub(super) ddof: usize,
}

impl Stepping<'_> {
    /// Answers every window, in their order.
    pub(super) fn run(&self, take: Take<'_, Result<Triangle>>) {
        let usual = |window| stepped::check(self.columns, self.steps, window, self.ddof).is_ok();
        let of_use = self.device.is_of_use() && !self.windows.is_empty();
        if of_use && self.windows.clone().all(usual) {
            match self.device.rows(self.columns) {
                Ok(memory) => {
                    let work = Segments { call: self, memory };
                    let restart = self.restart();
                    let segments =
                        self.windows.end.div_ceil(restart) - self.windows.start / restart;
                    let _ = in_batches(self.device, segments, &work, take);
                    return;
                }
                Err(fault) => self.device.met(fault),
            }
        }
        self.on_cpu(self.windows.clone(), take);
    }

    fn restart(&self) -> usize {
        stepped::restart_after(self.steps)
    }

    fn on_cpu(&self, windows: Range<usize>, take: Take<'_, Result<Triangle>>) {
        stepped::covariances(self.workers, self.columns, self.steps, windows, self.ddof, take);
    }
}

struct Segments<'a, 'b> {
    call: &'a Stepping<'b>,
    memory: Memory,
}

impl Segments<'_, '_> {
    /// Windows that were asked for in some segments.
    fn windows(&self, items: &Range<usize>) -> Range<usize> {
        let (restart, asked) = (self.call.restart(), &self.call.windows);
        let first = asked.start / restart;
        let from = ((first + items.start) * restart).max(asked.start);
        from..((first + items.end) * restart).min(asked.end)
    }

    fn cells(&self) -> usize {
        self.call.columns.len() * (self.call.columns.len() + 1) / 2
    }
}

impl Work for Segments<'_, '_> {
    type Answer = Result<Triangle>;

    fn words(&self, items: usize) -> Words {
        let windows = items.saturating_mul(self.call.restart());
        let each = self.call.columns.len() + self.cells();
        Words { input: 0, output: windows.saturating_mul(each), desk: 0 }
    }

    fn most(&self) -> usize {
        MOST_SEGMENTS
    }

    fn stage(&self, _: Range<usize>, _: &Lane, _: &mut [u64]) {}

    fn first(&self, items: usize) -> usize {
        self.words(items).output
    }

    fn ask(&self, items: Range<usize>, lane: &Lane) -> Done<()> {
        let (windows, call) = (self.windows(&items), self.call);
        let order = call.columns.len();
        let restart = call.restart();
        let arguments = [
            self.memory.at(0),
            lane.output.at(windows.len() * order),
            lane.output.at(0),
            order as u64,
            call.steps.length as u64,
            call.steps.step as u64,
            restart as u64,
            (call.windows.start / restart + items.start) as u64,
            windows.start as u64,
            windows.end as u64,
            ((call.steps.length - call.ddof) as f64).to_bits(),
        ];
        let blocks = [order.div_ceil(128), order, items.len()];
        lane.stream.launch(KernelName::SteppedCovariances, blocks, 128, &arguments)
    }

    fn answer(
        &self,
        items: Range<usize>,
        output: &[u64],
        take: Take<'_, Result<Triangle>>,
    ) -> ControlFlow<()> {
        let (windows, order, size) = (self.windows(&items), self.call.columns.len(), self.cells());
        let (unclear, cells) = output.split_at(windows.len() * order);
        for (at, window) in windows.enumerate() {
            let mut triangle = Triangle::zeros(order);
            let mut rest = &cells[at * size..];
            for i in 0..order {
                let row = triangle.upper_mut(i);
                let (own, after) = rest.split_at(row.len());
                row.iter_mut().zip(own).for_each(|(cell, word)| *cell = f64::from_bits(*word));
                rest = after;
            }
            let clear = unclear[at * order..][..order].iter().all(|word| *word == 0);
            let mut over = ControlFlow::Continue(());
            if clear && triangle.is_finite() {
                self.call.device.did_windows(1);
                over = take(Ok(triangle));
            } else {
                self.call.on_cpu(window..window + 1, &mut |answer| {
                    over = take(answer);
                    over
                });
            }
            over?;
        }
        ControlFlow::Continue(())
    }

    fn alone(&self, items: Range<usize>, take: Take<'_, Result<Triangle>>) -> ControlFlow<()> {
        let mut over = ControlFlow::Continue(());
        self.call.on_cpu(self.windows(&items), &mut |answer| {
            over = take(answer);
            over
        });
        over
    }
}

/// Columns with gaps, pair by pair: the verb on a device.
pub(super) struct Gaps<'a> {
    pub(super) device: &'a Device,
    pub(super) workers: usize,
    pub(super) columns: &'a [&'a [f64]],
    pub(super) windows: &'a [Range<usize>],
    pub(super) moment: Moment,
    pub(super) min_periods: usize,
}

impl Gaps<'_> {
    /// Answers every window, in their order.
    pub(super) fn run(&self, take: Take<'_, Result<PairwiseTriangles>>) {
        let usual = |window| pairwise::check(self.columns, window).is_ok();
        if self.device.is_of_use() && self.windows.iter().all(usual) {
            let length = self.columns.first().map_or(0, |column| column.len());
            match self.device.columns(self.columns, length) {
                Ok(memory) => {
                    let longest = self.windows.iter().map(Range::len).max().unwrap_or(0);
                    let work = WithGaps { call: self, memory, length, longest };
                    let _ = in_batches(self.device, self.windows.len(), &work, take);
                    return;
                }
                Err(fault) => self.device.met(fault),
            }
        }
        self.on_cpu(self.windows, take);
    }

    fn on_cpu(&self, windows: &[Range<usize>], take: Take<'_, Result<PairwiseTriangles>>) {
        let how = (self.moment, self.min_periods);
        pairwise::pairwise(self.workers, self.columns, windows, how, take);
    }

    /// A cell by the plain path.
    fn plain(&self, window: &Range<usize>, pair: [usize; 2]) -> f64 {
        let [x, y] = pair.map(|at| &self.columns[at][window.clone()]);
        let found: Result<Pairwise> = match self.moment {
            Moment::Covariance => pairwise_covariance(&[x, y], self.min_periods),
            Moment::Correlation => pairwise_correlation(&[x, y], self.min_periods),
        };
        found.map_or(f64::NAN, |found| found.matrix.get(0, 1))
    }
}

struct WithGaps<'a, 'b> {
    call: &'a Gaps<'b>,
    memory: Memory,
    length: usize,
    longest: usize,
}

impl Work for WithGaps<'_, '_> {
    type Answer = Result<PairwiseTriangles>;

    fn words(&self, items: usize) -> Words {
        let order = self.call.columns.len();
        let (square, column) = (2 * order * order, order * (self.longest + 1));
        Words { input: 0, output: items * square, desk: items * column }
    }

    fn most(&self) -> usize {
        1
    }

    fn stage(&self, _: Range<usize>, _: &Lane, _: &mut [u64]) {}

    fn ask(&self, items: Range<usize>, lane: &Lane) -> Done<()> {
        let (call, window) = (self.call, &self.call.windows[items.start]);
        let order = call.columns.len();
        let (squares, centered) = (lane.desk.at(0), lane.desk.at(order));
        let (start, rows) = (window.start as u64, window.len() as u64);
        let arguments = [self.memory.at(0), centered, squares, self.length as u64, start, rows];
        lane.stream.launch(KernelName::CenterPresent, [order, 1, 1], 128, &arguments)?;
        let arguments = [
            centered,
            squares,
            lane.output.at(0),
            lane.output.at(order * order),
            order as u64,
            rows,
            call.min_periods as u64,
            u64::from(call.moment == Moment::Correlation),
        ];
        let blocks = [order.div_ceil(32), order.div_ceil(32), 1];
        lane.stream.launch(KernelName::PairwiseMoments, blocks, 256, &arguments)
    }

    fn answer(
        &self,
        items: Range<usize>,
        output: &[u64],
        take: Take<'_, Result<PairwiseTriangles>>,
    ) -> ControlFlow<()> {
        let (call, window) = (self.call, &self.call.windows[items.start]);
        let order = call.columns.len();
        let (cells, rows) = output.split_at(order * order);
        let (mut matrix, mut counts) = (Triangle::zeros(order), Triangle::zeros(order));
        for i in 0..order {
            let (row, own) = (matrix.upper_mut(i), counts.upper_mut(i));
            for (k, (cell, count)) in row.iter_mut().zip(own).enumerate() {
                let at = i * order + i + k;
                let found = f64::from_bits(rows[at]);
                *count = found.abs();
                // A negative count is the kernel's doubt.
                let doubtful = found < 0.0;
                let value = f64::from_bits(cells[at]);
                *cell = if doubtful { call.plain(window, [i, i + k]) } else { value };
            }
        }
        call.device.did_windows(1);
        take(Ok(PairwiseTriangles { matrix, counts }))
    }

    fn alone(
        &self,
        items: Range<usize>,
        take: Take<'_, Result<PairwiseTriangles>>,
    ) -> ControlFlow<()> {
        let mut over = ControlFlow::Continue(());
        self.call.on_cpu(&self.call.windows[items], &mut |answer| {
            over = take(answer);
            over
        });
        over
    }
}
