//! Runs with a device, and with every way of having none: the binary on the driver library that stands for one
//! (`parity`), set up to fail as drivers do.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::{
    binary::{answer, barline, command, said},
    demo_store,
    parity::host_device,
};

const STORE: &str = "store.duckdb";

/// `barline ARGUMENTS` with what `libraries` holds for a driver, set up as `fake` says.
fn on(
    libraries: &Path,
    fake: &str,
    folder: &Path,
    arguments: &[&str],
) -> (Option<i32>, String, String) {
    let output = command(folder, arguments)
        .env("LD_LIBRARY_PATH", libraries)
        .env("BARLINE_FAKE_CUDA", fake)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .output()
        .expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), text, said(&output))
}

fn screen(device: &str) -> Vec<&str> {
    vec![
        "screen", "--db", STORE, "--lag", "1", "--max-p", "0.5", "--format", "csv", "--device",
        device,
    ]
}

/// A folder with a library called libcuda that has none of its functions.
fn stub() -> Option<TempDir> {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("stub.c"), "int nothing_here;\n").expect("written");
    let made = Command::new("cc")
        .current_dir(folder.path())
        .args(["-shared", "-fPIC", "-o", "libcuda.so.1", "stub.c"])
        .status();
    made.is_ok_and(|status| status.success()).then_some(folder)
}

#[test]
fn every_way_of_having_no_device_is_one_line_and_no_panic() {
    let Some(libraries) = host_device::folder() else { return };
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    let by_cpu = answer(folder, &screen("cpu"));
    let ways = [
        ("init=100", "the driver says CUDA_ERROR_NO_DEVICE"),
        ("devices=0", "the driver says that there is no device"),
        (
            "version=11040",
            "the driver is too old (the driver supports CUDA 11.4, and 12.2 is needed)",
        ),
        ("module=222", "the driver is too old (CUDA_ERROR_UNSUPPORTED_PTX_VERSION"),
        ("capability=61", "has compute capability 6.1, and 7.5 is needed"),
        ("bytes=1000000", "no memory ("),
        ("sticky=1", "the driver's library cannot be used (CUDA_ERROR_ILLEGAL_ADDRESS"),
    ];
    for (fake, cause) in ways {
        refuses(&libraries, fake, folder, cause);
        let (code, rows, told) = on(&libraries, fake, folder, &screen("auto"));
        assert_eq!((code, &rows), (Some(0), &by_cpu), "{fake}: {told}");
        assert!(told.contains("device: the processor; ") && told.contains(cause), "{fake}: {told}");
    }
    if let Some(stub) = stub() {
        let cause = "the driver's library cannot be used (Missing symbol";
        refuses(stub.path(), "", folder, cause);
    }
    let empty = tempfile::tempdir().expect("a folder");
    if barline::compute::probe().is_err() {
        refuses(empty.path(), "", folder, "no driver (libcuda is not on this machine)");
    }
}

/// `--device cuda` ends with exit code 2, and a line that holds the cause.
fn refuses(libraries: &Path, fake: &str, folder: &Path, cause: &str) {
    let (code, rows, told) = on(libraries, fake, folder, &screen("cuda"));
    assert_eq!((code, rows.as_str()), (Some(2), ""), "{fake}: {told}");
    assert!(told.contains("--device cuda: ") && told.contains(cause), "{fake}: {told}");
    assert!(!told.contains("panicked") && told.lines().count() <= 3, "{fake}: {told}");
}

/// What the last run's row says of the device.
fn row(folder: &Path) -> String {
    let sql = "SELECT device, device_windows > 0, device_pairs > 0, device_compared > 0, \
               device_deviation, planned_vram_bytes <= vram_budget_bytes, \
               measured_vram_bytes <= planned_vram_bytes, device_lost IS NULL \
               FROM run ORDER BY run_id DESC LIMIT 1";
    let csv = answer(folder, &["sql", sql, "--db", STORE, "--format", "csv"]);
    csv.lines().nth(1).expect("a row").to_owned()
}

#[test]
fn screens_have_the_rows_of_the_processor() {
    let Some(libraries) = host_device::folder() else { return };
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    let asked: [&[&str]; 5] = [
        &["--lag", "1", "--max-p", "0.5"],
        &["--lag", "bic", "--top", "40"],
        &["--lag", "2", "--fdr", "none", "--all"],
        &["--test", "johansen", "--max-p", "0.05"],
        &["--test", "johansen", "--fdr", "none", "--all", "--min-correlation", "0.0"],
    ];
    for asked in asked {
        let with = |device| {
            let mut all = vec!["screen", "--db", STORE, "--format", "csv", "--device", device];
            all.extend(["--formation-days", "30"]);
            all.extend(asked);
            all
        };
        let by_cpu = answer(folder, &with("cpu"));
        if asked.contains(&"--max-p") {
            let fast = on(&libraries, "blas=1", folder, &with("cuda"));
            assert!(fast.0 == Some(0) && fast.1 == by_cpu, "{asked:?}, cuBLAS: {}", fast.2);
        }
        let (code, rows, told) = on(&libraries, "", folder, &with("cuda"));
        assert_eq!(code, Some(0), "{told}");
        assert!(rows == by_cpu, "{asked:?}: {rows}\n{by_cpu}");
        assert!(told.contains("device: Barline's host device, as asked"), "{told}");
        let expected = "cuda: Barline's host device,false,true,true,0.0,true,true,true";
        assert_eq!(row(folder), expected, "{asked:?}");
    }
}

#[test]
fn a_device_that_is_lost_changes_no_row() {
    let Some(libraries) = host_device::folder() else { return };
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    let by_cpu = answer(folder, &screen("cpu"));
    // The first launch is the trial of a device that is opened.
    let (code, rows, told) = on(&libraries, "sticky=3", folder, &screen("cuda"));
    assert_eq!((code, &rows), (Some(0), &by_cpu), "{told}");
    assert!(told.contains("the device was given up and its work done by the processor"), "{told}");
    let lost = answer(folder, &["sql", "SELECT max(device_lost) FROM run", "--db", STORE]);
    assert!(lost.contains("CUDA_ERROR_ILLEGAL_ADDRESS"), "{lost}");
    let out_of_memory = on(&libraries, "out-of-memory=5", folder, &screen("cuda"));
    assert_eq!((out_of_memory.0, &out_of_memory.1), (Some(0), &by_cpu), "{}", out_of_memory.2);
    let mut small = screen("cuda");
    small.extend(["--vram-budget", "20MiB"]);
    let (code, rows, told) = on(&libraries, "", folder, &small);
    assert_eq!((code, &rows), (Some(0), &by_cpu), "{told}");
}

#[test]
fn backtests_have_the_rows_of_the_processor() {
    let Some(libraries) = host_device::folder() else { return };
    let results = |device: &str| {
        let (folder, _) = demo_store::copy();
        let run = [
            "backtest",
            "--multi-pair",
            "--db",
            STORE,
            "--horizons",
            "90",
            "--sizes",
            "2,all",
            "--strategies",
            "hrp,cointegration",
            "-q",
            "--device",
            device,
        ];
        let (code, _, told) = on(&libraries, "", folder.path(), &run);
        assert_eq!(code, Some(0), "{told}");
        let sql = "SELECT * FROM results ORDER BY ALL";
        let rows = answer(folder.path(), &["sql", sql, "--db", STORE, "--format", "csv"]);
        let fits = "SELECT symbol_y, symbol_x, refit, p_value, statistic FROM fit ORDER BY ALL";
        let fits = answer(folder.path(), &["sql", fits, "--db", STORE, "--format", "csv"]);
        (rows, fits, row(folder.path()))
    };
    let (by_cpu, by_device) = (results("cpu"), results("cuda"));
    assert!(by_cpu.0 == by_device.0 && by_cpu.1 == by_device.1);
    assert!(by_device.2.starts_with("cuda: Barline's host device,"), "{}", by_device.2);
    assert!(by_device.2.ends_with(",false,true,true,0.0,true,true,true"), "{}", by_device.2);
}

#[test]
fn auto_measures_once_and_says_which_and_why() {
    let Some(libraries) = host_device::folder() else { return };
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    let (code, _, told) = on(&libraries, "", folder, &screen("auto"));
    assert_eq!(code, Some(0), "{told}");
    // The processor that stands for a device is no faster than the processor.
    assert!(
        told.contains("device: the processor; ") && told.contains("below the break-even"),
        "{told}"
    );
    let file = folder.join("cache/barline/break-even.json");
    let measured = fs::read_to_string(&file).expect("a break-even");
    assert!(measured.contains("Barline's host device"), "{measured}");
    let (_, doctor, _) = on(&libraries, "", folder, &["doctor", "--format", "csv"]);
    assert!(doctor.contains("break-even") && doctor.contains("G pair-rows on"), "{doctor}");
    // Where it pays the device is used.
    let number = measured.lines().find(|line| line.contains("pair_rows")).expect("a number");
    fs::write(&file, measured.replace(number, "  \"pair_rows\": 1.0,")).expect("written");
    let (code, _, told) = on(&libraries, "", folder, &screen("auto"));
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("above the break-even"), "{told}");
    assert!(row(folder).starts_with("cuda: "), "{}", row(folder));
    assert_eq!(fs::read_to_string(&file).expect("kept").lines().count(), measured.lines().count());
}

#[test]
fn rates_are_told_with_their_answers_compared() {
    let Some(libraries) = host_device::folder() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let rates = ["doctor", "--rates", "--quick", "--format", "csv"];
    let (code, told, said) = on(&libraries, "", folder.path(), &rates);
    assert_eq!(code, Some(0), "{told} {said}");
    assert!(told.contains("product N=31 T=1000") && told.contains("cuBLAS dsyrk none"), "{told}");
    assert_eq!(told.matches("equal: true").count(), 4, "{told}");
    assert!(told.contains("the furthest 0e0 off"), "{told}");
    let empty = on(&libraries, "devices=0", folder.path(), &rates);
    assert!(empty.0 == Some(1) && empty.1.contains("there is no device"), "{}", empty.1);
}

#[test]
fn wrong_devices_are_usage() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = barline(folder.path(), &["screen", "--device", "gpu"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong).contains("--device gpu: 'gpu' is not a device"), "{}", said(&wrong));
    let wrong = barline(folder.path(), &["screen", "--vram-budget", "much"]);
    assert!(said(&wrong).contains("--vram-budget much: "), "{}", said(&wrong));
}
