//! Two sides of prepared series whose pairs are tested, and who tests them.

use std::ops::ControlFlow;

use super::{Block, Choice, EDGE, Planes, Series, Tile, in_order, pairs_between, widest};
use crate::{
    compute::{EngleGrangerScreen, PairSet, PairTests, Take},
    stats::LagRule,
};

/// Tests pairs of prepared series.
pub(in crate::compute) trait Tester: Sync {
    /// Threads that may work beside.
    fn workers(&self) -> usize;

    /// Tests the pairs of `tiles`, in their order.
    fn test(
        &self,
        sides: &Sides<'_>,
        tiles: &[(usize, usize)],
        take: Take<'_, PairTests>,
    ) -> ControlFlow<()>;
}

/// Series that are tested against each other: those of `left` with those of `right`, or with each other.
pub(in crate::compute) struct Sides<'a> {
    pub(in crate::compute) left: Series,
    pub(in crate::compute) right: Option<Series>,
    /// Largest lag order.
    pub(in crate::compute) lags: usize,
    pub(in crate::compute) rule: LagRule,
    /// What nested sums of squares are compared with, per lag order.
    pub(in crate::compute) factors: Vec<f64>,
    pub(in crate::compute) screen: EngleGrangerScreen,
    pub(super) among: Option<&'a PairSet>,
    /// Ordered pairs of series that stand still.
    pub(super) refused: usize,
}

impl Sides<'_> {
    /// The right side.
    pub(in crate::compute) fn across(&self) -> &Series {
        self.right.as_ref().unwrap_or(&self.left)
    }

    /// The answer of the pairs with a series that stands still.
    pub(in crate::compute) fn refused(&self) -> PairTests {
        PairTests { refused: self.refused, ..PairTests::default() }
    }

    /// Blocks of the left side by blocks of the right one: those that hold pairs.
    pub(in crate::compute) fn tiles(&self) -> Vec<(usize, usize)> {
        let blocks = |series: &Series| series.assets.len().div_ceil(EDGE);
        let mut tiles = Vec::new();
        for i in 0..blocks(&self.left) {
            let from = if self.right.is_none() { i } else { 0 };
            tiles.extend((from..blocks(self.across())).map(|j| (i, j)));
        }
        tiles
    }

    /// True if a tile is a block of series against itself.
    pub(in crate::compute) fn is_diagonal(&self, (i, j): (usize, usize)) -> bool {
        self.right.is_none() && i == j
    }

    /// Positions in the universe of a block of a side.
    pub(in crate::compute) fn assets(series: &Series, block: usize) -> &[usize] {
        let from = block * EDGE;
        &series.assets[from..series.assets.len().min(from + EDGE)]
    }

    /// Pairs of a tile that are tested.
    pub(in crate::compute) fn pairs(&self, tile: (usize, usize)) -> usize {
        let left = Self::assets(&self.left, tile.0);
        let right = (!self.is_diagonal(tile)).then(|| Self::assets(self.across(), tile.1));
        pairs_between(self.among, left, right)
    }

    /// True if the pair of two positions is tested.
    pub(in crate::compute) fn holds(&self, first: usize, second: usize) -> bool {
        self.among.is_none_or(|among| among.holds(first, second))
    }

    /// The tests of a tile.
    pub(in crate::compute) fn tile(&self, tile: (usize, usize), planes: &mut Planes) -> PairTests {
        let (left, right) = (Block::new(&self.left, tile.0), Block::new(self.across(), tile.1));
        let diagonal = self.is_diagonal(tile);
        planes.fill(left, (!diagonal).then_some(right), self.lags);
        let rule = match self.rule {
            LagRule::Fixed(_) => None,
            LagRule::TStat { .. } => Some(Choice::Significance(&self.factors)),
            LagRule::Aic { .. } | LagRule::Bic { .. } => Some(Choice::Penalty(&self.factors)),
        };
        let (rule, keep_below) = (rule.as_ref(), self.screen.keep_below);
        let (lags, among) = (self.lags, self.among);
        widest(Tile { planes, left, right, diagonal, lags, rule, keep_below, among })
    }
}

/// The processor.
pub(in crate::compute) struct OnCpu(pub(in crate::compute) usize);

impl Tester for OnCpu {
    fn workers(&self) -> usize {
        self.0
    }

    fn test(
        &self,
        sides: &Sides<'_>,
        tiles: &[(usize, usize)],
        take: Take<'_, PairTests>,
    ) -> ControlFlow<()> {
        let mut over = ControlFlow::Continue(());
        let tile = |task: usize, planes: &mut Planes| sides.tile(tiles[task], planes);
        in_order(self.0, tiles.len(), Planes::default, tile, |answer| {
            over = take(answer);
            over
        });
        over
    }
}
