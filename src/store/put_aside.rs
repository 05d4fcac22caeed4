//! What DuckDB has put aside beside a store and a kill has left there.
//!
//! DuckDB makes `<store>.tmp` when memory has no room for rows, and removes what is in it when it ends. Of a
//! process that was killed it stays, up to the size of what was sorted. What was there before the store was
//! opened for writing, and was not touched since, belongs to nobody: DuckDB lets nobody else have the store open
//! then.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::beside::beside;

/// How DuckDB's files in the folder begin.
const PREFIX: &str = "duckdb_temp_";

/// Files that were put aside, and when they were written last.
#[derive(Debug, Default)]
pub(super) struct PutAside {
    folder: PathBuf,
    files: Vec<(PathBuf, Option<SystemTime>)>,
}

impl PutAside {
    /// What stands beside the database at `real`.
    pub(super) fn beside(real: &Path) -> Self {
        let folder = beside(real, ".tmp");
        let ours = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX))
        };
        let found = fs::read_dir(&folder).into_iter().flatten().flatten();
        let files = found.map(|entry| entry.path()).filter(ours);
        let files = files.map(|path| (path.clone(), written(&path))).collect();
        Self { folder, files }
    }

    /// Removes what has not been touched since, and the folder where nothing else is in it. What cannot be
    /// removed takes room and harms nobody.
    pub(super) fn remove(self) {
        for (path, at) in &self.files {
            if written(path) == *at {
                let _ = fs::remove_file(path);
            }
        }
        if self.folder.is_dir() {
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

fn written(path: &Path) -> Option<SystemTime> {
    path.symlink_metadata().and_then(|meta| meta.modified()).ok()
}

#[cfg(test)]
mod tests {
    use std::{fs, time::SystemTime};

    use super::PutAside;

    #[test]
    fn what_is_not_duckdb_s_or_was_touched_since_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("a.duckdb");
        let aside = folder.path().join("a.duckdb.tmp");
        PutAside::beside(&store).remove();
        fs::create_dir(&aside).expect("made");
        let names = ["duckdb_temp_storage_DEFAULT-0.tmp", "duckdb_temp_block-1.block", "mine.csv"];
        for name in names {
            fs::write(aside.join(name), "x").expect("written");
        }
        let found = PutAside::beside(&store);
        let touched = fs::File::options().write(true).open(aside.join(names[1])).expect("open");
        touched.set_modified(SystemTime::UNIX_EPOCH).expect("touched");
        found.remove();
        let left = || fs::read_dir(&aside).map_or(0, Iterator::count);
        assert_eq!((left(), aside.join(names[0]).exists()), (2, false));
        PutAside::beside(&store).remove();
        assert_eq!(left(), 1);
        fs::remove_file(aside.join("mine.csv")).expect("removed");
        PutAside::beside(&store).remove();
        assert!(!aside.exists());
    }
}
