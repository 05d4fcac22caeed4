//! Tests made, and what of them is listed.

use std::ops::ControlFlow;

use super::{
    Span,
    adjusted::{BLOCK, InOrder},
    columns::Columns,
    footprint::BATCH_ROWS,
    judging::{Judging, Verdict},
    method::{Judged, Method},
    plan::ScreenPlan,
    pool::{Pool, TOP_LEVEL},
    propose::{Proposals, Proposer},
    refusals::{Reason, Refused},
    request::{Adjustment, Listing, ScreenRequest},
    rows,
    told::Told,
    window::Window,
};
use crate::{
    compute::PairSet,
    domain::ScreenRecord,
    error::{Error, Result},
    run::{
        device::Kernels,
        memory::Meter,
        progress::{Event, Progress},
        stop::Stop,
    },
    stats::P_SEAM,
    store::{FixedRow, ResultWriter, Sorted, SortingPlace},
};

/// What a screen stands on.
pub(super) struct Ground<'a> {
    pub(super) meter: &'a Meter,
    pub(super) sorting: SortingPlace,
    pub(super) request: &'a ScreenRequest,
    pub(super) window: Window,
    pub(super) plan: ScreenPlan,
    pub(super) progress: &'a dyn Progress,
    pub(super) stop: &'a Stop,
    pub(super) kernels: Kernels,
}

impl Ground<'_> {
    /// Says how far the screen is; breaks if it is to stop.
    fn advanced(&self, tests: u64) -> ControlFlow<()> {
        self.progress.event(&Event::Advanced { computed: tests, cached: 0 });
        if self.stop.requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// What a screen counts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) tests: u64,
    pub(super) refused: Refused,
    /// Left out by the correlation of their members.
    pub(super) filtered: u64,
    pub(super) judged: u64,
    pub(super) listed: u64,
}

impl Counts {
    fn add(&mut self, proposals: &Proposals) {
        self.tests += proposals.tests;
        self.refused.add_all(&proposals.refused);
        self.filtered += proposals.filtered;
    }

    /// What was counted as tests has turned out to be none.
    fn take_back(&mut self, refused: &Refused) {
        self.tests -= refused.total();
        self.refused.add_all(refused);
    }
}

/// How far a screen came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    All,
    Stopped,
}

/// A test in the order of the listing.
trait Ranked: FixedRow {
    /// NaN where there is none.
    fn p_value(&self) -> f64;
}

impl Ranked for Verdict {
    fn p_value(&self) -> f64 {
        self.p_value
    }
}

impl Ranked for Told {
    fn p_value(&self) -> f64 {
        self.p_value
    }
}

/// The row of a test with its adjusted p-value, if it is listed.
type RowOf<'a, T> = &'a dyn Fn(&T, Option<f64>) -> Result<Option<ScreenRecord>>;

pub(super) struct Work<'w, 'a> {
    pub(super) ground: &'w Ground<'a>,
    pub(super) method: Method,
    pub(super) columns: &'w Columns,
    pub(super) related: Option<&'w PairSet>,
    pub(super) writer: &'w mut ResultWriter,
    pub(super) counts: Counts,
    /// Rows that are to be listed at most, once that is known.
    pub(super) to_list: Option<u64>,
    pub(super) batch: Vec<ScreenRecord>,
    pub(super) batches: u64,
}

impl<'w> Work<'w, '_> {
    fn proposer(&self) -> Proposer<'w> {
        Proposer {
            method: self.method,
            columns: self.columns,
            related: self.related,
            sizes: &self.ground.request.sizes,
            min_rows: self.ground.window.min_rows,
            workers: self.ground.plan.workers,
            kernels: self.ground.kernels.backend(),
            only_kernel: self.ground.request.listing == Listing::All,
            stop: self.ground.stop,
        }
    }

    fn common(&self) -> rows::Common<'w> {
        let Window { selection, start, end, .. } = &self.ground.window;
        let universe = &selection.universe;
        rows::Common { universe, window: (*start, *end), method: self.method }
    }

    /// What the plain path finds among the proposals.
    pub(super) fn list_chosen(&mut self) -> Result<Through> {
        let request = self.ground.request;
        let (method, adjustment) = (self.method, request.adjustment);
        let johansen = matches!(method, Method::Johansen { .. });
        let loosened = |level: f64, members: usize| {
            let level = if johansen { level } else { level / P_SEAM };
            method.key_at(level, members).min(f64::MAX)
        };
        let (level, level_key) = match request.listing {
            Listing::MaxP(level) => (level, f64::INFINITY),
            _ if adjustment == Adjustment::None => (0.0, f64::NEG_INFINITY),
            _ => (TOP_LEVEL, loosened(TOP_LEVEL, 2)),
        };
        let threshold = |members: usize| match request.listing {
            Listing::MaxP(level) => loosened(level, members),
            _ => f64::MAX,
        };
        let held = self.ground.plan.held;
        let sorting = self.ground.sorting.sorting(held.proposals);
        let mut pool = Pool::new(request.listing, level_key, sorting);
        let through = self.propose(threshold, &mut |_, proposals| pool.add(proposals))?;
        if through == Through::Stopped {
            return Ok(through);
        }
        let ground = self.ground;
        ground.meter.stage("listing");
        let chosen = pool.chosen(method, adjustment, self.counts.tests)?;
        let (of, workers) = ((method, self.columns), ground.plan.workers);
        let verdicts = ground.sorting.sorting(held.verdicts);
        let judging = Judging::of(of, &chosen, verdicts, held.whole, workers, ground.stop)?;
        drop(chosen);
        let Some(judging) = judging else { return Ok(Through::Stopped) };
        self.counts.take_back(&judging.refused);
        self.counts.judged = judging.verdicts.len();
        let adjusts = adjustment != Adjustment::None;
        let most = match request.listing {
            Listing::Top(count) => count,
            _ => u64::MAX,
        };
        let listed = Listed { request, window: &ground.window, method };
        let common = self.common();
        self.list(&judging.verdicts, (level, most), &|verdict: &Verdict, q_value| {
            let q_value = q_value.filter(|q| *q <= level);
            if !is_listed(request.listing, adjusts, verdict, q_value) {
                return Ok(None);
            }
            let judged = judging.test(verdict);
            let judged = judged.ok_or_else(|| Error::internal(AGAIN))?;
            let admitted = listed.admits(&judged);
            Ok(admitted.then(|| rows::of_judged(common, verdict.members, &judged, q_value)))
        })
    }

    /// Every test as the kernel has it.
    pub(super) fn list_all(&mut self) -> Result<Through> {
        let (method, columns) = (self.method, self.columns);
        let mut told = self.ground.sorting.sorting(self.ground.plan.held.proposals);
        let through = self.propose(|_| f64::INFINITY, &mut |counts, proposals| {
            for proposal in &proposals.kept {
                match Told::of(proposal, method, columns) {
                    Ok(test) => {
                        counts.judged += u64::from(test.is_plain || !method.has_kernel());
                        told.push(test)?;
                    }
                    Err(refusal) => {
                        let mut refused = Refused::default();
                        refused.add(Reason::of(&refusal), 1);
                        counts.take_back(&refused);
                    }
                }
            }
            Ok(())
        })?;
        if through == Through::Stopped {
            return Ok(through);
        }
        self.ground.meter.stage("listing");
        let (told, common) = (told.sorted()?, self.common());
        let row = |test: &Told, q_value| test.row(common, columns, q_value).map(Some);
        self.list(&told, (f64::INFINITY, u64::MAX), &row)
    }

    /// Hands every proposal whose key may be at most that of `threshold` to `keep`, and counts.
    fn propose(
        &mut self,
        threshold: impl Fn(usize) -> f64,
        keep: &mut (dyn FnMut(&mut Counts, &Proposals) -> Result<()> + Send),
    ) -> Result<Through> {
        let (proposer, ground) = (self.proposer(), self.ground);
        let counts = &mut self.counts;
        let mut kept = Ok(());
        proposer.run(threshold, &mut |proposals: Proposals| {
            counts.add(&proposals);
            kept = keep(counts, &proposals);
            let over = ground.advanced(counts.tests);
            if kept.is_err() { ControlFlow::Break(()) } else { over }
        })?;
        kept?;
        Ok(if ground.stop.requested() { Through::Stopped } else { Through::All })
    }

    /// Lists the first ones of `ranked`, as many as `most`: their p-values are adjusted up to `level`, and
    /// `row` says what becomes of them.
    fn list<T: Ranked>(
        &mut self,
        ranked: &Sorted<T>,
        (level, most): (f64, u64),
        row: RowOf<'_, T>,
    ) -> Result<Through> {
        let within = |p: &Result<f64>| p.as_ref().map_or(true, |p| *p <= level);
        let p_values = ranked.rows()?.map(|test| Ok(test?.p_value()));
        let (adjustment, tests) = (self.ground.request.adjustment, self.counts.tests);
        let mut adjusted = InOrder::new(adjustment, p_values.take_while(within), tests, BLOCK)?;
        self.to_list = Some(ranked.len().min(most));
        let mut rest = ranked.rows()?.take(usize::try_from(most).unwrap_or(usize::MAX));
        loop {
            let block: Vec<T> = rest.by_ref().take(BLOCK).collect::<Result<_>>()?;
            if block.is_empty() {
                self.flush()?;
                return Ok(Through::All);
            }
            let p_values: Vec<f64> =
                block.iter().map(Ranked::p_value).take_while(|p| *p <= level).collect();
            let q_values = adjusted.as_mut().map(|adjusted| adjusted.next_block(&p_values));
            for (at, test) in block.iter().enumerate() {
                // A test that is made again takes its time.
                if self.ground.stop.requested() {
                    return Ok(Through::Stopped);
                }
                let q_value = q_values.as_ref().and_then(|q_values| q_values.get(at).copied());
                if let Some(row) = row(test, q_value)? {
                    self.put(row)?;
                }
            }
        }
    }

    fn put(&mut self, row: ScreenRecord) -> Result<()> {
        self.counts.listed += 1;
        self.batch.push(row);
        if self.batch.len() < BATCH_ROWS { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.batches += 1;
        self.writer.write_screen(self.batches, &self.batch)?;
        self.batch.clear();
        Ok(())
    }
}

/// What a listed test has to keep beside its p-value.
struct Listed<'a> {
    request: &'a ScreenRequest,
    window: &'a Window,
    method: Method,
}

impl Listed<'_> {
    /// The bounds of the half-life, and Johansen's critical value.
    fn admits(&self, judged: &Judged) -> bool {
        let request = self.request;
        let interval = self.window.selection.interval;
        let bars = |span: Option<Span>| span.map(|span| span.bars(interval));
        let half_life = judged.half_life;
        let long = bars(request.min_half_life).is_none_or(|least| half_life >= Some(least));
        let short = bars(request.max_half_life)
            .is_none_or(|most| half_life.is_some_and(|bars| bars <= most));
        let rejects = match (self.method, request.listing) {
            (Method::Johansen { .. }, Listing::MaxP(level)) => {
                let key = self.method.key_at(level, judged.weights.as_ref().map_or(2, Vec::len));
                judged.key(self.method) < key
            }
            _ => true,
        };
        long && short && rejects
    }
}

/// What cannot be: the plain path refuses what it has tested before.
pub(super) const AGAIN: &str = "a test could not be made a second time";

/// True if the p-value of a test, or its adjusted one, is at most the level that is asked for.
fn is_listed(listing: Listing, adjusted: bool, verdict: &Verdict, q_value: Option<f64>) -> bool {
    match listing {
        Listing::MaxP(_) if adjusted => q_value.is_some(),
        Listing::MaxP(level) => verdict.p_value.is_nan() || verdict.p_value <= level,
        Listing::All | Listing::Top(_) => true,
    }
}
