//! Whether a store's file is as long as its header says.
//!
//! Blocks have checksums, and one that is not there is met when it is read; until then a file that was cut off
//! at its end opens, is written to, and grows over the hole. So the length is looked at before DuckDB opens
//! the file. DuckDB cuts free blocks at the end off after it has written the header, so that blocks of the free
//! list may be missing.

use std::{collections::BTreeSet, fs::File, io, path::Path};

use super::file_blocks::Header;
use crate::error::{Error, Result};

/// Bytes that the file at `real` has, and those that its header asks for, if these are more.
///
/// # Errors
/// What reading the file reports.
pub(super) fn cut_off(real: &Path) -> Result<Option<(u64, u64)>> {
    look(real).map_err(|e| Error::io("read", real, &e))
}

fn look(real: &Path) -> io::Result<Option<(u64, u64)>> {
    let file = File::open(real)?;
    let given = file.metadata()?.len();
    if given < Header::all_bytes() {
        return Ok(Some((given, Header::all_bytes())));
    }
    // Another size of blocks is none of ours: DuckDB says what it thinks of it.
    let Some(header) = Header::newest(&file)? else { return Ok(None) };
    if given >= header.start_of(header.blocks) {
        return Ok(None);
    }
    let free = free_blocks(&file, &header)?;
    let mut needed = header.blocks;
    while needed > 0 && free.contains(&(needed - 1)) {
        needed -= 1;
    }
    let needed = header.start_of(needed);
    Ok((given < needed).then_some((given, needed)))
}

/// The free list, as far as it is there.
fn free_blocks(file: &File, header: &Header) -> io::Result<BTreeSet<u64>> {
    let mut lists = header.lists(file);
    let count = lists.number()?.unwrap_or(0).min(header.blocks);
    let mut free = BTreeSet::new();
    for _ in 0..count {
        let Some(block) = lists.number()? else { break };
        free.insert(block);
    }
    Ok(free)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::cut_off;
    use crate::store::{Store, StoreOptions};

    /// Tables that come and go make blocks free at the end and in the middle, which DuckDB cuts off.
    #[test]
    fn a_file_is_never_shorter_than_its_header_asks_for_until_it_is_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.duckdb");
        drop(Store::create(&path, &StoreOptions::default()).expect("a store"));
        let mut shrank = 0;
        for round in 0..12_usize {
            let before = fs::metadata(&path).expect("a store").len();
            let store = Store::open(&path, &StoreOptions::default()).expect("the store");
            let connection = &store.reader.connection;
            let sql = if round % 3 == 2 {
                "DROP TABLE t0; DROP TABLE IF EXISTS t1".to_owned()
            } else {
                format!("CREATE TABLE t{} AS SELECT hash(i) FROM range(300000) r(i)", round % 3)
            };
            connection.execute_batch(&format!("{sql}; CHECKPOINT")).expect("made");
            drop(store);
            shrank += usize::from(fs::metadata(&path).expect("a store").len() < before);
            assert_eq!(cut_off(&path).expect("read"), None, "round {round}");
        }
        assert!(shrank > 0);
        let whole = fs::metadata(&path).expect("a store").len();
        let file = File::options().write(true).open(&path).expect("the store");
        for bytes in [whole - 1, whole - 262_144, 12_288, 5_000, 9] {
            file.set_len(bytes).expect("cut");
            let (given, needed) = cut_off(&path).expect("read").expect("cut off");
            assert!(given == bytes && needed > bytes, "{given} {needed}");
        }
    }
}
