//! A file before it is read: where it is, and what is in it by its hash.

use std::{
    fs::{File, Metadata},
    path::{Path, PathBuf},
};

use blake3::{Hash, Hasher};

use super::super::source::{self, require_file, require_unchanged};
use crate::error::{Error, Result};

/// A path as it is shown: what was set down from standard input by that name.
pub fn shown_name(path: &Path) -> String {
    source::shown_name(path)
}

/// A regular file whose bytes were hashed.
#[derive(Debug)]
pub struct SourceFile {
    path: PathBuf,
    content: Hash,
    before: Metadata,
}

impl SourceFile {
    /// Looks at `path` and hashes what it holds.
    ///
    /// # Errors
    /// Data, if it is not a regular file or is empty; Io, if it cannot be read.
    pub fn look_at(path: &Path) -> Result<Self> {
        let before = require_file(path)?;
        let mut hasher = Hasher::new();
        File::open(path)
            .and_then(|mut file| std::io::copy(&mut file, &mut hasher))
            .map_err(|e| Error::io("read", path, &e))?;
        Ok(Self { path: path.to_path_buf(), content: hasher.finalize(), before })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its path as it is shown and written down.
    pub fn name(&self) -> String {
        shown_name(&self.path)
    }

    /// BLAKE3 of its bytes, in hexadecimal.
    pub(super) fn content(&self) -> String {
        self.content.to_hex().to_string()
    }

    /// Refuses a file that was written to since it was looked at.
    pub(super) fn require_unchanged(&self) -> Result<()> {
        require_unchanged(&self.path, &self.before)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::SourceFile;

    #[test]
    fn equal_bytes_are_equal_files_and_a_change_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a.csv"), "ts,close\n").expect("written");
        fs::write(path("b.csv"), "ts,close\n").expect("written");
        let look = |name| SourceFile::look_at(&path(name)).expect("a file");
        let (a, b) = (look("a.csv"), look("b.csv"));
        assert_eq!(a.content(), b.content());
        assert_eq!(a.content().len(), 64);
        a.require_unchanged().expect("nobody wrote");
        fs::write(path("a.csv"), "ts,close\n2024-01-01,1\n").expect("written");
        assert!(a.require_unchanged().expect_err("longer").is_data());
        assert_ne!(look("a.csv").content(), b.content());
    }
}
