//! Blocks of metadata that were half written when a process was killed, or the power went.
//!
//! A checkpoint writes what is new into free places and then the header that makes it count; whoever opens the
//! file after a kill has the old header and everything it leads to. One thing DuckDB 2.0 writes over what
//! counts: a block of metadata consists of 64 pieces, and new ones go into the free pieces of a block whose
//! other pieces belong to the old header. These are written again as they were, but the one checksum of the
//! block is another: where the write was cut short, it is that of neither, and the file does not open. A kill
//! in the middle of that write is seldom (two were met in some hundreds of imports that were killed), the power
//! may go at any moment of it.
//!
//! What the old header leads to is the same before and after, so nothing is lost: the block gets the checksum of
//! what it holds. To take damage for this, three things have to come together: the log ends with the mark of a
//! checkpoint that was begun; the header does not have the root which that mark names, so the checkpoint was not
//! ended; and the block is one of metadata. Everywhere else a checksum that does not hold is damage, and the
//! store is refused.
//!
//! Called only under the store's lock, before DuckDB has the file.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    path::Path,
};

use super::{
    beside::{LOGS, beside},
    file_blocks::Header,
};
use crate::error::{Error, Result};

/// A block whose checksum is not that of its contents: where it begins, and the one it should have.
type Torn = (u64, u64);

/// What DuckDB's checksum of a block begins with, and what each word is multiplied with.
const CHECKSUM_SEED: u64 = 5381;
const CHECKSUM_FACTOR: u64 = 0xbf58_476d_1ce4_e5b9;

/// An entry of the log: its length, its checksum, and its fields, of which the first is its kind.
const ENTRY_HEAD: usize = 16;
const KIND: [u8; 2] = [100, 0];
const CHECKPOINT: u8 = 99;
/// The entry that ends what was written at once, without its checksum's eight bytes.
const FLUSH: ([u8; 8], [u8; 5]) = ([5, 0, 0, 0, 0, 0, 0, 0], [100, 0, 100, 0xff, 0xff]);
/// The second field of the mark: a place of its own two fields, block and offset.
const ROOT: [u8; 2] = [101, 0];
const BLOCK: [u8; 2] = [100, 0];
/// Lengths that a mark can have.
const MARK_BYTES: std::ops::RangeInclusive<usize> = 9..=32;

/// Gives blocks of metadata that were half written the checksums of what they hold, in the store at `real`.
/// Returns where they begin; mostly there are none.
///
/// # Errors
/// What reading the log or the file, or writing eight bytes to it, reports.
pub(super) fn mend(real: &Path) -> Result<Vec<u64>> {
    let found = torn(real).map_err(|e| Error::io("read", real, &e))?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let write = || {
        let file = File::options().write(true).open(real)?;
        for (start, checksum) in &found {
            file.write_all_at(&checksum.to_le_bytes(), *start)?;
            tracing::warn!(start, "a block of metadata was half written: made whole");
        }
        file.sync_all()
    };
    write().map_err(|e| Error::io("mend a block of", real, &e))?;
    Ok(found.into_iter().map(|(start, _)| start).collect())
}

fn torn(real: &Path) -> io::Result<Vec<Torn>> {
    let Some(begun) = begun_checkpoint(real)? else { return Ok(Vec::new()) };
    let file = File::open(real)?;
    let Some(header) = Header::newest(&file)?.filter(|header| header.root != begun) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for block in metadata_blocks(&file, &header)? {
        let start = header.start_of(block);
        let mut bytes = vec![0; usize::try_from(header.block_bytes).unwrap_or(0)];
        match file.read_exact_at(&mut bytes, start) {
            // A file that is cut off is another matter.
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => continue,
            read => read?,
        }
        let (stored, contents) = bytes.split_at(size_of::<u64>());
        let checksum = checksum(contents);
        if stored != checksum.to_le_bytes() {
            found.push((start, checksum));
        }
    }
    Ok(found)
}

/// The root that a checkpoint would have had which the log says was begun last, and after which nothing was
/// written to the log.
fn begun_checkpoint(real: &Path) -> io::Result<Option<u64>> {
    let log = beside(real, LOGS[0]);
    let mut file = match File::open(&log) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let most = 2 * ENTRY_HEAD + FLUSH.1.len() + MARK_BYTES.end();
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(most as u64)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(root_of_mark(&tail))
}

/// The block of the root, where `tail` ends with the mark of a checkpoint.
fn root_of_mark(tail: &[u8]) -> Option<u64> {
    let before = tail.strip_suffix(&FLUSH.1)?;
    let (before, head) = before.split_at_checked(before.len().checked_sub(ENTRY_HEAD)?)?;
    head.strip_prefix(&FLUSH.0)?;
    let mark = MARK_BYTES.into_iter().find_map(|bytes| {
        let (before, mark) = before.split_at_checked(before.len().checked_sub(bytes)?)?;
        let head = before.get(before.len().checked_sub(ENTRY_HEAD)?..)?;
        let fields = mark.strip_prefix(&KIND)?.strip_prefix(&[CHECKPOINT])?;
        (head[..8] == (bytes as u64).to_le_bytes()).then_some(fields)
    })?;
    let place = mark.strip_prefix(&ROOT)?;
    // A block of zero in piece zero is left out.
    Some(place.strip_prefix(&BLOCK).map_or(0, varint))
}

/// Seven bits a byte, the lowest first.
fn varint(bytes: &[u8]) -> u64 {
    let mut number = 0;
    for (byte, at) in bytes.iter().zip((0..64).step_by(7)) {
        number |= u64::from(byte & 0x7f) << at;
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

/// Numbers of the blocks that hold metadata, as far as the lists are there.
fn metadata_blocks(file: &File, header: &Header) -> io::Result<Vec<u64>> {
    let mut lists = header.lists(file);
    let no_more = |blocks: Option<u64>| blocks.unwrap_or(0).min(header.blocks);
    for _ in 0..no_more(lists.number()?) {
        lists.number()?;
    }
    for _ in 0..no_more(lists.number()?) {
        lists.number()?;
        lists.short()?;
    }
    let mut blocks = Vec::new();
    for _ in 0..no_more(lists.number()?) {
        let (Some(block), Some(_)) = (lists.number()?, lists.number()?) else { break };
        blocks.push(block);
    }
    Ok(blocks)
}

fn checksum(contents: &[u8]) -> u64 {
    contents.chunks_exact(8).fold(CHECKSUM_SEED, |sum, word| {
        let word = word.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        sum ^ u64::wrapping_mul(word, CHECKSUM_FACTOR)
    })
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use duckdb::{AccessMode, Config, Connection};
    use tempfile::TempDir;

    use super::{mend, root_of_mark, torn};
    use crate::store::{Store, StoreOptions, examine, repair};

    const BLOCK: usize = 262_144;
    const FIRST: usize = 12_288;
    const PAGE: usize = 4_096;

    /// A store, as bytes before a checkpoint and as a kill leaves it that comes before the header, with the log.
    struct Killed {
        _folder: TempDir,
        path: PathBuf,
        before: Vec<u8>,
        after: Vec<u8>,
        log: Vec<u8>,
    }

    fn log_of(path: &Path) -> PathBuf {
        path.with_extension("duckdb.wal")
    }

    /// Writes `rows` to the store by DuckDB alone and stops in the middle of the checkpoint.
    fn killed() -> Killed {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.duckdb");
        let store = Store::create(&path, &StoreOptions::default()).expect("a store");
        let fill = "CREATE TABLE own AS SELECT i AS id, hash(i) AS value FROM range(20000) r(i); CHECKPOINT";
        store.reader.connection.execute_batch(fill).expect("filled");
        store.close().expect("closed");
        let before = fs::read(&path).expect("the store");
        let configuration = Config::default().access_mode(AccessMode::ReadWrite).expect("a mode");
        let connection = Connection::open_with_flags(&path, configuration).expect("opened");
        let stop = "SET debug_checkpoint_abort = 'after_free_list_write';
                    INSERT INTO own SELECT i, hash(i) FROM range(20000, 30000) r(i)";
        connection.execute_batch(stop).expect("a log");
        connection.execute_batch("CHECKPOINT").expect_err("stopped");
        let log = fs::read(log_of(&path)).expect("a log");
        let after = fs::read(&path).expect("the store");
        drop(connection);
        Killed { _folder: folder, path, before, after, log }
    }

    impl Killed {
        /// As the kill would leave it if it came after so many pages of the block at `start`.
        fn cut_short(&self, start: usize, pages: usize) {
            let mut bytes = self.after.clone();
            let (from, to) = (start + pages * PAGE, start + BLOCK);
            bytes[from..to].copy_from_slice(&self.before[from..to]);
            fs::write(&self.path, bytes).expect("written");
            fs::write(log_of(&self.path), &self.log).expect("written");
        }

        /// Blocks that were there before and are other ones now.
        fn written_over(&self) -> Vec<usize> {
            let starts = (FIRST..self.before.len()).step_by(BLOCK);
            let block = |bytes: &[u8], at: usize| bytes[at..at + BLOCK].to_vec();
            starts.filter(|&at| block(&self.before, at) != block(&self.after, at)).collect()
        }

        fn sum(&self) -> (i64, i64) {
            let store = Store::open(&self.path, &StoreOptions::default()).expect("the store");
            let sql = "SELECT count(*), sum(id)::BIGINT FROM own WHERE value = hash(id)";
            let row = |row: &duckdb::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            store.reader.connection.query_row(sql, [], row).expect("read")
        }
    }

    #[test]
    fn wherever_the_write_was_cut_short_the_store_opens_with_every_row() {
        let killed = killed();
        let over = killed.written_over();
        assert!(
            !over.is_empty(),
            "DuckDB writes over no block that counts: this is not needed any more"
        );
        let mut mended = 0;
        for &start in &over {
            for pages in [1, 2, 3, 7, 16, 17, 18, 25, 32, 40, 63, 64] {
                killed.cut_short(start, pages);
                let torn = torn(&killed.path).expect("read");
                assert!(torn.iter().all(|(at, _)| *at == start as u64), "{torn:?}");
                mended += torn.len();
                assert_eq!(killed.sum(), (30_000, 30_000 * 29_999 / 2), "{start}, {pages} pages");
            }
        }
        assert!(mended > 5, "{mended}");
    }

    #[test]
    fn doctor_and_repair_find_a_store_without_fault() {
        let killed = killed();
        let start = killed.written_over()[0];
        let options = StoreOptions::default();
        killed.cut_short(start, 1);
        let found = examine(&killed.path, &options).expect("examined");
        assert_eq!(found.troubles, [""; 0]);
        assert_eq!(found.mended, [start as u64]);
        killed.cut_short(start, 1);
        let made = repair(&killed.path, &options).expect("repaired");
        assert_eq!((made.steps.len(), made.missing.len()), (1, 0), "{:?}", made.steps);
    }

    #[test]
    fn damage_that_no_checkpoint_explains_stays() {
        let killed = killed();
        let start = killed.written_over()[0];
        let options = StoreOptions::default();
        let refused = || Store::open(&killed.path, &options).expect_err("damaged").to_string();
        // A log without the mark of a checkpoint that was begun.
        killed.cut_short(start, 1);
        let mark = 2 * super::ENTRY_HEAD;
        fs::write(log_of(&killed.path), &killed.log[..killed.log.len() - mark]).expect("written");
        assert!(mend(&killed.path).expect("read").is_empty());
        assert!(refused().contains("checksum"));
        // No log at all.
        fs::remove_file(log_of(&killed.path)).expect("removed");
        assert!(mend(&killed.path).expect("read").is_empty());
        assert!(refused().contains("checksum"));
        // A block of rows.
        killed.cut_short(start, 64);
        let mut bytes = fs::read(&killed.path).expect("the store");
        let rows = (FIRST..bytes.len()).step_by(BLOCK).find(|at| *at != start).expect("a block");
        bytes[rows + 100] ^= 1;
        fs::write(&killed.path, &bytes).expect("written");
        assert!(mend(&killed.path).expect("read").is_empty());
    }

    #[test]
    fn a_checkpoint_that_was_ended_explains_nothing() {
        let killed = killed();
        killed.cut_short(killed.written_over()[0], 1);
        let root = root_of_mark(&killed.log).expect("a mark");
        let mut bytes = fs::read(&killed.path).expect("the store");
        for header in [4_096, 8_192] {
            bytes[header + 16..header + 24].copy_from_slice(&root.to_le_bytes());
        }
        fs::write(&killed.path, &bytes).expect("written");
        assert!(torn(&killed.path).expect("read").is_empty());
    }

    #[test]
    fn the_root_is_read_from_the_mark() {
        let head = |length: u8| [vec![length, 0, 0, 0, 0, 0, 0, 0], vec![7; 8]].concat();
        let flush = [head(5), vec![100, 0, 100, 255, 255]].concat();
        let mark = |place: &[u8]| {
            let fields = [&[100, 0, 99, 101, 0], place, &[255; 4]].concat();
            [head(u8::try_from(fields.len()).expect("short")), fields, flush.clone()].concat()
        };
        assert_eq!(root_of_mark(&mark(&[101, 0, 8])), Some(0));
        assert_eq!(root_of_mark(&mark(&[100, 0, 0x83, 0x02, 101, 0, 8])), Some(259));
        assert_eq!(root_of_mark(&[vec![1; 40], mark(&[101, 0, 8])].concat()), Some(0));
        assert_eq!(root_of_mark(&flush), None);
        assert_eq!(root_of_mark(&[mark(&[101, 0, 8]), flush].concat()), None);
        assert_eq!(root_of_mark(&[]), None);
    }
}
