//! Limits as the kernel sees them: the peak of a question, the threads of a run, its batches, and
//! workers that wait for memory.

use std::{
    fmt::Write,
    fs,
    path::Path,
    process::{Output, Stdio},
    thread,
    time::Duration,
};

use crate::{
    binary::{answer, barline, command, contents, numbers, said},
    demo_store,
    read_only::killed_run,
};

const STORE: &str = "store.duckdb";
/// Threads of a run of one worker: that worker, one each of Polars, its runtime and DuckDB, and those
/// that plan, write, measure and listen.
const STATED_OF_ONE: u64 = 8;
/// A budget under which DuckDB has the least limit it opens a store with.
const SMALL: &str = "100MiB";
const SMALL_BYTES: u64 = 100 << 20;

/// Runs a command to its end; with the most that `look` saw of its folder below `/proc`.
pub(crate) fn watched(
    folder: &Path,
    arguments: &[&str],
    look: &dyn Fn(&Path) -> Option<u64>,
) -> (Output, u64) {
    let mut command = command(folder, arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the binary runs");
    let process = Path::new("/proc").join(child.id().to_string());
    let output = thread::spawn(move || child.wait_with_output().expect("its output"));
    let mut most = 0;
    while !output.is_finished() {
        most = most.max(look(&process).unwrap_or(0));
        thread::sleep(Duration::from_millis(1));
    }
    (output.join().expect("a watch"), most)
}

/// RssAnon + RssShmem.
pub(crate) fn resident(process: &Path) -> Option<u64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let lines =
        status.lines().filter(|line| line.starts_with("RssAnon:") || line.starts_with("RssShmem:"));
    let kib = lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    Some(kib.sum::<u64>() * 1024)
}

fn threads(process: &Path) -> Option<u64> {
    Some(fs::read_dir(process.join("task")).ok()?.count() as u64)
}

fn sql<'a>(text: &'a str, budget: &'a str) -> [&'a str; 8] {
    ["sql", text, "--db", STORE, "--memory-budget", budget, "--format", "csv"]
}

#[test]
fn a_question_stays_within_its_budget_or_is_refused_in_one_line() {
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    // Sorted on disk: five times the bars do not fit into what DuckDB may have.
    let sort = "SELECT max(place) AS place FROM (SELECT row_number() OVER \
                (ORDER BY close, ts, volume, high, low, open) AS place FROM bar, range(5))";
    let (output, peak) = watched(folder, &sql(sort, SMALL), &resident);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let bars = numbers(folder, STORE, "SELECT count(*) FROM bar")[0];
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("place\n{}\n", 5 * bars));
    assert!((20_000_000..SMALL_BYTES).contains(&peak), "{peak}");
    assert!(!folder.join(format!("{STORE}.tmp")).exists(), "what was spilled is left");
    // What cannot be spilled.
    let text = "SELECT length(list(close ORDER BY close)) FROM bar, range(40)";
    let (output, peak) = watched(folder, &sql(text, SMALL), &resident);
    let text = said(&output);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{text}");
    assert!(text.contains("Out of Memory") && text.contains("--memory-budget"), "{text}");
    assert_eq!(text.matches("error:").count(), 1, "{text}");
    assert!(peak < SMALL_BYTES, "{peak}");
}

#[test]
fn any_number_of_rows_is_written_within_the_budget() {
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    let bars = numbers(folder, STORE, "SELECT count(*) FROM bar")[0];
    let all = "SELECT * FROM bar ORDER BY instrument_id, ts";
    let under =
        |budget, format| ["sql", all, "--db", STORE, "--memory-budget", budget, "--format", format];
    let mut files = Vec::new();
    for format in ["csv", "json", "parquet", "table"] {
        let (output, peak) = watched(folder, &under(SMALL, format), &resident);
        assert_eq!(output.status.code(), Some(0), "{format}: {}", said(&output));
        assert!((20_000_000..SMALL_BYTES).contains(&peak), "{format}: {peak}");
        files.push(output.stdout);
    }
    let lines = |bytes: &[u8]| bytes.split(|&byte| byte == b'\n').count() as u64;
    assert_eq!((lines(&files[0]), lines(&files[1])), (bars + 2, bars + 3));
    assert!(files[2].starts_with(b"PAR1") && files[2].ends_with(b"PAR1"));
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 1, "an answer was left");
    // The same with all the room there is.
    assert_eq!(answer(folder, &under("1GiB", "csv")).as_bytes(), files[0]);
    // A table for the eye: a heading, a rule, and a line per bar, all of one width.
    assert_eq!(lines(&files[3]), bars + 3);
    answer(
        folder,
        &["sql", "SELECT * FROM bar LIMIT 1500", "--db", STORE, "--memory-budget", SMALL],
    );
}

#[test]
fn a_budget_too_small_for_a_question_is_refused_and_the_least_one_does() {
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    for asked in [&["query", "imports"][..], &["sql", "SELECT 1"], &["check"]] {
        let under = |budget: &str| {
            barline(folder, &[asked, &["--db", STORE, "--memory-budget", budget]].concat())
        };
        let refused = under("40MB");
        let text = said(&refused);
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0), "{text}");
        assert!(text.contains("the memory budget is 40.0 MB"), "{text}");
        let least = text.split("--memory-budget ").nth(1).expect("the least").trim().to_owned();
        let done = under(&least);
        assert_ne!(done.status.code(), Some(2), "{least}: {}", said(&done));
        let variable = command(folder, &[asked, &["--db", STORE]].concat())
            .env("BARLINE_MEMORY_BUDGET", "40MB")
            .output();
        assert_eq!(variable.expect("the binary runs").status.code(), Some(2));
    }
}

#[test]
fn a_demo_and_a_doctor_keep_to_a_budget_or_name_the_least() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let folder = folder.path();
    let under = |verb: &str, budget: &str| {
        watched(folder, &[verb, "--db", STORE, "--memory-budget", budget], &resident)
    };
    for verb in ["demo", "doctor"] {
        let (refused, _) = under(verb, "20MB");
        let text = said(&refused);
        assert_eq!(refused.status.code(), Some(2), "{text}");
        assert!(text.contains("the memory budget is 20.0 MB"), "{text}");
        assert_eq!(folder.join(STORE).exists(), verb == "doctor", "work was done");
        let least = text.split("--memory-budget ").nth(1).expect("the least").trim().to_owned();
        let (done, peak) = under(verb, &least);
        let text = said(&done);
        assert_eq!(done.status.code(), Some(0), "{least}: {text}");
        let mib: u64 = least.trim_end_matches("MiB").parse().expect("a number");
        assert!(peak < mib << 20, "{peak} of {least}");
        assert_eq!(text.contains("memory: initial "), verb == "demo", "{text}");
    }
    // A backtest that has to make its store first says so too.
    let refused = barline(folder, &["backtest", "--memory-budget", "20MB"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("the demo store needs "), "{}", said(&refused));
    assert!(!folder.join("barline-demo.duckdb").exists());
}

#[test]
fn the_least_budget_that_an_audit_names_does() {
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    let audit = ["audit", "--strategies", "equal-weight,macd", "--symbols", "ADAGIO,BOLERO"];
    let audit = [&audit[..], &["--horizons", "30", "--cuts", "1", "--db", STORE]].concat();
    let under = |budget: &str| {
        watched(folder, &[&audit[..], &["--memory-budget", budget]].concat(), &resident)
    };
    let (refused, _) = under("24MB");
    let text = said(&refused);
    assert_eq!(refused.status.code(), Some(2), "{text}");
    assert!(text.contains("the memory budget is 24.0 MB"), "{text}");
    let least = text.split("--memory-budget ").nth(1).expect("the least").trim().to_owned();
    let (done, peak) = under(&least);
    assert_eq!(done.status.code(), Some(0), "{least}: {}", said(&done));
    let mib: u64 = least.trim_end_matches("MiB").parse().expect("a number");
    assert!(peak < mib << 20, "{peak} of {least}");
}

#[test]
fn a_budget_too_small_for_an_import_is_refused_and_the_least_one_does() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let folder = folder.path();
    let mut bars = String::from("ts,symbol,open,high,low,close,volume\n");
    for day in 1..=28 {
        writeln!(bars, "2021-01-{day:02}T00:00:00Z,ADAGIO,10,12,9,11,{day}").expect("written");
    }
    fs::write(folder.join("bars.csv"), bars).expect("written");
    let under = |flags: &[&str], variable: Option<&str>| {
        let import = [&["import", "bars.csv", "--db", STORE, "-q"], flags].concat();
        let mut command = command(folder, &import);
        let command = variable
            .into_iter()
            .fold(&mut command, |command, budget| command.env("BARLINE_MEMORY_BUDGET", budget));
        command.output().expect("the binary runs")
    };
    let mut least = String::new();
    for refused in [
        under(&["--memory-budget", "1MB"], None),
        under(&[], Some("1MB")),
        // The flag goes before the variable.
        under(&["--memory-budget", "1MB"], Some("500MB")),
    ] {
        let text = said(&refused);
        assert_eq!(refused.status.code(), Some(2), "{text}");
        assert!(text.contains("the memory budget is 1.0 MB"), "{text}");
        assert!(!folder.join(STORE).exists(), "refused before any work: {text}");
        let rest = text.split("BARLINE_MEMORY_BUDGET=").nth(1).expect("the least");
        least = rest.split(',').next().expect("a size").to_owned();
    }
    let done = under(&["--memory-budget", &least], Some("1MB"));
    assert_eq!(done.status.code(), Some(0), "{least}: {}", said(&done));
    assert_eq!(answer(folder, &sql("SELECT count(*) AS n FROM bar", SMALL)).trim(), "n\n28");
}

#[test]
fn the_threads_of_a_run_are_as_many_as_its_plan_says_at_most() {
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    let peak = |flags: &[&str]| {
        let run = ["backtest", "--multi-pair", "--horizons", "90", "--sizes", "2,3", "--fresh"];
        let run = [&run[..], &["--strategies", "cointegration,hrp", "--db", STORE], flags].concat();
        let plan = answer(folder, &[&run[..], &["--dry-run", "--format", "json"]].concat());
        let plan: serde_json::Value = serde_json::from_str(&plan).expect("json");
        let (output, peak) = watched(folder, &run, &threads);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let stated = plan[0]["threads"].as_u64().expect("a number");
        assert!(peak <= stated, "{peak} threads with {flags:?}, {stated} were stated");
        assert!(2 * peak > stated, "{peak} threads with {flags:?}, {stated} were stated");
        (stated, peak)
    };
    let of = |workers| peak(&["--workers", workers, "--max-workers", workers]);
    let peaks = ["1", "2", "4"].map(of);
    assert_eq!(peaks.map(|(stated, _)| stated), [STATED_OF_ONE, 11, 17]);
    assert!(peaks[0].1 < peaks[1].1 && peaks[1].1 < peaks[2].1, "{peaks:?}");
    // One worker and pools of one, whatever the machine has.
    assert_eq!(peak(&["--sequential"]).0, STATED_OF_ONE);
}

/// A run of some hundred jobs over bars of two months.
const RUN: [&str; 12] = [
    "backtest",
    "--multi-pair",
    "--db",
    STORE,
    "--horizons",
    "60",
    "--sizes",
    "2,3",
    "--max-combinations",
    "200",
    "--strategies",
    "equal-weight",
];

#[test]
fn a_batch_has_no_more_jobs_than_it_may() {
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    let batches = |jobs: &str| {
        answer(
            folder,
            &[&RUN[..], &["--fresh", "--keep", "measures", "--batch-jobs", jobs]].concat(),
        );
        let sql = "SELECT count(*), max(jobs), sum(jobs) FROM batch WHERE jobs > 0 AND run_id = 1";
        numbers(folder, STORE, sql)
    };
    let [count, most, jobs] = batches("7")[..] else { panic!("three numbers") };
    assert!(jobs > 100 && most == 7 && count >= jobs / 7, "{count} batches of {most}, {jobs} jobs");
}

#[test]
fn workers_wait_while_what_is_to_be_stored_is_too_much() {
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    let waits = |more: &[&str]| {
        answer(folder, &[&RUN[..], &["--fresh", "--memory-budget", "192MB"], more].concat());
        let waits = "SELECT arg_max(admission_waits, run_id), arg_max(measured_peak_bytes, run_id) FROM run";
        let [waits, peak] = numbers(folder, STORE, waits)[..] else { panic!("two numbers") };
        assert!(peak < 192_000_000, "{peak}");
        waits
    };
    // One worker makes a few measures: nothing piles up.
    assert_eq!(waits(&["--keep", "measures", "--sequential"]), 0);
    // Eight make megabytes each, and one writes.
    let all = ["--keep", "all", "--workers", "8", "--max-workers", "8", "--horizons", "730"];
    let run: Vec<&str> =
        RUN.iter().copied().filter(|flag| !["--horizons", "60"].contains(flag)).collect();
    answer(folder, &[&run[..], &["--fresh", "--memory-budget", "192MB"], &all].concat());
    let waited =
        "SELECT arg_max(admission_waits, run_id), arg_max(measured_peak_bytes, run_id) FROM run";
    let [waited, peak] = numbers(folder, STORE, waited)[..] else { panic!("two numbers") };
    assert!(waited > 0 && peak < 192_000_000, "{waited} waits, {peak} bytes");
}

#[test]
fn a_log_that_a_kill_has_left_fits_into_the_budget_or_is_refused_before_it_is_read() {
    let killed = killed_run();
    let log = fs::metadata(killed.path().join(format!("{STORE}.wal"))).expect("a log").len();
    assert!(log > 500_000, "{log}");
    // The least budget that does, of which the log takes most.
    let dry = |budget: &str| {
        let folder = copy_of(killed.path());
        let run = ["backtest", "--strategies", "buy-and-hold", "--dry-run", "--db", STORE];
        let run = [&run[..], &["--memory-budget", budget]].concat();
        let before = contents(folder.path());
        let (output, peak) = watched(folder.path(), &run, &resident);
        (output, peak, contents(folder.path()) == before)
    };
    let (refused, _, as_it_was) = dry("1MB");
    let text = said(&refused);
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0), "{text}");
    let told = format!("{STORE}: reading back its log of {:.1} MB needs ", log as f64 / 1e6);
    assert!(text.contains(&told) && as_it_was, "{text}");
    // Under the least that is named for the log the plan may name more; then it is held to that.
    let mut named = least(&text);
    let (mut output, mut peak, _) = dry(&format!("{named}MiB"));
    assert!(!said(&output).contains("reading back its log"), "{named}: {}", said(&output));
    if output.status.code() == Some(2) {
        named = least(&said(&output));
        (output, peak, _) = dry(&format!("{named}MiB"));
    }
    assert_eq!(output.status.code(), Some(0), "{named}: {}", said(&output));
    assert!(peak <= named << 20, "{peak} of {named} MiB");
    // So is every verb that opens the store.
    fs::write(killed.path().join("bars.csv"), "ts,close\n2024-01-01,1\n2024-01-02,2\n")
        .expect("written");
    for asked in [&["sql", "SELECT 1"][..], &["check"], &["import", "bars.csv"], &["screen"]] {
        let small =
            barline(killed.path(), &[asked, &["--db", STORE, "--memory-budget", "12MB"]].concat());
        assert_eq!(small.status.code(), Some(2), "{asked:?}: {}", said(&small));
        assert!(said(&small).contains("MiB"), "the least: {}", said(&small));
        let folder = copy_of(killed.path());
        let line = [asked, &["--db", STORE, "--memory-budget", SMALL]].concat();
        let (output, peak) = watched(folder.path(), &line, &resident);
        assert!([Some(0), Some(2)].contains(&output.status.code()), "{asked:?}: {}", said(&output));
        assert!(peak < SMALL_BYTES, "{asked:?}: {peak}");
    }
}

/// The least budget in a refusal, in MiB.
pub(crate) fn least(text: &str) -> u64 {
    let least = text.split("--memory-budget ").nth(1).expect("the least");
    least.split("MiB").next().expect("MiB").parse().expect("whole")
}

fn copy_of(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for (name, bytes) in contents(folder) {
        fs::write(copy.path().join(name), bytes.expect("a file")).expect("written");
    }
    copy
}
