//! A folder of the user's own named queries: a file each, with the header that ours have.
//!
//! `volume.sql` is the query `volume`. Files with other endings and folders are passed over. A file
//! that is no query, or takes a name of ours, is refused and keeps nobody from the others.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    named_query::{self, NamedQuery},
    query_header,
};
use crate::error::{Error, Result};

/// Longest file read, in bytes.
const LONGEST_BYTES: u64 = 1 << 20;

/// What a folder holds.
#[derive(Debug)]
pub struct QueryFolder {
    /// Its queries, by name.
    pub queries: Vec<NamedQuery>,
    /// Stem and fault, with its path, of every file that is no query or has the name of one of ours.
    pub refused: Vec<(String, Error)>,
}

impl QueryFolder {
    /// Reads the files in `folder`.
    ///
    /// # Errors
    /// Usage, for a folder that is not there; io, for one that cannot be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let unread = |cause: io::Error| match cause.kind() {
            io::ErrorKind::NotFound => {
                Error::usage(format!("there is no folder {}", folder.display()))
            }
            io::ErrorKind::NotADirectory => {
                Error::usage(format!("{} is not a folder", folder.display()))
            }
            _ => Error::io("read", folder, &cause),
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(unread)? {
            let path = entry.map_err(unread)?.path();
            if path.extension().is_some_and(|ending| ending == "sql") && !path.is_dir() {
                paths.push(path);
            }
        }
        paths.sort();
        let mut found = Self { queries: Vec::new(), refused: Vec::new() };
        for path in &paths {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            match read(path, &stem) {
                Ok(query) => found.queries.push(query),
                Err(error) => found.refused.push((stem.into_owned(), error)),
            }
        }
        Ok(found)
    }
}

fn read(path: &PathBuf, name: &str) -> Result<NamedQuery> {
    let refused = |what: &str| Error::usage(format!("{}: {what}", path.display()));
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_name {
        return Err(refused("the name of a query has small letters, digits and hyphens"));
    }
    if named_query::all().iter().any(|ours| ours.name == name) {
        return Err(refused(&format!("'{name}' is a query of Barline's own"))
            .with_hint("give the file another name"));
    }
    let unread = |cause: io::Error| Error::io("read", path, &cause);
    let file = fs::metadata(path).map_err(unread)?;
    if !file.is_file() {
        return Err(refused("it is not a file"));
    }
    if file.len() > LONGEST_BYTES {
        return Err(refused(&format!("{} bytes are too long for a query", file.len())));
    }
    let bytes = fs::read(path).map_err(unread)?;
    let text = String::from_utf8(bytes).map_err(|_| refused("its text is not UTF-8"))?;
    query_header::read(name, &text).map_err(|what| {
        refused(&what).with_hint(
            "a query is '-- answers:', '-- grain:', '-- reads:', '-- takes:' (name = default, .. or the word nothing), \
             '-- order:' and one SELECT; 'barline query best --explain' shows one",
        )
    })
}
