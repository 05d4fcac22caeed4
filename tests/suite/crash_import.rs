//! Imports killed at random moments and run again: files are there whole or not at all, none twice.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path, thread, time::Duration};

use tempfile::TempDir;

use crate::{
    binary::{Watched, answer, signal},
    crash::{Dice, long_form, require_whole},
};

const STORE: &str = "store.duckdb";
const FILES: usize = 24;
const HOURS: u64 = 3_000;
const IMPORT: [&str; 4] = ["import", "bars", "--db", STORE];
/// Longest pause between an import that was told and the kill: about the time of one file.
const PAUSE_MICROS: u64 = 250_000;
/// Everything that an import stores, in a total order.
const ROWS: &str = "SELECT symbol, bar.*, import.* EXCLUDE (import_id)
                    FROM bar JOIN instrument USING (instrument_id) JOIN import USING (import_id)
                    ORDER BY ALL";

/// A folder with a folder of files, each of a symbol of its own.
pub(crate) fn folder_with_files() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("bars")).expect("a folder");
    for file in 0..FILES {
        let mut text = String::from("ts,open,high,low,close,volume\n");
        for hour in 0..HOURS {
            let (ts, price) = (1_704_067_200 + hour * 3_600, 100 + (hour * 7 + file as u64) % 13);
            let (high, low) = (price + 1, price - 1);
            writeln!(text, "{ts},{price},{high},{low},{price}.5,{hour}").expect("memory");
        }
        fs::write(folder.path().join(format!("bars/S{file:02}.csv")), text).expect("written");
    }
    folder
}

/// Number of bars by symbol; nothing where there is no store yet.
pub(crate) fn bars(folder: &Path) -> BTreeMap<String, u64> {
    if !folder.join(STORE).exists() {
        return BTreeMap::new();
    }
    let sql = "SELECT symbol, count(*), count(DISTINCT ts)
               FROM bar JOIN instrument USING (instrument_id)
               GROUP BY symbol ORDER BY symbol";
    let csv = answer(folder, &["sql", sql, "--db", STORE, "--format", "csv"]);
    let row = |line: &str| {
        let mut cells = line.split(',');
        let symbol = cells.next().expect("a symbol").to_owned();
        let counts: Vec<u64> = cells.map(|cell| cell.parse().expect("a count")).collect();
        assert_eq!(counts[0], counts[1], "{symbol}: bars stored twice");
        (symbol, counts[0])
    };
    csv.lines().skip(1).map(row).collect()
}

/// Every file that was told is there, and none by half.
pub(crate) fn require_files(folder: &Path, told: &[String]) -> BTreeMap<String, u64> {
    let there = bars(folder);
    assert!(there.values().all(|&count| count == HOURS), "by half: {there:?}");
    for file in told {
        let symbol = file.trim_start_matches("bars/").trim_end_matches(".csv");
        assert!(there.contains_key(symbol), "{file} was told and is lost: {there:?}");
    }
    there
}

pub(crate) fn rows(folder: &Path) -> String {
    answer(folder, &["sql", ROWS, "--db", STORE, "--format", "csv"])
}

/// The rows of an import that nobody disturbed.
pub(crate) fn undisturbed() -> String {
    let folder = folder_with_files();
    answer(folder.path(), &IMPORT);
    rows(folder.path())
}

/// Kills an import of the same files up to `kills` times, then lets it end; returns how many kills
/// there were, and how many of them between the first file that was told and the last.
fn killed_and_resumed(kills: u64, seed: u64, expected: &str) -> (u64, u64) {
    let folder = folder_with_files();
    let mut dice = Dice(seed);
    let mut told: Vec<String> = Vec::new();
    let (mut made, mut inside) = (0, 0);
    for at in 0..kills {
        let left = (FILES - require_files(folder.path(), &told).len()) as u64;
        let mut watched = Watched::start(folder.path(), &IMPORT);
        let after = dice.below((2 * left / (kills - at + 3)).max(1) + 1);
        let running = watched.until_files(usize::try_from(after).expect("few"));
        thread::sleep(Duration::from_micros(dice.below(PAUSE_MICROS)));
        if running {
            signal(&mut watched.child, &["KILL"]);
        }
        let ended = watched.end();
        told.extend(ended.files.iter().cloned());
        if ended.code() != 137 {
            assert_eq!(ended.code(), 0, "{}", ended.said);
            break;
        }
        made += 1;
        if folder.path().join(STORE).exists() {
            require_whole(folder.path());
        }
        let there = require_files(folder.path(), &told);
        inside += u64::from(!told.is_empty() && there.len() < FILES);
    }
    answer(folder.path(), &IMPORT);
    assert_eq!(require_files(folder.path(), &told).len(), FILES);
    assert!(rows(folder.path()) == expected, "seed {seed}: other rows than without kills");
    (made, inside)
}

/// Kills an import while it makes its store, or soon after; true if there was no store yet.
fn killed_at_the_start(folder: &Path, pause_micros: u64) -> bool {
    let mut watched = Watched::start(folder, &IMPORT);
    // Reading goes before; the store is made when there is something to put in.
    let made = || folder.join("store.duckdb.new").exists() || folder.join(STORE).exists();
    while !made() {
        thread::sleep(Duration::from_micros(200));
    }
    thread::sleep(Duration::from_micros(pause_micros));
    signal(&mut watched.child, &["KILL"]);
    let ended = watched.end();
    // It may have been over before the signal.
    assert!([0, 137].contains(&ended.code()), "{}: {}", ended.code(), ended.said);
    let none = !folder.join(STORE).exists();
    if none {
        assert!(ended.files.is_empty(), "told without a store: {}", ended.said);
    } else {
        require_whole(folder);
        require_files(folder, &ended.files);
    }
    none
}

#[test]
fn an_import_killed_while_it_makes_its_store_leaves_none_or_a_whole_one() {
    let expected = undisturbed();
    let mut dice = Dice(7);
    let mut without = 0;
    // From the moment it begins to a few times as long as it takes.
    for longest in [1, 5_000, 10_000, 20_000, 40_000, 60_000, 80_000, 100_000] {
        let folder = folder_with_files();
        // A second kill meets what the first has left.
        without += u64::from(killed_at_the_start(folder.path(), dice.below(longest)));
        if !folder.path().join(STORE).exists() {
            without += u64::from(killed_at_the_start(folder.path(), dice.below(longest)));
        }
        answer(folder.path(), &IMPORT);
        assert!(rows(folder.path()) == expected, "other rows than without kills");
        assert!(!folder.path().join("store.duckdb.new").exists(), "what was begun is left");
    }
    assert!(without > 0, "no kill came before the store was there");
}

#[test]
fn an_import_killed_five_times_ends_as_one_that_was_not() {
    let expected = undisturbed();
    // Where the machine is busy, an import is over before its files are read: then another store.
    let (mut made, mut inside, mut stores) = (0, 0, 0);
    while (made < 5 || inside < 4) && stores < 12 {
        stores += 1;
        let (kills, between) = killed_and_resumed(5, stores, &expected);
        (made, inside) = (made + kills, inside + between);
    }
    assert!(made >= 5 && inside >= 4, "{inside} of {made} kills");
}

/// `BARLINE_KILLS` kills (200), ten in a store; says what it saw.
#[test]
#[ignore = "the long form of the test above: minutes"]
#[allow(clippy::print_stderr, reason = "the figures are the point")]
fn an_import_killed_two_hundred_times_ends_as_one_that_was_not() {
    let (wanted, expected) = (long_form(200), undisturbed());
    let (mut kills, mut inside, mut stores) = (0, 0, 0);
    while kills < wanted {
        let (made, between) = killed_and_resumed(10, 500 + stores, &expected);
        (kills, inside, stores) = (kills + made, inside + between, stores + 1);
    }
    eprintln!(
        "import: {kills} kills in {stores} stores, {inside} between the first and the last file; \
         0 acknowledged files lost, 0 bars twice, 0 files by half, rows equal"
    );
    assert!(inside * 10 >= kills * 8, "{inside} of {kills} kills");
}
