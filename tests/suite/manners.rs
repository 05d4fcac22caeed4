//! What a command line owes to who uses it daily: a configuration to begin with, completions, manual
//! pages, and a session that answers.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    binary::{answer, barline, command, said},
    demo_store,
};

const STORE: &str = "store.duckdb";

/// The commands that the help lists.
fn verbs() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let help = answer(folder.path(), &["--help"]);
    let list = help.split("Commands:").nth(1).expect("a list");
    let verbs = list.lines().skip(1).take_while(|line| !line.trim().is_empty());
    verbs
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

#[test]
fn a_configuration_to_begin_with_changes_nothing_until_it_is_changed() {
    let (folder, _) = demo_store::copy();
    let made = barline(folder.path(), &["init"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    assert!(made.stdout.is_empty());
    let text = fs::read_to_string(folder.path().join("barline.toml")).expect("a file");
    assert_eq!(answer(folder.path(), &["init", "-"]), text);
    let again = barline(folder.path(), &["init"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("barline.toml"), "{}", said(&again));
    assert!(said(&again).contains("hint: name another file"), "{}", said(&again));
    // Every default written out is the default that holds without.
    let live: Vec<String> = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(key) if key.starts_with("multi_pair") => "multi_pair = true".to_owned(),
            Some(key) if key.contains("# example") || key.starts_with("[instrument") => line.into(),
            Some(key) if key.starts_with('[') || key.split_once(" = ").is_some_and(is_key) => {
                key.to_owned()
            }
            _ => line.to_owned(),
        })
        .collect();
    fs::write(folder.path().join("live.toml"), live.join("\n")).expect("written");
    let key = |arguments: &[&str]| {
        let line = [&["backtest", "--db", STORE, "-q", "--horizons", "30"], arguments].concat();
        let ran = barline(folder.path(), &[&line[..], &["--max-combinations", "1"]].concat());
        assert_eq!(ran.status.code(), Some(0), "{arguments:?}: {}", said(&ran));
        let hash = "SELECT configuration_hash FROM run ORDER BY run_id DESC LIMIT 1";
        answer(folder.path(), &["sql", "--db", STORE, hash, "--format", "csv"])
    };
    let plain = key(&["--multi-pair"]);
    assert_eq!(key(&["--multi-pair", "--config", "barline.toml"]), plain);
    assert_eq!(key(&["--config", "live.toml"]), plain);
    assert_ne!(key(&["--config", "live.toml", "--seed", "2"]), plain);
}

fn is_key((key, _): (&str, &str)) -> bool {
    key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[test]
fn shells_complete_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let verbs = verbs();
    assert!(verbs.len() > 12, "{verbs:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = answer(folder.path(), &["completions", shell]);
        for verb in &verbs {
            assert!(script.contains(verb.as_str()), "{shell}: {verb}");
        }
        assert!(script.contains("memory-budget"), "{shell}");
    }
    let script = folder.path().join("barline.bash");
    fs::write(&script, answer(folder.path(), &["completions", "bash"])).expect("written");
    let asked = format!(
        ". {}; COMP_WORDS=(barline quer); COMP_CWORD=1; _barline barline quer barline; echo ${{COMPREPLY[*]}}",
        script.display()
    );
    let offered = Command::new("bash").args(["-c", &asked]).output().expect("bash");
    assert_eq!(String::from_utf8_lossy(&offered.stdout).trim(), "query", "{}", said(&offered));
    // The questions too.
    let asked = asked
        .replace("barline quer)", "barline query leader)")
        .replace("COMP_CWORD=1", "COMP_CWORD=2");
    let asked = asked.replace("barline quer barline", "barline leader query");
    let offered = Command::new("bash").args(["-c", &asked]).output().expect("bash");
    let offered_names = String::from_utf8_lossy(&offered.stdout);
    assert_eq!(offered_names.trim(), "leaderboard", "{}", said(&offered));
    // Files where a path is asked for, and nowhere else.
    for (flag, files) in [("--horizons", ""), ("--db", "barline.bash")] {
        let asked = format!(
            "cd {}; . {}; COMP_WORDS=(barline backtest {flag} ''); COMP_CWORD=3; \
             _barline barline '' {flag}; echo ${{COMPREPLY[*]}}",
            folder.path().display(),
            script.display()
        );
        let offered = Command::new("bash").args(["-c", &asked]).output().expect("bash");
        assert_eq!(String::from_utf8_lossy(&offered.stdout).trim(), files, "{flag}");
    }
    let unknown = barline(folder.path(), &["completions", "tcsh"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = barline(folder.path(), &["man", "--dir", "man1"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    for verb in verbs() {
        let page = folder.path().join("man1").join(format!("barline-{verb}.1"));
        let text = fs::read_to_string(&page).unwrap_or_else(|e| panic!("{verb}: {e}"));
        assert!(text.contains(".SH SYNOPSIS") && text.contains(".TH"), "{verb}");
    }
    // Those of the commands below a command too.
    for verb in ["regress-check", "regress-bless"] {
        let page = fs::read_to_string(folder.path().join(format!("man1/barline-{verb}.1")));
        assert!(page.expect("a page").contains("jobs"), "{verb}");
    }
    let page = answer(folder.path(), &["man"]);
    assert_eq!(page, fs::read_to_string(folder.path().join("man1/barline.1")).expect("a page"));
}

/// A session at a terminal of its own, where a line is typed when the prompt is there; what stood there, and
/// the exit code.
fn session(folder: &Path, lines: &[&str]) -> Option<(String, Option<i32>)> {
    let program = command(folder, &[]);
    let line = format!("'{}' sql --db {STORE}", Path::new(program.get_program()).display());
    let mut child = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .current_dir(folder)
        .env("TERM", "xterm")
        .env("XDG_STATE_HOME", folder.join("state"))
        .env_remove("BARLINE_DB")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().expect("piped");
    let mut screen = child.stdout.take().expect("piped");
    let mut shown = Vec::new();
    let mut piece = [0; 4_096];
    for line in lines.iter().map(Some).chain([None]) {
        let seen = shown.len();
        // Once for every line that is waited for: the terminal is told to mark what is pasted.
        let is_prompt =
            |shown: &[u8]| String::from_utf8_lossy(&shown[seen..]).contains("\u{1b}[?2004h");
        while line.is_none() || !is_prompt(&shown) {
            match screen.read(&mut piece).expect("read") {
                0 => break,
                count => shown.extend(&piece[..count]),
            }
        }
        if let Some(line) = line {
            writeln!(input, "{line}").expect("typed");
        }
    }
    let code = child.wait().expect("it ends").code();
    Some((String::from_utf8_lossy(&shown).replace('\r', ""), code))
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
fn a_session_answers_statement_by_statement() {
    let (folder, _) = demo_store::copy();
    let lines = [
        "SELECT count(*) AS symbols",
        "FROM instrument;",
        ".format json",
        "SELECT 41 + 1 AS x;",
        "DROP TABLE bar;",
        ".nonsense",
        ".rows 2",
        ".format csv",
        "SELECT range AS row FROM range(5);",
        ".query truth",
        ".quit",
    ];
    let Some((text, code)) = session(folder.path(), &lines) else {
        eprintln!("skipped: there is no 'script' to make a terminal with");
        return;
    };
    assert_eq!(code, Some(0), "{text}");
    for shown in [
        "symbols",
        "\"x\": 42",
        "'DROP' is not a question",
        "there is no .nonsense",
        "5 rows, of which the first 2 are shown",
        "horizon_days,kind,symbols",
    ] {
        assert!(
            text.contains(shown) || text.contains(&shown.replace(": ", ":")),
            "{shown}: {text}"
        );
    }
    let history = fs::read_to_string(folder.path().join("state/barline/sql_history"));
    let history = history.expect("a history");
    assert!(history.contains("SELECT count(*) AS symbols FROM instrument;"), "{history}");
}

#[test]
fn a_statement_without_end_is_stopped() {
    let (folder, _) = demo_store::copy();
    let endless =
        "SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range % 7 = b.range";
    let late = barline(folder.path(), &["sql", "--db", STORE, "--timeout", "0.2", endless]);
    assert_eq!(late.status.code(), Some(2), "{}", said(&late));
    assert!(said(&late).contains("stopped after 0.2 s"), "{}", said(&late));
    assert!(said(&late).contains("hint: ask for less"), "{}", said(&late));
    let rows = answer(folder.path(), &["sql", "--db", STORE, "SELECT 1 AS a", "--format", "json"]);
    let rows: Value = serde_json::from_str(&rows).expect("JSON");
    assert_eq!(rows[0]["a"], 1);
    // One text of gigabytes: DuckDB neither counts it nor hears while it makes it.
    let huge = "SELECT length(repeat('x', 3000000000)) AS n";
    let line = ["sql", "--db", STORE, "--memory-budget", "200MiB", huge];
    let large = barline(folder.path(), &line);
    assert_eq!(large.status.code(), Some(2), "{}", said(&large));
    assert!(said(&large).contains("it took the memory budget of 209.7 MB"), "{}", said(&large));
    let rows = answer(folder.path(), &["sql", "--db", STORE, "SELECT 1 AS a", "--format", "json"]);
    let rows: Value = serde_json::from_str(&rows).expect("JSON");
    assert_eq!(rows[0]["a"], 1);
    for wrong in ["0", "-1", "soon"] {
        let refused =
            barline(folder.path(), &["sql", "--db", STORE, "--timeout", wrong, "SELECT 1"]);
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
    }
}
