//! Which files a list of paths means: files as they are, folders as the files in them, patterns as the
//! files that match, `-` as what comes on standard input.

use std::{
    env, fs,
    fs::File,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process,
};

use crate::error::{Error, Result};

/// Endings of the files that are taken from a folder.
const ENDINGS: [&str; 6] = ["csv", "parquet", "feather", "gz", "zst", "zip"];

/// The files to import, in order.
#[derive(Debug)]
pub(super) struct Inputs {
    /// Their paths.
    pub(super) files: Vec<PathBuf>,
    /// What came on standard input, as long as it is needed.
    _set_down: Option<SetDown>,
}

/// The files that `paths` name, folders and patterns replaced by their files in the order of their
/// names. Folders inside folders and hidden files are left alone. A file whose name looks like a
/// pattern is that file.
///
/// # Errors
/// Usage, for a path where nothing is, a folder without files of bars, a pattern that nothing matches,
/// and standard input that is a terminal or is named twice; Io, for what cannot be read.
pub(super) fn files(paths: &[PathBuf]) -> Result<Inputs> {
    let (mut files, mut set_down) = (Vec::new(), None);
    for path in paths {
        if path.as_os_str() == "-" {
            if set_down.is_some() {
                return Err(Error::usage("standard input is named twice"));
            }
            let input = SetDown::of_standard_input()?;
            files.push(input.path());
            set_down = Some(input);
        } else if path.is_dir() {
            files.extend(files_in(path)?);
        } else if path.symlink_metadata().is_ok() {
            files.push(path.clone());
        } else {
            files.extend(matching(path)?);
        }
    }
    Ok(Inputs { files, _set_down: set_down })
}

/// The files that a pattern means.
fn matching(path: &Path) -> Result<Vec<PathBuf>> {
    let missing = || Error::usage(format!("there is no file {}", path.display()));
    let Some(pattern) = path.to_str().filter(|text| text.contains(['*', '?', '['])) else {
        return Err(missing());
    };
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..Default::default() };
    let found = glob::glob_with(pattern, options)
        .map_err(|e| Error::usage(format!("{pattern} is no pattern: {}", e.msg)))?;
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in found {
        let entry = entry.map_err(|e| Error::io("list", e.path(), e.error()))?;
        if entry.is_file() {
            files.push(entry);
        }
    }
    if files.is_empty() {
        return Err(missing().with_hint("the pattern matches no file"));
    }
    files.sort();
    Ok(files)
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = |cause| Error::io("list", folder, &cause);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(listed)? {
        let path = entry.map_err(listed)?.path();
        if path.is_file() && is_of_bars(&path) {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(Error::usage(format!("{} holds no .csv or .parquet file", folder.display()))
            .with_hint("folders inside it are not searched; name them, or the files themselves"));
    }
    files.sort();
    Ok(files)
}

fn is_of_bars(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    !is_hidden && ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Standard input in a file of its own: it is hashed before it is read, and read again where a conflict
/// has to be found. Removed when dropped.
#[derive(Debug)]
struct SetDown(PathBuf);

impl SetDown {
    fn of_standard_input() -> Result<Self> {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            return Err(Error::usage("standard input is a terminal: nothing is piped into it"));
        }
        let made = Self(new_folder()?);
        let path = made.path();
        let mut file = File::create_new(&path).map_err(|e| Error::io("make", &path, &e))?;
        io::copy(&mut stdin.lock(), &mut file).map_err(|e| Error::io("write", &path, &e))?;
        Ok(made)
    }

    /// The file, named as standard input is.
    fn path(&self) -> PathBuf {
        self.0.join("-")
    }
}

impl Drop for SetDown {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever clears the folder for such files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A new folder of ours in the folder for temporary files.
fn new_folder() -> Result<PathBuf> {
    let beside = env::temp_dir();
    let mut number = 0;
    loop {
        let folder = beside.join(format!("barline-{}-{number}", process::id()));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1_000 => {
                number += 1;
            }
            Err(error) => return Err(Error::io("make", &folder, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::Result;

    fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
        super::files(paths).map(|inputs| inputs.files)
    }

    #[test]
    fn a_folder_stands_for_its_files_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["b.CSV", "a.parquet", "notes.txt", ".c.csv", "[1].csv", "d.csv.gz"] {
            fs::write(path(name), "x").expect("written");
        }
        fs::create_dir(path("inside.csv")).expect("made");
        let found = files(&[path("notes.txt"), folder.path().to_path_buf()]).expect("files");
        assert_eq!(found, ["notes.txt", "[1].csv", "a.parquet", "b.CSV", "d.csv.gz"].map(path));
        let refusal = files(&[path("inside.csv")]).expect_err("empty").to_string();
        assert!(refusal.ends_with("inside.csv holds no .csv or .parquet file"), "{refusal}");
        assert!(files(&[path("none.csv")]).expect_err("missing").is_usage());
    }

    #[test]
    fn a_pattern_stands_for_what_matches_it_and_a_name_for_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["a1.csv", "a2.csv", "a[1].csv", ".a3.csv", "b.txt"] {
            fs::write(path(name), "x").expect("written");
        }
        let found = |name: &str| files(&[path(name)]).expect("files");
        assert_eq!(found("a?.csv"), ["a1.csv", "a2.csv"].map(path));
        assert_eq!(found("a[1].csv"), ["a[1].csv"].map(path));
        assert_eq!(found("*.csv"), ["a1.csv", "a2.csv", "a[1].csv"].map(path));
        for none in ["z*.csv", "a[.csv"] {
            assert!(files(&[path(none)]).expect_err(none).is_usage());
        }
    }
}
