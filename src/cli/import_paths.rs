//! Which files a list of paths means: files as they are, folders as the files in them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// Endings of the files that are taken from a folder.
const ENDINGS: [&str; 2] = ["csv", "parquet"];

/// The files that `paths` name, folders replaced by their files of bars in the order of their
/// names. Folders inside folders and hidden files are left alone.
///
/// # Errors
/// Usage, for a path where nothing is and a folder without files of bars; Io, for a folder that
/// cannot be read.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(files_in(path)?);
        } else if path.symlink_metadata().is_err() {
            return Err(Error::usage(format!("there is no file {}", path.display())));
        } else {
            files.push(path.clone());
        }
    }
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::files;

    #[test]
    fn a_folder_stands_for_its_files_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["b.CSV", "a.parquet", "notes.txt", ".c.csv", "[1].csv"] {
            fs::write(path(name), "x").expect("written");
        }
        fs::create_dir(path("inside.csv")).expect("made");
        let found = files(&[path("notes.txt"), folder.path().to_path_buf()]).expect("files");
        assert_eq!(found, ["notes.txt", "[1].csv", "a.parquet", "b.CSV"].map(path));
        let refusal = files(&[path("inside.csv")]).expect_err("empty").to_string();
        assert!(refusal.ends_with("inside.csv holds no .csv or .parquet file"), "{refusal}");
        assert!(files(&[path("none.csv")]).expect_err("missing").is_usage());
    }
}
