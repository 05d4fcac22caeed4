//! The settings every DuckDB instance of ours is opened with.
//!
//! The bundled build would install and load extensions over the network and read any file that a
//! statement names. A store needs none of it: external access is off (the store's own file, its
//! WAL and its spill directory stay allowed), extensions are neither installed nor loaded, and the
//! configuration is locked, so that no statement can open the cage again. Memory, threads and
//! spill are bounded.

use std::path::Path;

use duckdb::{AccessMode, Config};

use crate::error::{Error, Result};

/// What a store may use of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreOptions {
    /// DuckDB's share of the memory budget. It bounds DuckDB's buffers; up to about 110 MB more
    /// has been measured while it sorts.
    pub memory_limit_bytes: u64,
    /// DuckDB's threads. Answers do not depend on it; free SQL that averages floats is only
    /// reproducible with one.
    pub threads: usize,
}

impl Default for StoreOptions {
    /// 256 MB and one thread: enough for every named query.
    fn default() -> Self {
        Self { memory_limit_bytes: 256_000_000, threads: 1 }
    }
}

/// Most that DuckDB may spill to disk beside the store.
const MAX_SPILL_BYTES: u64 = 32_000_000_000;

/// The configuration for the store at `path`.
pub(super) fn configuration(
    path: &Path,
    options: StoreOptions,
    mode: AccessMode,
) -> Result<Config> {
    let spill = spill_directory(path)?;
    settings(&spill, options, mode)
        .map_err(|e| Error::internal(format!("DuckDB does not know a setting of ours: {e}")))
}

/// The configuration for a store that has no place to spill to: one in memory, or in a folder that
/// cannot be written.
pub(super) fn configuration_without_spill(
    options: StoreOptions,
    mode: AccessMode,
) -> Result<Config> {
    settings("", options, mode)
        .map_err(|e| Error::internal(format!("DuckDB does not know a setting of ours: {e}")))
}

/// The configuration for the store at `path` that saves rows of another one: the only one that may
/// name a file in a statement, and no statement but ours reaches it.
pub(super) fn configuration_to_salvage(path: &Path, options: StoreOptions) -> Result<Config> {
    let spill = spill_directory(path)?;
    bounds(&spill, options, AccessMode::ReadWrite)
        .map_err(|e| Error::internal(format!("DuckDB does not know a setting of ours: {e}")))
}

fn settings(spill: &str, options: StoreOptions, mode: AccessMode) -> duckdb::Result<Config> {
    bounds(spill, options, mode)?
        // After the spill directory: without external access it can no longer be named.
        .enable_external_access(false)?
        .with("lock_configuration", "true")
}

/// What an instance may take, and that it loads nothing.
fn bounds(spill: &str, options: StoreOptions, mode: AccessMode) -> duckdb::Result<Config> {
    let threads = options.threads.max(1).to_string();
    Config::default()
        .access_mode(mode)?
        .enable_autoload_extension(false)?
        .with("allow_community_extensions", "false")?
        .with("allow_unsigned_extensions", "false")?
        .with("allow_persistent_secrets", "false")?
        .max_memory(&format!("{}B", options.memory_limit_bytes))?
        .with("threads", threads.as_str())?
        // Eight of them otherwise, for input and output, on any machine.
        .with("async_threads", threads.as_str())?
        // Full row groups of a transaction are written out one by one, whatever the limit: five of them,
        // or a tenth of the limit, are held otherwise.
        .with("write_buffer_row_group_count", "1")?
        .with("temp_directory", spill)?
        .with("max_temp_directory_size", format!("{MAX_SPILL_BYTES}B"))
}

/// `<store>.tmp`, as text, since DuckDB takes no other form.
fn spill_directory(path: &Path) -> Result<String> {
    let text = path.to_str().ok_or_else(|| {
        Error::usage(format!("the path {} is not UTF-8", path.display()))
            .with_hint("choose another name for the store")
    })?;
    Ok(format!("{text}.tmp"))
}
