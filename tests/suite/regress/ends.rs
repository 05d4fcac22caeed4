//! How a check ends: what it writes, exit codes, signals.

use std::{
    fs,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{CASE, blessed_folder, check, folder, plant, text};
use crate::binary::{barline, command, contents, said, signal};

#[test]
fn results_are_written_as_junit_and_json() {
    let folder = blessed_folder(CASE);
    plant(folder.path(), "horizons = [120]", "horizons = [120]\nslippage_bps = 6");
    fs::write(folder.path().join("cases/fine.toml"), CASE).expect("written");
    let only = ["regress", "bless", "cases", "--filter", "fine"];
    assert_eq!(barline(folder.path(), &only).status.code(), Some(0));
    let output = check(folder.path(), &["--junit", "results.xml", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).expect("json");
    let of = |at: usize, name: &str| rows[at][name].as_str().unwrap_or_default().to_owned();
    assert_eq!((of(0, "case"), of(0, "result")), ("case".into(), "differs".into()));
    assert!(of(0, "differences").contains("; bollinger-breakout 120d ALTO: "), "{rows:?}");
    assert_eq!((of(1, "case"), of(1, "result")), ("fine".into(), "holds".into()));
    let xml = fs::read_to_string(folder.path().join("results.xml")).expect("written");
    assert!(xml.contains("tests=\"2\" failures=\"1\" errors=\"0\""), "{xml}");
    assert!(xml.contains("name=\"case\"") && xml.contains("<failure type=\"differs\""), "{xml}");
}

#[test]
fn a_case_that_cannot_run_is_an_error_and_keeps_no_other_from_its_result() {
    let folder = blessed_folder(CASE);
    let broken = CASE.replace("[run]", "[run]\nsymbols = [\"NONE\"]");
    fs::write(folder.path().join("cases/broken.toml"), &broken).expect("written");
    let output = check(folder.path(), &["--format", "csv"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(told.contains("broken,error,") && told.contains("with 1 workers: "), "{told}");
    assert!(told.contains("NONE") && told.contains("\ncase,holds,"), "{told}");
    let refused = barline(folder.path(), &["regress", "bless", "cases"]);
    assert_eq!(refused.status.code(), Some(1));
    let kept = fs::read_to_string(folder.path().join("cases/broken.toml")).expect("a case");
    assert_eq!(kept, broken, "what breaks is not blessed");
}

#[test]
fn what_is_not_covered_is_named() {
    let folder = blessed_folder(CASE);
    let output = check(folder.path(), &["--coverage"]);
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(said.contains("warning: no case has strategy hrp"), "{said}");
    assert!(said.contains("warning: no case has outcome ruined"), "{said}");
    assert!(said.contains("no case has outcome panicked: a fault of ours"), "{said}");
    assert!(said.contains("warning: no case has cost funding"), "{said}");
    assert!(
        !said.contains("strategy bollinger-breakout") && !said.contains("cost commission"),
        "{said}"
    );
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(told.contains("bollinger-breakout") && told.contains("commission, slippage"), "{told}");
}

#[test]
fn the_environment_decides_nothing() {
    let folder = blessed_folder(CASE);
    let before = contents(folder.path());
    let output = command(folder.path(), &["regress", "check", "cases"])
        .env("BARLINE_DB", "mine.duckdb")
        .env("BARLINE_MEMORY_BUDGET", "10MB")
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn a_signal_ends_it_within_seconds() {
    let long = "[data.demo]\nsymbols = [\"BOLERO\", \"GAVOTTE\", \"LEGATO\", \"TOCCATA\"]\n\n[run]\n\
                multi_pair = true\nhorizons = [730]\nstrategies = [\"cointegration\"]\n\n\
                [run.strategy.cointegration]\nrefit_bars = 24\n";
    let folder = folder(long);
    let before = contents(folder.path());
    let mut command = command(folder.path(), &["regress", "check", "cases"]);
    let mut child =
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    thread::sleep(Duration::from_secs(3));
    let sent = Instant::now();
    signal(&mut child, &["INT"]);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert!(sent.elapsed() < Duration::from_secs(20), "{:?}", sent.elapsed());
    assert!(said(&output).contains("stopped: not every case was run"), "{}", said(&output));
    assert_eq!(contents(folder.path()), before);
    assert_eq!(text(folder.path()), long);
}
