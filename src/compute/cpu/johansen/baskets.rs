//! Johansen's trace test of gathered baskets of three and more series.
//!
//! The products of all pairs of the baskets' members are made once; a basket gathers those of its own
//! pairs and never touches a row again.
//!
//! # Formula
//! `trace_0 = -T ln(det(S_kk - S_k0 S_00^-1 S_0k) / det S_kk)`: both determinants are products of pivots,
//! with and without the differences among what is taken out of the levels, so that no eigenvalue
//! is needed.
//!
//! # Error
//! A pivot carries the rounding of the moments over the least share of a column's square that those
//! before it leave, and a statistic `2 k T` times that.

use std::{collections::BTreeMap, ops::ControlFlow};

use super::{
    Planes, multiply,
    series::Series,
    system::{Cross, Member, Plane, System},
    unrestricted,
};
use crate::{
    compute::{
        BasketTests, Baskets, JohansenBasket, JohansenScreen,
        cpu::{
            calendars::{Calendar, calendars},
            lane_matrix::{Any, Factors},
            product::EDGE,
            simd::{Kernel, LANES, Lanes, widest},
            work::in_order,
        },
    },
    stats::{Result, Trend},
};

/// Baskets that a worker takes at a time.
const TASK: usize = 1_024;
/// Series whose products are held at a time: baskets with more of them are taken in parts.
const MOST_SERIES: usize = 1_024;

/// Tests every one of `baskets`.
pub(in crate::compute::cpu) fn baskets(
    workers: usize,
    columns: &[&[f64]],
    baskets: Baskets<'_>,
    screen: &JohansenScreen,
    take: &mut (dyn FnMut(BasketTests) -> ControlFlow<()> + Send),
) -> Result<()> {
    let trend = unrestricted(screen.case)?;
    let calendars = calendars(columns)?;
    let mut of_column = vec![0; columns.len()];
    for (at, calendar) in calendars.iter().enumerate() {
        calendar.members.iter().for_each(|member| of_column[*member] = at);
    }
    let size = baskets.size;
    // Baskets that stand on the same rows, by the calendars of their members.
    let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    let mut own = Vec::with_capacity(size);
    for (basket, members) in baskets.members.chunks_exact(size.max(1)).enumerate() {
        own.clear();
        own.extend(members.iter().map(|member| of_column[*member]));
        own.sort_unstable();
        own.dedup();
        match groups.get_mut(&own) {
            Some(group) => group.push(basket),
            None => drop(groups.insert(own.clone(), vec![basket])),
        }
    }
    for (own, group) in &groups {
        let rows = common(&calendars, own);
        let width = size * (screen.lags + 2) + trend.terms();
        let short = rows.len().saturating_sub(screen.lags + 1) <= width;
        if short || rows.len() < screen.min_rows {
            let refused = group.len();
            if take(BasketTests { refused, short: refused, ..BasketTests::default() }).is_break() {
                return Ok(());
            }
            continue;
        }
        let mut left = group.as_slice();
        while !left.is_empty() {
            let (part, members) = part(left, baskets, columns.len());
            let (now, later) = left.split_at(part);
            left = later;
            let asked = Asked { workers, screen, trend, rows: &rows };
            if asked.test(columns, baskets, now, &members, take).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Rows that all of `own` calendars have.
fn common(calendars: &[Calendar], own: &[usize]) -> Vec<usize> {
    let mut own = own.iter().map(|at| &calendars[*at]);
    let first = own.next().map_or_else(Vec::new, |first| first.rows.clone());
    own.fold(first, |rows, other| Calendar { members: Vec::new(), rows }.common(other))
}

/// How many of the first of `group` have no more members than are held at a time, and these, in order.
fn part(group: &[usize], baskets: Baskets<'_>, columns: usize) -> (usize, Vec<usize>) {
    let mut has = vec![false; columns];
    let (mut members, mut count) = (0, 0);
    for basket in group {
        let own = &baskets.members[basket * baskets.size..][..baskets.size];
        members += own.iter().filter(|member| !has[**member]).count();
        if count > 0 && members > MOST_SERIES {
            break;
        }
        for member in own {
            has[*member] = true;
        }
        count += 1;
    }
    (count, (0..columns).filter(|column| has[*column]).collect())
}

struct Asked<'a> {
    workers: usize,
    screen: &'a JohansenScreen,
    trend: Trend,
    rows: &'a [usize],
}

impl Asked<'_> {
    fn test(
        &self,
        columns: &[&[f64]],
        baskets: Baskets<'_>,
        group: &[usize],
        members: &[usize],
        take: &mut (dyn FnMut(BasketTests) -> ControlFlow<()> + Send),
    ) -> ControlFlow<()> {
        let series = Series::new(columns, members, self.rows, self.trend, self.screen.lags);
        let mut place = vec![usize::MAX; columns.len()];
        series.assets.iter().enumerate().for_each(|(at, asset)| place[*asset] = at);
        let products = Products::new(self.workers, &series);
        let work = |task: usize, scratch: &mut Scratch| {
            let own = &group[task * TASK..group.len().min((task + 1) * TASK)];
            let mut answer = BasketTests { rows: series.rows, ..BasketTests::default() };
            // Places of the series in order: which one stands first changes no determinant.
            scratch.members.clear();
            scratch.tested.clear();
            for basket in own {
                let from = scratch.members.len();
                let asked = &baskets.members[basket * baskets.size..][..baskets.size];
                scratch.members.extend(asked.iter().map(|member| place[*member]));
                let places = &mut scratch.members[from..];
                places.sort_unstable();
                assert!(places.windows(2).all(|two| two[0] < two[1] || two[1] == usize::MAX));
                if places.last() == Some(&usize::MAX) {
                    scratch.members.truncate(from);
                    answer.refused += 1;
                } else {
                    scratch.tested.push(*basket);
                }
            }
            answer.tests = scratch.tested.len();
            widest(Batch {
                series: &series,
                products: &products,
                size: baskets.size,
                scratch,
                screen: self.screen,
                answer,
            })
        };
        let mut over = ControlFlow::Continue(());
        let tasks = group.len().div_ceil(TASK);
        in_order(self.workers, tasks, Scratch::default, work, |answer| {
            over = take(answer);
            over
        });
        over
    }
}

#[derive(Default)]
struct Scratch {
    /// Places among the series, basket after basket.
    members: Vec<usize>,
    /// Which baskets these are.
    tested: Vec<usize>,
}

/// The products of all pairs of some series, tile by tile; of a tile on the diagonal the pairs in
/// order.
struct Products {
    blocks: usize,
    tiles: Vec<Planes>,
}

impl Products {
    fn new(workers: usize, series: &Series) -> Self {
        let blocks = series.assets.len().div_ceil(EDGE);
        let places: Vec<(usize, usize)> =
            (0..blocks).flat_map(|i| (i..blocks).map(move |j| (i, j))).collect();
        let mut tiles = Vec::with_capacity(places.len());
        let tile = |task: usize, (): &mut ()| {
            let (mut planes, (i, j)) = (Planes::default(), places[task]);
            multiply(&mut planes, series, series, (i, j), i == j);
            planes
        };
        in_order(
            workers,
            places.len(),
            || (),
            tile,
            |planes| {
                tiles.push(planes);
                ControlFlow::Continue(())
            },
        );
        Self { blocks, tiles }
    }

    /// The tile of pair `(a, b)`, `a < b`, and its cell there.
    #[inline(always)]
    fn place(&self, a: usize, b: usize) -> (usize, usize) {
        let (i, j) = (a / EDGE, b / EDGE);
        // Rows of tiles grow shorter by one.
        let row = i * (2 * self.blocks - i + 1) / 2;
        let tile = row + j - i;
        (tile, self.tiles[tile].cell(a % EDGE, b % EDGE))
    }
}

/// A pair of each of eight baskets.
struct Gathered<'a> {
    tiles: &'a [Planes],
    places: [(usize, usize); LANES],
}

impl Cross for Gathered<'_> {
    #[inline(always)]
    fn read(&self, plane: Plane) -> Lanes {
        let number = |(tile, cell): (usize, usize)| {
            let planes: &Planes = &self.tiles[tile];
            planes.cells[plane.index() * planes.size + cell]
        };
        Lanes(self.places.map(number))
    }
}

/// Baskets whose products are known.
struct Batch<'a> {
    series: &'a Series,
    products: &'a Products,
    size: usize,
    scratch: &'a Scratch,
    screen: &'a JohansenScreen,
    answer: BasketTests,
}

impl Kernel for Batch<'_> {
    type Output = BasketTests;

    #[inline(always)]
    fn run(self) -> BasketTests {
        let Self { series, products, size, scratch, screen, mut answer } = self;
        let lags = screen.lags;
        let observations = (series.rows - lags - 1) as f64;
        let mut system = System::new(size, lags);
        let mut squares = [Factors::new(size), Factors::new(size)];
        let bound = libm::exp(-screen.keep_above / observations);
        let members = scratch.members.chunks(LANES * size);
        for (members, baskets) in members.zip(scratch.tested.chunks(LANES)) {
            // Lanes without a basket repeat the first.
            let of = |lane: usize| &members[if lane < baskets.len() { lane * size } else { 0 }..];
            let leg = |at: usize| Member(series, Any(std::array::from_fn(|lane| of(lane)[at])));
            let mut grain = Lanes::ZERO;
            for i in 0..size {
                let one = leg(i);
                grain = grain + one.grain();
                system.own(i, lags, &one);
                for j in i + 1..size {
                    let places =
                        std::array::from_fn(|lane| products.place(of(lane)[i], of(lane)[j]));
                    let cells = Gathered { tiles: &products.tiles, places };
                    system.cross([i, j], lags, &one, &leg(j), &cells);
                }
            }
            let (ratio, rounding) = left_over(&mut system, &mut squares, (size, lags), grain);
            for (lane, basket) in baskets.iter().enumerate() {
                let found = (ratio.0[lane], 2.0 * size as f64 * rounding.0[lane]);
                answer.kept.extend(kept(*basket, found, observations, bound));
            }
        }
        answer
    }
}

/// `det(S_kk - S_k0 S_00^-1 S_0k) / det S_kk`, and the rounding of one of its pivots.
#[inline(always)]
fn left_over(
    system: &mut System,
    [without, with]: &mut [Factors; 2],
    (size, lags): (usize, usize),
    grain: Lanes,
) -> (Lanes, Lanes) {
    let mut share = system.factor(size, lags);
    for i in 0..size {
        for j in 0..=i {
            let levels = system.levels(i, j, size, lags);
            without.set(i, j, levels.left);
            with.set(i, j, levels.left - levels.explained);
        }
    }
    without.factor(size, size);
    with.factor(size, size);
    let mut ratio = Lanes::splat(1.0);
    for i in 0..size {
        let (below, left) = (without.inverses[i], with.get(i, i));
        ratio = ratio * (left * below);
        share = (left / system.level_square(i, size, lags)).min(share);
    }
    (ratio, System::rounding(share, grain))
}

/// The basket with its statistic, where this may be of interest.
fn kept(
    basket: usize,
    (ratio, off): (f64, f64),
    observations: f64,
    bound: f64,
) -> Option<JohansenBasket> {
    let told = ratio > 0.0 && (0.0..1e-4).contains(&off);
    if told && ratio * (1.0 - off) > bound {
        return None;
    }
    let trace = -observations * libm::log(ratio);
    let error = if told { observations * off } else { f64::INFINITY };
    Some(JohansenBasket { basket, trace, error })
}

#[cfg(test)]
mod tests;
