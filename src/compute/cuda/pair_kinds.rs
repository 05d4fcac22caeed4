//! Engle-Granger's and Johansen's tests as the device makes them.

use std::ops::ControlFlow;

use super::{
    device::Device,
    fault::Done,
    kernels::KernelName,
    launch::Stream,
    pair_kind::{EDGE, Given, Item, Kind, LAG_SHIFT, Plane, Side, Source, cell_of},
    pairs,
};
use crate::{
    compute::{
        JohansenTests, PairStatistic, PairTests, Take,
        cpu::{engle_granger, johansen},
    },
    stats::LagRule,
};

const LEVELS: Source = Source { array: 0, later: 0 };

/// Engle-Granger tests of some problems with equal lags.
pub(super) struct EngleGranger<'a> {
    pub(super) problems: &'a [&'a engle_granger::Sides<'a>],
    pub(super) workers: usize,
}

impl EngleGranger<'_> {
    /// Tests all tiles of all problems; answers come with the number of their problem.
    pub(super) fn run(
        &self,
        device: &Device,
        take: Take<'_, (usize, PairTests)>,
    ) -> ControlFlow<()> {
        let of = |(problem, sides): (usize, &&engle_granger::Sides<'_>)| {
            sides.tiles().into_iter().map(move |tile| Item { problem, tile }).collect::<Vec<_>>()
        };
        let items: Vec<Item> = self.problems.iter().enumerate().flat_map(of).collect();
        pairs::test(device, self, &items, take)
    }

    fn series(&self, problem: usize, side: Side) -> &engle_granger::Series {
        let sides = self.problems[problem];
        if side == 0 { &sides.left } else { sides.across() }
    }

    fn lags(&self) -> usize {
        self.problems.first().map_or(0, |sides| sides.lags)
    }

    fn has_closed_form(&self) -> bool {
        self.problems.first().is_some_and(|sides| sides.rule == LagRule::Fixed(1))
    }
}

impl Kind for EngleGranger<'_> {
    type Answer = PairTests;

    fn assets(&self, problem: usize, side: Side, block: usize) -> &[usize] {
        engle_granger::Sides::assets(self.series(problem, side), block)
    }

    fn rows(&self, problem: usize) -> usize {
        self.problems[problem].left.rows
    }

    fn level(&self, problem: usize, side: Side, at: usize, out: &mut dyn FnMut(usize, f64)) {
        self.series(problem, side).level(at).enumerate().for_each(|(row, value)| out(row, value));
    }

    fn table(&self, problem: usize, side: Side) -> Vec<&[f64]> {
        self.series(problem, side).table().collect()
    }

    fn is_one_sided(&self, problem: usize) -> bool {
        self.problems[problem].right.is_none()
    }

    fn arrays(&self) -> usize {
        self.lags() + 1
    }

    fn planes(&self) -> Vec<Plane> {
        let moves = (0..=self.lags()).map(|lag| {
            let source = Source { array: 1 + lag, later: 0 };
            Plane { left: source, right: source, shorter: 1 + lag }
        });
        let levels = Plane { left: LEVELS, right: LEVELS, shorter: 0 };
        std::iter::once(levels).chain(moves).collect()
    }

    fn numbers(&self, problem: usize) -> Vec<f64> {
        self.problems[problem].factors.clone()
    }

    fn record(&self) -> usize {
        3
    }

    fn desk(&self) -> usize {
        let lags = self.lags();
        let order = lags + 2;
        if self.has_closed_form() { 0 } else { 5 * lags + 3 + order * order + order }
    }

    fn survivors(&self) -> usize {
        2
    }

    fn test(&self, stream: &Stream, given: &Given) -> Done<()> {
        let keep_below = self.problems[0].screen.keep_below.to_bits();
        let Given { planes, table, tiles, lengths, survivors, .. } = *given;
        let mut arguments =
            vec![planes, table, tiles, lengths, survivors, given.width as u64, keep_below];
        if self.has_closed_form() {
            let blocks = [EDGE / 128, EDGE, given.count];
            return stream.launch(KernelName::EngleGrangerOneLag, blocks, 128, &arguments);
        }
        let rule = match self.problems[0].rule {
            LagRule::Fixed(_) => 0,
            LagRule::Aic { .. } | LagRule::Bic { .. } => 1,
            LagRule::TStat { .. } => 2,
        };
        let (lags, count) = (self.lags() as u64, given.count as u64);
        arguments.extend([given.desks, given.numbers, lags, rule, count]);
        stream.launch(KernelName::EngleGrangerLags, [given.blocks, 1, 1], 128, &arguments)
    }

    fn answer(&self, item: &Item, records: &[&[u64]]) -> (PairTests, usize) {
        let sides = self.problems[item.problem];
        let pairs = sides.pairs(item.tile);
        let left = self.assets(item.problem, 0, item.tile.0);
        let right = self.assets(item.problem, 1, item.tile.1);
        let kept = records.iter().filter_map(|record| {
            let (i, j, turned) = cell_of(record[0]);
            let (one, other) = (left[i], right[j]);
            let (dependent, regressor) = if turned { (one, other) } else { (other, one) };
            let error = f64::from_bits(record[2]);
            sides.holds(one, other).then_some(PairStatistic {
                dependent,
                regressor,
                statistic: f64::from_bits(record[1]),
                error: if error.is_nan() { f64::INFINITY } else { error },
                lag: usize::try_from(record[0] >> LAG_SHIFT).unwrap_or(0),
            })
        });
        let rows = sides.left.rows;
        (
            PairTests {
                rows,
                tests: 2 * pairs,
                pairs,
                kept: kept.collect(),
                ..PairTests::default()
            },
            pairs,
        )
    }

    fn off(&self, item: &Item, answer: &PairTests) -> (usize, f64) {
        let known =
            self.problems[item.problem].tile(item.tile, &mut engle_granger::Planes::default());
        let key = |pair: &PairStatistic| (pair.dependent, pair.regressor);
        let told = |tests: &PairTests| {
            let kept = tests.kept.iter().filter(|pair| pair.error.is_finite());
            let mut kept: Vec<PairStatistic> = kept.copied().collect();
            kept.sort_unstable_by_key(key);
            kept
        };
        let (found, known) = (told(answer), told(&known));
        if self.is_exact() && (found.len() != known.len()) {
            return (known.len(), f64::INFINITY);
        }
        let mut furthest: f64 = 0.0;
        for pair in &known {
            let Ok(at) = found.binary_search_by_key(&key(pair), key) else { continue };
            let off = (found[at].statistic - pair.statistic).abs();
            let alike = found[at].lag == pair.lag;
            furthest = furthest.max(if alike {
                off / pair.statistic.abs().max(1.0)
            } else {
                f64::INFINITY
            });
        }
        (known.len(), furthest)
    }

    fn is_exact(&self) -> bool {
        // What is listed as the kernel has it has the processor's bits; what the plain path decides need not.
        self.problems
            .iter()
            .any(|sides| sides.screen.only_kernel || sides.screen.keep_below.is_infinite())
    }

    fn alone(
        &self,
        problem: usize,
        tiles: &[(usize, usize)],
        take: Take<'_, (usize, PairTests)>,
    ) -> ControlFlow<()> {
        use engle_granger::Tester;
        let cpu = engle_granger::OnCpu(self.workers);
        cpu.test(self.problems[problem], tiles, &mut |answer| take((problem, answer)))
    }
}

/// Johansen's tests of one problem.
pub(super) struct Johansen<'a> {
    pub(super) sides: &'a johansen::Sides<'a>,
    pub(super) workers: usize,
}

impl Johansen<'_> {
    /// Tests `tiles`, in their order.
    pub(super) fn run(
        &self,
        device: &Device,
        tiles: &[(usize, usize)],
        take: Take<'_, JohansenTests>,
    ) -> ControlFlow<()> {
        let items: Vec<Item> = tiles.iter().map(|tile| Item { problem: 0, tile: *tile }).collect();
        pairs::test(device, self, &items, &mut |(_, answer)| take(answer))
    }

    fn series(&self, side: Side) -> &johansen::Series {
        if side == 0 { &self.sides.left } else { self.sides.across() }
    }
}

impl Kind for Johansen<'_> {
    type Answer = JohansenTests;

    fn assets(&self, _: usize, side: Side, block: usize) -> &[usize] {
        johansen::Sides::assets(self.series(side), block)
    }

    fn rows(&self, _: usize) -> usize {
        self.sides.left.rows
    }

    fn level(&self, _: usize, side: Side, at: usize, out: &mut dyn FnMut(usize, f64)) {
        self.series(side).level(at).enumerate().for_each(|(row, value)| out(row, value));
    }

    fn table(&self, _: usize, side: Side) -> Vec<&[f64]> {
        self.series(side).table().collect()
    }

    fn is_one_sided(&self, _: usize) -> bool {
        self.sides.right.is_none()
    }

    fn arrays(&self) -> usize {
        1
    }

    fn planes(&self) -> Vec<Plane> {
        let moves = |later| Source { array: 1, later };
        let plane = |left, right, shorter| Plane { left, right, shorter };
        let mut planes = vec![
            plane(LEVELS, LEVELS, 0),
            plane(LEVELS, moves(0), 1),
            plane(moves(0), moves(0), 1),
        ];
        for k in 1..=self.sides.screen.lags {
            planes.push(plane(moves(k), moves(0), 1 + k));
            planes.push(plane(moves(0), moves(k), 1 + k));
        }
        planes
    }

    fn numbers(&self, _: usize) -> Vec<f64> {
        vec![self.sides.bound().1]
    }

    fn record(&self) -> usize {
        4
    }

    fn desk(&self) -> usize {
        let order = 2 * (self.sides.screen.lags + 2);
        order * order + order
    }

    fn survivors(&self) -> usize {
        1
    }

    fn test(&self, stream: &Stream, given: &Given) -> Done<()> {
        let (lags, terms) = (self.sides.screen.lags, self.sides.left.terms);
        let Given { planes, table, tiles, numbers, survivors, desks, .. } = *given;
        let (width, count) = (given.width as u64, given.count as u64);
        let sizes = [lags as u64, terms as u64, count];
        let arguments =
            [planes, table, tiles, numbers, survivors, width, desks, sizes[0], sizes[1], sizes[2]];
        stream.launch(KernelName::JohansenPairs, [given.blocks, 1, 1], 128, &arguments)
    }

    fn answer(&self, item: &Item, records: &[&[u64]]) -> (JohansenTests, usize) {
        let pairs = self.sides.pairs(item.tile);
        let (observations, bound) = self.sides.bound();
        let left = self.assets(0, 0, item.tile.0);
        let right = self.assets(0, 1, item.tile.1);
        let kept = records.iter().filter_map(|record| {
            let (i, j, _) = cell_of(record[0]);
            let assets = [left[i], right[j]];
            let numbers = [1, 2, 3].map(|k| f64::from_bits(record[k]));
            let held = self.sides.holds(assets[0], assets[1]);
            held.then(|| johansen::kept(assets, numbers, observations, bound)).flatten()
        });
        let rows = self.sides.left.rows;
        (
            JohansenTests { rows, tests: pairs, kept: kept.collect(), ..JohansenTests::default() },
            pairs,
        )
    }

    fn off(&self, item: &Item, answer: &JohansenTests) -> (usize, f64) {
        use johansen::Tester;
        let mut furthest: f64 = 0.0;
        let mut count = 0;
        let _ = johansen::OnCpu(1).test(self.sides, &[item.tile], &mut |known| {
            for pair in known.kept.iter().filter(|pair| pair.error.is_finite()) {
                count += 1;
                let same = |other: &&crate::compute::JohansenPair| {
                    (other.first, other.second) == (pair.first, pair.second)
                };
                let off = answer.kept.iter().find(same).map_or(0.0, |found| {
                    (found.trace[0] - pair.trace[0]).abs() / pair.trace[0].abs().max(1.0)
                });
                furthest = furthest.max(off);
            }
            ControlFlow::Continue(())
        });
        (count, furthest)
    }

    fn is_exact(&self) -> bool {
        self.sides.screen.keep_above == f64::NEG_INFINITY
    }

    fn alone(
        &self,
        _: usize,
        tiles: &[(usize, usize)],
        take: Take<'_, (usize, JohansenTests)>,
    ) -> ControlFlow<()> {
        use johansen::Tester;
        let cpu = johansen::OnCpu(self.workers);
        cpu.test(self.sides, tiles, &mut |answer| take((0, answer)))
    }
}
