//! Johansen's tests of all pairs of a universe and of gathered baskets, from products of columns.
//!
//! # References
//! Johansen (1988, 1991). The plain path, which decides: [`johansen`](crate::stats::johansen()).

mod baskets;
mod series;
mod system;

use std::ops::ControlFlow;

pub(super) use baskets::baskets;
pub(in crate::compute) use series::Series;
use system::{Cross, Member, Plane, System};

use super::{
    calendars::calendars,
    lane_matrix::{Eight, One},
    product::{Cells, EDGE, add_products, add_squares, padded},
    simd::{Kernel, LANES, Lanes, widest},
    work::in_order,
};
use crate::{
    compute::{
        JohansenPair, JohansenScreen, JohansenTests, Take,
        pair_set::{PairSet, pairs_between},
    },
    stats::{JohansenCase, Refusal, Result, Trend},
};

/// Two sides of prepared series whose pairs are tested: left with right, or with each other.
pub(in crate::compute) struct Sides<'a> {
    pub(in crate::compute) left: Series,
    pub(in crate::compute) right: Option<Series>,
    pub(in crate::compute) screen: JohansenScreen,
    among: Option<&'a PairSet>,
}

/// Tests pairs of prepared series.
pub(in crate::compute) trait Tester {
    /// Tests the pairs of `tiles`, in their order.
    fn test(
        &self,
        sides: &Sides<'_>,
        tiles: &[(usize, usize)],
        take: Take<'_, JohansenTests>,
    ) -> ControlFlow<()>;
}

/// The processor, with as many threads.
pub(in crate::compute) struct OnCpu(pub(in crate::compute) usize);

impl Tester for OnCpu {
    fn test(
        &self,
        sides: &Sides<'_>,
        tiles: &[(usize, usize)],
        take: Take<'_, JohansenTests>,
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

impl Sides<'_> {
    /// The right side.
    pub(in crate::compute) fn across(&self) -> &Series {
        self.right.as_ref().unwrap_or(&self.left)
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
        &series.assets[block * EDGE..block * EDGE + series.count(block)]
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

    /// Rows of the tests' regressions, and what the trace statistic's bound is in products of eigenvalues.
    pub(in crate::compute) fn bound(&self) -> (f64, f64) {
        let observations = (self.left.rows - self.screen.lags - 1) as f64;
        (observations, libm::exp(-self.screen.keep_above / observations))
    }

    fn tile(&self, blocks: (usize, usize), planes: &mut Planes) -> JohansenTests {
        let diagonal = self.is_diagonal(blocks);
        multiply(planes, &self.left, self.across(), blocks, diagonal);
        let (left, right, screen) = (&self.left, self.across(), &self.screen);
        widest(Tile { planes, left, right, blocks, diagonal, screen, among: self.among })
    }
}

/// Tests every unordered pair of `columns`, or every one that `among` holds; answers come tile by tile.
pub(in crate::compute) fn all_pairs(
    tester: &dyn Tester,
    columns: &[&[f64]],
    screen: &JohansenScreen,
    among: Option<&PairSet>,
    take: Take<'_, JohansenTests>,
) -> Result<()> {
    let trend = unrestricted(screen.case)?;
    let calendars = calendars(columns)?;
    for (at, first) in calendars.iter().enumerate() {
        for second in &calendars[at..] {
            let rows = first.common(second);
            let same = std::ptr::eq(first, second);
            let others = (!same).then_some(second.members.as_slice());
            let pairs = pairs_between(among, &first.members, others);
            let width = 2 * screen.lags + trend.terms() + 4;
            let short = rows.len().saturating_sub(screen.lags + 1) <= width;
            let over = if short || rows.len() < screen.min_rows {
                take(JohansenTests { refused: pairs, short: pairs, ..JohansenTests::default() })
            } else {
                let series =
                    |members: &[usize]| Series::new(columns, members, &rows, trend, screen.lags);
                let left = series(&first.members);
                let right = if same { None } else { Some(series(&second.members)) };
                meet(tester, &Sides { left, right, screen: *screen, among }, pairs, take)
            };
            if over.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The terms of a case whose terms all stand outside the relations.
fn unrestricted(case: JohansenCase) -> Result<Trend> {
    match case {
        JohansenCase::None => Ok(Trend::None),
        JohansenCase::Constant => Ok(Trend::Constant),
        JohansenCase::Linear => Ok(Trend::Linear),
        JohansenCase::RestrictedConstant | JohansenCase::RestrictedTrend => {
            Err(Refusal::Singular { column: 0 })
        }
    }
}

fn meet(
    tester: &dyn Tester,
    sides: &Sides<'_>,
    pairs: usize,
    take: Take<'_, JohansenTests>,
) -> ControlFlow<()> {
    let others = sides.right.as_ref().map(|right| right.assets.as_slice());
    let moving = pairs_between(sides.among, &sides.left.assets, others);
    if pairs > moving {
        take(JohansenTests { refused: pairs - moving, ..JohansenTests::default() })?;
    }
    tester.test(sides, &sides.tiles(), take)
}

/// The planes of a tile: a number for each column of the left side and of the right one, both padded.
#[derive(Default)]
struct Planes {
    cells: Vec<f64>,
    /// Numbers of a row of a plane, and of the plane.
    stride: usize,
    size: usize,
}

impl Planes {
    /// The cell of left column `i` and right column `j`.
    #[inline(always)]
    fn cell(&self, i: usize, j: usize) -> usize {
        i * self.stride + j
    }
}

fn multiply(
    planes: &mut Planes,
    left: &Series,
    right: &Series,
    (i, j): (usize, usize),
    diagonal: bool,
) {
    let lags = left.lags;
    let stride = padded(right.count(j));
    let size = padded(left.count(i)) * stride;
    (planes.stride, planes.size) = (stride, size);
    let planes = &mut planes.cells;
    planes.resize(Plane::count(lags) * size, 0.0);
    let mut product = |plane: Plane| {
        let values = &mut planes[plane.index() * size..][..size];
        let cells = &mut Cells { values, stride };
        let moves = left.rows - 1;
        let ((a, b), rows) = match plane {
            Plane::Levels => ((left.levels(i), right.levels(j)), left.rows),
            Plane::LevelMove => ((left.levels(i), right.moves(j, 0)), moves),
            Plane::Later(k) => ((left.moves(i, k), right.moves(j, 0)), moves - k),
            Plane::Earlier(k) => ((left.moves(i, 0), right.moves(j, k)), moves - k),
        };
        if diagonal && matches!(plane, Plane::Levels | Plane::Later(0)) {
            add_squares(cells, a, rows, true);
        } else {
            add_products(cells, a, b, rows, true);
        }
    };
    product(Plane::Levels);
    product(Plane::LevelMove);
    product(Plane::Later(0));
    for k in 1..=lags {
        product(Plane::Later(k));
        product(Plane::Earlier(k));
    }
}

/// The pairs of a tile whose products are known.
struct Tile<'a> {
    planes: &'a Planes,
    left: &'a Series,
    right: &'a Series,
    blocks: (usize, usize),
    diagonal: bool,
    screen: &'a JohansenScreen,
    among: Option<&'a PairSet>,
}

/// Eight neighbours in the planes of a tile.
struct Cell<'a>(&'a Planes, usize);

impl Cross for Cell<'_> {
    #[inline(always)]
    fn read(&self, plane: Plane) -> Lanes {
        Lanes::load(&self.0.cells, plane.index() * self.0.size + self.1)
    }
}

impl Kernel for Tile<'_> {
    type Output = JohansenTests;

    #[inline(always)]
    fn run(self) -> JohansenTests {
        match self.screen.lags {
            // Loops of a known length.
            1 => self.with_lags(1),
            lags => self.with_lags(lags),
        }
    }
}

impl Tile<'_> {
    #[inline(always)]
    fn with_lags(self, lags: usize) -> JohansenTests {
        let mut answer = JohansenTests { rows: self.left.rows, ..JohansenTests::default() };
        let mut system = System::new(2, lags);
        let (left, right) = self.blocks;
        let count = self.right.count(right);
        let observations = (self.left.rows - lags - 1) as f64;
        let bound = libm::exp(-self.screen.keep_above / observations);
        for i in 0..self.left.count(left) {
            let from = if self.diagonal { i + 1 } else { 0 };
            let one = Member(self.left, One(left * EDGE + i));
            for at in (from / LANES * LANES..count).step_by(LANES) {
                let lanes = from.saturating_sub(at)..LANES.min(count - at);
                let wanted = |lane: &usize| {
                    let asset = |series: &Series, place: usize| series.assets[place];
                    self.among.is_none_or(|among| {
                        let one = asset(self.left, left * EDGE + i);
                        among.holds(one, asset(self.right, right * EDGE + at + lane))
                    })
                };
                if !lanes.clone().any(|lane| wanted(&lane)) {
                    continue;
                }
                let eight = Member(self.right, Eight(right * EDGE + at));
                system.own(0, lags, &one);
                system.own(1, lags, &eight);
                system.cross(
                    [0, 1],
                    lags,
                    &one,
                    &eight,
                    &Cell(self.planes, self.planes.cell(i, at)),
                );
                let grain = one.grain() + eight.grain();
                let found = relations(&mut system, lags, grain);
                for lane in lanes.filter(wanted) {
                    answer.tests += 1;
                    let pair = [left * EDGE + i, right * EDGE + at + lane];
                    let assets = [self.left.assets[pair[0]], self.right.assets[pair[1]]];
                    let found = found.map(|lanes| lanes.0[lane]);
                    answer.kept.extend(kept(assets, found, observations, bound));
                }
            }
        }
        answer
    }
}

/// The pair with the trace statistics, where these may be of interest.
pub(in crate::compute) fn kept(
    [first, second]: [usize; 2],
    [sum, product, rounding]: [f64; 3],
    observations: f64,
    bound: f64,
) -> Option<JohansenPair> {
    // 1 - product of (1 - lambda); an error that is no number leaves the pair to the plain path.
    let left = 1.0 - sum + product;
    let off = 2.0 * rounding * sum.sqrt();
    let doubtful = !((0.0..1e-6).contains(&rounding) && left > 0.0 && off < 0.1 * left);
    if !doubtful && left - off > bound {
        return None;
    }
    let root = (0.25 * sum * sum - product).max(0.0).sqrt();
    let larger = 0.5 * sum + root;
    let smaller = product / larger;
    let each = [larger, smaller].map(|value| -observations * libm::log1p(-value));
    let error = if doubtful { f64::INFINITY } else { observations * off / left };
    Some(JohansenPair { first, second, trace: [each[0] + each[1], each[1]], error })
}

/// Sum and product of the two eigenvalues, and the rounding they carry.
#[inline(always)]
fn relations(system: &mut System, lags: usize, grain: Lanes) -> [Lanes; 3] {
    let least = system.factor(2, lags);
    let l00 = system.levels(0, 0, 2, lags);
    let l10 = system.levels(1, 0, 2, lags);
    let l11 = system.levels(1, 1, 2, lags);
    let (k00, k10, k11) = (l00.left, l10.left, l11.left);
    let (p00, p10, p11) = (l00.explained, l10.explained, l11.explained);
    let determinant = k00 * k11 - k10 * k10;
    let cross = k10 * p10;
    let sum = (k11 * p00 - (cross + cross) + k00 * p11) / determinant;
    let product = (p00 * p11 - p10 * p10) / determinant;
    let share = (determinant / (k00 * k11)).min(least);
    [sum, product, System::rounding(share, grain)]
}

#[cfg(test)]
mod tests;
