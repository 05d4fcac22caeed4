//! Engle-Granger tests of all pairs of a universe, both directions, from products of columns.
//!
//! One regression after the other reads the rows of its pair again and again. All of them together
//! need no more than the products of the levels, of the differences and of sums of differences:
//! `lags + 2` symmetric products serve both directions of every pair. A tile of pairs is multiplied
//! and finished before the next, so that memory is that of the tiles in work.
//!
//! # References
//! Engle & Granger (1987), Econometrica 55, 251-276. The plain path, which decides:
//! [`engle_granger`](crate::stats::engle_granger()).

mod across;
mod one_lag;
mod planes;
mod residual;
mod series;
mod sides;

use std::ops::{ControlFlow, Range};

pub(super) use across::tile_bytes;
pub(in crate::compute) use across::{across, prepared};
use one_lag::{Sample, Side};
use planes::Block;
pub(in crate::compute) use planes::Planes;
use residual::{Choice, Of, Ratios, Residual, WIDTH};
pub(in crate::compute) use series::Series;
pub(in crate::compute) use sides::{OnCpu, Sides, Tester};

use super::{
    calendars::{Calendar, calendars},
    lane_matrix::{Eight, One},
    product::EDGE,
    simd::{Kernel, Lanes, widest},
    work::in_order,
};
use crate::{
    compute::{
        EngleGrangerScreen, PairStatistic, PairTests, Take,
        pair_set::{PairSet, pairs_between},
    },
    stats::{EngleGranger, LagRule, Refusal, Result, SEARCH_MIN_FREEDOM, engle_granger, moves},
};

/// Two calendars with fewer pairs than this are tested one by one.
const FEW_PAIRS: usize = 64;
/// `Phi^-1(0.95)^2`, the bound of the t rule.
const T_BOUND: f64 = 1.644_853_626_951_472_2 * 1.644_853_626_951_472_2;

/// Tests every pair of `columns`, or every one that `among` holds, in both directions; answers come tile
/// by tile.
pub(in crate::compute) fn all_pairs(
    tester: &dyn Tester,
    columns: &[&[f64]],
    screen: &EngleGrangerScreen,
    among: Option<&PairSet>,
    take: Take<'_, PairTests>,
) -> Result<()> {
    let calendars = calendars(columns)?;
    let mut few = Vec::new();
    for (at, first) in calendars.iter().enumerate() {
        for second in &calendars[at..] {
            let same = std::ptr::eq(first, second);
            let pairs = first.members.len() * second.members.len();
            if pairs < FEW_PAIRS && !screen.only_kernel {
                few.push((first, second));
                continue;
            }
            let over = match prepare(columns, (screen, among), [first, second], same) {
                Ok(sides) => meet(tester, &sides, take),
                Err(refused) => take(refused),
            };
            if over.is_break() {
                return Ok(());
            }
        }
    }
    let one_by_one = |task: usize, (): &mut ()| {
        let (first, second): (&Calendar, &Calendar) = few[task];
        plain(columns, (screen, among), first, second)
    };
    in_order(tester.workers(), few.len(), || (), one_by_one, take);
    Ok(())
}

/// The pairs of two calendars by the plain path. Where it refuses a test of series that move, and are long
/// enough, it is left to whoever looks at it again, as by the kernel: so many tests are counted on either way.
fn plain(
    columns: &[&[f64]],
    (screen, among): (&EngleGrangerScreen, Option<&PairSet>),
    first: &Calendar,
    second: &Calendar,
) -> PairTests {
    let rows = first.common(second);
    let mut answer = PairTests { rows: rows.len(), ..PairTests::default() };
    let enough = rows.len() >= screen.min_rows && lags_on(rows.len(), screen).is_ok();
    let gather = |asset: usize| rows.iter().map(|row| columns[asset][*row]).collect::<Vec<f64>>();
    for i in &first.members {
        let others = second.members.iter().filter(|j| *j > i || (first != second && *j != i));
        for j in others.filter(|j| among.is_none_or(|among| among.holds(*i, **j))) {
            let (a, b) = (gather(*i), gather(*j));
            if !enough || !moves(&a) || !moves(&b) {
                answer.refused += 2;
                answer.short += if enough { 0 } else { 2 };
                continue;
            }
            answer.pairs += 1;
            answer.tests += 2;
            for (dependent, regressor, y, x) in [(*j, *i, &b, &a), (*i, *j, &a, &b)] {
                let found = match engle_granger(y, &[x], screen.trend, screen.rule) {
                    Ok(EngleGranger { statistic, lag, .. }) => {
                        PairStatistic { dependent, regressor, statistic, error: 0.0, lag }
                    }
                    Err(_) => PairStatistic {
                        dependent,
                        regressor,
                        statistic: 0.0,
                        error: f64::INFINITY,
                        lag: 0,
                    },
                };
                let of_interest = found.statistic - found.error <= screen.keep_below;
                answer.kept.extend(of_interest.then_some(found));
            }
        }
    }
    answer
}

/// What refuses its pairs altogether, or the sides as tiles take them.
pub(super) fn prepare<'a>(
    columns: &[&[f64]],
    (screen, among): (&EngleGrangerScreen, Option<&'a PairSet>),
    [first, second]: [&Calendar; 2],
    same: bool,
) -> std::result::Result<Sides<'a>, PairTests> {
    let rows = first.common(second);
    let others = (!same).then_some(second.members.as_slice());
    let directed = 2 * pairs_between(among, &first.members, others);
    let lags = lags_on(rows.len(), screen);
    let Some(lags) = lags.ok().filter(|_| rows.len() >= screen.min_rows) else {
        return Err(PairTests { refused: directed, short: directed, ..PairTests::default() });
    };
    let series =
        |calendar: &Calendar| Series::new(columns, &calendar.members, &rows, screen.trend, lags);
    let left = series(first);
    let right = if same { None } else { Some(series(second)) };
    let others = right.as_ref().map(|right| right.assets.as_slice());
    let refused = directed - 2 * pairs_between(among, &left.assets, others);
    let factors = factors(rows.len() - 1 - lags, lags, screen.rule);
    Ok(Sides { left, right, lags, rule: screen.rule, factors, screen: *screen, among, refused })
}

/// The pairs of two sides, tile by tile; those with a series that stands still first.
pub(super) fn meet(
    tester: &dyn Tester,
    sides: &Sides<'_>,
    take: Take<'_, PairTests>,
) -> ControlFlow<()> {
    if sides.refused > 0 {
        take(PairTests { refused: sides.refused, ..PairTests::default() })?;
    }
    tester.test(sides, &sides.tiles(), take)
}

/// The pairs of a tile whose products are known.
struct Tile<'a> {
    planes: &'a Planes,
    left: Block<'a>,
    right: Block<'a>,
    diagonal: bool,
    lags: usize,
    rule: Option<&'a Choice<'a>>,
    keep_below: f64,
    among: Option<&'a PairSet>,
}

impl Kernel for Tile<'_> {
    type Output = PairTests;

    #[inline(always)]
    fn run(self) -> PairTests {
        match (self.rule, self.lags) {
            (None, 1) => self.one_lag(),
            _ => self.any_lags(),
        }
    }
}

/// Eight pairs: one series with eight neighbours, of which some are tested.
#[derive(Clone, Copy)]
struct Eights {
    one: usize,
    at: usize,
    /// A bit for each pair that is tested.
    wanted: u32,
}

impl Eights {
    fn count(self) -> usize {
        self.wanted.count_ones() as usize
    }

    fn lanes(self) -> impl Iterator<Item = usize> {
        (0..WIDTH).filter(move |lane| self.wanted >> lane & 1 == 1)
    }
}

impl<'a> Tile<'a> {
    /// The pairs of row `one`, eight at a time.
    #[inline(always)]
    fn eights(&self, one: usize) -> impl Iterator<Item = Eights> {
        let from = if self.diagonal { one + 1 } else { 0 };
        let count = self.right.count;
        let eights = (from / WIDTH * WIDTH..count).step_by(WIDTH).map(move |at| {
            let lanes = from.saturating_sub(at)..WIDTH.min(count - at);
            Eights { one, at, wanted: self.wanted(one, at, lanes) }
        });
        eights.filter(|eights| eights.wanted != 0)
    }

    /// Those of `lanes` that are pairs to be tested: a bit for each.
    #[inline(always)]
    fn wanted(&self, i: usize, at: usize, lanes: Range<usize>) -> u32 {
        let Some(among) = self.among else { return (1 << lanes.end) - (1 << lanes.start) };
        let (left, right) = (&self.left, &self.right);
        let one = left.series.assets[left.from + i];
        let asset = |lane: usize| right.series.assets[right.from + at + lane];
        lanes.fold(0, |bits, lane| bits | u32::from(among.holds(one, asset(lane))) << lane)
    }

    #[inline(always)]
    fn one(&self, at: usize) -> Of<'a, One> {
        Of(self.left.series, One(self.left.from + at))
    }

    #[inline(always)]
    fn eight(&self, at: usize) -> Of<'a, Eight> {
        Of(self.right.series, Eight(self.right.from + at))
    }

    fn answer(&self) -> PairTests {
        PairTests { rows: self.left.series.rows, ..PairTests::default() }
    }

    #[inline(always)]
    fn one_lag(&self) -> PairTests {
        let mut answer = self.answer();
        let sample = Sample::new(self.left.series.rows);
        let bound = Lanes::splat(self.keep_below);
        for i in 0..self.left.count {
            let one = Side::read(&self.one(i));
            for eights in self.eights(i) {
                let eight = Side::read(&self.eight(eights.at));
                let planes = self.planes;
                let at = planes.cell(i, eights.at);
                let cross = [planes.read(0, at), planes.read(1, at), planes.read(2, at)];
                answer.pairs += eights.count();
                answer.tests += 2 * eights.count();
                for turned in [false, true] {
                    let (y, x) = if turned { (&one, &eight) } else { (&eight, &one) };
                    let found = sample.test(y, x, &cross);
                    // Most eights hold nothing of interest.
                    if !(found.statistic - found.error).all(bound, |key, bound| key > bound) {
                        for lane in eights.lanes() {
                            self.keep(&mut answer, &eights, turned, lane, (&found, 0.0, 1));
                        }
                    }
                }
            }
        }
        answer
    }

    #[inline(always)]
    fn any_lags(&self) -> PairTests {
        let mut answer = self.answer();
        let mut residual = Residual::new(self.left.series.rows, self.lags);
        for i in 0..self.left.count {
            let one = self.one(i);
            for eights in self.eights(i) {
                let eight = self.eight(eights.at);
                let cross = (self.planes, self.planes.cell(i, eights.at));
                answer.pairs += eights.count();
                // One place for both directions: all of it is inlined where it stands.
                for turned in [false, true] {
                    if turned {
                        residual.regress(&one, &eight, self.lags, cross);
                    } else {
                        residual.regress(&eight, &one, self.lags, cross);
                    }
                    self.test(&mut residual, &mut answer, &eights, turned);
                }
            }
        }
        answer
    }

    #[inline(always)]
    fn test(&self, residual: &mut Residual, answer: &mut PairTests, eights: &Eights, turned: bool) {
        answer.tests += eights.count();
        let (chosen, doubt) = match self.rule {
            Some(rule) => residual.search(self.lags, rule),
            None => (Lanes::splat(self.lags as f64), Lanes::ZERO),
        };
        let mut left = *eights;
        while left.wanted != 0 {
            let first = left.wanted.trailing_zeros() as usize;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let lag = chosen.0[first] as usize;
            let found = residual.statistic(lag);
            let alike = |lane: &usize| chosen.0[*lane].to_bits() == chosen.0[first].to_bits();
            for lane in left.lanes().filter(alike) {
                left.wanted &= !(1 << lane);
                self.keep(answer, eights, turned, lane, (&found, doubt.0[lane], lag));
            }
        }
    }

    /// Keeps the pair of a lane if it is of interest; turned, the eight regress the one.
    #[inline(always)]
    fn keep(
        &self,
        answer: &mut PairTests,
        eights: &Eights,
        turned: bool,
        lane: usize,
        (found, doubt, lag): (&Ratios, f64, usize),
    ) {
        let (statistic, error) = (found.statistic.0[lane], found.error.0[lane] + doubt);
        // An error that is not finite leaves the pair to the plain path.
        if statistic - error <= self.keep_below || !error.is_finite() {
            let one = self.left.series.assets[self.left.from + eights.one];
            let other = self.right.series.assets[self.right.from + eights.at + lane];
            let (dependent, regressor) = if turned { (one, other) } else { (other, one) };
            answer.kept.push(PairStatistic { dependent, regressor, statistic, error, lag });
        }
    }
}

/// What the nested sums of squares of `rows` rows are compared with, per lag order.
fn factors(rows: usize, lags: usize, rule: LagRule) -> Vec<f64> {
    let m = rows as f64;
    let factor = |lag: usize| match rule {
        LagRule::Bic { .. } => libm::exp(libm::log(m) * lag as f64 / m),
        LagRule::TStat { .. } => T_BOUND / (rows.saturating_sub(lag + 1)) as f64,
        LagRule::Aic { .. } | LagRule::Fixed(_) => libm::exp(2.0 * lag as f64 / m),
    };
    (0..=lags).map(factor).collect()
}

/// The largest order that is tried on so many rows, if the cointegrating regression can be made of them.
fn lags_on(rows: usize, screen: &EngleGrangerScreen) -> Result<usize> {
    // The other series, the terms, and a row more.
    let needed = screen.trend.terms() + 2;
    if rows < needed {
        return Err(Refusal::TooShort { needed, given: rows });
    }
    largest_lag(rows, screen.rule)
}

/// The order asked for, or the largest one of the search, as the plain path settles it.
fn largest_lag(rows: usize, rule: LagRule) -> Result<usize> {
    let (asked, floor) = match rule {
        LagRule::Fixed(lag) => (Some(lag), 1),
        LagRule::Aic { max } | LagRule::Bic { max } | LagRule::TStat { max } => {
            (max, SEARCH_MIN_FREEDOM)
        }
    };
    let too_short = Refusal::TooShort { needed: rows + 1, given: rows };
    let allowed = (rows / 2).checked_sub(1).ok_or(too_short)?;
    // Schwert's order; far below 2^53.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let schwert = (12.0 * (rows as f64 / 100.0).sqrt().sqrt()).ceil() as usize;
    let largest = asked.unwrap_or(schwert.min(allowed));
    if largest > allowed {
        return Err(Refusal::LagTooLarge { asked: largest, allowed });
    }
    let freedom = rows.saturating_sub(1 + largest).saturating_sub(1 + largest);
    if freedom < floor { Err(too_short) } else { Ok(largest) }
}

#[cfg(test)]
mod tests;
