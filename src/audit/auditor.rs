//! The audit itself: one run that knows everything, many that do not.

use std::sync::Arc;

use super::{
    Attack, Findings, Leak,
    attack::forget_before,
    compare::{self, Reach},
    cuts,
    decay::{self, MOST_DELAY},
    delay::Delayed,
    found::{Found, first_jobs},
    late_signals,
    rows::{JobName, JobRows, Rows},
    trial::{self, Left},
    world::World,
};
use crate::{
    domain::{Keep, Timestamp, WarmupMultiplier},
    error::{Error, ErrorKind, Result},
    run::{
        self, Request, Resolved, Stop,
        progress::{Event, Progress},
    },
    sim::{FillRule, Rules},
    store::{Cell, Store},
    strategy::Strategy,
};

/// Multipliers of the horizon whose history must change nothing.
const LONGER: [f64; 2] = [2.5, 4.0];

/// Relative difference that a longer history may make to what a statement answers.
const STATEMENT_TOLERANCE: f64 = 1e-9;

/// Makes the strategies of an audit; each run gets its own.
pub type Make<'a> = &'a dyn Fn() -> Result<Vec<Box<dyn Strategy>>>;

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditPlan {
    /// Cuts at bars drawn at random.
    pub random_cuts: usize,
    /// Cuts at decisions, all strategies together; the bar before each is a cut too.
    pub decision_cuts: usize,
    /// Seed of cuts and noise.
    pub seed: u64,
}

impl Default for AuditPlan {
    fn default() -> Self {
        Self { random_cuts: 20, decision_cuts: 15, seed: 1 }
    }
}

/// Audits strategies on the bars of a store, which is left as it is.
///
/// # Errors
/// As a run of `request`; interrupted, if asked to stop.
pub fn audit(
    store: &Store,
    request: &Request,
    make: Make<'_>,
    plan: &AuditPlan,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Findings> {
    if request.signals.as_ref().is_some_and(|signals| !signals.is_statement()) {
        return Err(Error::usage("weights from a file do not depend on bars: nothing can leak")
            .with_hint("audit what made them: a statement (--signals FILE.sql) or a strategy"));
    }
    let resolved = run::resolve(store, request)?;
    let most = LONGER.iter().copied().fold(request.multiplier.value(), f64::max);
    let longest = World::of(store, &resolved, multiplier(most)?)?;
    let load_start = resolved.longest_window(request.multiplier)?.load_start;
    let request = Request { keep: Keep::All, fresh: false, ..resolved.request.clone() };
    let world = longest.since(load_start);
    let windows = request.horizons.iter().map(|h| h.window(resolved.end, request.multiplier));
    let score_start = windows.map(|window| window.score_start).min().unwrap_or(resolved.end);
    let mut auditor = Auditor { resolved: &resolved, request, make, stop, found: Found::default() };
    let known = match auditor.run(&world, None)? {
        Left::Rows(known) => known,
        Left::Refused(error) => return Err(error),
        Left::Panicked => return Err(broken()),
    };
    let axis = world.axis(score_start);
    let cuts = cuts::cuts(&known, &axis, (plan.random_cuts, plan.decision_cuts), plan.seed);
    let runs = cuts.len() * Attack::ALL.len() + 2 + LONGER.len() + MOST_DELAY;
    progress.event(&Event::Started { jobs: runs as u64 });
    let mut done = 0;
    let mut step = || {
        done += 1;
        progress.event(&Event::Advanced { computed: done, cached: 0 });
    };
    auditor.fill_rule(&known);
    auditor.repeat(&known, &world)?;
    step();
    auditor.warmup(&known, &longest, load_start, plan.seed, &mut step)?;
    for (at, &cut) in cuts.iter().enumerate() {
        for attack in Attack::ALL {
            auditor.attack(&known, &world, attack, (at, cut), plan.seed)?;
            step();
        }
    }
    let mut notes = resolved.notes.clone();
    notes.push(format!("{} jobs, {} cuts, {runs} runs", known.jobs.len(), cuts.len()));
    auditor.decay(known, &world, &mut step)?;
    progress.event(&Event::Finished);
    Ok(auditor.found.findings(notes))
}

fn multiplier(value: f64) -> Result<WarmupMultiplier> {
    WarmupMultiplier::new(value)
        .ok_or_else(|| Error::internal(format!("{value} is no warmup multiplier")))
}

fn broken() -> Error {
    Error::new(ErrorKind::Internal, "a strategy panicked while its session was opened")
        .with_hint("it cannot be audited before it runs")
}

struct Auditor<'a> {
    resolved: &'a Resolved,
    request: Request,
    make: Make<'a>,
    stop: &'a Stop,
    found: Found,
}

impl Auditor<'_> {
    /// Runs the request on a world and reads what it left, up to `until`.
    fn run(&self, world: &World, until: Option<Timestamp>) -> Result<Left> {
        self.run_as(&self.request, world, until)
    }

    fn run_as(&self, request: &Request, world: &World, until: Option<Timestamp>) -> Result<Left> {
        trial::run(world, request, (self.make)()?, until, self.stop)
    }

    fn repeat(&mut self, known: &Rows, world: &World) -> Result<()> {
        let again = self.run(world, None)?;
        self.compare("repeat", known, &again, Reach::ALL);
        Ok(())
    }

    fn warmup(
        &mut self,
        known: &Rows,
        longest: &World,
        load_start: Timestamp,
        seed: u64,
        step: &mut dyn FnMut(),
    ) -> Result<()> {
        let noisy = forget_before(longest, load_start, seed);
        let other = self.run(&noisy, None)?;
        self.compare("warmup", known, &other, self.warmup_reach());
        step();
        for longer in LONGER {
            let request = Request { multiplier: multiplier(longer)?, ..self.request.clone() };
            let other = self.run_as(&request, &noisy, None)?;
            self.compare("warmup", known, &other, self.warmup_reach());
            step();
        }
        Ok(())
    }

    fn attack(
        &mut self,
        known: &Rows,
        world: &World,
        attack: Attack,
        (at, cut): (usize, Timestamp),
        seed: u64,
    ) -> Result<()> {
        let changed = self.run(&attack.on(world, cut, at, seed), Some(cut))?;
        // A volume cap, or a rule judged within the bar, may change what fills in it.
        let Request { limits, rules, .. } = &self.request;
        let fills_whole = limits.volume_cap.is_none() && *rules == Rules::default();
        self.compare(attack.name(), known, &changed, Reach::of(attack, cut, fills_whole));
        Ok(())
    }

    /// The one fill rule that trades at prices its decision has seen.
    fn fill_rule(&mut self, known: &Rows) {
        self.found.begin("fill", known);
        let same_close = self.request.fill == Some(FillRule::SameClose);
        for name in first_jobs(known) {
            let checked = self.found.of(&name.strategy, "fill");
            checked.rows += 1;
            if same_close {
                checked.differing += 1;
                checked.first = Some(Leak {
                    symbols: String::new(),
                    horizon_days: name.horizon_days,
                    at: None,
                    cut: None,
                    column: "request.fill".to_owned(),
                    known: Cell::Text(FillRule::SameClose.to_string()),
                    changed: Cell::Text(FillRule::NextOpen.to_string()),
                });
            }
        }
    }

    /// What each bar of delay costs.
    fn decay(&mut self, known: Rows, world: &World, step: &mut dyn FnMut()) -> Result<()> {
        let mut by_delay = vec![known];
        for bars in 1..=MOST_DELAY {
            let Some(rows) = self.delayed(&by_delay[0], world, bars)? else { break };
            by_delay.push(rows);
            step();
        }
        for (strategy, decay) in decay::decay(&by_delay) {
            self.found.decay(&strategy, &decay);
        }
        Ok(())
    }

    /// The same run with every decision `bars` bars late; `None` where it cannot be made.
    fn delayed(&self, known: &Rows, world: &World, bars: usize) -> Result<Option<Rows>> {
        if self.request.signals.is_none() {
            let delayed = |inner| Box::new(Delayed { inner, bars }) as Box<dyn Strategy>;
            let strategies = (self.make)()?.into_iter().map(delayed).collect();
            let left = trial::run(world, &self.request, strategies, None, self.stop)?;
            return Ok(left.rows());
        }
        let mut all = Rows::default();
        for horizon in &self.request.horizons {
            let late = late_signals::late_signals(known, world, *horizon, bars);
            let Some(signals) = late else { continue };
            let request = Request {
                horizons: vec![*horizon],
                signals: Some(Arc::new(signals)),
                ..self.request.clone()
            };
            let Some(rows) = self.run_as(&request, world, None)?.rows() else { return Ok(None) };
            all.jobs.extend(rows.jobs);
        }
        Ok(Some(all))
    }

    /// How exactly a longer history must change nothing: a statement has no warmup of its own, and
    /// the last bits of its windows depend on where its bars begin.
    fn warmup_reach(&self) -> Reach {
        let tolerance = if self.request.signals.is_some() { STATEMENT_TOLERANCE } else { 0.0 };
        Reach { tolerance, ..Reach::ALL }
    }

    fn compare(&mut self, check: &'static str, known: &Rows, left: &Left, reach: Reach) {
        let nothing = Rows::default();
        let changed = match left {
            Left::Rows(changed) => changed,
            Left::Panicked => {
                self.found.broken(check, known, reach.cut);
                return;
            }
            // One bad row later on refuses the whole answer: that says nothing of the earlier ones,
            // unless it is that bars are missing.
            Left::Refused(error) if reach.cut.is_some() && !reach.ends => {
                self.found.refused(check, &error.to_string());
                return;
            }
            Left::Refused(_) => &nothing,
        };
        self.found.begin(check, known);
        for (name, job) in &known.jobs {
            let compared = match self.same_job(name, changed) {
                Some((other, rows)) => compare::jobs(job, rows, reach.with_equity(other == name)),
                None => compare::jobs(job, &JobRows::default(), reach.with_equity(false)),
            };
            self.found.add(check, name, &compared, reach.cut);
        }
        if !known.fits.is_empty() {
            let interval = self.resolved.interval;
            let compared = compare::fits(&known.fits, &changed.fits, reach, interval);
            let name = JobName {
                strategy: "(pair fits)".to_owned(),
                horizon_days: 0,
                symbols: String::new(),
            };
            self.found.add(check, &name, &compared, reach.cut);
        }
    }

    /// The job of another run that is `name`; for signals, whose combination is made of the symbols
    /// they happen to name, the one of the same horizon.
    fn same_job<'r>(
        &self,
        name: &'r JobName,
        changed: &'r Rows,
    ) -> Option<(&'r JobName, &'r JobRows)> {
        if self.request.signals.is_none() {
            return changed.jobs.get_key_value(name);
        }
        changed.jobs.iter().find(|(other, _)| other.horizon_days == name.horizon_days)
    }
}
