//! The high-water mark: what was acknowledged, written down beside the store.
//!
//! Committed rows live in DuckDB's log until a checkpoint brings them into the one file. A log that
//! is cut short or deleted takes them along and says nothing: the store opens and is merely older.
//! So after each commit, before it is told to anybody, its number, its identity and the counts that
//! it makes go to `<store>.highwater`; a store that holds less than its mark is refused with what
//! is missing. The file exists from the first write until a close has brought everything into the
//! store, whose blocks have checksums of their own: a closed store is one file again.
//!
//! Two slots of 512 bytes are written in turn, each a line of text with its own checksum. Writing
//! over them takes no room on a full disk, and a torn write leaves the other slot.

use std::{
    fmt::{self, Write as _},
    fs::{self, File},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use duckdb::{Connection, OptionalExt};

use super::{beside::beside, failure::Doing};
use crate::error::{Error, Result};

/// What the store held when a commit was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Mark {
    /// Number of the last batch; 0 before the first.
    pub(super) batch_id: i64,
    /// Its identity, hexadecimal, which depends on those of all batches before it.
    pub(super) identity: String,
    /// Number of the newest run.
    pub(super) run_id: i64,
    /// Number of the newest job.
    pub(super) job_id: i64,
    /// Number of the newest import.
    pub(super) import_id: i64,
}

const SUFFIX: &str = ".highwater";
const SLOT_BYTES: usize = 512;
const SLOTS: u64 = 2;
const HEAD: &str = "barline high-water 1";
const DOING: Doing = Doing("look up what was acknowledged");

impl Mark {
    /// What the store behind `connection` holds.
    pub(super) fn of(connection: &Connection) -> Result<Self> {
        let sql = "
            SELECT (SELECT coalesce(max(batch_id), 0) FROM batch),
                   (SELECT coalesce(arg_max(identity, batch_id), '') FROM batch),
                   (SELECT coalesce(max(run_id), 0) FROM run),
                   (SELECT coalesce(max(job_id), 0) FROM job),
                   (SELECT coalesce(max(import_id), 0) FROM import)";
        connection
            .query_row(sql, [], |row| {
                Ok(Self {
                    batch_id: row.get(0)?,
                    identity: row.get(1)?,
                    run_id: row.get(2)?,
                    job_id: row.get(3)?,
                    import_id: row.get(4)?,
                })
            })
            .map_err(|e| DOING.failed(&e))
    }

    /// Number and identity of the batch that follows with these contents.
    pub(super) fn next(&self, contents: &blake3::Hash) -> (i64, String) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.identity.as_bytes()).update(contents.as_bytes());
        (self.batch_id + 1, hasher.finalize().to_hex()[..32].to_owned())
    }

    fn line(&self) -> String {
        let mut line = format!(
            "{HEAD}: batch {} {}, run {}, job {}, import {}, check ",
            self.batch_id,
            if self.identity.is_empty() { "-" } else { &self.identity },
            self.run_id,
            self.job_id,
            self.import_id
        );
        let check = blake3::hash(line.as_bytes()).to_hex();
        // Writing to a text cannot fail.
        let _ = write!(line, "{}", &check[..16]);
        line
    }

    fn slot(&self) -> [u8; SLOT_BYTES] {
        let mut slot = [b' '; SLOT_BYTES];
        let line = self.line();
        for (at, byte) in slot.iter_mut().zip(line.bytes().chain([b'\n'])) {
            *at = byte;
        }
        slot
    }

    /// The mark in a slot; `None` unless it is whole.
    fn read(slot: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(slot).ok()?.lines().next()?;
        let rest = line.strip_prefix(HEAD)?.strip_prefix(": ")?;
        let mut fields = rest.split(", ").map(|field| field.split(' ').collect::<Vec<_>>());
        let mut number = |name: &str| -> Option<(i64, Option<String>)> {
            let field = fields.next()?;
            (*field.first()? == name).then_some(())?;
            Some((field.get(1)?.parse().ok()?, field.get(2).map(|&word| word.to_owned())))
        };
        let (batch_id, identity) = number("batch")?;
        let (run_id, job_id, import_id) = (number("run")?.0, number("job")?.0, number("import")?.0);
        let identity = identity.filter(|identity| identity != "-").unwrap_or_default();
        let mark = Self { batch_id, identity, run_id, job_id, import_id };
        (mark.line() == line).then_some(mark)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { batch_id, run_id, job_id, import_id, .. } = self;
        write!(
            f,
            "everything up to batch {batch_id} (run {run_id}, job {job_id}, import {import_id})"
        )
    }
}

/// The open file of a store that is written to.
#[derive(Debug)]
pub(super) struct HighWater {
    file: File,
    path: PathBuf,
    mark: Mark,
}

impl HighWater {
    /// Writes down what the store at `real` holds as it is.
    pub(super) fn begin(real: &Path, mark: Mark) -> Result<Self> {
        let path = beside(real, SUFFIX);
        let new = beside(&path, ".new");
        let write = || -> std::io::Result<File> {
            let file = File::options().write(true).create(true).truncate(true).open(&new)?;
            for slot in 0..SLOTS {
                file.write_all_at(&mark.slot(), slot * SLOT_BYTES as u64)?;
            }
            file.sync_all()?;
            fs::rename(&new, &path)?;
            Ok(file)
        };
        let file = write().map_err(|e| {
            // What is left of it would be in the way of nobody, and says nothing.
            let _ = fs::remove_file(&new);
            Error::io("write what is acknowledged to", &path, &e)
        })?;
        super::beside::sync_folder_of(&path)?;
        Ok(Self { file, path, mark })
    }

    /// What was acknowledged last.
    pub(super) fn mark(&self) -> &Mark {
        &self.mark
    }

    /// Writes down that everything up to `mark` is committed.
    ///
    /// # Errors
    /// If the disk refuses; then the commit was made and nobody may be told so.
    pub(super) fn acknowledge(&mut self, mark: Mark) -> Result<()> {
        let slot = mark.batch_id.unsigned_abs() % SLOTS;
        self.file
            .write_all_at(&mark.slot(), slot * SLOT_BYTES as u64)
            .and_then(|()| self.file.sync_data())
            .map_err(|e| Error::io("write what is acknowledged to", &self.path, &e))?;
        self.mark = mark;
        Ok(())
    }

    /// Removes the file: everything is in the store.
    pub(super) fn end(self) -> Result<()> {
        fs::remove_file(&self.path).map_err(|e| Error::io("remove", &self.path, &e))
    }
}

/// True if there is a mark of the store at `real`.
pub(super) fn exists(real: &Path) -> bool {
    beside(real, SUFFIX).exists()
}

/// Removes the mark of the store at `real`, of which everything is in the one file. A file that
/// cannot be removed is harmless: it is compared again.
pub(super) fn forget(real: &Path) {
    let _ = fs::remove_file(beside(real, SUFFIX));
}

/// The mark of the store at `real`; `None` where there is none.
///
/// # Errors
/// Store, if the file says nothing whole; the system's, if it cannot be read.
pub(super) fn acknowledged(real: &Path) -> Result<Option<Mark>> {
    let path = beside(real, SUFFIX);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("read", &path, &e)),
    };
    let marks = bytes.chunks(SLOT_BYTES).take(2).filter_map(Mark::read);
    marks.max_by_key(|mark| mark.batch_id).map(Some).ok_or_else(|| {
        Error::store(format!(
            "{} is damaged: what was acknowledged last cannot be told",
            path.display()
        ))
    })
}

/// What a store lacks of what was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    mark: Mark,
    held: Mark,
}

impl Loss {
    /// Imports that went with it, first and last number.
    pub(super) fn imports(&self) -> Option<(i64, i64)> {
        let (had, has) = (self.mark.import_id, self.held.import_id);
        (had > has).then_some((has + 1, had))
    }

    /// True if runs or jobs went with it.
    pub(super) fn has_results(&self) -> bool {
        self.held.job_id < self.mark.job_id || self.held.run_id < self.mark.run_id
    }
}

/// What the store behind `connection` lacks of the rows of `mark`, whatever batches it says they came
/// in: a repair counts these anew.
pub(super) fn loss_of_rows(connection: &Connection, mark: &Mark) -> Result<Option<Loss>> {
    let held = Mark { batch_id: mark.batch_id, ..Mark::of(connection)? };
    let whole = held.run_id >= mark.run_id
        && held.job_id >= mark.job_id
        && held.import_id >= mark.import_id;
    Ok((!whole).then(|| Loss { mark: mark.clone(), held }))
}

/// Key of `store_meta` under which a repaired copy has the identity of the mark that it was held
/// against: what it lacks of it was said then.
const SETTLED: &str = "settled_mark";

/// Writes down that what the copy behind `connection` lacks of `mark` has been said: where it takes the
/// place of the store, the mark that is still there says nothing new.
pub(super) fn settle(connection: &Connection, mark: &Mark) -> Result<()> {
    connection
        .execute("INSERT INTO store_meta VALUES (?, ?)", [SETTLED, &mark.identity])
        .map(|_| ())
        .map_err(|e| DOING.failed(&e))
}

fn is_settled(connection: &Connection, mark: &Mark) -> Result<bool> {
    let sql = "SELECT count(*) > 0 FROM store_meta WHERE key = ? AND value = ?";
    connection
        .query_row(sql, [SETTLED, &mark.identity], |row| row.get(0))
        .map_err(|e| DOING.failed(&e))
}

/// What the store behind `connection` lacks of `mark`; `None` if it has everything.
pub(super) fn loss(connection: &Connection, mark: &Mark) -> Result<Option<Loss>> {
    let held = Mark::of(connection)?;
    if mark.batch_id > 0 && is_settled(connection, mark)? {
        return Ok(None);
    }
    let same =
        mark.batch_id == 0 || identity(connection, mark.batch_id)? == Some(mark.identity.clone());
    let whole = same
        && held.run_id >= mark.run_id
        && held.job_id >= mark.job_id
        && held.import_id >= mark.import_id;
    Ok((!whole).then(|| Loss { mark: mark.clone(), held }))
}

fn identity(connection: &Connection, batch_id: i64) -> Result<Option<String>> {
    connection
        .query_row("SELECT identity FROM batch WHERE batch_id = ?", [batch_id], |row| row.get(0))
        .optional()
        .map_err(|e| DOING.failed(&e))
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mark, held } = self;
        let mut parts = Vec::new();
        for (what, all, had, has) in [
            ("batch", "batches", mark.batch_id, held.batch_id),
            ("run", "runs", mark.run_id, held.run_id),
            ("job", "jobs", mark.job_id, held.job_id),
            ("import", "imports", mark.import_id, held.import_id),
        ] {
            match had - has {
                ..=0 => {}
                1 => parts.push(format!("{what} {had}")),
                many => parts.push(format!("{many} {all} ({what} {} to {had})", has + 1)),
            }
        }
        if parts.is_empty() {
            parts.push(format!("batch {}, in whose place is another", mark.batch_id));
        }
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{HighWater, Mark, SLOT_BYTES, acknowledged, beside};

    fn mark(batch_id: i64) -> Mark {
        let (_, identity) = Mark::default().next(&blake3::hash(&batch_id.to_le_bytes()));
        Mark { batch_id, identity, run_id: 2, job_id: 10 * batch_id, import_id: 1 }
    }

    #[test]
    fn the_last_mark_is_read_back_and_a_torn_one_leaves_the_one_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("a.duckdb");
        assert_eq!(acknowledged(&store).expect("none"), None);
        let mut high_water = HighWater::begin(&store, Mark::default()).expect("begun");
        assert_eq!(acknowledged(&store).expect("one"), Some(Mark::default()));
        for batch in 1..=5 {
            high_water.acknowledge(mark(batch)).expect("written");
            assert_eq!(acknowledged(&store).expect("one"), Some(mark(batch)));
        }
        let path = beside(&store, ".highwater");
        let whole = fs::read(&path).expect("bytes");
        assert_eq!(whole.len(), 2 * SLOT_BYTES);
        // Every byte of the newer slot's line, torn or flipped, leaves the older mark.
        for at in SLOT_BYTES..SLOT_BYTES + mark(5).line().len() {
            let mut torn = whole.clone();
            torn[at] ^= 1;
            fs::write(&path, &torn).expect("written");
            assert_eq!(acknowledged(&store).expect("one"), Some(mark(4)), "byte {at}");
        }
        fs::write(&path, vec![0; 2 * SLOT_BYTES]).expect("written");
        assert!(acknowledged(&store).expect_err("damaged").to_string().contains("is damaged"));
        high_water.end().expect("removed");
        assert_eq!(acknowledged(&store).expect("none"), None);
    }

    #[test]
    fn an_identity_depends_on_every_batch_before() {
        let (first, second) = (blake3::hash(b"1"), blake3::hash(b"2"));
        let after = |mark: &Mark, contents| {
            let (batch_id, identity) = mark.next(contents);
            Mark { batch_id, identity, ..Mark::default() }
        };
        let one = after(&after(&Mark::default(), &first), &second);
        let other = after(&after(&Mark::default(), &second), &second);
        assert_eq!(one.batch_id, 2);
        assert_ne!(one.identity, other.identity);
    }
}
