//! `barline regress` from outside: what is planted is caught and named, what is wrong in a case is refused
//! before anything runs, and nothing is left behind.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use tempfile::TempDir;

use crate::binary::{answer, barline, said};

mod cases;
mod ends;
mod refusals;

/// One symbol, one strategy, an exchange's days.
const CASE: &str = "\
about = \"a case of its own\" # mine
workers = [1, 2]

[[data.import]]
file = \"bars.csv\"

[run]
# What is traded.
strategies = [\"bollinger-breakout\", \"buy-and-hold\"]
horizons = [120]
";

/// The bars of our own cases.
fn daily() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("regress/bars/daily.csv")
}

/// A folder with one case in `cases`, which is not blessed.
fn folder(case: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("cases")).expect("made");
    fs::copy(daily(), folder.path().join("cases/bars.csv")).expect("a copy");
    write(folder.path(), case);
    folder
}

fn blessed_folder(case: &str) -> TempDir {
    let folder = folder(case);
    answer(folder.path(), &["regress", "bless", "cases"]);
    folder
}

fn path(folder: &Path) -> PathBuf {
    folder.join("cases/case.toml")
}

fn text(folder: &Path) -> String {
    fs::read_to_string(path(folder)).expect("a case")
}

fn write(folder: &Path, text: &str) {
    fs::write(path(folder), text).expect("written");
}

/// Puts `new` in the place of `old`, which stands in the case once.
fn plant(folder: &Path, old: &str, new: &str) {
    let text = text(folder);
    assert_eq!(text.matches(old).count(), 1, "{old} in {text}");
    write(folder, &text.replace(old, new));
}

fn check(folder: &Path, further: &[&str]) -> Output {
    barline(folder, &[&["regress", "check", "cases"], further].concat())
}

/// What a check that must fail prints.
fn caught(folder: &Path) -> String {
    let output = check(folder, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    String::from_utf8(output.stdout).expect("text")
}
