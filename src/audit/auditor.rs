//! The audit itself: one run that knows everything, many that do not.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{
    Attack, Findings,
    attack::forget_before,
    budget::{Room, UNBOUNDED},
    compare::Reach,
    cuts,
    decay::{self, MOST_DELAY, Profile},
    delay::Delayed,
    first_bar,
    found::Found,
    late_signals,
    rows::Rows,
    stores::Stores,
    trial::{self, Left, Ran},
    verdict::{self, Kind, Verdict},
    world::World,
};
use crate::{
    domain::{Horizon, Keep, Timestamp, WarmupMultiplier},
    error::{Error, ErrorKind, Result},
    run::{
        self, Request, Resolved, Stop, WorkerRequest,
        progress::{Event, Progress},
    },
    sim::{FillRule, Rules},
    store::Store,
    strategy::Strategy,
};

/// Multipliers of the horizon whose history must change nothing.
const LONGER: [f64; 2] = [2.5, 4.0];

/// Makes the strategies of an audit; each run gets its own.
pub type Make<'a> = &'a (dyn Fn() -> Result<Vec<Box<dyn Strategy>>> + Sync);

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
        Self { random_cuts: 50, decision_cuts: 50, seed: 1 }
    }
}

/// Audits strategies on the bars of a store, which is left as it is.
///
/// Weights from a file do not depend on bars, so nothing is cut for them: only their fills and
/// delays are looked at.
///
/// # Errors
/// As a run of `request`; budget, if the rows of two runs do not fit; interrupted, if asked to stop.
pub fn audit(
    store: &Store,
    request: &Request,
    make: Make<'_>,
    plan: &AuditPlan,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Findings> {
    let given = request.signals.as_ref().is_some_and(|signals| !signals.is_statement());
    let resolved = run::resolve(store, request)?;
    let most = LONGER.iter().copied().fold(request.multiplier.value(), f64::max);
    let longest = World::of(store, &resolved, multiplier(most)?)?;
    let load_start = resolved.longest_window(request.multiplier)?.load_start;
    let request = Request { keep: Keep::All, fresh: false, ..resolved.request.clone() };
    let world = longest.since(load_start);
    let windows = request.horizons.iter().map(|h| h.window(resolved.end, request.multiplier));
    let score_start = windows.map(|window| window.score_start).min().unwrap_or(resolved.end);
    let stores = Stores::default();
    let alone = Request { workers: ONE_WORKER, budget_bytes: UNBOUNDED, ..request.clone() };
    let widest = Request { multiplier: multiplier(most)?, ..alone.clone() };
    let room = Room::of(&stores, &longest, &widest, make()?, request.budget_bytes)?;
    let (known, side_by_side) = know(&stores, &world, &request, make, &room, stop)?;
    let trials = if given {
        delays().collect()
    } else {
        let numbers = (plan.random_cuts, plan.decision_cuts);
        let cuts = cuts::cuts(&known, &world.axis(score_start), numbers, plan.seed);
        trials(&cuts)
    };
    let auditor = Auditor {
        stores: &stores,
        known: &known,
        world: &world,
        longest: &longest,
        load_start,
        resolved: &resolved,
        request: alone,
        make,
        seed: plan.seed,
        stop,
    };
    progress.event(&Event::Started { jobs: trials.len() as u64 });
    let done = AtomicU64::new(0);
    let outcomes = run::side_by_side(side_by_side, trials.len(), |number| {
        let outcome = auditor.outcome(trials[number])?;
        let computed = done.fetch_add(1, Ordering::Relaxed) + 1;
        progress.event(&Event::Advanced { computed, cached: 0 });
        Ok(outcome)
    })?;
    progress.event(&Event::Finished);
    let mut notes = resolved.notes.clone();
    notes.push(format!("{} jobs, {} runs", known.jobs.len(), trials.len() + 1));
    if given {
        notes.push(
            "weights from a file stay what they are on other bars: only their fills and delays \
             were tested; audit what made them (--signals FILE.sql, or a strategy)"
                .to_owned(),
        );
    }
    Ok(auditor.findings(trials.into_iter().zip(outcomes), notes))
}

/// Every run has a thread of its own already.
const ONE_WORKER: WorkerRequest = WorkerRequest { asked: Some(1), cap: None, sequential: true };

fn multiplier(value: f64) -> Result<WarmupMultiplier> {
    WarmupMultiplier::new(value)
        .ok_or_else(|| Error::internal(format!("{value} is no warmup multiplier")))
}

/// The run that knows everything, and how many others there is room for side by side.
fn know(
    stores: &Stores,
    world: &World,
    request: &Request,
    make: Make<'_>,
    room: &Room,
    stop: &Stop,
) -> Result<(Rows, usize)> {
    match trial::ran(stores, world, request, make()?, stop)? {
        Ran::Stored(store) => {
            let kept = Rows::bytes(&store)?;
            let runs = room.side_by_side(kept, run::workers(request))?;
            let rows = Rows::read(&store, world.longest(), None)?;
            stores.take_back(store, world);
            Ok((rows, runs))
        }
        Ran::Refused(error) => Err(error),
        Ran::Panicked => {
            let line = "a strategy panicked while its session was opened";
            Err(Error::new(ErrorKind::Internal, line)
                .with_hint("it cannot be audited before it runs"))
        }
    }
}

/// One further run.
#[derive(Debug, Clone, Copy)]
enum Trial {
    /// The same again.
    Repeat,
    /// Other bars before those that are loaded, and more of them: so many multiples of the horizon.
    Warmup(Option<f64>),
    /// An attack at the cut of this number.
    Attack(Attack, usize, Timestamp),
    /// Decisions this many bars late.
    Delay(usize),
}

/// What it says.
enum Outcome {
    Verdict(Verdict),
    Profile(Profile),
}

fn delays() -> impl Iterator<Item = Trial> {
    (1..=MOST_DELAY).map(Trial::Delay)
}

fn trials(cuts: &[Timestamp]) -> Vec<Trial> {
    let warmups = LONGER.into_iter().map(|longer| Trial::Warmup(Some(longer)));
    let attacks = cuts.iter().enumerate().flat_map(|(at, &cut)| {
        Attack::ALL.into_iter().map(move |attack| Trial::Attack(attack, at, cut))
    });
    // The longest histories first: what does not fit into the budget is said at once.
    warmups
        .rev()
        .chain([Trial::Warmup(None), Trial::Repeat])
        .chain(delays())
        .chain(attacks)
        .collect()
}

struct Auditor<'a> {
    stores: &'a Stores,
    known: &'a Rows,
    world: &'a World,
    longest: &'a World,
    load_start: Timestamp,
    resolved: &'a Resolved,
    request: Request,
    make: Make<'a>,
    seed: u64,
    stop: &'a Stop,
}

impl Trial {
    /// The name of its check.
    fn check(self) -> &'static str {
        match self {
            Self::Repeat => "repeat",
            Self::Warmup(_) => "warmup",
            Self::Attack(attack, ..) => attack.name(),
            Self::Delay(_) => "delay",
        }
    }

    fn cut(self) -> Option<Timestamp> {
        match self {
            Self::Attack(_, _, cut) => Some(cut),
            Self::Repeat | Self::Warmup(_) | Self::Delay(_) => None,
        }
    }
}

impl Auditor<'_> {
    fn outcome(&self, trial: Trial) -> Result<Outcome> {
        let (left, reach) = match trial {
            Trial::Delay(bars) => return Ok(Outcome::Profile(self.late(bars)?)),
            Trial::Repeat => (self.run(&self.request, self.world, None)?, Reach::ALL),
            Trial::Warmup(longer) => (self.warmed(longer)?, self.warmup_reach()),
            Trial::Attack(attack, at, cut) => {
                let changed = attack.on(self.world, cut, at, self.seed);
                let request = self.request_at(cut);
                let left = self.run(&request, &changed, Some(cut))?;
                return Ok(self.judged(&left, self.reach(attack, cut), &request.horizons));
            }
        };
        Ok(self.judged(&left, reach, &self.request.horizons))
    }

    fn judged(&self, left: &Left, reach: Reach, horizons: &[Horizon]) -> Outcome {
        let (interval, signals) = (self.resolved.interval, self.request.signals.is_some());
        let kind = Kind { interval, signals, horizons };
        Outcome::Verdict(verdict::verdict(self.known, left, reach, kind))
    }

    /// The request without horizons that begin after a cut: there is nothing to compare in them.
    /// The fit of the bars up to the cut bears the time of the bar after it.
    fn request_at(&self, cut: Timestamp) -> Request {
        let mut request = self.request.clone();
        let next = cut.plus_micros(self.resolved.interval.micros());
        let (end, multiplier) = (self.resolved.end, request.multiplier);
        request.horizons.retain(|h| h.window(end, multiplier).score_start <= next);
        request
    }

    /// Runs a request on a world and reads what it left, up to `until`.
    fn run(&self, request: &Request, world: &World, until: Option<Timestamp>) -> Result<Left> {
        trial::run(self.stores, world, request, (self.make)()?, until, self.stop)
    }

    fn warmed(&self, longer: Option<f64>) -> Result<Left> {
        let noisy = forget_before(self.longest, self.load_start, self.seed);
        let mut request = self.request.clone();
        if let Some(longer) = longer {
            request.multiplier = multiplier(longer)?;
        }
        self.run(&request, &noisy, None)
    }

    /// How exactly a longer history must change nothing.
    fn warmup_reach(&self) -> Reach {
        if self.request.signals.is_some() { Reach::ALL.of_statement() } else { Reach::ALL }
    }

    fn reach(&self, attack: Attack, cut: Timestamp) -> Reach {
        // A volume cap, or a rule judged within the bar, may change what fills in it.
        let Request { limits, rules, .. } = &self.request;
        let fills_whole = limits.volume_cap.is_none() && *rules == Rules::default();
        let reach = Reach::of(attack, cut, fills_whole);
        let statement = self.request.signals.is_some() && attack.removes_bars();
        if statement { reach.of_statement() } else { reach }
    }

    /// Total returns with every decision `bars` bars late.
    fn late(&self, bars: usize) -> Result<Profile> {
        if self.request.signals.is_none() {
            let delayed = |inner| Box::new(Delayed { inner, bars }) as Box<dyn Strategy>;
            let strategies = (self.make)()?.into_iter().map(delayed).collect();
            let left =
                trial::run(self.stores, self.world, &self.request, strategies, None, self.stop)?;
            return Ok(left.rows().map(|rows| decay::total_returns(&rows)).unwrap_or_default());
        }
        let mut all = Rows::default();
        for horizon in &self.request.horizons {
            let late = late_signals::late_signals(self.known, self.world, *horizon, bars);
            let Some(signals) = late else { continue };
            let request = Request {
                horizons: vec![*horizon],
                signals: Some(Arc::new(signals)),
                ..self.request.clone()
            };
            if let Some(rows) = self.run(&request, self.world, None)?.rows() {
                all.jobs.extend(rows.jobs);
            }
        }
        Ok(decay::total_returns(&all))
    }

    fn findings(
        &self,
        outcomes: impl Iterator<Item = (Trial, Outcome)>,
        notes: Vec<String>,
    ) -> Findings {
        let mut found = Found::default();
        let fill = self.request.fill.unwrap_or(FillRule::NextOpen);
        found.fills(self.known, self.world);
        let mut profiles = vec![decay::total_returns(self.known)];
        for (trial, outcome) in outcomes {
            match outcome {
                Outcome::Profile(profile) => profiles.push(profile),
                // A statement declares no warmup: an answer may depend on where its bars begin.
                Outcome::Verdict(verdict)
                    if self.request.signals.is_some()
                        && matches!(trial, Trial::Warmup(Some(_))) =>
                {
                    found.begins(self.known, verdict);
                }
                Outcome::Verdict(verdict) => {
                    found.take(trial.check(), self.known, trial.cut(), verdict);
                }
            }
        }
        for (strategy, first) in first_bar::first_bars(self.known, self.world, fill) {
            found.delay(&strategy, &first, &profiles);
        }
        found.findings(notes)
    }
}
