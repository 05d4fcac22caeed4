//! A folder of cases, run family by family and held against its manifest.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
};

use super::{
    case::{self, Family},
    manifest::{Listed, Manifest},
    tally::Tally,
};

/// What became of a folder.
#[derive(Default)]
pub(super) struct Report {
    pub(super) tallies: Vec<Tally>,
    /// What is wrong with the folder itself.
    folder: Vec<String>,
    listed: Option<usize>,
}

/// The first of `places` where `given` holds cases; `given` itself where none does or it is absolute.
pub(super) fn resolve(given: &Path, places: &[PathBuf]) -> PathBuf {
    let held =
        places.iter().map(|place| place.join(given)).find(|path| path.join("cases").is_dir());
    held.unwrap_or_else(|| given.to_owned())
}

/// Runs every case file of `root`.
pub(super) fn run(root: &Path) -> Report {
    let mut report = Report::default();
    let mut listed: BTreeMap<PathBuf, Listed> = BTreeMap::new();
    match Manifest::read(root) {
        Ok(Some(manifest)) => {
            report.listed = Some(manifest.families.iter().map(|listed| listed.cases).sum());
            let missing = manifest.data.into_iter().filter(|file| !root.join(file).exists());
            let missing = missing.map(|file| format!("{}: listed, missing", file.display()));
            report.folder.extend(missing);
            listed = manifest.families.into_iter().map(|one| (root.join(&one.file), one)).collect();
        }
        Ok(None) => {}
        Err(reason) => report.folder.push(reason),
    }
    let mut files = case::family_files(root);
    files.extend(listed.keys().cloned());
    files.sort();
    files.dedup();
    for file in files {
        report.tallies.push(tally(root, &file, listed.get(&file)));
    }
    report
}

fn tally(root: &Path, file: &Path, listed: Option<&Listed>) -> Tally {
    match Family::read(root, file) {
        Ok(family) => {
            let mut tally = Tally::of(&family);
            if let Some(listed) = listed {
                tally.hold_against(listed, &family);
            }
            tally
        }
        Err(reason) => Tally::of_nothing(&case::stem(file), reason),
    }
}

impl Report {
    /// A line per family and the sum, as the caller asked for: past the harness, which captures the
    /// print macros.
    pub(super) fn print(&self) {
        let mut stderr = std::io::stderr().lock();
        for line in self.lines() {
            writeln!(stderr, "{line}").expect("stderr is open");
        }
    }

    /// The lines of the report.
    pub(super) fn lines(&self) -> Vec<String> {
        let sum = |count: fn(&Tally) -> usize| self.tallies.iter().map(count).sum::<usize>();
        let mut lines: Vec<String> = self.tallies.iter().map(Tally::line).collect();
        let listed =
            self.listed.map_or("no manifest".to_owned(), |cases| format!("{cases} listed"));
        lines.push(format!(
            "{} families, {} cases ({listed}): {} passed, {} failed, {} fragile, {} not covered",
            self.tallies.len(),
            sum(Tally::cases),
            sum(|tally| tally.passed),
            sum(|tally| tally.failed),
            sum(|tally| tally.fragile),
            sum(|tally| tally.not_covered),
        ));
        lines
    }

    /// Everything that fails the run.
    pub(super) fn failures(&self) -> Vec<String> {
        let mut failures = self.folder.clone();
        for tally in &self.tallies {
            failures.extend(tally.failures.iter().map(|reason| format!("{}/{reason}", tally.name)));
        }
        if failures.is_empty() && self.tallies.iter().all(|tally| tally.passed == 0) {
            failures.push("no case passed: is this a folder of cases?".to_owned());
        }
        failures
    }
}
