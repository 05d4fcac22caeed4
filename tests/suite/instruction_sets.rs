//! The plain path gives the same bits on any processor: a run under an emulated one without AVX and FMA, and one
//! with the system's mathematical functions of the oldest kind, against a run as it is.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    binary::{answer, command},
    demo_store,
    memory::tables,
};

const STORE: &str = "store.duckdb";
const RUN: [&str; 13] = [
    "backtest",
    "--multi-pair",
    "--db",
    STORE,
    "--symbols",
    "ADAGIO,BOLERO,MAZURKA,SCHERZO,TOCCATA",
    "--horizons",
    "30",
    "--sizes",
    "2,3",
    "--strategies",
    "cointegration,copula,hrp,risk-parity,min-variance,macd,rsi-reversion",
    "--keep=all",
];
const SCREEN: [&str; 7] =
    ["screen", "--db", STORE, "--formation-days", "60", "--max-p=0.5", "--lag=aic"];
/// What the process would set and begin anew with: an emulator is left then.
const CONFINED: [(&str, &str); 4] = [
    ("BARLINE_CONFINED", "1"),
    ("POLARS_MAX_THREADS", "2"),
    ("RAYON_NUM_THREADS", "2"),
    ("MALLOC_ARENA_MAX", "2"),
];
/// A processor of 2008, and the emulator that has it.
const EMULATOR: [&str; 3] = ["qemu-x86_64", "-cpu", "Nehalem"];
/// Kinds of functions of glibc that are not to be taken.
const OLDEST: &str =
    "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL,-AVX512DQ,-AVX512BW";

/// All results of a run and a screen in a fresh store, where `way` turns a command into the one that is started.
fn results(way: &dyn Fn(&Path, &[&str]) -> Command) -> Vec<(usize, blake3::Hash)> {
    let (folder, _): (TempDir, _) = demo_store::copy();
    for line in [&RUN[..], &SCREEN] {
        let mut command = way(folder.path(), line);
        let done = command.envs(CONFINED).output().expect("it runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let screen = "SELECT * EXCLUDE (run_id) FROM screen ORDER BY ALL";
    let csv = answer(folder.path(), &["sql", screen, "--db", STORE, "--format", "csv"]);
    let mut found = tables(folder.path());
    found.push((csv.lines().count(), blake3::hash(csv.as_bytes())));
    found
}

#[test]
#[cfg(target_arch = "x86_64")]
#[allow(clippy::print_stderr, reason = "a test that was skipped says so")]
fn the_plain_path_is_the_same_under_other_instruction_sets() {
    let here = results(&|folder, line| command(folder, line));
    assert!(here.iter().all(|(lines, _)| *lines > 1), "{here:?}");
    let oldest = results(&|folder, line| {
        let mut command = command(folder, line);
        command.env("GLIBC_TUNABLES", OLDEST);
        command
    });
    assert_eq!(oldest, here, "other functions of glibc");
    let [emulator, flags @ ..] = EMULATOR;
    let known = Command::new(emulator).arg("--version").stdout(Stdio::null()).status();
    if !known.is_ok_and(|status| status.success()) {
        return eprintln!("skipped in part: no {emulator} on the path (package qemu-user)");
    }
    let emulated = results(&|folder, line| {
        let program = command(folder, line);
        let mut command = Command::new(emulator);
        command.args(flags).arg(program.get_program()).args(program.get_args());
        command.current_dir(folder);
        command
    });
    assert_eq!(emulated, here, "a processor without AVX and FMA");
}
