//! The memory contract through the binary: no limit changes a row, too little is refused before any
//! work, and every flag about memory, workers and time does what it says.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path, process::Output};

use tempfile::TempDir;

use crate::{
    binary::{answer, barline, command, numbers, said},
    demo_store,
};

const STORE: &str = "store.duckdb";
/// A run of some hundred jobs: pairs, portfolios and single symbols.
const RUN: [&str; 14] = [
    "backtest",
    "--multi-pair",
    "--db",
    STORE,
    "--symbols",
    "ADAGIO,BOLERO,MAZURKA,SCHERZO,TOCCATA",
    "--horizons",
    "30,60",
    "--sizes",
    "2,3,all",
    "--strategies",
    "cointegration,hrp,equal-weight,macd",
    "--keep",
    "all",
];
/// Every table of results, without numbers that count runs and jobs, in a total order.
const TABLES: [&str; 7] = [
    "SELECT * EXCLUDE (job_id, run_id) FROM job ORDER BY ALL",
    "SELECT job_key, measure.* EXCLUDE (job_id) FROM measure JOIN job USING (job_id) ORDER BY ALL",
    "SELECT job_key, trade.* EXCLUDE (job_id) FROM trade JOIN job USING (job_id) ORDER BY ALL",
    "SELECT job_key, fill.* EXCLUDE (job_id) FROM fill JOIN job USING (job_id) ORDER BY ALL",
    "SELECT job_key, equity.* EXCLUDE (job_id) FROM equity JOIN job USING (job_id) ORDER BY ALL",
    "SELECT job_key, weight.* EXCLUDE (job_id) FROM weight JOIN job USING (job_id) ORDER BY ALL",
    "SELECT * FROM fit ORDER BY ALL",
];

fn folder() -> TempDir {
    demo_store::copy().0
}

/// `RUN` with `more` flags; it must end well.
fn run(folder: &Path, more: &[&str]) -> Output {
    let output = barline(folder, &[&RUN, more].concat());
    assert_eq!(output.status.code(), Some(0), "{more:?}: {}", said(&output));
    output
}

/// The plan of `RUN` with `more` flags.
fn plan(folder: &Path, more: &[&str]) -> serde_json::Value {
    let text = answer(folder, &[&RUN, more, &["--dry-run", "--format", "json"]].concat());
    let rows: serde_json::Value = serde_json::from_str(&text).expect("json");
    rows[0].clone()
}

/// Hash and number of the rows of every table of results.
pub(crate) fn tables(folder: &Path) -> Vec<(usize, blake3::Hash)> {
    let hashed = |sql: &&str| {
        let rows = answer(folder, &["sql", sql, "--db", STORE, "--format", "csv"]);
        (rows.lines().count() - 1, blake3::hash(rows.as_bytes()))
    };
    TABLES.iter().map(hashed).collect()
}

/// One column of the last run's row of `query memory`.
fn measured(folder: &Path, column: &str) -> String {
    let json =
        answer(folder, &["query", "memory", "--run", "last", "--db", STORE, "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&json).expect("json");
    rows[0][column].to_string().trim_matches('"').to_owned()
}

/// The files below the folder of panels, with their bytes.
fn panels(folder: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder.join(format!("{STORE}.panels"))) else {
        return BTreeMap::new();
    };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| (path.clone(), fs::read(&path).expect("a file"))).collect()
}

#[test]
fn no_way_of_running_changes_a_table_of_results() {
    let mut ways: Vec<Vec<String>> = Vec::new();
    for workers in ["1", "2", "4", "8"] {
        for budget in ["192MB", "2GB"] {
            for panel in ["ram", "mapped"] {
                ways.push(
                    ["--workers", workers, "--max-workers", workers, "--memory-budget", budget]
                        .into_iter()
                        .chain(["--panel", panel])
                        .map(str::to_owned)
                        .collect(),
                );
            }
        }
    }
    for batch in ["1", "7", "100000"] {
        for panel in ["ram", "mapped"] {
            let flags = ["--batch-jobs", batch, "--panel", panel];
            ways.push(flags.map(str::to_owned).to_vec());
        }
    }
    for panel in ["ram", "mapped"] {
        ways.push(["--sequential", "--panel", panel].map(str::to_owned).to_vec());
    }
    assert_eq!(ways.len(), 24);
    let results = |way: &[String]| {
        let folder = folder();
        run(folder.path(), &way.iter().map(String::as_str).collect::<Vec<_>>());
        tables(folder.path())
    };
    let first = results(&ways[0]);
    assert!(first.iter().all(|(rows, _)| *rows > 20), "{first:?}");
    for way in &ways[1..] {
        assert_eq!(results(way), first, "{way:?}");
    }
}

#[test]
fn too_small_a_budget_is_refused_before_any_work_and_the_least_one_does() {
    let folder = folder();
    for more in [&["--keep", "measures"][..], &["--panel", "ram"], &["--panel", "mapped"]] {
        let run: Vec<&str> = RUN[..RUN.len() - 2].iter().chain(more).copied().collect();
        let small = barline(folder.path(), &[&run[..], &["--memory-budget", "12MB"]].concat());
        assert_eq!(small.status.code(), Some(2));
        let text = said(&small);
        let least = text.split("--memory-budget ").nth(1).expect("the least").trim().to_owned();
        assert!(text.contains("the memory budget is 12.0 MB") && least.ends_with("MiB"), "{text}");
        assert_eq!(panels(folder.path()).len(), 0, "work was done");
        let before = numbers(folder.path(), STORE, "SELECT count(*) FROM run")[0];
        let mib: u64 = least.trim_end_matches("MiB").parse().expect("a number");
        let enough = [&run[..], &["--fresh", "--memory-budget", &least]].concat();
        let done = barline(folder.path(), &enough);
        assert_eq!(done.status.code(), Some(0), "{least}: {}", said(&done));
        assert_eq!(numbers(folder.path(), STORE, "SELECT count(*) FROM run")[0], before + 1);
        let peak: f64 = measured(folder.path(), "peak_mb").parse().expect("a number");
        assert!(peak * 1e6 <= (mib << 20) as f64, "{peak} MB of {least}");
        // Nothing is asked for that is not needed: a tenth less is refused again.
        let less = format!("{}MiB", mib * 9 / 10);
        let refused = barline(folder.path(), &[&run[..], &["--memory-budget", &less]].concat());
        assert_eq!(refused.status.code(), Some(2), "{less}");
        let _ = fs::remove_dir_all(folder.path().join(format!("{STORE}.panels")));
    }
}

#[test]
fn a_panel_file_is_built_once_and_again_when_it_is_damaged() {
    let folder = folder();
    let fetched =
        || numbers(folder.path(), STORE, "SELECT arg_max(frame_rows, run_id) FROM run")[0];
    run(folder.path(), &["--panel", "mapped"]);
    assert_eq!(measured(folder.path(), "panel"), "mapped");
    let built = panels(folder.path());
    assert_eq!(built.len(), 1);
    let (path, bytes) = built.first_key_value().expect("a file");
    assert!(fetched() > 0);
    let again = run(folder.path(), &["--panel", "mapped", "--fresh"]);
    assert_eq!((fetched(), said(&again).contains("built again")), (0, false));
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cut = bytes[..bytes.len() - 8].to_vec();
    let head = bytes[..50].to_vec();
    for damaged in [flipped(0), flipped(40), flipped(5_000), flipped(bytes.len() - 1), cut, head] {
        fs::write(path, &damaged).expect("written");
        let output = run(folder.path(), &["--panel", "mapped", "--fresh"]);
        assert!(said(&output).contains("built again"), "{}", said(&output));
        assert!(fetched() > 0);
        assert_eq!(panels(folder.path()), built);
    }
    // Another question, another file; of many the newest few are kept.
    for end in ["2024-06-01", "2024-07-01", "2024-08-01", "2024-09-01", "2024-10-01"] {
        run(folder.path(), &["--panel", "mapped", "--as-of", end]);
    }
    assert_eq!(panels(folder.path()).len(), 4);
}

#[test]
fn workers_are_capped_and_the_cap_is_lifted() {
    let folder = folder();
    let workers = |more: &[&str]| plan(folder.path(), more)["workers"].clone();
    assert_eq!(workers(&["--workers", "1"]), 1);
    assert_eq!(workers(&["--workers", "8"]), 2);
    assert_eq!(workers(&["--workers", "8", "--max-workers", "8"]), 8);
    assert_eq!(workers(&["--workers", "8", "--max-workers", "3"]), 3);
    assert_eq!(workers(&["--sequential"]), 1);
    let capped = run(folder.path(), &["--workers", "8"]);
    assert!(said(&capped).contains("--max-workers lifts the cap"), "{}", said(&capped));
}

#[test]
fn the_panel_stands_where_it_is_asked_to() {
    let folder = folder();
    let plan = |more: &[&str]| plan(folder.path(), more);
    for place in ["ram", "mapped"] {
        assert_eq!(plan(&["--panel", place])["panel"], place);
    }
    let (ram, mapped) = (plan(&["--panel", "ram"]), plan(&["--panel", "mapped"]));
    assert_eq!(plan(&["--panel", "auto"])["panel"], "ram", "it fits");
    let bytes = |plan: &serde_json::Value, name: &str| plan[name].as_u64().expect("bytes");
    assert!(bytes(&mapped, "panel_bytes") * 4 < bytes(&ram, "panel_bytes"));
    assert_eq!(bytes(&ram, "disk_panel_file_bytes"), 0);
    assert!(bytes(&mapped, "disk_panel_file_bytes") > bytes(&mapped, "panel_bytes"));
    // Where the panel in memory is what is too much, auto maps it, and says so.
    let long = ["backtest", "--multi-pair", "--db", STORE, "--horizons", "730", "--sizes", "2"];
    let long = [&long[..], &["--strategies", "equal-weight", "--sequential", "--dry-run"]].concat();
    let least = |panel| {
        let flags = ["--memory-budget", "20MB", "--panel", panel];
        let text = said(&barline(folder.path(), &[&long[..], &flags].concat()));
        let least = text.split("--memory-budget ").nth(1).expect("the least").trim().to_owned();
        least.trim_end_matches("MiB").parse::<u64>().expect("a number")
    };
    let (in_memory, mapped) = (least("ram"), least("mapped"));
    assert!(mapped + 8 < in_memory, "{mapped} and {in_memory} MiB");
    let budget = format!("{mapped}MiB");
    let auto = answer(folder.path(), &[&long[..], &["--memory-budget", &budget]].concat());
    assert!(auto.contains("panel         mapped"), "{auto}");
    assert!(auto.contains("no panel in memory: it is mapped from a file"), "{auto}");
}

fn plan_text(folder: &Path, more: &[&str]) -> String {
    answer(folder, &[&RUN, more, &["--dry-run"]].concat())
}

#[test]
fn the_budget_comes_from_the_flag_then_the_variable_then_the_configuration() {
    let folder = folder();
    fs::write(folder.path().join("run.toml"), "memory_budget = \"400MB\"\n").expect("written");
    let budget = |more: &[&str], variable: Option<&str>| {
        let arguments = [&RUN[..], more, &["--dry-run", "--format", "json"]].concat();
        let mut command = command(folder.path(), &arguments);
        variable.map(|value| command.env("BARLINE_MEMORY_BUDGET", value));
        let output = command.output().expect("the binary runs");
        let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
        match rows[0]["budget_bytes"].as_u64() {
            Some(bytes) => bytes,
            None => panic!("{}", said(&output)),
        }
    };
    assert_eq!(budget(&["--memory-budget", "300MB"], Some("500MB")), 300_000_000);
    assert_eq!(budget(&["--config", "run.toml"], Some("500MB")), 500_000_000);
    assert_eq!(budget(&["--config", "run.toml"], None), 400_000_000);
    assert_eq!(budget(&[], Some("500MB")), 500_000_000);
    assert!(budget(&[], None) <= 1 << 30);
    let wrong = command(folder.path(), &RUN).env("BARLINE_MEMORY_BUDGET", "much").output();
    let wrong = wrong.expect("the binary runs");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong).contains("BARLINE_MEMORY_BUDGET much"), "{}", said(&wrong));
}

#[test]
fn a_high_memory_is_said_where_it_is_asked_for() {
    let folder = folder();
    let quiet = run(folder.path(), &[]);
    assert!(!said(&quiet).contains("of the budget"), "{}", said(&quiet));
    let warned = run(folder.path(), &["--memory-warn", "0.01%", "--fresh"]);
    assert_eq!(said(&warned).matches("% of the budget").count(), 1, "{}", said(&warned));
    let wrong = barline(folder.path(), &[&RUN[..], &["--memory-warn", "0%"]].concat());
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_job_past_its_time_is_given_up_and_done_by_the_next_run() {
    let folder = folder();
    let hurried = barline(folder.path(), &[&RUN[..], &["--job-timeout", "0.001"]].concat());
    assert_eq!(hurried.status.code(), Some(1), "{}", said(&hurried));
    let given_up = "SELECT count(*) FROM job WHERE outcome = 'timed_out'";
    let count = numbers(folder.path(), STORE, given_up)[0];
    assert!(count > 0);
    let reasons = "SELECT count(*) FROM job WHERE outcome = 'timed_out'
                   AND reason = 'it passed its time limit of 0.001 s'";
    assert_eq!(numbers(folder.path(), STORE, reasons)[0], count);
    let patient = run(folder.path(), &[]);
    let computed = "SELECT arg_max(computed, run_id) FROM run";
    assert_eq!(numbers(folder.path(), STORE, computed)[0], count, "{}", said(&patient));
    // What the others shared is whole: the rows are those of a run without haste.
    let fresh = self::folder();
    run(fresh.path(), &[]);
    let rows =
        |folder: &Path| answer(folder, &["query", "results", "--db", STORE, "--format", "csv"]);
    assert_eq!(rows(folder.path()), rows(fresh.path()));
}

#[test]
fn a_plan_is_a_table_with_its_time_and_stores_nothing() {
    let folder = folder();
    let text = plan_text(folder.path(), &[]);
    for part in ["always    duckdb", "loading   frame", "computing workers", "on disk   results"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(text.contains(" s of computing (from "), "{text}");
    assert!(text.contains(" s of writing beside it"), "{text}");
    let plan = plan(folder.path(), &[]);
    assert!(plan["estimated_secs"].as_f64().expect("seconds") > 0.0);
    let stages = ["base", "duckdb", "panel", "keys", "frame", "pairs", "workers", "writer"];
    let bytes = |name: &str| plan[format!("{name}_bytes")].as_u64().expect("bytes");
    let peak = plan["predicted_peak_bytes"].as_u64().expect("bytes");
    let sum: u64 = stages.iter().map(|name| bytes(name)).sum();
    assert!(peak > sum - bytes("frame") - bytes("workers") && peak < sum * 2, "{plan}");
    assert_eq!(numbers(folder.path(), STORE, "SELECT count(*) FROM run")[0], 0);
    assert_eq!(numbers(folder.path(), STORE, "SELECT count(*) FROM job")[0], 0);
}

#[test]
fn an_import_that_does_not_fit_is_refused_before_anything_is_read_and_the_least_budget_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::from("ts,symbol,open,high,low,close,volume\n");
    for row in 0..200_000_u32 {
        let (symbol, hour) = (row / 20_000, i64::from(row % 20_000));
        let ts = 1_600_000_000 + 3_600 * hour;
        writeln!(text, "{ts},S{symbol},1.25,1.5,1,1.125,{row}").expect("a line");
    }
    fs::write(folder.path().join("bars.csv"), text).expect("written");
    let import = |budget: &str, more: &[&str]| {
        let arguments = [&["import", "bars.csv", "--db", STORE][..], more].concat();
        let mut command = command(folder.path(), &arguments);
        command.env("BARLINE_MEMORY_BUDGET", budget).output().expect("the binary runs")
    };
    let planned = import("1GiB", &["--dry-run", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_slice(&planned.stdout).expect("json");
    let memory = |rows: &serde_json::Value| {
        ["planned_bytes", "peak_bytes"].map(|name| rows[0][name].as_u64().expect("bytes"))
    };
    let [needed, peak] = memory(&rows);
    assert!(needed > 16_000_000 && peak < needed && 4 * peak > needed, "{rows}");
    let small = import("24MB", &[]);
    let text = said(&small);
    assert_eq!(small.status.code(), Some(2), "{text}");
    assert!(!folder.path().join(STORE).exists(), "work was done");
    let least = text.split("BARLINE_MEMORY_BUDGET=").nth(1).and_then(|rest| rest.split(',').next());
    let least = least.expect("the least budget");
    let done = import(least, &["--format", "json"]);
    assert_eq!(done.status.code(), Some(0), "{least}: {}", said(&done));
    let rows: serde_json::Value = serde_json::from_slice(&done.stdout).expect("json");
    let [planned, peak] = memory(&rows);
    assert_eq!(planned, needed, "a dry run and a run have one plan");
    assert!(10 * peak >= 7 * planned && peak <= planned, "{rows}");
    for part in ["memory: initial ", ", planned ", ", peak ", ", final ", ", budget "] {
        assert!(said(&done).contains(part), "{part} is not in\n{}", said(&done));
    }
    assert_eq!(numbers(folder.path(), STORE, "SELECT count(*) FROM bar")[0], 200_000);
}

#[test]
fn a_run_says_what_it_took_and_writes_it_down() {
    let folder = folder();
    let output = run(folder.path(), &["--memory-budget", "300MB"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("Memory beside: kernel "), "{text}");
    let one = |sql: &str| numbers(folder.path(), STORE, sql);
    let run =
        one("SELECT measured_peak_bytes, budget_bytes, planned_peak_bytes, kernel_peak_bytes,
                allocated_peak_bytes, initial_bytes, final_bytes FROM run");
    let [peak, budget, planned, kernel, allocated, initial, last] = run[..] else {
        panic!("{run:?}")
    };
    assert!(peak <= planned && planned <= budget, "{run:?}");
    // File pages are in the kernel's figure, and DuckDB is in no allocation of Rust.
    assert!(kernel > peak && allocated < peak && allocated > 1_000_000, "{run:?}");
    assert!(initial <= peak && last <= peak, "{run:?}");
    let stages = answer(
        folder.path(),
        &["sql", "SELECT stage FROM memory_sample ORDER BY elapsed_micros", "--db", STORE],
    );
    for stage in ["initial", "loading", "opening", "computing", "peak, while "] {
        assert!(stages.contains(stage), "{stage} is not in\n{stages}");
    }
}
