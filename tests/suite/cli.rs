//! The command line from outside: one clear line for every mistake, the documented exit codes,
//! data on standard output and nothing else there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
    sync::OnceLock,
};

use assert_cmd::Command;
use tempfile::TempDir;

/// The binary in `folder`, in an environment that decides nothing.
fn barline(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_barline"));
    for variable in ["BARLINE_DB", "BARLINE_LOG", "COLUMNS", "POLARS_FORCE_STREAMING"] {
        command.env_remove(variable);
    }
    command.current_dir(folder).args(arguments).output().expect("the binary runs")
}

fn empty_folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A demo store made once for all tests that only read it; each test works on a copy, because one
/// process at a time may hold a store.
fn demo_store() -> &'static Path {
    static STORE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = STORE.get_or_init(|| {
        let folder = empty_folder();
        let made = barline(folder.path(), &["demo", "--db", "made.duckdb"]);
        assert_eq!(made.status.code(), Some(0), "{}", said(&made));
        let path = folder.path().join("made.duckdb");
        (folder, path)
    });
    path
}

fn folder_with_demo() -> TempDir {
    let folder = empty_folder();
    fs::copy(demo_store(), folder.path().join("barline-demo.duckdb")).expect("a copy");
    folder
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn answered(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// Asserts exit 2, nothing on standard output, one `error:` line, and one `hint:` line at most;
/// returns both.
fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let output = barline(folder, arguments);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    assert_eq!(answered(&output), "", "{arguments:?}");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("store: ")).collect();
    assert!((1..=2).contains(&lines.len()), "{arguments:?}: {text}");
    assert!(lines[0].starts_with("error: "), "{arguments:?}: {text}");
    assert!(lines.get(1).is_none_or(|line| line.starts_with("hint: ")), "{arguments:?}: {text}");
    lines.join("\n")
}

#[test]
fn a_wrong_value_is_named_with_its_flag_and_makes_no_store() {
    let folder = empty_folder();
    for (arguments, expected) in [
        (vec!["backtest", "--horizons", "-30"], "--horizons -30: '-30' is not a horizon"),
        (vec!["backtest", "--horizons=30,x"], "--horizons x: 'x' is not a horizon"),
        (vec!["backtest", "--multi-pair", "--sizes", "0"], "--sizes 0:"),
        (vec!["backtest", "--sizes", "2"], "add --multi-pair"),
        (vec!["backtest", "--fill", "tomorrow"], "next-open"),
        (vec!["backtest", "--format", "xml"], "one of table, csv, json, parquet"),
        (vec!["backtest", "--keep", "some"], "measures, trades, equity, all"),
        (vec!["backtest", "--strategies", "hrpp", "--multi-pair"], "did you mean hrp?"),
        (vec!["backtest", "--workers", "0"], "--workers 0: not a whole number"),
        (vec!["backtest", "--memory-budget", "1"], "give a number and a unit"),
        (vec!["backtest", "--capital", "NaN"], "--capital NaN: not a number"),
        (vec!["backtest", "--as-of", "soon"], "--as-of soon:"),
        (vec!["backtest", "--ranks", "9..3", "--multi-pair"], "--ranks 9..3:"),
        (vec!["backtest", "--quik"], "unexpected argument '--quik' found"),
        (vec!["backtest", "--sequential", "--workers", "2"], "cannot be used with"),
        (vec!["demo", "--seed", "x"], "--seed x:"),
        (vec!["frobnicate"], "unrecognized subcommand 'frobnicate'"),
        (vec![], "no command is given"),
        (vec!["query", "lederboard"], "did you mean leaderboard?"),
        (vec!["sql", ""], "no statement is given"),
    ] {
        let text = refusal(folder.path(), &arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_question_without_a_store_says_how_to_make_one() {
    let folder = empty_folder();
    for arguments in [["query", "leaderboard"], ["sql", "SELECT 1"]] {
        let text = refusal(folder.path(), &arguments);
        assert!(text.contains("there is no store") && text.contains("barline demo"), "{text}");
    }
    let text = refusal(folder.path(), &["backtest", "--db", "absent.duckdb"]);
    assert!(text.contains("absent.duckdb"), "{text}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn an_environment_that_breaks_frames_or_logs_is_refused() {
    for (variable, value) in [("POLARS_FORCE_STREAMING", "1"), ("BARLINE_LOG", "==")] {
        let output = Command::new(env!("CARGO_BIN_EXE_barline"))
            .args(["query"])
            .env(variable, value)
            .output()
            .expect("the binary runs");
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).starts_with(&format!("error: {variable}")), "{}", said(&output));
    }
}

#[test]
fn logs_are_objects_where_that_is_asked_for() {
    let (folder, _) = crate::demo_store::copy();
    let run = ["backtest", "--strategies", "buy-and-hold", "--horizons", "30", "-q"];
    let logged = |more: &[&str]| {
        let output = barline(folder.path(), &[&run[..], &["--db", "store.duckdb"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        said(&output)
    };
    assert_eq!(logged(&[]), "");
    let text = logged(&["--log-format", "json"]);
    let events: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let of = |message: &'static str| events.iter().filter(move |event| event["message"] == message);
    assert_eq!(of("run ended").next().expect("an end")["pending"], 0);
    assert!(of("ended").any(|event| event["stage"] == "computing" && event["bytes"].is_u64()));
    // Notes and errors are objects too.
    let line = ["query", "nothing-such", "--db", "store.duckdb", "--log-format", "json"];
    let told = said(&barline(folder.path(), &line));
    let events: Vec<serde_json::Value> =
        told.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let error = events.last().expect("an error");
    assert_eq!(error["level"], "ERROR");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("nothing-such")), "{told}");
    assert!(error["hint"].as_str().is_some_and(|text| text.contains("known: ")), "{told}");
    let refused = barline(folder.path(), &["query", "--log-format", "xml"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("text, json"), "{}", said(&refused));
}

#[test]
fn json_gets_the_cause_as_a_field() {
    let folder = empty_folder();
    let output = barline(folder.path(), &["query", "leaderboard", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let fields: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
    assert!(fields["error"].as_str().is_some_and(|text| text.starts_with("there is no store")));
}

#[test]
fn help_is_an_answer_and_names_every_flag() {
    let folder = empty_folder();
    for (name, arguments) in [
        ("help", vec!["--help"]),
        ("help_backtest", vec!["backtest", "--help"]),
        ("help_query", vec!["query", "-h"]),
        ("help_weights", vec!["weights", "--help"]),
        ("help_screen", vec!["screen", "--help"]),
        ("help_report", vec!["report", "--help"]),
        ("help_compare", vec!["compare", "--help"]),
        ("help_regress", vec!["regress", "--help"]),
        ("help_regress_check", vec!["regress", "check", "--help"]),
    ] {
        let output = barline(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(said(&output), "");
        insta::assert_snapshot!(name, answered(&output));
    }
}

#[test]
fn lists_need_no_store() {
    let folder = empty_folder();
    let queries = barline(folder.path(), &["query", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_slice(&queries.stdout).expect("json");
    let names: Vec<_> = listed.as_array().expect("rows").iter().map(|row| &row["name"]).collect();
    for name in ["leaderboard", "outcomes", "memory", "truth", "pairs", "beats-benchmark", "runs"] {
        assert!(names.iter().any(|listed| *listed == name), "{name} is not in {names:?}");
    }
    let strategies = answered(&barline(folder.path(), &["strategies", "--format", "csv"]));
    assert!(strategies.starts_with("strategy,kind,parameter,default,unit,meaning,watched_bars\n"));
    let watching = "sma-crossover,single,slow_bars,50,bars,window of the slow average,50";
    assert!(strategies.lines().any(|line| line == watching), "{strategies}");
    let told = answered(&barline(folder.path(), &["strategies"]));
    assert!(told.contains("it watches 50 bars of a symbol before the scored window"), "{told}");
    for name in ["cointegration", "hrp", "buy-and-hold"] {
        assert!(strategies.lines().any(|line| line.starts_with(&format!("{name},"))), "{name}");
    }
}

#[test]
fn the_demo_is_not_overwritten() {
    let folder = folder_with_demo();
    let before = fs::read(folder.path().join("barline-demo.duckdb")).expect("a store");
    let text = refusal(folder.path(), &["demo"]);
    assert!(text.contains("exists already"), "{text}");
    assert_eq!(fs::read(folder.path().join("barline-demo.duckdb")).expect("a store"), before);
}

#[test]
fn terms_of_an_unknown_instrument_are_refused_where_they_stand() {
    let folder = folder_with_demo();
    fs::write(folder.path().join("runs.toml"), "horizons = [30]\n[instrument.NOPE]\nlot = 1\n")
        .expect("written");
    for more in [&[][..], &["--dry-run"]] {
        let line = ["backtest", "--db", "barline-demo.duckdb", "--config", "runs.toml"];
        let text = refusal(folder.path(), &[&line[..], more].concat());
        assert!(
            text.contains("runs.toml:2:13: instrument NOPE: it is not an instrument"),
            "{text}"
        );
    }
}

#[test]
fn an_unknown_symbol_is_met_with_the_nearest_one() {
    let folder = folder_with_demo();
    let sql = "SELECT symbol FROM instrument ORDER BY symbol LIMIT 1";
    let listed = answered(&barline(folder.path(), &["sql", sql, "--format", "csv"]));
    let known = listed.lines().nth(1).expect("a symbol");
    let mistyped = format!("{known}X");
    let text = refusal(folder.path(), &["backtest", "--symbols", &mistyped]);
    assert!(text.contains(&mistyped) && text.contains(&format!("did you mean {known}?")), "{text}");
}

#[test]
fn a_file_that_is_no_store_is_refused_and_untouched() {
    let folder = empty_folder();
    let path = folder.path().join("bars.csv");
    fs::write(&path, "ts,close\n2024-01-01,1\n").expect("written");
    for arguments in [vec!["query", "runs"], vec!["sql", "SELECT 1"], vec!["backtest"]] {
        let with_db = [arguments, vec!["--db", "bars.csv"]].concat();
        let text = refusal(folder.path(), &with_db);
        assert!(text.contains("bars.csv"), "{text}");
    }
    assert_eq!(fs::read_to_string(&path).expect("still there"), "ts,close\n2024-01-01,1\n");
}

#[test]
fn the_first_command_of_the_readme_answers_and_the_second_time_has_nothing_to_do() {
    let folder = empty_folder();
    let quick = ["backtest", "--multi-pair", "--quick"];
    let first = barline(folder.path(), &quick);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    assert!(said(&first).contains("SYNTHETIC"), "{}", said(&first));
    let text = answered(&first);
    for part in [
        "Leaderboard of run 1",
        "expect luck",
        "Outcomes",
        "Against the benchmark",
        "Memory: initial",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let again = barline(folder.path(), &quick);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert!(said(&again).contains("nothing to do: all "), "{}", said(&again));
    assert_eq!(ranked(&text), ranked(&answered(&again)));
}

/// The rows of the leaderboard: what stands between its heading and the conventions.
fn ranked(text: &str) -> Vec<&str> {
    text.lines().skip(1).take_while(|line| !line.starts_with("Conventions")).collect()
}

#[test]
fn with_csv_and_json_standard_output_holds_only_rows() {
    let folder = folder_with_demo();
    let small =
        ["backtest", "--multi-pair", "--sizes", "2", "--max-combinations", "5", "--horizons", "90"];
    let json = barline(folder.path(), &[&small[..], &["--format", "json"]].concat());
    assert_eq!(json.status.code(), Some(0), "{}", said(&json));
    let rows: serde_json::Value = serde_json::from_slice(&json.stdout).expect("json");
    let rows = rows.as_array().expect("an array").len();
    let csv = barline(folder.path(), &[&small[..], &["--format", "csv"]].concat());
    assert_eq!(answered(&csv).lines().count(), rows + 1);
    let dry = barline(folder.path(), &[&small[..], &["--dry-run", "--format", "csv"]].concat());
    assert!(answered(&dry).starts_with("jobs,combinations,left_out,"), "{}", answered(&dry));
}

#[test]
fn sql_comes_from_the_argument_or_from_standard_input() {
    let folder = folder_with_demo();
    let typed =
        barline(folder.path(), &["sql", "SELECT 1 AS one, NULL AS nothing", "--format", "json"]);
    assert_eq!(answered(&typed), "[\n{\"one\": 1, \"nothing\": null}\n]\n", "{}", said(&typed));
    let piped = Command::new(env!("CARGO_BIN_EXE_barline"))
        .current_dir(folder.path())
        .env_remove("BARLINE_DB")
        .args(["sql", "--format", "csv"])
        .write_stdin("SELECT '=1+1' AS formula, -0.5::DOUBLE AS number")
        .output()
        .expect("the binary runs");
    assert_eq!(answered(&piped), "formula,number\n'=1+1,-0.5\n", "{}", said(&piped));
}

#[test]
fn a_reader_that_goes_away_is_success() {
    let folder = folder_with_demo();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_barline"))
        .current_dir(folder.path())
        .env_remove("BARLINE_DB")
        .args(["sql", "SELECT range FROM range(1000)", "--format", "csv"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn a_wrong_configuration_is_refused_with_line_and_column() {
    let folder = empty_folder();
    let write = |text: &str| fs::write(folder.path().join("runs.toml"), text).expect("written");
    for (text, expected) in [
        ("horizon = 30\n", "runs.toml:1:1: there is no key 'horizon' here"),
        ("multi_pair = \"yes\"\n", "runs.toml:1:14: invalid type"),
        ("horizons = [30, -5]\n", "runs.toml:1:12: horizons -5: '-5' is not a horizon"),
        ("\nfill = \"now\"\n", "runs.toml:2:8: fill now: 'now' is not a fill rule"),
        ("workers = 0\n", "runs.toml:1:11: workers 0: not a whole number from 1 to 1024"),
        ("strategies = [\"hrpp\"]\n", "runs.toml:1:14: strategies hrpp: there is no such strategy"),
        (
            "[strategy.hrp]\newma_half_life_bars = 9\n",
            "runs.toml:2:23: hrp: ewma_half_life_bars has no effect",
        ),
        ("format = \"xml\"\n", "runs.toml:1:10: format xml: "),
    ] {
        write(text);
        let said = refusal(folder.path(), &["backtest", "--config", "runs.toml"]);
        assert!(said.starts_with(&format!("error: {expected}")), "{text}: {said}");
    }
    let absent = refusal(folder.path(), &["backtest", "--config", "absent.toml"]);
    assert!(absent.contains("cannot read absent.toml"), "{absent}");
    write("capital = 5.0\n");
    let typed = refusal(folder.path(), &["backtest", "--config", "runs.toml", "--capital", "x"]);
    assert!(typed.starts_with("error: --capital x: "), "{typed}");
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let folder = folder_with_demo();
    let at = |name: &str| folder.path().join(name);
    for name in ["file.duckdb", "variable.duckdb", "flag.duckdb"] {
        fs::copy(demo_store(), at(name)).expect("a copy");
    }
    let text = "db = \"file.duckdb\"\nhorizons = [30]\nsymbols = [\"BOLERO\"]\nformat = \"csv\"\n\
                strategies = [\"buy-and-hold\"]\n";
    fs::write(at("runs.toml"), text).expect("written");
    let runs = |name: &str| {
        let listed = barline(folder.path(), &["query", "runs", "--db", name, "--format", "csv"]);
        answered(&listed).lines().count() - 1
    };
    let run = |variable: Option<&str>, flags: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_barline"));
        command.env_remove("BARLINE_DB").current_dir(folder.path());
        command.envs(variable.map(|name| ("BARLINE_DB", name)));
        let output = command.args(["backtest", "--config", "runs.toml"]).args(flags).output();
        let output = output.expect("the binary runs");
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        answered(&output)
    };
    let listed = run(None, &[]);
    assert!(listed.starts_with("rank,") && listed.lines().count() == 2, "{listed}");
    assert_eq!([runs("file.duckdb"), runs("variable.duckdb"), runs("flag.duckdb")], [1, 0, 0]);
    run(Some("variable.duckdb"), &[]);
    assert_eq!([runs("file.duckdb"), runs("variable.duckdb"), runs("flag.duckdb")], [1, 1, 0]);
    run(Some("variable.duckdb"), &["--db", "flag.duckdb"]);
    assert_eq!([runs("file.duckdb"), runs("variable.duckdb"), runs("flag.duckdb")], [1, 1, 1]);
    let more = run(None, &["--horizons", "30,90", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&more).expect("json");
    assert_eq!(rows.as_array().expect("rows").len(), 2);
}
