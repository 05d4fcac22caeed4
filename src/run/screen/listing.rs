//! Tests made, and what of them is listed.

use std::ops::ControlFlow;

use super::{
    Span,
    adjusted::{Adjusted, BLOCK, InOrder},
    columns::Columns,
    footprint::BATCH_ROWS,
    judging::{Judging, Verdict, judge},
    method::{Judged, Method},
    plan::ScreenPlan,
    pool::{Pool, TOP_LEVEL},
    propose::{Proposal, Proposals, Proposer},
    request::{Adjustment, Listing, ScreenRequest},
    rows,
    window::Window,
};
use crate::{
    compute::PairSet,
    domain::ScreenRecord,
    error::{Error, Result},
    run::{
        memory::Meter,
        progress::{Event, Progress},
        stop::Stop,
    },
    stats::P_SEAM,
    store::{ResultWriter, SortingPlace},
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
    pub(super) refused: u64,
    /// Left out by the correlation of their members.
    pub(super) filtered: u64,
    pub(super) judged: u64,
    pub(super) listed: u64,
}

/// How far a screen came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    All,
    Stopped,
}

pub(super) struct Work<'w, 'a> {
    pub(super) ground: &'w Ground<'a>,
    pub(super) method: Method,
    pub(super) columns: &'w Columns,
    pub(super) related: Option<&'w PairSet>,
    pub(super) writer: &'w mut ResultWriter,
    pub(super) counts: Counts,
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
            only_kernel: self.ground.request.listing == Listing::All,
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
        let proposer = self.proposer();
        let (counts, ground) = (&mut self.counts, self.ground);
        let held = ground.plan.held;
        let mut pool =
            Pool::new(request.listing, level_key, ground.sorting.sorting(held.proposals));
        let mut failed = Ok(());
        proposer.run(threshold, &mut |proposals: Proposals| {
            counts.tests += proposals.tests;
            counts.refused += proposals.refused;
            counts.filtered += proposals.filtered;
            failed = pool.add(&proposals);
            let over = ground.advanced(counts.tests);
            if failed.is_err() { ControlFlow::Break(()) } else { over }
        })?;
        failed?;
        if ground.stop.requested() {
            return Ok(Through::Stopped);
        }
        ground.meter.stage("listing");
        let chosen = pool.chosen(method, adjustment, self.counts.tests)?;
        let (of, workers) = ((method, self.columns), ground.plan.workers);
        let verdicts = ground.sorting.sorting(held.verdicts);
        let judging = Judging::of(of, &chosen, verdicts, held.whole, workers, ground.stop)?;
        drop(chosen);
        let Some(judging) = judging else { return Ok(Through::Stopped) };
        self.counts.tests -= judging.refused;
        self.counts.refused += judging.refused;
        self.counts.judged = judging.verdicts.len();
        self.list(&judging, level)?;
        Ok(Through::All)
    }

    /// Lists the most significant first.
    fn list(&mut self, judging: &Judging<'_>, level: f64) -> Result<()> {
        let request = self.ground.request;
        let within = |p: &Result<f64>| p.as_ref().map_or(true, |p| *p <= level);
        let p_values = judging.verdicts.rows()?.map(|verdict| Ok(verdict?.p_value));
        let (adjustment, tests) = (request.adjustment, self.counts.tests);
        let mut adjusted = InOrder::new(adjustment, p_values.take_while(within), tests, BLOCK)?;
        let most = match request.listing {
            Listing::Top(count) => usize::try_from(count).unwrap_or(usize::MAX),
            _ => usize::MAX,
        };
        let mut verdicts = judging.verdicts.rows()?.take(most);
        loop {
            let block: Vec<Verdict> = verdicts.by_ref().take(BLOCK).collect::<Result<_>>()?;
            if block.is_empty() {
                return self.flush();
            }
            let p_values: Vec<f64> =
                block.iter().map(|verdict| verdict.p_value).take_while(|p| *p <= level).collect();
            let q_values = adjusted.as_mut().map(|adjusted| adjusted.next_block(&p_values));
            for (at, verdict) in block.iter().enumerate() {
                let q_value = q_values.as_ref().and_then(|q_values| q_values.get(at).copied());
                let q_value = q_value.filter(|q| *q <= level);
                if is_listed(request.listing, adjusted.is_some(), verdict, q_value) {
                    self.list_one(judging, verdict, q_value)?;
                }
            }
        }
    }

    fn list_one(
        &mut self,
        judging: &Judging<'_>,
        verdict: &Verdict,
        q_value: Option<f64>,
    ) -> Result<()> {
        let Some(judged) = judging.test(verdict) else {
            return Err(Error::internal("a test could not be made a second time"));
        };
        if !self.admits(&judged) {
            return Ok(());
        }
        self.put(rows::of_judged(self.common(), verdict.members, &judged, q_value))
    }

    /// The bounds of the half-life, and Johansen's critical value.
    fn admits(&self, judged: &Judged) -> bool {
        let request = self.ground.request;
        let interval = self.ground.window.selection.interval;
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

    /// Every test as the kernel has it, in the order in which they are made.
    pub(super) fn list_all(&mut self) -> Result<Through> {
        let (method, columns) = (self.method, self.columns);
        let request = self.ground.request;
        let p_of = |proposal: &Proposal| {
            if proposal.is_doubtful() {
                judge(method, columns, proposal.members).and_then(|judged| judged.p_value)
            } else {
                method.p_of(proposal.key())
            }
        };
        let mut p_values = Vec::new();
        if request.adjustment != Adjustment::None {
            let stop = self.ground.stop;
            self.proposer().run(|_| f64::INFINITY, &mut |proposals: Proposals| {
                p_values.extend(proposals.kept.iter().filter_map(p_of));
                if stop.requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            p_values.sort_unstable_by(f64::total_cmp);
        }
        if self.ground.stop.requested() {
            return Ok(Through::Stopped);
        }
        let adjusted = Adjusted::new(request.adjustment, &p_values, p_values.len() as u64);
        drop(p_values);
        let mut failed = Ok(());
        let proposer = self.proposer();
        proposer.run(|_| f64::INFINITY, &mut |proposals: Proposals| {
            failed = self.put_all(&proposals, adjusted.as_ref());
            let over = self.ground.advanced(self.counts.tests);
            if failed.is_err() { ControlFlow::Break(()) } else { over }
        })?;
        failed?;
        self.flush()?;
        let stopped = self.ground.stop.requested();
        Ok(if stopped { Through::Stopped } else { Through::All })
    }

    fn put_all(&mut self, proposals: &Proposals, adjusted: Option<&Adjusted>) -> Result<()> {
        let common = self.common();
        self.counts.tests += proposals.tests;
        self.counts.refused += proposals.refused;
        self.counts.filtered += proposals.filtered;
        for proposal in &proposals.kept {
            let q_of = |p: Option<f64>| Some(adjusted?.of(p?));
            if proposal.is_doubtful() {
                let Some(judged) = judge(self.method, self.columns, proposal.members) else {
                    self.counts.tests -= 1;
                    self.counts.refused += 1;
                    continue;
                };
                self.counts.judged += 1;
                let q_value = q_of(judged.p_value);
                self.put(rows::of_judged(common, proposal.members, &judged, q_value))?;
            } else {
                let q_value = q_of(self.method.p_of(proposal.key()));
                let rows = proposals.observations;
                self.put(rows::of_proposal(common, proposal, rows, q_value))?;
            }
        }
        Ok(())
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

/// True if the p-value of a test, or its adjusted one, is at most the level that is asked for.
fn is_listed(listing: Listing, adjusted: bool, verdict: &Verdict, q_value: Option<f64>) -> bool {
    match listing {
        Listing::MaxP(_) if adjusted => q_value.is_some(),
        Listing::MaxP(level) => verdict.p_value.is_nan() || verdict.p_value <= level,
        Listing::All | Listing::Top(_) => true,
    }
}
