//! Where what was found is not what is held.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};

use super::{
    Case, DEFAULT_PLANNED_SHARE, Found, FoundJob, Held, HeldValue, PLANNED, found::FoundBars,
};

/// One thing that is not as it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: a total, the bars of an instrument, a job and one of its values.
    pub what: String,
    /// As it is held.
    pub held: String,
    /// As it was found.
    pub found: String,
}

impl Difference {
    fn new(what: impl Into<String>, held: &dyn Display, found: &dyn Display) -> Self {
        Self { what: what.into(), held: held.to_string(), found: found.to_string() }
    }

    /// The difference in one line.
    pub fn told(&self) -> String {
        let Self { what, held, found } = self;
        let change = match (held.parse::<f64>(), found.parse::<f64>()) {
            (Ok(held), Ok(found)) => format!(" ({:+.3e})", found - held),
            _ => String::new(),
        };
        format!("{what}: held {held}, found {found}{change}")
    }
}

/// How differences between runs of one case begin: they cannot be held.
pub const AMONG: &str = "apart: ";
/// How differences begin that say that a run took more memory than it may.
pub const PEAK: &str = "measured peak";

const NONE: &str = "nothing";

/// What differs between what `case` holds and what its runs left, by number of workers. The runs have to
/// agree among themselves even where nothing is held.
pub fn judge(case: &Case, found: &BTreeMap<usize, Found>) -> Vec<Difference> {
    let mut differences = Vec::new();
    let Some((first, one)) = found.first_key_value() else { return differences };
    if let Some(held) = &case.held {
        against(case, held, one, &mut differences);
    }
    for (workers, other) in found.iter().skip(1) {
        let start = format!("{AMONG}with {workers} workers, not {first}: ");
        among(&start, one, other, &mut differences);
    }
    for (workers, one) in found {
        memory(case, *workers, one, &mut differences);
    }
    differences
}

/// Totals first, then bars, then jobs: a reader sees what happened before where.
fn against(case: &Case, held: &Held, found: &Found, out: &mut Vec<Difference>) {
    let mut total = |what: &str, held: Option<String>, found: String| {
        if let Some(held) = held.filter(|held| *held != found) {
            out.push(Difference::new(what, &held, &found));
        }
    };
    total("jobs", held.jobs.map(|jobs| jobs.to_string()), found.jobs.len().to_string());
    total("outcomes", held.outcomes.as_ref().map(counts), counts(&found.outcomes()));
    total("bars", held.bars.map(|bars| bars.to_string()), found.bars().to_string());
    total("hash of fills", held.fills.clone(), found.fills.clone());
    total("hash of equity", held.equity.clone(), found.equity.clone());
    if let Some(bars_of) = &held.bars_of {
        let told = |bars: u64, content: &str| format!("{bars} bars {content}");
        let held = bars_of.iter().map(|(name, of)| (name, told(of.bars, &of.content)));
        let found = found.bars_of.iter();
        let found = found.map(|(name, FoundBars { bars, content })| (name, told(*bars, content)));
        both(&held.collect(), &found.collect(), |name, held, found| {
            let (held, found) = (held.map_or(NONE, |h| h), found.map_or(NONE, |f| f));
            if held != found {
                out.push(Difference::new(format!("bars of {name}"), &held, &found));
            }
        });
    }
    let Some(jobs) = &held.job else { return };
    both(&jobs.iter().collect(), &found.jobs.iter().collect(), |name, held, found| {
        match (held, found) {
            (Some(_), None) => out.push(Difference::new(name, &"a job", &"none: it is lost")),
            (None, Some(_)) => out.push(Difference::new(name, &"no such job", &"a job")),
            (Some(held), Some(found)) => of_job(case, name, held, found, out),
            (None, None) => {}
        }
    });
}

fn of_job(
    case: &Case,
    name: &str,
    held: &BTreeMap<String, HeldValue>,
    found: &FoundJob,
    out: &mut Vec<Difference>,
) {
    let mut names: BTreeSet<&str> = held.keys().map(String::as_str).collect();
    names.extend(case.measures.iter().map(String::as_str));
    for key in names {
        let is = value(found, key);
        let was = held.get(key);
        let within = case.within.get(key).copied().unwrap_or(0.0);
        let same = match (was, is) {
            (None, None) => true,
            (Some(HeldValue::Text(was)), Some(is)) => was == is,
            (Some(was), Some(is)) => {
                let numbers = was.number().zip(is.parse::<f64>().ok());
                // Equal numbers first: the difference of two infinities is none.
                numbers.is_some_and(|(was, is)| {
                    was.to_bits() == is.to_bits() || (was - is).abs() <= within
                })
            }
            _ => false,
        };
        if !same {
            let was = was.map_or_else(|| "undefined".to_owned(), HeldValue::told);
            let is = is.unwrap_or("undefined");
            out.push(Difference::new(format!("{name}: {key}"), &was, &is));
        }
    }
}

fn value<'a>(job: &'a FoundJob, key: &str) -> Option<&'a str> {
    match key {
        "outcome" => Some(&job.outcome),
        "fills" => Some(&job.fills),
        "equity" => Some(&job.equity),
        measure => job.measures.get(measure).map(String::as_str),
    }
}

/// Two runs of one case.
fn among(start: &str, one: &Found, other: &Found, out: &mut Vec<Difference>) {
    both(&one.bars_of.iter().collect(), &other.bars_of.iter().collect(), |name, one, other| {
        if one != other {
            let told = |of: Option<&&FoundBars>| {
                of.map_or(NONE.to_owned(), |of| format!("{} bars {}", of.bars, of.content))
            };
            let what = format!("{start}bars of {name}");
            out.push(Difference::new(what, &told(one), &told(other)));
        }
    });
    both(&one.jobs.iter().collect(), &other.jobs.iter().collect(), |name, one, other| {
        let (Some(one), Some(other)) = (one, other) else {
            let told = |job: Option<_>| if job.is_some() { "a job" } else { "none" };
            let what = format!("{start}{name}");
            return out.push(Difference::new(what, &told(one), &told(other)));
        };
        let mut names: BTreeSet<&str> = ["outcome", "fills", "equity"].into();
        names.extend(one.measures.keys().chain(other.measures.keys()).map(String::as_str));
        for key in names {
            let (a, b) = (value(one, key), value(other, key));
            if a != b {
                let [a, b] = [a, b].map(|value| value.unwrap_or("undefined"));
                out.push(Difference::new(format!("{start}{name}: {key}"), &a, &b));
            }
        }
    });
}

fn memory(case: &Case, workers: usize, found: &Found, out: &mut Vec<Difference>) {
    let planned = case.held.as_ref().and_then(|held| held.planned_bytes.as_ref());
    if let Some(held) = planned.and_then(|planned| planned.get(&workers.to_string())) {
        let share = case.within.get(PLANNED).copied().unwrap_or(DEFAULT_PLANNED_SHARE);
        if (found.planned_bytes as f64 - *held as f64).abs() > share * *held as f64 {
            let what = format!("planned peak with {workers} workers, bytes");
            out.push(Difference::new(what, held, &found.planned_bytes));
        }
    }
    let limits =
        [("peak of the case", case.peak_bytes), ("memory budget", Some(found.budget_bytes))];
    for (limit, bytes) in limits {
        if let Some(bytes) = bytes.filter(|bytes| found.peak_bytes > *bytes) {
            let what = format!("{PEAK} with {workers} workers above the {limit}, bytes");
            out.push(Difference::new(what, &bytes, &found.peak_bytes));
        }
    }
}

/// Hands every name of either to `take`, in order.
fn both<K: Ord + Copy, A, B>(
    one: &BTreeMap<K, A>,
    other: &BTreeMap<K, B>,
    mut take: impl FnMut(K, Option<&A>, Option<&B>),
) {
    let names: BTreeSet<K> = one.keys().chain(other.keys()).copied().collect();
    for name in names {
        take(name, one.get(&name), other.get(&name));
    }
}

fn counts(outcomes: &BTreeMap<String, u64>) -> String {
    let counts: Vec<_> = outcomes.iter().map(|(name, jobs)| format!("{jobs} {name}")).collect();
    counts.join(", ")
}
