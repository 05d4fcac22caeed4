//! Files that differ from what is stored: kept, replaced or refused, and accounted for.

use std::{fmt::Write, fs, path::Path, thread, time::Duration};

use serde_json::Value;

use super::{answer, barline, cell, counts, folder, import, run, said, write};
use crate::binary::{Watched, signal};

/// Three days of two symbols; `changes` are put in the place of lines.
fn days(changes: &[(usize, &str)]) -> String {
    let lines = [
        "ts,symbol,open,high,low,close,volume",
        "2024-01-01,A,1,2,0.5,1.5,10",
        "2024-01-01,B,1,2,0.5,1.5,10",
        "2024-01-02,A,2,3,1.5,2.5,20",
        "2024-01-02,B,2,3,1.5,2.5,20",
        "2024-01-03,A,3,4,2.5,3.5,30",
        "2024-01-03,B,3,4,2.5,3.5,30",
    ];
    let mut lines = lines.map(str::to_owned).to_vec();
    for (line, text) in changes {
        (*text).clone_into(&mut lines[line - 1]);
    }
    lines.join("\n") + "\n"
}

/// Everything stored of the bars but which import brought it.
fn bars(folder: &Path) -> String {
    let sql =
        "SELECT symbol, bar.* EXCLUDE (import_id) FROM bar JOIN instrument USING (instrument_id)
               ORDER BY ALL";
    answer(folder, &["sql", sql, "--format", "csv"])
}

fn number(file: &Value, name: &str) -> u64 {
    file[name].as_u64().unwrap_or_else(|| panic!("{name} of {file}"))
}

const CHANGES: [(usize, &str); 3] = [
    (4, "2024-01-02,A,2,3,1.5,2.75,20"),
    (5, "2024-01-02,B,2,3,1.5,2.5,21"),
    (7, "2024-01-04,B,4,5,3.5,4.5,40"),
];

#[test]
fn what_differs_is_kept_replaced_or_refused_as_asked() {
    let folder = folder();
    write(&folder, "first.csv", days(&[]));
    write(&folder, "other.csv", days(&CHANGES));
    import(folder.path(), 0, &["first.csv"]);
    let before = bars(folder.path());

    let refused = run(folder.path(), &["other.csv", "--on-conflict", "error"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    let expected = "error: other.csv: 2 bars are not what there is at their moment, nothing of the \
                    file is imported: line 4, A at 2024-01-02T00:00:00Z: close 2.75 where 2.5 is \
                    stored; line 5, B at 2024-01-02T00:00:00Z: volume 21 where 20 is stored";
    assert!(said(&refused).lines().any(|line| line == expected), "{}", said(&refused));
    assert!(said(&refused).contains("--on-conflict replace"), "{}", said(&refused));
    assert_eq!(bars(folder.path()), before);
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM import"), "1");

    let kept = import(folder.path(), 0, &["other.csv"]);
    assert_eq!(counts(&kept[0]), [7, 1, 5, 0, 0]);
    assert_eq!((number(&kept[0], "replaced"), number(&kept[0], "differing")), (0, 2));
    assert!(bars(folder.path()).starts_with(&before), "one bar more, at the end");

    let tried = import(folder.path(), 0, &["other.csv", "--on-conflict", "replace", "--dry-run"]);
    assert_eq!(number(&tried[0], "replaced"), 2);
    assert!(bars(folder.path()).starts_with(&before), "nothing was stored");
    let replaced = run(folder.path(), &["other.csv", "--on-conflict", "replace"]);
    assert!(
        said(&replaced).contains("2 bars take the place of stored ones"),
        "{}",
        said(&replaced)
    );
    let file = &serde_json::from_slice::<Value>(&replaced.stdout).expect("JSON")[0];
    assert_eq!(counts(file), [7, 0, 4, 0, 0]);
    assert_eq!((number(file, "replaced"), number(file, "differing")), (2, 0));
    let sql = "SELECT string_agg(concat(close, ' ', volume), ';' ORDER BY symbol, ts)
               FROM bar JOIN instrument USING (instrument_id)";
    assert_eq!(
        cell(folder.path(), sql),
        "1.5 10.0;2.75 20.0;3.5 30.0;1.5 10.0;2.5 21.0;3.5 30.0;4.5 40.0"
    );
    let ledger = "SELECT string_agg(concat(on_conflict, ' ', stored, ' ', replaced), ';'
                                    ORDER BY import_id) FROM import";
    assert_eq!(cell(folder.path(), ledger), "keep 6 0;keep 1 0;replace 0 2");
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM bar WHERE import_id = 3"), "2");
    let doctor = barline(folder.path(), &["doctor", "--db", "barline.duckdb"]);
    assert_eq!(doctor.status.code(), Some(0), "{}", String::from_utf8_lossy(&doctor.stdout));
}

#[test]
fn the_same_import_again_changes_nothing_and_another_one_comes_back() {
    let folder = folder();
    write(&folder, "first.csv", days(&[]));
    write(&folder, "other.csv", days(&[CHANGES[0]]));
    let replace =
        |name: &str| import(folder.path(), 0, &[name, "--on-conflict", "replace"]).swap_remove(0);
    assert_eq!(counts(&replace("first.csv")), [7, 6, 0, 0, 0]);
    let first = bars(folder.path());
    assert_eq!(replace("first.csv")["status"], "already imported");
    assert_eq!(number(&replace("other.csv"), "replaced"), 1);
    let other = bars(folder.path());
    assert_eq!(replace("other.csv")["status"], "already imported");
    // Not "already imported": its bars are not those that are stored.
    assert_eq!(number(&replace("first.csv"), "replaced"), 1);
    assert_eq!(bars(folder.path()), first);
    let refused = run(folder.path(), &["other.csv", "--on-conflict", "error"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert_eq!(number(&replace("other.csv"), "replaced"), 1);
    assert_eq!(bars(folder.path()), other);
    let same = import(folder.path(), 0, &["other.csv", "--on-conflict", "error"]);
    assert_eq!(same[0]["status"], "already imported");
    // To keep what is stored is done already, whatever became of it.
    assert_eq!(import(folder.path(), 0, &["first.csv"])[0]["status"], "already imported");
}

#[test]
fn many_conflicts_are_counted_and_the_first_named_with_the_lines_they_stand_in() {
    let folder = folder();
    write(&folder, "first.csv", days(&[]));
    // Stamped at the close, in another zone, not in order, with a bad and a blank line before.
    let text = "Time,symbol,close\n\nx,A,1\n2024-01-04T02:00,B,9\n2024-01-03T02:00,A,9\n\
                2024-01-02T02:00,A,9\n2024-01-04T02:00,A,3.5\n2024-01-04T02:00,B,8\n\
                2024-01-03T02:00,B,9\n2024-01-02T02:00,B,9\n";
    write(&folder, "other.csv", text);
    let terms = ["--columns", "ts=Time", "--stamp", "close", "--timezone", "+02:00"];
    import(folder.path(), 0, &["first.csv"]);
    let line = [&["other.csv", "--on-conflict", "error"], &terms[..]].concat();
    let refused = run(folder.path(), &line);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    let text = said(&refused);
    assert!(text.contains("other.csv: 7 bars are not"), "{text}");
    for named in [
        "line 6, A at 2024-01-01T00:00:00Z: open none where 1 is stored",
        "line 5, A at 2024-01-02T00:00:00Z: ",
        "line 7, A at 2024-01-03T00:00:00Z: ",
        "and 4 more",
    ] {
        assert!(text.contains(named), "{named}: {text}");
    }
    // A file that contradicts itself is refused also where nothing is stored.
    write(&folder, "twice.csv", "ts,close\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n");
    let refused = run(folder.path(), &["twice.csv", "--on-conflict", "error"]);
    let text = said(&refused);
    assert!(text.contains("line 4, twice at 2024-01-02T00:00:00Z: not as in line 3"), "{text}");
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM bar"), "6");
    // With others the file is one that could not be used.
    let files = ["twice.csv", "first.csv", "--on-conflict", "error"];
    let both = import(folder.path(), 1, &files);
    assert_eq!(both[0]["status"], "failed");
    assert_eq!(counts(&both[1]), [7, 0, 6, 0, 0]);
}

#[test]
fn events_are_kept_replaced_or_refused_in_the_same_way() {
    let folder = folder();
    write(&folder, "days.csv", days(&[]));
    import(folder.path(), 0, &["days.csv"]);
    write(&folder, "a.csv", "ts,symbol,amount\n2024-01-02,A,1\n2024-01-03,A,1\n");
    write(&folder, "b.csv", "ts,symbol,amount\n2024-01-02,A,2\n2024-01-03,A,1\n2024-01-03,B,3\n");
    let of = |name: &str, on_conflict: &str| {
        let line = ["import", "--kind", "dividends", name, "--on-conflict", on_conflict];
        let output = barline(folder.path(), &[&line[..], &["--format", "json"]].concat());
        (output.status.code(), said(&output), output.stdout)
    };
    let values = "SELECT string_agg(value::INT::VARCHAR, '' ORDER BY instrument_id, ts)
                  FROM instrument_event";
    assert_eq!(of("a.csv", "error").0, Some(0));
    let (code, text, _) = of("b.csv", "error");
    assert_eq!(code, Some(2), "{text}");
    let named = "b.csv: 1 dividends are not what there is at their moment, nothing of the file is \
                 imported: line 2, A at 2024-01-02T00:00:00Z: amount 2 where 1 is stored";
    assert!(text.contains(named), "{text}");
    assert_eq!(cell(folder.path(), values), "11");
    let (code, text, answer) = of("b.csv", "replace");
    assert_eq!(code, Some(0), "{text}");
    let file = &serde_json::from_slice::<Value>(&answer).expect("JSON")[0];
    let shown = ["read", "stored", "replaced", "duplicate"].map(|name| number(file, name));
    assert_eq!(shown, [4, 1, 1, 1]);
    assert_eq!(cell(folder.path(), values), "213");
    assert!(of("b.csv", "replace").1.contains("already imported"));
    assert_eq!(of("a.csv", "replace").0, Some(0));
    assert_eq!(cell(folder.path(), values), "113");
}

/// Kills an import that replaces every bar of a store of some size, at moments spread over its time.
#[test]
fn a_killed_replacement_leaves_the_old_bars_or_the_new_ones() {
    let folder = folder();
    let text = |close: u32| {
        let mut text = "ts,symbol,close\n".to_owned();
        for hour in 0..20_000_u32 {
            for symbol in ["A", "B"] {
                writeln!(text, "{},{symbol},{close}", 1_704_067_200 + hour * 3_600)
                    .expect("memory");
            }
        }
        text
    };
    write(&folder, "first.csv", text(1));
    write(&folder, "second.csv", text(2));
    import(folder.path(), 0, &["first.csv"]);
    let store = fs::read(folder.path().join("barline.duckdb")).expect("a store");
    let sums =
        "SELECT concat(count(*), ' ', count(DISTINCT (instrument_id, ts)), ' ', sum(close)::INT)
                FROM bar";
    let (old, new) = ("40000 40000 40000", "40000 40000 80000");
    let mut seen = [0, 0];
    for pause in [10, 60, 150, 300, 600, 900] {
        fs::write(folder.path().join("barline.duckdb"), &store).expect("written");
        let line = ["import", "second.csv", "--on-conflict", "replace"];
        let mut watched = Watched::start(folder.path(), &line);
        thread::sleep(Duration::from_millis(pause));
        signal(&mut watched.child, &["KILL"]);
        let ended = watched.end();
        let there = cell(folder.path(), sums);
        assert!(there == old || there == new, "{there} after {pause} ms: {}", ended.said);
        assert!(there == new || ended.files.is_empty(), "told and lost: {}", ended.said);
        seen[usize::from(there == new)] += 1;
        let doctor = barline(folder.path(), &["doctor", "--db", "barline.duckdb"]);
        assert_eq!(doctor.status.code(), Some(0), "{}", String::from_utf8_lossy(&doctor.stdout));
        import(folder.path(), 0, &["second.csv", "--on-conflict", "replace"]);
        assert_eq!(cell(folder.path(), sums), new);
        for left in ["barline.duckdb.wal", "barline.duckdb.highwater"] {
            assert!(!folder.path().join(left).exists(), "{left}");
        }
    }
    assert!(seen[0] > 0, "no kill came before the commit: {seen:?}");
}
