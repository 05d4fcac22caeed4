//! A run that an error ended: what is stored of it, and what it needs to go on.

use std::path::Path;

use crate::{
    error::{Error, Result},
    store::{Store, StoredRun},
};

/// What a checkpoint takes beside rows: a block of 256 KiB or two for each table that has changed. A
/// log of 0.7 MB with jobs, fits and trades made the file 2.4 MB larger.
const RESERVE_BYTES: u64 = 8 << 20;
/// Bytes of a job where none is stored yet: its row and its measures in DuckDB's log.
const UNSEEN_JOB_BYTES: u64 = 2 * 1024;

/// Bytes of a row of a screen: once in the log, once in the file, and what is sorted to make it.
const LISTED_ROW_BYTES: u64 = 400;

/// Completes the `error` that ended the newest run of `store` with what is stored, looked up after
/// opening the store again: a commit that reported an error may have been made. On a full disk it
/// also says how many bytes the rest of the run needs, from what its jobs took so far;
/// `bytes_before` is what store and log took when it began.
pub fn after_error(store: Store, error: Error, bytes_before: u64) -> Error {
    let path = store.path().to_path_buf();
    let error = store.placed(error);
    // What finds no room there is put aside: as much as memory may hold, in nine tenths of the disk.
    let aside = if is_spill(&error) { store.memory_limit_bytes() * 10 / 9 } else { 0 };
    let run = match looked_up(store) {
        Ok(Some(run)) => run,
        Ok(None) => return error,
        Err(again) => {
            let hint =
                format!("what was acknowledged is stored; the store cannot be opened now: {again}");
            return with_more(error, &hint);
        }
    };
    let stored = format!("{} of {} jobs were done and are stored", run.stored, run.planned);
    if !error.is_disk_full() {
        return match error.hint() {
            Some(_) => with_more(error, &stored),
            None => {
                error.with_hint(format!("the same command goes on where this one ended; {stored}"))
            }
        };
    }
    let needed = aside + needed_bytes(&run, bytes_before, Store::file_bytes(&path));
    with_more(error, &format!("{stored}; {}", enough(needed, &path, "the rest")))
}

/// True for a disk that was full while memory was put aside beside the store.
fn is_spill(error: &Error) -> bool {
    error.is_disk_full() && error.to_string().contains(".tmp")
}

/// Completes the `error` that ended a screen after it had begun: what it had listed counts for nothing,
/// since its number of tests is not known.
pub fn after_screen_error(store: Store, error: Error) -> Error {
    // What it reports is a consequence of the error.
    let _ = store.close();
    let again =
        "the screen is not complete and none of its rows is kept; the same command begins anew";
    with_more(error, again)
}

/// The `error` of a screen of the store at `path` which lists `rows` rows at most: on a full disk with
/// the bytes that are enough.
pub(super) fn with_room(error: Error, path: &Path, rows: u64) -> Error {
    if !error.is_disk_full() {
        return error;
    }
    let (_, log) = Store::file_bytes(path);
    let needed = rows.saturating_mul(LISTED_ROW_BYTES).saturating_add(log + RESERVE_BYTES);
    with_more(error, &enough(needed, path, "it"))
}

fn enough(bytes: u64, path: &Path, what: &str) -> String {
    let (megabytes, path) = (bytes as f64 / 1e6, path.display());
    format!("{bytes} bytes ({megabytes:.1} MB) more beside {path} are enough for {what}")
}

fn looked_up(store: Store) -> Result<Option<StoredRun>> {
    let store = store.to_read_again()?;
    store.newest_run()
}

fn with_more(error: Error, more: &str) -> Error {
    let hint = error.hint().map_or_else(|| more.to_owned(), |hint| format!("{hint}; {more}"));
    error.with_hint(hint)
}

/// Bytes that the rest of a run takes at most: its jobs once in the log and once in the file, and
/// the log that is there once more in the file.
fn needed_bytes(run: &StoredRun, before: u64, (file, log): (u64, u64)) -> u64 {
    let grown = (file + log).saturating_sub(before);
    let per_job = grown.checked_div(run.computed).unwrap_or(0).max(UNSEEN_JOB_BYTES);
    let rest = run.planned.saturating_sub(run.stored).saturating_mul(per_job);
    rest.saturating_mul(2).saturating_add(log).saturating_add(RESERVE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::{RESERVE_BYTES, UNSEEN_JOB_BYTES, needed_bytes};
    use crate::store::StoredRun;

    #[test]
    fn the_rest_needs_what_the_stored_jobs_took() {
        let run = StoredRun { run_id: 1, planned: 300, stored: 200, computed: 100 };
        // 100 jobs took 1,000,000 bytes; 100 more are to come.
        let needed = needed_bytes(&run, 500_000, (600_000, 900_000));
        assert_eq!(needed, 2 * 1_000_000 + 900_000 + RESERVE_BYTES);
        let nothing = StoredRun { stored: 0, computed: 0, ..run };
        let needed = needed_bytes(&nothing, 500_000, (500_000, 0));
        assert_eq!(needed, 2 * 300 * UNSEEN_JOB_BYTES + RESERVE_BYTES);
    }
}
