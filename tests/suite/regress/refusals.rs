//! Folders and cases that are none: one clear line, before anything runs.

use std::{fs, path::Path};

use super::{CASE, folder, path};
use crate::binary::{barline, said};

/// The line and the hint of a check that does not start.
fn refused(folder: &Path, further: &[&str]) -> String {
    let output = barline(folder, &[&["regress", "check", "cases"], further].concat());
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty() && said.starts_with("error: "), "{said}");
    assert!((1..=2).contains(&said.lines().count()), "{said}");
    said
}

#[test]
fn a_bad_case_is_refused_where_it_is_bad() {
    let folder = folder(CASE);
    for (old, new, line) in [
        ("[run]", "colour = 1\n[run]", "7:1: there is no key 'colour' here"),
        ("[run]", "[run]\nhorizon = 3", "8:1: there is no key 'horizon' here"),
        ("workers = [1, 2]", "workers = \"two\"", "2:11: invalid type: string \"two\""),
        ("workers = [1, 2]", "workers = [0]", "2:11: workers: not numbers from 1 to 64"),
        ("horizons = [120]", "horizons = [true]", "10:12: expected a list"),
        ("horizons = [120]", "horizons = [-1]", "10:12: horizons -1: '-1' is not a horizon"),
        ("\"bars.csv\"", "\"none.csv\"", "5:8: there is no file cases/none.csv"),
        ("\"bars.csv\"", "\"bars.csv\"\nkind = \"news\"", "5:8: kind news: there is no such kind"),
        (
            "\"bollinger-breakout\"",
            "\"bolinger-breakout\"",
            "9:14: strategies bolinger-breakout: there is no such strategy",
        ),
        ("[run]", "[run.strategy.hrp]\nlinkage = \"word\"\n[run]", "8:11: there is no value"),
        ("[run]", "[within]\nsharp = 1\n[run]", "8:1: there is no measure 'sharp'"),
        ("[run]", "[run]\nworkers = 2", "8:11: workers is no key of a case's run"),
        ("[run]", "[run]\ndb = \"x\"", "8:6: db is no key of a case's run"),
        ("workers = [1, 2]", "measures = [\"profit\"]", "2:13: there is no measure 'profit'"),
        ("workers = [1, 2]", "peak = \"much\"", "2:8: 'much' is not an amount of memory"),
        ("[run]", "[hold]\njobs = \"few\"\n[run]", "8:8: invalid type: string \"few\""),
        ("[[data.import]]\nfile = \"bars.csv\"", "[data]", "4:1: data: no bars are named"),
        (
            "[[data.import]]\nfile = \"bars.csv\"",
            "[data.demo]\nsymbols = [\"BOLERA\"]",
            "5:12: there is no symbol 'BOLERA'",
        ),
    ] {
        assert_eq!(CASE.matches(old).count(), 1, "{old}");
        fs::write(path(folder.path()), CASE.replace(old, new)).expect("written");
        let said = refused(folder.path(), &[]);
        assert!(said.starts_with(&format!("error: cases/case.toml:{line}")), "{new}: {said}");
    }
}

#[test]
fn a_folder_without_cases_or_with_two_of_one_name_is_refused() {
    let folder = folder(CASE);
    assert!(refused(folder.path(), &["--filter", "nine"]).contains("none of 1 cases"));
    assert!(refused(folder.path(), &["--jobs", "0"]).contains("--jobs 0: not a whole number"));
    let twin = folder.path().join("cases/twin.toml");
    fs::write(&twin, format!("name = \"case\"\n{CASE}")).expect("written");
    let said = refused(folder.path(), &[]);
    let line = "error: cases/twin.toml:1:8: case is the name of cases/case.toml too";
    assert!(said.starts_with(line), "{said}");
    for case in [twin, path(folder.path())] {
        fs::remove_file(case).expect("removed");
    }
    assert!(refused(folder.path(), &[]).starts_with("error: cases holds no case"));
    let output = barline(folder.path(), &["regress", "check", "none"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(super::said(&output).starts_with("error: there is no folder none"));
}
