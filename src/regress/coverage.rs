//! What the cases of a folder reach: strategies, outcomes, costs.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use crate::{
    domain::Outcome,
    store::{Cell, Table},
    strategy,
};

/// Costs, as columns of table `measure`.
const COSTS: [&str; 8] =
    ["commission", "slippage", "spread", "impact", "borrow", "financing", "dividend", "funding"];

/// Outcomes that no bars and no configuration bring about, each with the reason.
const UNPROVOKED: [(Outcome, &str); 2] = [
    (
        Outcome::Failed,
        "an error of ours within a job: no bars and no configuration are known that bring it about",
    ),
    (
        Outcome::Panicked,
        "a fault of ours: no bars and no configuration are known that bring it about",
    ),
];

/// What was reached, strategy by strategy.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    of: BTreeMap<String, OfStrategy>,
}

#[derive(Debug, Clone, Default)]
struct OfStrategy {
    cases: BTreeSet<String>,
    jobs: u64,
    outcomes: BTreeMap<String, u64>,
    costs: BTreeSet<&'static str>,
}

/// Something that no case reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncovered {
    /// What.
    pub what: String,
    /// Why no case can; `None` where one is missing.
    pub reason: Option<&'static str>,
}

impl Coverage {
    /// Counts what a run of `case` left.
    pub fn add(&mut self, case: &str, found: &Found) {
        for job in found.jobs.values() {
            let of = self.of.entry(job.strategy.clone()).or_default();
            of.cases.insert(case.to_owned());
            of.jobs += 1;
            *of.outcomes.entry(job.outcome.clone()).or_default() += 1;
            let is_paid = |cost: &&&str| {
                let value = job.measures.get(**cost).and_then(|text| text.parse::<f64>().ok());
                value.is_some_and(|value| value != 0.0)
            };
            of.costs.extend(COSTS.iter().filter(is_paid));
        }
    }

    /// A row per strategy: cases, jobs, outcomes with the number of jobs, costs paid.
    pub fn table(&self) -> Table {
        let columns = ["strategy", "cases", "jobs", "outcomes", "costs"];
        let whole = |count: u64| Cell::Int(i64::try_from(count).unwrap_or(i64::MAX));
        let row = |name: &str| {
            let none = OfStrategy::default();
            let of = self.of.get(name).unwrap_or(&none);
            let outcomes = of.outcomes.iter().map(|(name, jobs)| format!("{jobs} {name}"));
            let costs: Vec<&str> = of.costs.iter().copied().collect();
            vec![
                Cell::Text(name.to_owned()),
                whole(of.cases.len() as u64),
                whole(of.jobs),
                Cell::Text(outcomes.collect::<Vec<_>>().join(", ")),
                Cell::Text(costs.join(", ")),
            ]
        };
        Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: strategies().map(row).collect(),
            ..Table::default()
        }
    }

    /// What no case reaches, in the order of strategies, outcomes, costs.
    pub fn uncovered(&self) -> Vec<Uncovered> {
        let missing =
            |kind: &str, name: &str| Uncovered { what: format!("{kind} {name}"), reason: None };
        let mut uncovered: Vec<_> = strategies()
            .filter(|name| !self.of.contains_key(*name))
            .map(|name| missing("strategy", name))
            .collect();
        for outcome in Outcome::ALL {
            if !self.of.values().any(|of| of.outcomes.contains_key(outcome.name())) {
                let reason = UNPROVOKED.iter().find(|(known, _)| *known == outcome);
                let reason = reason.map(|(_, reason)| *reason);
                uncovered.push(Uncovered { reason, ..missing("outcome", outcome.name()) });
            }
        }
        let costs =
            COSTS.iter().filter(|cost| !self.of.values().any(|of| of.costs.contains(*cost)));
        uncovered.extend(costs.map(|cost| missing("cost", cost)));
        uncovered
    }
}

fn strategies() -> impl Iterator<Item = &'static str> {
    strategy::catalogue().iter().map(|card| card.name)
}

impl Uncovered {
    /// What is not reached, in one line.
    pub fn told(&self) -> String {
        match self.reason {
            Some(reason) => format!("no case has {}: {reason}", self.what),
            None => format!("no case has {}", self.what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Coverage, Found, Outcome};
    use crate::regress::FoundJob;

    #[test]
    fn what_no_job_reaches_is_named() {
        let job = FoundJob {
            strategy: "hrp".into(),
            outcome: Outcome::Done.name().into(),
            measures: [("commission", "1.5"), ("slippage", "0.0")]
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
            ..FoundJob::default()
        };
        let mut coverage = Coverage::default();
        coverage.add("a", &Found { jobs: [("hrp 5d A".into(), job)].into(), ..Found::default() });
        let lines: Vec<_> = coverage.uncovered().iter().map(super::Uncovered::told).collect();
        let says = |line: &str| lines.iter().any(|told| told.starts_with(line));
        assert!(!says("no case has strategy hrp") && says("no case has strategy copula"));
        assert!(!says("no case has outcome done") && says("no case has outcome panicked: a fault"));
        assert!(!says("no case has cost commission") && says("no case has cost slippage"));
    }
}
