//! Statements that cannot be answered, or not soon.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use super::small;
use crate::binary::{barline, command, said, signal};

/// Never answers, in little memory.
const ENDLESS: &str = "SELECT ts, symbol, (SELECT sum((a.range * b.range) % 7) FROM range(10000000) a, \
                       range(10000000) b) AS weight FROM bars ORDER BY ts, symbol";
const LINE: [&str; 7] =
    ["backtest", "--db", "small.duckdb", "--horizons", "20", "--signals", "s.sql"];

#[test]
fn a_statement_that_does_not_end_is_told_of_and_can_be_ended() {
    let (folder, _) = small();
    let folder = folder.path();
    fs::write(folder.join("s.sql"), ENDLESS).expect("written");
    let started = |more: &[&str]| -> std::process::Child {
        let mut command: Command = command(folder, &[&LINE[..], more].concat());
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("started")
    };
    let mut child = started(&[]);
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let first = lines.find_map(|line| line.ok().filter(|line| line.contains(" s so far: ")));
    let first = first.expect("it ended in silence");
    assert!(first.contains("s.sql runs twice for each horizon; Ctrl-C ends it"), "{first}");
    signal(&mut child, &["INT"]);
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{rest:?}");

    let mut child = started(&["-q"]);
    std::thread::sleep(std::time::Duration::from_secs(7));
    signal(&mut child, &["INT"]);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    assert!(!said(&output).contains("so far"), "{}", said(&output));
}

#[test]
fn time_zones_are_refused_with_what_stands_for_them() {
    let (folder, _) = small();
    let folder = folder.path();
    for ts in ["ts AT TIME ZONE 'UTC'", "timezone('Europe/London', ts)"] {
        let text = format!("SELECT {ts} AS ts, symbol, 1 AS weight FROM bars ORDER BY ts, symbol");
        fs::write(folder.join("s.sql"), text).expect("written");
        let output = barline(folder, &LINE);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{ts}: {text}");
        assert!(
            text.contains("s.sql: cannot run the signals: time zones are not available"),
            "{text}"
        );
        assert!(text.contains("hint: all times are UTC"), "{text}");
    }
    let cast = "SELECT ts::TIMESTAMPTZ AS ts, symbol, 1 AS weight FROM bars ORDER BY ts, symbol";
    fs::write(folder.join("s.sql"), cast).expect("written");
    let text = said(&barline(folder, &LINE));
    assert!(text.contains("hint: ts is a TIMESTAMP (in UTC, without a zone) or a DATE"), "{text}");
    let asked =
        barline(folder, &["sql", "SELECT now() AT TIME ZONE 'UTC'", "--db", "small.duckdb"]);
    assert!(said(&asked).contains("time zones are not available"), "{}", said(&asked));
}
