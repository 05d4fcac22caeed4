//! Why two runs may differ, and which of it can reach a row.

use std::collections::{BTreeMap, BTreeSet};

use super::{bars, configuration::flattened};
use crate::store::RunFacts;

/// Configuration that decides which jobs there are, and nothing within one.
const WHICH_JOBS: [&str; 7] =
    ["sizes", "multi_pair", "max_combinations", "ranks", "seed", "horizons", "screened"];

/// Something that is not the same in both runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What: `configuration costs.commission_bps`, `bars 90d demo:BOLERO`, `engine version`.
    pub what: String,
    /// As it is in the run.
    pub run: String,
    /// As it is in the other.
    pub other: String,
    pub(super) reach: Reach,
    /// False where it may be the consequence of another cause: it is told of a row that no other reaches.
    pub(super) is_certain: bool,
}

/// Which rows a cause can reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// All.
    Every,
    /// Those that only one run has.
    Lonely,
    /// Those of a strategy.
    Strategy(String),
    /// Those that hold a symbol: `None` for every horizon.
    Symbol(String, Option<u32>),
    /// Those of a horizon.
    Horizon(u32),
}

/// A row of an answer, as far as a cause is concerned.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowFacts<'a> {
    /// Its strategy; empty for a test.
    pub(super) strategy: &'a str,
    /// Its horizon; `None` for a test.
    pub(super) horizon_days: Option<u32>,
    /// Its symbols, joined by commas.
    pub(super) symbols: &'a str,
    /// True if both runs have it.
    pub(super) in_both: bool,
    /// Columns that differ, joined by commas.
    pub(super) differs: &'a str,
}

impl Cause {
    /// The cause in one line.
    pub fn told(&self, run_id: i64, other_id: i64) -> String {
        format!("{}: {}", self.what, self.values(run_id, other_id))
    }

    /// Its two values.
    pub(super) fn values(&self, run_id: i64, other_id: i64) -> String {
        format!("{} in run {run_id}, {} in run {other_id}", self.run, self.other)
    }

    fn can_reach(&self, row: RowFacts<'_>) -> bool {
        match &self.reach {
            Reach::Every => true,
            Reach::Lonely => !row.in_both,
            Reach::Strategy(name) => row.strategy == name,
            Reach::Symbol(symbol, horizon) => {
                let same =
                    horizon.is_none() || row.horizon_days.is_none_or(|days| Some(days) == *horizon);
                same && row.symbols.split(',').any(|member| member == symbol)
            }
            Reach::Horizon(days) => row.horizon_days.is_none_or(|own| own == *days),
        }
    }
}

/// Everything that is not the same in two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Causes {
    /// Number of the run.
    pub run_id: i64,
    /// Number of the other.
    pub other_id: i64,
    /// What differs, configuration first.
    pub all: Vec<Cause>,
}

impl Causes {
    /// What is not the same in `run` and `other`.
    pub fn between(run: &RunFacts, other: &RunFacts) -> Self {
        let mut all = of_configuration(&run.configuration, &other.configuration);
        all.extend(bars::causes(&run.bars, &other.bars, !all.is_empty()));
        for (what, ours, theirs) in [
            ("engine version", &run.engine_version, &other.engine_version),
            ("device", &run.device, &other.device),
        ] {
            if ours != theirs {
                all.push(cause(what, ours, theirs, Reach::Every));
            }
        }
        let came =
            |run: &RunFacts| format!("{}, {} of {} jobs", run.status, run.stored, run.planned);
        let is_through = |run: &RunFacts| run.status == "finished";
        if !is_through(run) || !is_through(other) {
            all.push(cause("how far it came", &came(run), &came(other), Reach::Lonely));
        }
        Self { run_id: run.run_id, other_id: other.run_id, all }
    }

    /// Why a row may differ, in one line.
    pub(super) fn why(&self, row: RowFacts<'_>) -> String {
        let reaching = |is_certain: bool| {
            let causes = self.all.iter().filter(move |cause| cause.is_certain == is_certain);
            let causes = causes.filter(move |cause| cause.can_reach(row));
            causes.map(|cause| cause.what.as_str()).collect::<Vec<_>>()
        };
        for causes in [reaching(true), reaching(false)] {
            if !causes.is_empty() {
                return causes.join(", ");
            }
        }
        let has_other_key = row.differs.split(',').any(|column| column == "key");
        match (row.in_both, has_other_key) {
            (false, _) => "unexplained: both ask for it, and one has lost it",
            (true, true) => {
                "unexplained by configuration and bars: events of instruments, or the numeric version"
            }
            (true, false) => "unexplained: the same question on the same bars",
        }
        .to_owned()
    }
}

fn cause(what: &str, run: &str, other: &str, reach: Reach) -> Cause {
    let [what, run, other] = [what, run, other].map(str::to_owned);
    Cause { what, run, other, reach, is_certain: true }
}

fn of_configuration(run: &str, other: &str) -> Vec<Cause> {
    let (ours, theirs) = (flattened(run), flattened(other));
    let paths: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let has = |keys: &BTreeMap<String, String>, path: &str| match keys.get(path) {
        Some(value) if value.is_empty() => "there".to_owned(),
        Some(value) => value.clone(),
        None => "not set".to_owned(),
    };
    let differing = paths.into_iter().filter(|path| ours.get(*path) != theirs.get(*path));
    // Parameters of a strategy that only one of them has say nothing more.
    let is_told = |path: &&String| match path.split('.').collect::<Vec<_>>()[..] {
        ["strategies", name, _, ..] => {
            let whole = format!("strategies.{name}");
            ours.contains_key(&whole) == theirs.contains_key(&whole)
        }
        _ => true,
    };
    let told = differing.filter(is_told);
    told.map(|path| {
        let what = format!("configuration {path}");
        cause(&what, &has(&ours, path), &has(&theirs, path), reach_of(path))
    })
    .collect()
}

fn reach_of(path: &str) -> Reach {
    let (table, rest) = path.split_once('.').unwrap_or((path, ""));
    let symbol = |name: &str| name.rsplit(':').next().unwrap_or(name).to_owned();
    match table {
        "strategies" => Reach::Strategy(rest.split('.').next().unwrap_or_default().to_owned()),
        "symbols" => Reach::Symbol(symbol(rest), None),
        "instruments" => {
            let name = rest.rsplit_once('.').map_or(rest, |(name, _)| name);
            Reach::Symbol(symbol(name), None)
        }
        table if WHICH_JOBS.contains(&table) => Reach::Lonely,
        _ => Reach::Every,
    }
}

#[cfg(test)]
mod tests {
    use super::{Causes, RowFacts, RunFacts};
    use crate::store::{RunBars, RunKind};

    fn bars_of(symbol: &str, content: &str) -> RunBars {
        RunBars {
            horizon_days: 30,
            market: "m".into(),
            symbol: symbol.into(),
            content: content.into(),
            bars: 720,
            span: "a to b".into(),
        }
    }

    fn facts(run_id: i64, configuration: &str, content: &str) -> RunFacts {
        RunFacts {
            run_id,
            kind: RunKind::Backtest,
            status: "finished".into(),
            configuration: configuration.into(),
            engine_version: "1".into(),
            device: "cpu".into(),
            planned: 2,
            stored: 2,
            bars: vec![bars_of("A", content), bars_of("B", "same")],
        }
    }

    fn row(
        strategy: &'static str,
        symbols: &'static str,
        differs: &'static str,
    ) -> RowFacts<'static> {
        let in_both = !differs.is_empty();
        RowFacts { strategy, horizon_days: Some(30), symbols, in_both, differs }
    }

    #[test]
    fn a_row_is_told_the_causes_that_can_reach_it() {
        let ours = r#"{"costs":{"commission_bps":11.0},"seed":2,"strategies":["hrp {\"a\":1}"]}"#;
        let theirs =
            r#"{"costs":{"commission_bps":10.0},"seed":1,"strategies":["hrp {\"a\":2}","x {}"]}"#;
        let causes = Causes::between(&facts(2, ours, "aa"), &facts(1, theirs, "bb"));
        let told: Vec<_> = causes.all.iter().map(|cause| cause.told(2, 1)).collect();
        assert_eq!(
            told,
            [
                "configuration costs.commission_bps: 11.0 in run 2, 10.0 in run 1",
                "configuration seed: 2 in run 2, 1 in run 1",
                "configuration strategies.hrp.a: 1 in run 2, 2 in run 1",
                "configuration strategies.x: not set in run 2, there in run 1",
                "bars 30d m:A: 720 bars a to b (aa) in run 2, 720 bars a to b (bb) in run 1",
            ]
        );
        let commission = "configuration costs.commission_bps";
        assert_eq!(causes.why(row("macd", "B,C", "sharpe")), commission);
        assert_eq!(causes.why(row("macd", "A,B", "sharpe")), format!("{commission}, bars 30d m:A"));
        let hrp = format!("{commission}, configuration strategies.hrp.a");
        assert_eq!(causes.why(row("hrp", "B,C", "sharpe")), hrp);
        assert!(causes.why(row("macd", "B,C", "")).contains("configuration seed"));
    }

    #[test]
    fn what_nothing_explains_is_said_so() {
        let same = Causes::between(&facts(2, "{}", "a"), &facts(1, "{}", "a"));
        assert!(same.all.is_empty());
        assert!(same.why(row("hrp", "A", "")).starts_with("unexplained: both ask for it"));
        assert!(same.why(row("hrp", "A", "sharpe")).starts_with("unexplained: the same question"));
        assert!(same.why(row("hrp", "A", "key,sharpe")).contains("the numeric version"));
        let stopped = RunFacts { status: "interrupted".into(), stored: 1, ..facts(2, "{}", "a") };
        let causes = Causes::between(&stopped, &facts(1, "{}", "a"));
        assert_eq!(causes.why(row("hrp", "A", "")), "how far it came");
        assert_eq!(causes.all[0].run, "interrupted, 1 of 2 jobs");
    }
}
