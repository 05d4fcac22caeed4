//! The cases of a folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::regress_case::{self, ReadCase};
use crate::error::{Error, Result};

/// Every case below `folder` in the order of their names, those alone whose name holds `filter`.
///
/// # Errors
/// Usage, for a folder that is none or without cases, a case that is none, two cases of one name, or a
/// filter that no name holds; Io.
pub(super) fn cases(folder: &Path, filter: Option<&str>) -> Result<Vec<ReadCase>> {
    let mut found: BTreeMap<String, ReadCase> = BTreeMap::new();
    for path in files(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
        let read = regress_case::read(&path, name.to_string_lossy().into_owned())?;
        if let Some(earlier) = found.get(&read.case.name) {
            let (name, other) = (&read.case.name, earlier.case.path.display());
            return Err(Error::usage(format!("{}{name} is the name of {other} too", read.place))
                .with_hint("every case of a folder has a name of its own"));
        }
        found.insert(read.case.name.clone(), read);
    }
    let all = found.len();
    let chosen = found.into_values();
    let chosen = chosen.filter(|read| filter.is_none_or(|text| read.case.name.contains(text)));
    let chosen: Vec<_> = chosen.collect();
    match filter.filter(|_| chosen.is_empty()) {
        Some(text) => {
            Err(Error::usage(format!("--filter {text}: none of {all} cases has it in its name")))
        }
        None => Ok(chosen),
    }
}

/// Files of cases, folders inside folders searched too, in the order of their paths.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Err(Error::usage(format!("there is no folder {}", folder.display())));
    }
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    // A link may lead back to where it stands.
    let mut seen = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        let listed = |cause| Error::io("list", &folder, &cause);
        if !seen.insert(folder.canonicalize().map_err(listed)?) {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(listed)? {
            let path = entry.map_err(listed)?.path();
            let is_hidden =
                path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if is_hidden {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                files.push(path);
            }
        }
    }
    if files.is_empty() {
        return Err(Error::usage(format!("{} holds no case", folder.display()))
            .with_hint("a case is a .toml file: docs/regress.md has the keys"));
    }
    files.sort();
    Ok(files)
}
