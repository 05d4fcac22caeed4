//! Which tests may be of interest: the kernel's word where there is one, the plain path's elsewhere.

use std::ops::ControlFlow;

use super::{
    columns::Columns,
    members::Members,
    method::Method,
    refusals::{Reason, Refused},
    request::Direction,
};
use crate::{
    compute::{
        Backend, BasketTests, Baskets, EngleGrangerScreen, JohansenScreen, JohansenTests, PairSet,
        PairStatistic, PairTests,
    },
    domain::{Size, Sizes, combination},
    error::{Error, Result},
    run::{side_by_side, stop::Stop},
    stats::Refusal,
};

/// Combinations that the plain path tests between two looks at whether to stop.
const CHUNK: u64 = 4_096;
/// Combinations that a thread takes at a time.
const TASK: u64 = 64;
/// Baskets that the kernel is asked about at a time: the products of their members are made for each.
pub(super) const BASKETS: u64 = 1 << 17;

/// A test that may be of interest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Proposal {
    pub(super) members: Members,
    /// No key of the plain path is smaller: minus infinity where the kernel cannot tell.
    pub(super) least_key: f64,
    /// Nor larger.
    pub(super) most_key: f64,
    /// Common rows.
    pub(super) rows: u32,
    /// Lagged differences, where the kernel says.
    pub(super) lag: Option<usize>,
    /// True if the second member is the one explained.
    pub(super) flipped: bool,
}

impl Proposal {
    /// The key as the kernel has it; meaningless where it cannot tell.
    pub(super) fn key(&self) -> f64 {
        0.5 * (self.least_key + self.most_key)
    }

    /// True where only the plain path can tell.
    pub(super) fn is_doubtful(&self) -> bool {
        !self.least_key.is_finite()
    }
}

/// The answer for some combinations.
#[derive(Debug, Default)]
pub(super) struct Proposals {
    pub(super) tests: u64,
    pub(super) refused: Refused,
    /// Left out by the correlation of their members.
    pub(super) filtered: u64,
    pub(super) kept: Vec<Proposal>,
}

/// Takes proposals; breaks to end the screen.
pub(super) type Take<'a> = &'a mut (dyn FnMut(Proposals) -> ControlFlow<()> + Send);

/// What is tested, and how.
pub(super) struct Proposer<'a> {
    pub(super) method: Method,
    pub(super) columns: &'a Columns,
    /// The pairs that may be tested; all when `None`.
    pub(super) related: Option<&'a PairSet>,
    pub(super) sizes: &'a Sizes,
    pub(super) min_rows: usize,
    pub(super) workers: usize,
    pub(super) kernels: &'a (dyn Backend + Sync),
    /// True if the kernel's numbers are listed.
    pub(super) only_kernel: bool,
    pub(super) stop: &'a Stop,
}

impl Proposer<'_> {
    /// Hands on every combination whose key may be at most that of `threshold` for its size; every
    /// one for infinity.
    ///
    /// # Errors
    /// Data, for a close that is infinite.
    pub(super) fn run(&self, threshold: impl Fn(usize) -> f64, take: Take<'_>) -> Result<()> {
        for size in self.sizes.iter() {
            let Size::Of(members) = size else { continue };
            let limit = threshold(members);
            if self.leave_out(members, take).is_break() {
                break;
            }
            let over = match (self.method, members) {
                (Method::EngleGranger { .. }, _) => self.engle_granger(limit, take)?,
                (Method::Johansen { .. }, 2) => self.johansen(limit, take)?,
                (Method::Johansen { .. }, _) => self.baskets(members, limit, take)?,
                _ => self.plain(members, limit, take)?,
            };
            if over.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Counts the pairs that the kernels do not see; larger combinations are counted one by one.
    fn leave_out(&self, members: usize, take: Take<'_>) -> ControlFlow<()> {
        let by_kernel = members == 2 && !matches!(self.method, Method::PhillipsOuliaris { .. });
        let Some(related) = self.related.filter(|_| by_kernel) else {
            return ControlFlow::Continue(());
        };
        let pairs = combination::count(related.order(), 2).unwrap_or(u64::MAX);
        let orders = if self.method.is_directed() { 2 } else { 1 };
        let filtered = pairs.saturating_sub(related.len()).saturating_mul(orders);
        take(Proposals { filtered, ..Proposals::default() })
    }

    fn engle_granger(&self, limit: f64, take: Take<'_>) -> Result<ControlFlow<()>> {
        let Method::EngleGranger { trend, rule, direction } = self.method else {
            return Err(Error::internal("another test was asked of the kernel"));
        };
        let min_rows = self.min_rows;
        let only_kernel = self.only_kernel;
        let screen = EngleGrangerScreen { trend, rule, min_rows, keep_below: limit, only_kernel };
        let mut over = ControlFlow::Continue(());
        let mut of_pairs = |answer: PairTests| {
            over = take(match direction {
                Direction::Both => of_both(answer),
                Direction::Given => of_given(answer),
            });
            over
        };
        let (slices, kernels) = (self.columns.slices(), self.kernels);
        match self.related {
            None => kernels.engle_granger(&slices, &screen, &mut of_pairs),
            Some(related) => kernels.engle_granger_among(&slices, &screen, related, &mut of_pairs),
        }
        .map_err(refused)?;
        Ok(over)
    }

    fn johansen(&self, limit: f64, take: Take<'_>) -> Result<ControlFlow<()>> {
        let Method::Johansen { case, lags } = self.method else {
            return Err(Error::internal("another test was asked of the kernel"));
        };
        let screen = JohansenScreen { case, lags, min_rows: self.min_rows, keep_above: -limit };
        let mut over = ControlFlow::Continue(());
        let mut of_pairs = |answer: JohansenTests| {
            over = take(of_johansen(answer, lags));
            over
        };
        let (slices, kernels) = (self.columns.slices(), self.kernels);
        match self.related {
            None => kernels.johansen(&slices, &screen, &mut of_pairs),
            Some(related) => kernels.johansen_among(&slices, &screen, related, &mut of_pairs),
        }
        .map_err(refused)?;
        Ok(over)
    }

    fn baskets(&self, size: usize, limit: f64, take: Take<'_>) -> Result<ControlFlow<()>> {
        let Method::Johansen { case, lags } = self.method else {
            return Err(Error::internal("another test was asked of the kernel"));
        };
        let screen = JohansenScreen { case, lags, min_rows: self.min_rows, keep_above: -limit };
        let columns = self.columns.slices();
        let total = combination::count(columns.len(), size).unwrap_or(u64::MAX);
        let mut members = Vec::new();
        let mut from = 0;
        while from < total {
            let to = total.min(from + BASKETS);
            members.clear();
            let mut filtered = 0;
            for rank in from..to {
                let positions = combination::unrank(columns.len(), size, rank).unwrap_or_default();
                if self.are_related(&positions) {
                    members.extend(positions.into_iter().map(usize::from));
                } else {
                    filtered += 1;
                }
            }
            let mut over = take(Proposals { filtered, ..Proposals::default() });
            if over.is_break() {
                return Ok(over);
            }
            let baskets = Baskets { size, members: &members };
            let mut of_some = |answer: BasketTests| {
                over = take(of_baskets(&answer, baskets, lags));
                over
            };
            self.kernels
                .johansen_baskets(&columns, baskets, &screen, &mut of_some)
                .map_err(refused)?;
            if over.is_break() {
                return Ok(over);
            }
            from = to;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Every combination of a size by the plain path.
    fn plain(&self, members: usize, limit: f64, take: Take<'_>) -> Result<ControlFlow<()>> {
        let universe = self.columns.slices().len();
        let orders = if self.method.is_directed() { 2 } else { 1 };
        let combinations = combination::count(universe, members).unwrap_or(u64::MAX);
        let tests = combinations.saturating_mul(orders);
        for from in (0..tests).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
            let to = tests.min(from + CHUNK);
            let tasks = usize::try_from((to - from).div_ceil(TASK)).unwrap_or(usize::MAX);
            let parts = side_by_side(self.workers, tasks, |task| {
                let start = from + task as u64 * TASK;
                let mut part = Proposals::default();
                for test in start..to.min(start + TASK) {
                    let combination = combination::unrank(universe, members, test / orders);
                    let mut positions = combination.unwrap_or_default();
                    if test % orders == 1 {
                        positions.reverse();
                    }
                    // Whoever takes the part breaks.
                    if self.stop.requested() {
                        break;
                    }
                    self.one(&positions, limit, &mut part);
                }
                Ok(part)
            })?;
            for part in parts {
                if take(part).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn one(&self, positions: &[u16], limit: f64, part: &mut Proposals) {
        if !self.are_related(positions) {
            part.filtered += 1;
            return;
        }
        let series = self.columns.common(positions);
        let slices: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
        let rows = slices.first().map_or(0, |first| first.len());
        if rows < self.min_rows {
            part.refused.add(Reason::TooFewBars, 1);
            return;
        }
        let judged = match self.method.judge(&slices) {
            Ok(judged) => judged,
            Err(refusal) => return part.refused.add(Reason::of(&refusal), 1),
        };
        part.tests += 1;
        let key = judged.key(self.method);
        if key <= limit {
            part.kept.push(Proposal {
                members: Members::of(positions),
                least_key: key,
                most_key: key,
                rows: counted(rows),
                lag: judged.lag,
                flipped: judged.flipped,
            });
        }
    }

    /// True if every two of the members may be tested.
    fn are_related(&self, positions: &[u16]) -> bool {
        self.related.is_none_or(|related| {
            let pairs = positions.iter().enumerate();
            let mut pairs =
                pairs.flat_map(|(at, i)| positions[at + 1..].iter().map(move |j| (i, j)));
            pairs.all(|(i, j)| related.holds(usize::from(*i), usize::from(*j)))
        })
    }
}

/// Rows as they are counted in a row of the store.
fn counted(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// What a kernel refuses altogether.
fn refused(refusal: Refusal) -> Error {
    Error::data(format!("the screen: {refusal}"))
}

/// Ordered pairs, the dependent one first.
fn of_given(answer: PairTests) -> Proposals {
    let PairTests { rows, tests, refused, short, kept, .. } = answer;
    let of = |pair: &PairStatistic| Proposal {
        members: Members::pair(pair.dependent, pair.regressor),
        least_key: pair.statistic - pair.error,
        most_key: pair.statistic + pair.error,
        rows: counted(rows),
        lag: Some(pair.lag),
        flipped: false,
    };
    Proposals {
        tests: tests as u64,
        refused: Refused::of_kernel(refused as u64, short as u64),
        filtered: 0,
        kept: kept.iter().map(clear).map(|pair| of(&pair)).collect(),
    }
}

/// Unordered pairs by their more significant direction.
fn of_both(answer: PairTests) -> Proposals {
    let PairTests { rows, pairs, refused, short, kept, .. } = answer;
    let mut kept: Vec<Proposal> = (kept.iter().map(clear))
        .map(|pair| {
            let flipped = pair.dependent > pair.regressor;
            let (first, second) = (pair.dependent, pair.regressor);
            Proposal {
                members: Members::pair(first.min(second), first.max(second)),
                least_key: pair.statistic - pair.error,
                most_key: pair.statistic + pair.error,
                rows: counted(rows),
                lag: Some(pair.lag),
                flipped,
            }
        })
        .collect();
    // The direction of the first member wins a tie, as in the plain path.
    kept.sort_unstable_by(|a, b| {
        let of = |p: &Proposal| (p.members, p.flipped);
        a.members.cmp(&b.members).then(a.key().total_cmp(&b.key())).then(of(a).cmp(&of(b)))
    });
    kept.dedup_by(|later, first| {
        let same = later.members == first.members;
        if same {
            first.least_key = first.least_key.min(later.least_key);
            first.most_key = first.most_key.min(later.most_key);
        }
        same
    });
    Proposals {
        tests: pairs as u64,
        refused: Refused::of_kernel(refused as u64 / 2, short as u64 / 2),
        filtered: 0,
        kept,
    }
}

/// The statistic of a pair of which the kernel cannot tell may be no number.
fn clear(pair: &PairStatistic) -> PairStatistic {
    let told = pair.error.is_finite();
    PairStatistic { statistic: if told { pair.statistic } else { 0.0 }, ..*pair }
}

fn of_johansen(answer: JohansenTests, lags: usize) -> Proposals {
    let JohansenTests { rows, tests, refused, short, kept } = answer;
    let kept = kept.iter().map(|pair| {
        let told = pair.error.is_finite();
        let trace = if told { pair.trace[0] } else { 0.0 };
        Proposal {
            members: Members::pair(pair.first.min(pair.second), pair.first.max(pair.second)),
            least_key: -trace - pair.error,
            most_key: pair.error - trace,
            rows: counted(rows),
            lag: Some(lags),
            flipped: false,
        }
    });
    Proposals {
        tests: tests as u64,
        refused: Refused::of_kernel(refused as u64, short as u64),
        filtered: 0,
        kept: kept.collect(),
    }
}

fn of_baskets(answer: &BasketTests, baskets: Baskets<'_>, lags: usize) -> Proposals {
    let kept = answer.kept.iter().map(|kept| {
        let members = baskets.members.iter().skip(kept.basket * baskets.size).take(baskets.size);
        let positions: Vec<u16> =
            members.map(|member| u16::try_from(*member).unwrap_or(u16::MAX)).collect();
        let trace = if kept.error.is_finite() { kept.trace } else { 0.0 };
        Proposal {
            members: Members::of(&positions),
            least_key: -trace - kept.error,
            most_key: kept.error - trace,
            rows: counted(answer.rows),
            lag: Some(lags),
            flipped: false,
        }
    });
    Proposals {
        tests: answer.tests as u64,
        refused: Refused::of_kernel(answer.refused as u64, answer.short as u64),
        filtered: 0,
        kept: kept.collect(),
    }
}
