//! Rules in real runs: from a configuration to stored rows.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use barline::{
    run::Request,
    sim::{Reentry, Rules},
};

use crate::{
    demo_store::{self, copy, execute},
    small_store::{lines, number},
};

/// Two strategies over a few pairs and triples of the demo universe.
fn plain() -> Request {
    let symbols = ["BOLERO", "DIVISI", "OSTINATO", "PRELUDE"];
    Request {
        symbols: Some(symbols.map(str::to_owned).to_vec()),
        horizons: vec!["90".parse().expect("days")],
        strategies: ["cointegration", "equal-weight"].map(str::to_owned).to_vec(),
        sizes: "2,3".parse().expect("sizes"),
        keep: barline::domain::Keep::All,
        ..demo_store::request()
    }
}

fn with(rules: Rules) -> Request {
    Request { rules, ..plain() }
}

/// Key, benchmark and equity of every job of a run that was simulated.
fn told(path: &Path, request: &Request) -> Vec<(String, String, String)> {
    let run = execute(path, request).run_id;
    let column = |name: &str| {
        let sql = format!(
            "SELECT {name} FROM job_result WHERE run_id = {run} AND total_return IS NOT NULL
             ORDER BY strategy, size, symbols"
        );
        lines(path, &sql)
    };
    let rest = column("benchmark_return").into_iter().zip(column("total_return"));
    column("job_key").into_iter().zip(rest).map(|(key, (hold, made))| (key, hold, made)).collect()
}

#[test]
fn every_rule_changes_the_rows_it_is_about() {
    let (_folder, path) = copy();
    let free = told(&path, &plain());
    assert!(free.len() >= 10, "{free:?}");
    let mut keys: BTreeSet<String> = free.iter().map(|job| job.0.clone()).collect();
    let stop = Rules { stop_loss: Some(0.01), ..Rules::default() };
    for (rules, reason) in [
        (stop, "stop_loss"),
        (Rules { reentry: Reentry::Never, ..stop }, "stop_loss"),
        (Rules { reentry: Reentry::Bars(24), ..stop }, "stop_loss"),
        (Rules { take_profit: Some(0.01), ..Rules::default() }, "take_profit"),
        (Rules { time_stop_bars: Some(12), ..Rules::default() }, "time_stop"),
        (Rules { max_drawdown: Some(0.01), ..Rules::default() }, "max_drawdown"),
    ] {
        let jobs = told(&path, &with(rules));
        assert!(jobs.iter().all(|job| keys.insert(job.0.clone())), "a key of its own: {rules:?}");
        let hold = |jobs: &[(String, String, String)]| {
            jobs.iter().map(|job| job.1.clone()).collect::<Vec<_>>()
        };
        assert_eq!(hold(&jobs), hold(&free), "the benchmark has no rules: {rules:?}");
        let changed = jobs.iter().zip(&free).filter(|(ruled, free)| ruled.2 != free.2).count();
        assert!(changed * 2 > jobs.len(), "{changed} of {}: {rules:?}", jobs.len());
        let keys = jobs.iter().map(|job| format!("'{}'", job.0)).collect::<Vec<_>>().join(",");
        for strategy in ["cointegration", "equal-weight"] {
            let sql = format!(
                "SELECT count(*) FROM job_result JOIN trade USING (job_id)
                 WHERE job_key IN ({keys}) AND strategy = '{strategy}' AND exit_reason = '{reason}'"
            );
            assert!(number(&path, &sql) > 0, "{strategy}: {rules:?}");
        }
        let name = reason.replace("time_stop", "time_stop_bars");
        let terms = format!(
            "SELECT count(*) FROM job WHERE job_key IN ({keys})
             AND parameters LIKE '%\"{name}\":%\"reentry\":%'"
        );
        assert_eq!(number(&path, &terms), i64::try_from(jobs.len()).expect("few"));
    }
}

#[test]
fn reentry_without_a_rule_is_the_same_question() {
    let (_folder, path) = copy();
    let free = told(&path, &plain());
    let never = with(Rules { reentry: Reentry::Never, ..Rules::default() });
    assert_eq!(execute(&path, &never).computed, 0);
    assert_eq!(told(&path, &never), free);
}

#[test]
fn a_configuration_states_rules() {
    let (folder, path) = copy();
    let store = path.display().to_string();
    let run = |rules: &str| {
        let run = "horizons = 90\nsymbols = \"BOLERO\"\nstrategies = \"buy-and-hold\"\n";
        let text = format!("{run}{rules}");
        fs::write(folder.path().join("runs.toml"), text).expect("written");
        let output = Command::new(env!("CARGO_BIN_EXE_barline"))
            .current_dir(folder.path())
            .args(["backtest", "--config", "runs.toml", "--db", &store])
            .output()
            .expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}");
        said + &String::from_utf8_lossy(&output.stdout)
    };
    let free = run("");
    let ruled = run("[rules]\nstop_loss = 0.02\nreentry = \"never\"\n");
    assert!(!free.contains("stop loss"), "{free}");
    assert!(ruled.contains("stop loss 0.02, reentry never"), "{ruled}");
    let reasons = lines(&path, "SELECT DISTINCT exit_reason FROM trade ORDER BY exit_reason");
    assert_eq!(reasons, ["end_of_data", "stop_loss"]);
}
