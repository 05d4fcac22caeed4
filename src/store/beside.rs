//! Files beside the store: their names, and making them durable.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// Logs that DuckDB keeps beside a database: the usual one, the one written while a checkpoint is
/// under way, and the one that a recovery writes.
pub(super) const LOGS: [&str; 3] = [".wal", ".wal.checkpoint", ".wal.recovery"];

/// `<path><suffix>`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// True if DuckDB left a log beside `path`.
pub(super) fn has_log(path: &Path) -> bool {
    LOGS.iter().any(|suffix| beside(path, suffix).exists())
}

/// Bytes of the logs beside `path`.
pub(super) fn log_bytes(path: &Path) -> u64 {
    let of = |suffix: &&str| beside(path, suffix).metadata().map_or(0, |meta| meta.len());
    LOGS.iter().map(of).sum()
}

/// Removes a database and its logs.
pub(super) fn remove_database(path: &Path) -> Result<()> {
    let logs = LOGS.map(|suffix| beside(path, suffix));
    for file in std::iter::once(path.to_path_buf()).chain(logs) {
        if file.symlink_metadata().is_ok() {
            fs::remove_file(&file).map_err(|e| Error::io("remove", &file, &e))?;
        }
    }
    Ok(())
}

/// Makes a rename in the folder of `path` durable.
pub(super) fn sync_folder_of(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|e| Error::io("write to disk", folder, &e))
}
