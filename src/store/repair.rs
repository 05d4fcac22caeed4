//! What is safe for a damaged store, done on a copy.
//!
//! The store itself, its log and its mark stay as they are. The copy `<store>.repaired` gets
//!
//! 1. the log up to its first damaged entry: DuckDB refuses a log as a whole, although what stands
//!    before the damage is good;
//! 2. where blocks of the file are damaged, the rows that can be read, in a new store: bars one by
//!    one, whose imports then count as not made, so that the same files bring back what is lost;
//!    results all or none, since half a job is worse than a job that is computed again.
//!
//! It appears under its name when it is whole and agrees with itself.

use std::{
    fs,
    path::{Path, PathBuf},
};

use duckdb::{AccessMode, Connection};

use super::{
    StoreOptions,
    beside::{LOGS, beside, has_log, remove_database, sync_folder_of},
    examine::{Examination, disagreements, read_tables},
    file_kind, file_length,
    high_water::{self, Mark},
    lock::StoreLock,
    missing::{self, MissingRows},
    open::{self, checkpoint, database},
    rebuild::{self, Rebuild},
    salvage, schema, torn,
};
use crate::error::{Error, Result};

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The copy that opens.
    pub copy: PathBuf,
    /// What was done and what is lost, each in one line.
    pub steps: Vec<String>,
    /// Rows that the copy lacks although it knows their imports.
    pub missing: Vec<MissingRows>,
    /// What brings back what the copy lacks.
    pub rebuild: Rebuild,
}

const SUFFIX: &str = ".repaired";
/// Most entries of a log that are cut away one after the other.
const CUTS: usize = 16;

/// Makes a copy of the store at `path` that opens, and says what it lacks.
///
/// # Errors
/// If nothing of it can be saved, if the copy exists already, and those of the disk; no copy is left
/// then.
pub fn repair(path: &Path, options: &StoreOptions) -> Result<Repair> {
    file_kind::require_file(path)?;
    let real = path.canonicalize().map_err(|e| Error::io("find", path, &e))?;
    let _lock = StoreLock::take(&real)?;
    file_kind::require_duckdb(&real)?;
    let copy = beside(&real, SUFFIX);
    if copy.symlink_metadata().is_ok() {
        return Err(Error::store(format!("{} exists already", copy.display()))
            .with_hint("move it away; nothing was changed"));
    }
    let working = beside(&copy, ".new");
    remove_database(&working)?;
    let made = copied(&real, &working).and_then(|()| mended(path, &real, &working, *options));
    let done = match made {
        Ok(done) => Repair { copy: copy.clone(), ..done },
        Err(error) => {
            // The first error says what happened.
            let _ = remove_database(&working);
            return Err(error);
        }
    };
    fs::rename(&working, &copy).map_err(|e| Error::io("name the copy", &copy, &e))?;
    sync_folder_of(&copy)?;
    Ok(done)
}

fn copied(real: &Path, working: &Path) -> Result<()> {
    let copy = |suffix: &str| {
        let (from, to) = (beside(real, suffix), beside(working, suffix));
        fs::copy(&from, &to).map_err(|e| Error::io("copy to", &to, &e))
    };
    copy("")?;
    for suffix in LOGS.into_iter().filter(|suffix| beside(real, suffix).exists()) {
        copy(suffix)?;
    }
    Ok(())
}

/// Makes the copy open and whole; what was done, of a copy that has no name yet.
fn mended(shown: &Path, real: &Path, working: &Path, options: StoreOptions) -> Result<Repair> {
    let mut steps = Vec::new();
    let cut_off = file_length::cut_off(working)?;
    steps.extend(torn::mend(working)?.into_iter().map(|start| {
        format!("the block at byte {start} was half written when a process was killed: made whole")
    }));
    let connection = opened(shown, working, options, &mut steps)?;
    schema::stated(&connection).map_err(|error| nothing_to_save(shown, &error.to_string()))?;
    schema::require_current(&connection, &shown.display().to_string())?;
    drop(connection);
    let mut found = Examination::default();
    found.troubles.extend(cut_off.map(|bytes| open::cut_off(shown, bytes)));
    drop(read_tables(&|| database(working, options, AccessMode::ReadOnly), None, &mut found));
    let salvaged = !found.troubles.is_empty();
    if salvaged {
        steps.append(&mut found.troubles);
        salvage::into_new(working, &found.tables, options, &mut steps)?;
    }
    let connection = database(working, options, AccessMode::ReadWrite)?;
    let disagreeing = disagreements(&connection)?;
    if let [first, ..] = &disagreeing[..] {
        return Err(nothing_to_save(shown, first));
    }
    let loss_of = if salvaged { high_water::loss_of_rows } else { high_water::loss };
    let mark = high_water::acknowledged(real).unwrap_or_default();
    let loss = mark.as_ref().map(|mark| loss_of(&connection, mark)).transpose()?.flatten();
    if let Some(loss) = &loss {
        if steps.is_empty() && has_log(real) {
            // DuckDB takes an entry whose length reaches beyond the log's end for one that a crash
            // cut off, and leaves it out without a word.
            steps.push(
                "the log holds less than was acknowledged: its last entries are cut off or damaged"
                    .to_owned(),
            );
        }
        steps.push(format!("lost: {loss}"));
    }
    if let Some(mark) = &mark {
        high_water::settle(&connection, mark)?;
    }
    checkpoint(&connection)?;
    let held = Mark::of(&connection)?;
    let missing = missing::missing(&connection)?;
    let names = rebuild::names(&connection)?;
    let rebuild = Rebuild::of(&found.tables, &names, loss.as_ref(), &missing);
    drop(connection);
    // A log in which nothing was committed stays beside a file that holds everything.
    remove_logs(working)?;
    if Mark::of(&database(working, options, AccessMode::ReadOnly)?)? == held {
        Ok(Repair { copy: PathBuf::new(), steps, missing, rebuild })
    } else {
        Err(Error::internal(format!("{} lost rows with its log", working.display())))
    }
}

fn remove_logs(working: &Path) -> Result<()> {
    for log in LOGS.map(|suffix| beside(working, suffix)).iter().filter(|log| log.exists()) {
        fs::remove_file(log).map_err(|e| Error::io("remove", log, &e))?;
    }
    Ok(())
}

/// The copy, opened and with everything of its log that is good.
fn opened(
    shown: &Path,
    working: &Path,
    options: StoreOptions,
    steps: &mut Vec<String>,
) -> Result<Connection> {
    let mut cause = None;
    for _ in 0..CUTS {
        match database(working, options, AccessMode::ReadWrite) {
            Ok(connection) => return Ok(connection),
            Err(error) if !has_log(working) => {
                return Err(nothing_to_save(shown, &error.to_string()));
            }
            Err(error) => {
                if !cut(working, &error.to_string(), steps)? {
                    break;
                }
                cause = Some(error);
            }
        }
    }
    remove_logs(working)?;
    let why = cause.map_or_else(String::new, |error| format!(": {error}"));
    steps.push(format!("the log cannot be used and was left out{why}"));
    database(working, options, AccessMode::ReadWrite)
        .map_err(|error| nothing_to_save(shown, &error.to_string()))
}

/// Cuts the log where DuckDB says that its first damaged entry begins; false if it says no place.
fn cut(working: &Path, message: &str, steps: &mut Vec<String>) -> Result<bool> {
    let log = beside(working, LOGS[0]);
    let Some(at) = damaged_at(message) else { return Ok(false) };
    let length = log.metadata().map_or(0, |meta| meta.len());
    if at >= length {
        return Ok(false);
    }
    fs::File::options()
        .write(true)
        .open(&log)
        .and_then(|file| file.set_len(at))
        .map_err(|e| Error::io("cut", &log, &e))?;
    steps.push(format!("the log is damaged from byte {at} of {length} on and was cut there"));
    Ok(true)
}

/// The byte position in a message about a damaged log.
fn damaged_at(message: &str) -> Option<u64> {
    let rest = message.split_once("byte position ")?.1;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn nothing_to_save(shown: &Path, why: &str) -> Error {
    Error::store(format!("nothing of {} can be saved: {why}", shown.display())).with_hint(
        "it was left as it is; make a new store: import the files again, and the same commands \
         make the results",
    )
}

#[cfg(test)]
mod tests {
    use super::damaged_at;

    #[test]
    fn the_place_of_the_damage_is_read_from_the_message() {
        let message = "Corrupt WAL file: entry at byte position 91 computed checksum 4990 does not";
        assert_eq!(damaged_at(message), Some(91));
        assert_eq!(damaged_at("Corrupt WAL file"), None);
    }
}
