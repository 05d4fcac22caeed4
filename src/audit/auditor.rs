//! The audit itself: one run that knows everything, many that do not.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{
    Attack, Checked, Decay, Findings, Leak,
    attack::forget_before,
    compare::{self, Compared, Difference, Reach},
    cuts,
    decay::{self, MOST_DELAY},
    delay::Delayed,
    rows::{JobName, Rows},
    world::World,
};
use crate::{
    domain::{Keep, Timestamp, WarmupMultiplier},
    error::{Error, ErrorKind, Result},
    run::{
        self, Request, Resolved, Stop,
        progress::{Event, Progress, Silent},
    },
    sim::{FillRule, Rules},
    store::{Cell, Store},
    strategy::Strategy,
};

/// Multipliers of the horizon whose history must change nothing.
const LONGER: [f64; 2] = [2.5, 4.0];

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
    let resolved = run::resolve(store, request)?;
    let most = LONGER.iter().copied().fold(request.multiplier.value(), f64::max);
    let longest = World::of(store, &resolved, multiplier(most)?)?;
    let load_start = resolved.longest_window(request.multiplier)?.load_start;
    let request = Request { keep: Keep::All, fresh: false, ..resolved.request.clone() };
    let world = longest.since(load_start);
    let windows = request.horizons.iter().map(|h| h.window(resolved.end, request.multiplier));
    let score_start = windows.map(|window| window.score_start).min().unwrap_or(resolved.end);
    let mut auditor = Auditor { resolved: &resolved, request, make, stop, found: Found::default() };
    let Ok(known) = auditor.run(&world, None)? else { return Err(broken()) };
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

/// A run that panicked outside of its jobs.
struct Broken;

struct Auditor<'a> {
    resolved: &'a Resolved,
    request: Request,
    make: Make<'a>,
    stop: &'a Stop,
    found: Found,
}

impl Auditor<'_> {
    /// Runs the request on a world and reads what it left, up to `until`.
    fn run(&self, world: &World, until: Option<Timestamp>) -> Result<Result<Rows, Broken>> {
        self.run_as(&self.request, (self.make)()?, world, until)
    }

    fn run_as(
        &self,
        request: &Request,
        strategies: Vec<Box<dyn Strategy>>,
        world: &World,
        until: Option<Timestamp>,
    ) -> Result<Result<Rows, Broken>> {
        let store = world.store()?;
        // A strategy's session is opened outside of the jobs, whose panics are outcomes.
        let run = catch_unwind(AssertUnwindSafe(|| {
            run::execute_with(&store, request, strategies, &Silent, self.stop)
        }));
        let Ok(summary) = run else { return Ok(Err(Broken)) };
        if summary?.interrupted {
            return Err(Error::new(ErrorKind::Interrupted, "stopped: the audit is not complete"));
        }
        let bars = world.series.iter().map(|one| one.bars.len()).max().unwrap_or(0);
        Rows::read(&store, bars, until).map(Ok)
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
        self.compare("warmup", known, &other, Reach::ALL);
        step();
        for longer in LONGER {
            let request = Request { multiplier: multiplier(longer)?, ..self.request.clone() };
            let other = self.run_as(&request, (self.make)()?, &noisy, None)?;
            self.compare("warmup", known, &other, Reach::ALL);
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
            let delayed = |inner| Box::new(Delayed { inner, bars }) as Box<dyn Strategy>;
            let strategies = (self.make)()?.into_iter().map(delayed).collect();
            let Ok(rows) = self.run_as(&self.request, strategies, world, None)? else { break };
            by_delay.push(rows);
            step();
        }
        for (strategy, decay) in decay::decay(&by_delay) {
            self.found.decay(&strategy, &decay);
        }
        Ok(())
    }

    fn compare(
        &mut self,
        check: &'static str,
        known: &Rows,
        changed: &Result<Rows, Broken>,
        reach: Reach,
    ) {
        let Ok(changed) = changed else {
            self.found.broken(check, known, reach.cut);
            return;
        };
        self.found.begin(check, known);
        for (name, job) in &known.jobs {
            let Some(other) = changed.jobs.get(name) else { continue };
            let compared = compare::jobs(job, other, reach);
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
}

/// The first job of every strategy.
fn first_jobs(rows: &Rows) -> Vec<&JobName> {
    let mut names: Vec<&JobName> = rows.jobs.keys().collect();
    names.dedup_by_key(|name| name.strategy.as_str());
    names
}

/// What was found so far, by strategy and check.
#[derive(Debug, Default)]
struct Found(BTreeMap<(String, &'static str), Checked>);

impl Found {
    fn of(&mut self, strategy: &str, check: &'static str) -> &mut Checked {
        self.0.entry((strategy.to_owned(), check)).or_insert_with(|| Checked {
            strategy: strategy.to_owned(),
            check,
            runs: 0,
            rows: 0,
            differing: 0,
            first: None,
            remark: String::new(),
        })
    }

    fn begin(&mut self, check: &'static str, known: &Rows) {
        for name in first_jobs(known) {
            self.of(&name.strategy, check).runs += 1;
        }
    }

    fn decay(&mut self, strategy: &str, decay: &Decay) {
        let checked = self.of(strategy, "delay");
        checked.runs += decay.total_returns.len() as u64;
        checked.rows += decay.total_returns.iter().flatten().count() as u64;
        let shown = |value: &Option<f64>| match value {
            Some(value) => format!("{:.2} %", 100.0 * value),
            None => "-".to_owned(),
        };
        let returns: Vec<_> = decay.total_returns.iter().map(shown).collect();
        let errors = decay.lost_errors.map_or(String::new(), |errors| {
            format!("; the first bar costs {errors:.1} standard errors")
        });
        checked.remark = format!("return by bars of delay: {}{errors}", returns.join(", "));
        if decay.is_cliff {
            let of = |at: usize| match decay.total_returns.get(at) {
                Some(Some(value)) => Cell::Float(*value),
                _ => Cell::Null,
            };
            checked.differing += 1;
            checked.first = Some(Leak {
                symbols: String::new(),
                horizon_days: 0,
                at: None,
                cut: None,
                column: "measure.total_return".to_owned(),
                known: of(0),
                changed: of(1),
            });
        }
    }

    fn broken(&mut self, check: &'static str, known: &Rows, cut: Option<Timestamp>) {
        self.begin(check, known);
        let difference = Difference {
            table: "run",
            column: "session",
            at: None,
            known: Cell::Text("opened".to_owned()),
            changed: Cell::Text("panicked".to_owned()),
        };
        let compared = Compared { rows: 1, differences: vec![difference] };
        for name in first_jobs(known) {
            self.add(check, name, &compared, cut);
        }
    }

    fn add(
        &mut self,
        check: &'static str,
        name: &JobName,
        compared: &Compared,
        cut: Option<Timestamp>,
    ) {
        let checked = self.of(&name.strategy, check);
        checked.rows += compared.rows;
        checked.differing += compared.differences.len() as u64;
        for difference in &compared.differences {
            let earlier = match &checked.first {
                None => true,
                Some(first) => {
                    difference.at.is_some() && (first.at.is_none() || difference.at < first.at)
                }
            };
            if earlier {
                checked.first = Some(Leak {
                    symbols: name.symbols.clone(),
                    horizon_days: name.horizon_days,
                    at: difference.at,
                    cut,
                    column: format!("{}.{}", difference.table, difference.column),
                    known: difference.known.clone(),
                    changed: difference.changed.clone(),
                });
            }
        }
    }

    fn findings(self, notes: Vec<String>) -> Findings {
        Findings { checked: self.0.into_values().collect(), notes }
    }
}
