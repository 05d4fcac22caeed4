//! What queries say of the jobs of a run, from rows of `job_result`.

use std::collections::{BTreeMap, BTreeSet};

use barline::store::Store;

use super::{CAPITAL, Row, ask, assert_near, open, select, three_runs};

const FAILURES: [&str; 3] = ["failed", "panicked", "timed_out"];

fn jobs(store: &Store, run: i64) -> Vec<Row> {
    select(store, &format!("SELECT * FROM job_result WHERE run_id = {run} ORDER BY job_key"))
}

/// The groups of `rows` that have the same `key`.
fn grouped<K: Ord>(rows: &[Row], key: impl Fn(&Row) -> K) -> BTreeMap<K, Vec<&Row>> {
    let mut groups: BTreeMap<K, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups
}

fn defined(rows: &[&Row], name: &str) -> Vec<f64> {
    let mut found: Vec<f64> = rows.iter().filter_map(|row| row.real(name)).collect();
    found.sort_by(f64::total_cmp);
    found
}

/// The value below which so many quarters of the sorted numbers lie, between neighbours on a line.
fn quartile(sorted: &[f64], quarters: usize) -> Option<f64> {
    let place = quarters * sorted.len().checked_sub(1)?;
    let (below, above) = (sorted[place / 4], sorted[place.div_ceil(4)]);
    Some(below + (above - below) * ((place % 4) as f64 / 4.0))
}

fn count(rows: &[&Row], is_one: impl Fn(&Row) -> bool) -> i64 {
    i64::try_from(rows.iter().filter(|row| is_one(row)).count()).expect("few")
}

#[test]
fn the_score_weighs_four_places_within_the_horizon() {
    let (_folder, path) = three_runs();
    let connection = duckdb::Connection::open_with_flags(&path, duckdb::Config::default());
    let undefined = "UPDATE measure SET sharpe = NULL WHERE job_id % 5 = 1;
                     UPDATE measure SET win_rate = NULL WHERE job_id % 7 = 2; CHECKPOINT";
    connection.expect("the store").execute_batch(undefined).expect("updated");
    let store = open(&path);
    assert!(scored(&store, 1) > 1, "undefined ones are ranked");
    scored(&store, 3);
}

/// Compares the scores of a run; answers in how many jobs a measure was undefined.
fn scored(store: &Store, run: i64) -> usize {
    let jobs: Vec<Row> =
        jobs(store, run).into_iter().filter(|job| job.real("bars").is_some()).collect();
    let run = run.to_string();
    let run = run.as_str();
    let place = |job: &Row, name: &str| {
        let rivals: Vec<&Row> =
            jobs.iter().filter(|j| j.int("horizon_days") == job.int("horizon_days")).collect();
        // An undefined value is below every other one, and equal to its like.
        let below = count(&rivals, |rival| match (rival.real(name), job.real(name)) {
            (Some(rival), Some(own)) => rival < own,
            (rival, own) => rival.is_none() && own.is_some(),
        });
        below as f64 / (rivals.len() - 1).max(1) as f64
    };
    let score = |job: &Row| {
        0.35 * place(job, "sharpe")
            + 0.30 * place(job, "cagr")
            + 0.20 * place(job, "max_drawdown")
            + 0.15 * place(job, "win_rate")
    };
    let mut expected: Vec<(f64, &Row)> = jobs.iter().map(|job| (score(job), job)).collect();
    let name = |job: &Row| {
        let text = |name| job.text(name).to_owned();
        (text("symbols"), job.int("horizon_days"), text("strategy"), text("job_key"))
    };
    expected.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| name(a.1).cmp(&name(b.1))));
    let found = ask(store, "score", &[("run", run), ("top", "all")]);
    assert_eq!(found.len(), expected.len());
    for (rank, (row, (score, job))) in (1..).zip(found.iter().zip(&expected)) {
        assert_eq!(row.int("rank"), rank);
        assert_eq!(row.text("job"), &job.text("job_key")[..8], "rank {rank}");
        assert_eq!(row.real("score"), Some(*score), "rank {rank}");
    }
    let top = ask(store, "score", &[("run", run), ("top", "3"), ("strategy", "hrp")]);
    let hrp = expected.iter().find(|(_, job)| job.text("strategy") == "hrp");
    let first = top.first().and_then(|row| row.real("score"));
    assert_eq!(first, hrp.map(|(score, _)| *score), "places are among all jobs of the run");
    let undefined = |job: &&Row| {
        ["sharpe", "cagr", "max_drawdown", "win_rate"].iter().any(|name| job.real(name).is_none())
    };
    jobs.iter().filter(undefined).count()
}

#[test]
fn summaries_count_every_job_and_measure_those_that_ran() {
    let (_folder, path) = three_runs();
    let store = open(&path);
    for run in [1, 3] {
        let jobs = jobs(&store, run);
        let run = run.to_string();
        let of = |name| ask(&store, name, &[("run", run.as_str()), ("top", "all")][..takes(name)]);
        let horizon = |row: &Row| row.int("horizon_days");
        let by_strategy = |row: &Row| (row.text("strategy").to_owned(), horizon(row));
        summarized(&grouped(&jobs, by_strategy), &of("by-strategy"));
        summarized(&grouped(&jobs, horizon), &of("by-horizon"));
        let found = of("by-combination");
        let by_symbols = |row: &Row| (horizon(row), row.text("symbols").to_owned());
        let groups = grouped(&jobs, by_symbols);
        assert_eq!(found.len(), groups.len());
        for row in &found {
            let rows = &groups[&by_symbols(row)];
            let best = defined(rows, "sharpe").last().copied();
            assert_eq!(row.real("best_sharpe"), best);
            let holder = rows.iter().filter(|job| best.is_some() && job.real("sharpe") == best);
            let holder = holder.map(|job| job.text("strategy")).min().unwrap_or_default();
            assert_eq!(row.text("best_strategy"), holder);
            assert_near(row.real("median_sharpe"), quartile(&defined(rows, "sharpe"), 2), "median");
        }
        assert!(found.windows(2).all(|two| {
            horizon(&two[0]) < horizon(&two[1])
                || two[0].real("best_sharpe").unwrap_or(f64::NEG_INFINITY)
                    >= two[1].real("best_sharpe").unwrap_or(f64::NEG_INFINITY)
        }));
    }
}

/// How many of `run` and `top` the query takes.
fn takes(name: &str) -> usize {
    if name == "by-combination" { 2 } else { 1 }
}

fn summarized<K: Ord + std::fmt::Debug>(groups: &BTreeMap<K, Vec<&Row>>, found: &[Row]) {
    assert_eq!(found.len(), groups.len());
    for ((key, rows), row) in groups.iter().zip(found) {
        let what = format!("{key:?}");
        let returns = defined(rows, "total_return");
        assert_eq!(row.int("jobs"), count(rows, |_| true), "{what}");
        assert_eq!(row.int("measured"), count(rows, |job| job.real("bars").is_some()), "{what}");
        assert_eq!(row.int("done"), count(rows, |job| job.text("outcome") == "done"), "{what}");
        let failed = count(rows, |job| FAILURES.contains(&job.text("outcome")));
        assert_eq!(row.int("failures"), failed, "{what}");
        for (name, quarters) in
            [("median_return", 2), ("lower_quartile_return", 1), ("upper_quartile_return", 3)]
        {
            assert_near(row.real(name), quartile(&returns, quarters), &what);
        }
        let mean = returns.iter().sum::<f64>() / returns.len() as f64;
        assert_near(row.real("mean_return"), Some(mean).filter(|m| m.is_finite()), &what);
        assert_eq!(row.int("positive"), count(rows, |job| job.real("total_return") > Some(0.0)));
        assert_eq!(row.real("worst_drawdown"), defined(rows, "max_drawdown").first().copied());
        assert_eq!(row.real("best_sharpe"), defined(rows, "sharpe").last().copied());
    }
}

#[test]
fn outcomes_reasons_and_wins_against_the_benchmark_are_counted() {
    let (_folder, path) = three_runs();
    let store = open(&path);
    for run in [1, 3] {
        let jobs = jobs(&store, run);
        let given = [("run", &*run.to_string())];
        let key = |row: &Row| {
            (
                row.text("strategy").to_owned(),
                row.int("horizon_days"),
                row.text("outcome").to_owned(),
            )
        };
        let groups = grouped(&jobs, key);
        let found = ask(&store, "outcomes", &given);
        assert_eq!(found.len(), groups.len());
        for row in &found {
            assert_eq!(row.int("jobs"), count(&groups[&key(row)], |_| true));
        }
        let reasons = ask(&store, "reasons", &given);
        let missed = jobs.iter().filter(|job| job.text("outcome") != "done").count();
        let told: i64 = reasons.iter().map(|row| row.int("jobs")).sum();
        assert_eq!(told, i64::try_from(missed).expect("few"));
        for row in &reasons {
            let is_one =
                |job: &&Row| key(job) == key(row) && job.text("reason") == row.text("example");
            assert!(jobs.iter().any(|job| is_one(&job)), "an example is one of the reasons");
            assert!(!row.text("reason_kind").contains(|c: char| c.is_ascii_digit()));
            assert_eq!(row.flag("failure"), FAILURES.contains(&row.text("outcome")));
        }
        let failures = reasons.iter().take_while(|row| row.flag("failure")).count();
        assert_eq!(failures, if run == 3 { 3 } else { 0 }, "failures stand first");
        for row in ask(&store, "beats-benchmark", &given) {
            let done = &groups[&key_of_done(&row)];
            let beat = |job: &Row| job.real("total_return") > job.real("benchmark_return");
            assert_eq!(row.int("done"), count(done, |_| true));
            assert_eq!(row.int("beat_benchmark"), count(done, beat));
        }
    }
}

fn key_of_done(row: &Row) -> (String, i64, String) {
    (row.text("strategy").to_owned(), row.int("horizon_days"), "done".to_owned())
}

#[test]
fn costs_and_turnover_add_up_to_what_the_jobs_paid() {
    let (_folder, path) = three_runs();
    let store = open(&path);
    let jobs = jobs(&store, 1);
    let job_of = |row: &Row| {
        let found = jobs.iter().find(|job| job.text("job_key").starts_with(row.text("job")));
        found.expect("a job of the run")
    };
    let drags = ask(&store, "cost-drag", &[("run", "1"), ("top", "all")]);
    let measured = jobs.iter().filter(|job| job.real("bars").is_some()).count();
    assert_eq!(drags.len(), measured);
    for row in &drags {
        let job = job_of(row);
        let of = |name| job.real(name).expect(name);
        let within = of("slippage") + of("spread") + of("impact");
        let beside = of("commission") + of("borrow") + of("financing") + of("funding");
        let cost = within + beside - of("dividend");
        assert_near(row.real("cost_frac"), Some(cost / CAPITAL), "cost");
        let gross = (of("final_equity") + cost) / CAPITAL - 1.0;
        assert_near(row.real("gross_return"), Some(gross), "gross");
    }
    assert!(drags.windows(2).all(|two| two[0].real("cost_frac") >= two[1].real("cost_frac")));
    assert!(drags[0].real("cost_frac") > Some(0.0));
    let trades = select(
        &store,
        "SELECT job_key, trade.* FROM trade JOIN job_result USING (job_id)
                                 WHERE job_result.run_id = 1",
    );
    let held = grouped(&trades, |row| row.text("job_key").to_owned());
    let turnovers = ask(&store, "turnover", &[("run", "1"), ("top", "all")]);
    assert_eq!(turnovers.len(), measured);
    for row in &turnovers {
        let job = job_of(row);
        let bars = held.get(job.text("job_key")).map(|rows| defined(rows, "bars_held"));
        assert_eq!(job.real("trades"), Some(bars.as_ref().map_or(0.0, |bars| bars.len() as f64)));
        let median = bars.as_ref().and_then(|bars| quartile(bars, 2));
        assert_near(row.real("median_bars_held"), median, "held");
        assert_eq!(row.real("turnover_annual"), job.real("turnover_annual"));
    }
}

#[test]
fn compare_names_what_differs_between_two_runs() {
    let (_folder, path) = three_runs();
    let store = open(&path);
    let (ours, theirs) = (jobs(&store, 2), jobs(&store, 1));
    let question = |row: &Row| {
        let text = |name| row.text(name).to_owned();
        (text("strategy"), row.int("horizon_days"), text("symbols"))
    };
    let of = |jobs: &[Row]| jobs.iter().map(question).collect::<BTreeSet<_>>();
    let (our, their) = (of(&ours), of(&theirs));
    let found = ask(&store, "compare", &[("run", "2"), ("other", "1")]);
    let told = |what: &str| {
        let rows = found.iter().filter(|row| row.text("found") == what);
        rows.map(question).collect::<BTreeSet<_>>()
    };
    assert_eq!(told("only in run"), our.difference(&their).cloned().collect());
    assert_eq!(told("only in other"), their.difference(&our).cloned().collect());
    assert!(!told("only in run").is_empty() && !told("only in other").is_empty());
    assert_eq!(
        told("in both"),
        our.intersection(&their).cloned().collect(),
        "the commission is in all"
    );
    for row in found.iter().filter(|row| row.text("found") == "in both") {
        let same = |job: &&Row| question(job) == question(row);
        let (a, b) =
            (ours.iter().find(same).expect("ours"), theirs.iter().find(same).expect("theirs"));
        let differs: Vec<&str> = row.text("differs").split(',').collect();
        assert!(differs.contains(&"parameters") && !differs.contains(&"key"));
        for name in ["total_return", "sharpe", "max_drawdown", "commission", "trades"] {
            assert_eq!(differs.contains(&name), a.cell(name) != b.cell(name), "{name}");
        }
        let change = a.real("total_return").zip(b.real("total_return")).map(|(a, b)| a - b);
        assert_eq!(row.real("return_change"), change);
    }
    assert!(ask(&store, "compare", &[("run", "2"), ("other", "2")]).is_empty());
    let default = ask(&store, "compare", &[]);
    let named = ask(&store, "compare", &[("run", "3"), ("other", "2")]);
    assert_eq!(default.len(), named.len(), "the last run and the one before it");
}
