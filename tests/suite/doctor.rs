//! `barline doctor` on a store with a damaged block: what is lost, what remains, on a copy.

use std::{fs, path::Path};

use crate::{
    binary::{answer, barline, said},
    demo_store,
};

const STORE: &str = "store.duckdb";
const COPY: &str = "store.duckdb.repaired";

/// What the doctor answers, which must end with `code`.
fn doctor(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = barline(folder, &[&["doctor", "--format", "csv", "--db"], arguments].concat());
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

fn bars(folder: &Path, store: &str) -> u64 {
    let question = ["sql", "SELECT count(*) FROM bar", "--format", "csv", "--db", store];
    let csv = answer(folder, &question);
    csv.lines().nth(1).expect("a row").parse().expect("a count")
}

#[test]
fn it_says_what_is_lost_and_mends_a_copy() {
    let (folder, path) = demo_store::copy();
    let folder = folder.path();
    let all = bars(folder, STORE);
    let mut bytes = fs::read(&path).expect("bytes");
    let middle = bytes.len() / 2; // among the bars
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).expect("written");

    let text = doctor(folder, &[STORE], 1);
    assert!(text.contains("store,trouble,table bar: "), "{text}");
    assert!(text.contains("store,remedy,with --repair a copy is made"), "{text}");
    assert!(text.contains("anew for what was no file: demo seed "), "{text}");
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 1, "it only looks");

    let text = doctor(folder, &[STORE, "--repair"], 1);
    assert!(text.contains("repair,done,table bar: "), "{text}");
    assert!(text.contains("repair,copy,"), "{text}");
    assert!(fs::read(&path).expect("bytes") == bytes, "the store was changed");
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 2, "store and copy");

    assert!(text.contains("store,rebuild,"), "{text}");

    // It opens and agrees with itself, and everybody is told that it is smaller.
    let text = doctor(folder, &[COPY, "--repair"], 1);
    assert!(text.contains("nothing is wrong: no copy was made"), "{text}");
    let left = bars(folder, COPY);
    assert!(left > 0 && left < all, "{left} of {all} bars");
    let lacks = format!("{} bars of import 1 (demo seed ", all - left);
    assert!(text.contains(&format!("store,missing,{lacks}")), "{text}");
    let checked = barline(folder, &["check", "--db", COPY]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(said(&checked).contains(&format!("warning: {lacks}")), "{}", said(&checked));
    let run = ["backtest", "--horizons", "30", "--strategies", "buy-and-hold", "--db", COPY];
    let ran = barline(folder, &run);
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
    assert!(said(&ran).contains(&format!("warning: {lacks}")), "{}", said(&ran));

    let text = doctor(folder, &[STORE, "--repair"], 1);
    assert!(text.contains("store.duckdb.repaired exists already"), "{text}");
}

#[test]
fn a_store_that_is_cut_off_is_sent_to_the_doctor_by_every_command() {
    let (folder, path) = demo_store::copy();
    let folder = folder.path();
    let bytes = fs::read(&path).expect("bytes");
    for part in [1, 3, 7] {
        fs::write(&path, &bytes[..bytes.len() * part / 8]).expect("written");
        for asked in [
            &["check"][..],
            &["sql", "SELECT * FROM bar"],
            &["backtest", "--strategies", "buy-and-hold", "--horizons", "30,400"],
        ] {
            let output = barline(folder, &[asked, &["--db", STORE]].concat());
            let text = said(&output);
            assert_ne!(output.status.code(), Some(0), "{asked:?} {part}: {text}");
            assert!(text.contains("barline doctor"), "{asked:?} {part}: {text}");
        }
        let text = doctor(folder, &[STORE], 1);
        assert!(text.contains("store,rebuild,"), "{part}: {text}");
    }
}
