//! Writes and syncs that fail, one after the other: a library put before the system's lets the n-th
//! call on the store's files end with an error or by half. Needs a C compiler.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::{
    binary::{answer, command, numbers, said},
    crash::{Dice, long_form},
    crash_import::folder_with_files,
    demo_store,
};

const STORE: &str = "store.duckdb";
const RUN: [&str; 13] = [
    "backtest",
    "--multi-pair",
    "-q",
    "--db",
    STORE,
    "--horizons",
    "30",
    "--sizes",
    "2",
    "--batch-jobs",
    "30",
    "--strategies",
    "equal-weight,buy-and-hold",
];
const IMPORT: [&str; 6] = ["import", "bars/S00.csv", "bars/S01.csv", "bars/S02.csv", "--db", STORE];
/// Numbers of the system's errors, by name; `short` writes half.
const FAULTS: [(&str, &str); 4] = [("EIO", "5"), ("ENOSPC", "28"), ("EINTR", "4"), ("short", "0")];

/// The library; `None` where there is no compiler.
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
fn shim(folder: &Path) -> Option<PathBuf> {
    let source = folder.join("io_faults.c");
    fs::write(&source, include_str!("io_faults.c")).expect("written");
    let library = folder.join("io_faults.so");
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl");
    let made = cc.status().is_ok_and(|status| status.success());
    if !made {
        eprintln!("skipped: no C compiler here");
    }
    made.then_some(library)
}

/// What is done, in a folder made anew for every fault.
struct Work<'a> {
    name: &'a str,
    folder: &'a dyn Fn() -> TempDir,
    command: &'a [&'a str],
    /// Everything that it stores, in a total order.
    rows: &'a dyn Fn(&Path) -> String,
    /// Rows that must not be there twice, counted.
    twice: &'a str,
    /// Rows that were acknowledged, by what was said.
    told: &'a dyn Fn(&str) -> u64,
    /// Rows that are stored.
    there: &'a str,
}

impl Work<'_> {
    fn run(&self, folder: &Path, library: &Path, at: u64, error: &str, stays: bool) -> Output {
        let mut command = command(folder, self.command);
        command
            .env("BARLINE_LOG", "barline::run=debug")
            .env("LD_PRELOAD", library)
            .env("FAULT_FILE", STORE)
            .env("FAULT_AT", at.to_string())
            .env("FAULT_ERRNO", error)
            .env("FAULT_COUNT", folder.join("calls"));
        if stays {
            command.env("FAULT_STAYS", "1");
        }
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        child.expect("the binary runs").wait_with_output().expect("its output")
    }

    /// Calls that the work makes where none fails.
    fn calls(&self, library: &Path) -> u64 {
        let folder = (self.folder)();
        let output = self.run(folder.path(), library, 0, "5", false);
        assert!(output.status.success(), "{}", said(&output));
        let calls = fs::read_to_string(folder.path().join("calls")).expect("a number");
        calls.trim().parse().expect("a number")
    }

    /// One fault; true if the work ended with an error.
    fn fails(
        &self,
        library: &Path,
        at: u64,
        fault: (&str, &str),
        stays: bool,
        expected: &str,
    ) -> bool {
        let folder = (self.folder)();
        let output = self.run(folder.path(), library, at, fault.1, stays);
        let (said, name) = (said(&output), self.name);
        let what = format!("{name}: {} at call {at}, stays: {stays}: {said}", fault.0);
        assert!(!said.contains("panicked") && !said.contains("internal"), "{what}");
        let code = output.status.code();
        assert!(matches!(code, Some(0..=2)), "{}: {what}", output.status);
        if folder.path().join(STORE).exists() {
            assert_eq!(numbers(folder.path(), STORE, self.twice), [0], "{what}");
            let there = numbers(folder.path(), STORE, self.there)[0];
            assert!(there >= (self.told)(&said), "{there} are there: {what}");
        }
        answer(folder.path(), self.command);
        assert!((self.rows)(folder.path()) == expected, "other rows: {what}");
        code != Some(0)
    }

    /// `faults` faults at random calls; says what it saw.
    #[allow(clippy::print_stderr, reason = "the figures are the point")]
    fn suffers(&self, library: &Path, faults: u64, seed: u64) {
        let whole = (self.folder)();
        answer(whole.path(), self.command);
        let expected = (self.rows)(whole.path());
        let calls = self.calls(library);
        assert!(calls > 10, "{calls} calls: the library sees nothing");
        let mut dice = Dice(seed);
        let mut failed = 0;
        for number in 0..faults {
            // Spread over all calls, the last ones included.
            let at = 1 + (number * calls / faults + dice.below(calls.div_ceil(faults))) % calls;
            let fault = FAULTS[usize::try_from(dice.below(4)).expect("few")];
            let stays = dice.below(2) == 1;
            failed += u64::from(self.fails(library, at, fault, stays, &expected));
        }
        eprintln!(
            "{}: {faults} faults at random ones of {calls} calls, {failed} of them ended it with an \
             error; 0 acknowledged rows lost, 0 twice, 0 signals, rows equal after the same command",
            self.name
        );
        assert!(failed > 0, "{}: no fault was noticed", self.name);
    }
}

fn results(folder: &Path) -> String {
    answer(folder, &["query", "results", "--db", STORE, "--format", "csv"])
}

/// Jobs of the last commit that was told.
fn jobs_told(said: &str) -> u64 {
    let field = |line: &str, name: &str| -> u64 {
        let rest = line.split_once(name).map_or("", |(_, rest)| rest);
        rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    let lines = said.lines().filter(|line| line.contains("committed"));
    lines.map(|line| field(line, "computed=")).max().unwrap_or(0)
}

fn bars_told(said: &str) -> u64 {
    3_000 * said.lines().filter(|line| line.contains(" stored, ")).count() as u64
}

/// `BARLINE_KILLS` faults (40), half during a backtest, half during an import.
#[test]
#[ignore = "minutes: each fault is a run, and the same run again"]
fn writes_and_syncs_that_fail_lose_nothing_that_was_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(library) = shim(folder.path()) else { return };
    let faults = long_form(40);
    let backtest = Work {
        name: "backtest",
        folder: &|| demo_store::copy().0,
        command: &RUN,
        rows: &results,
        twice: "SELECT count(*) - count(DISTINCT job_key) FROM job",
        told: &jobs_told,
        there: "SELECT count(*) FROM job",
    };
    backtest.suffers(&library, faults.div_ceil(2), 21);
    let import = Work {
        name: "import",
        folder: &folder_with_files,
        command: &IMPORT,
        rows: &crate::crash_import::rows,
        twice: "SELECT count(*) - count(DISTINCT (instrument_id, ts)) FROM bar",
        told: &bars_told,
        there: "SELECT count(*) FROM bar",
    };
    import.suffers(&library, (faults / 2).max(1), 22);
}
