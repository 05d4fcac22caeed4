//! Whether a store's file is as long as its header says.
//!
//! Blocks have checksums, and one that is not there is met when it is read; until then a file that was cut off
//! at its end opens, is written to, and grows over the hole. So the length is looked at before DuckDB opens
//! the file.
//!
//! # Layout
//! Three headers of 4 KiB, then blocks. The second and the third header take turns: the one with the larger
//! iteration counts. After a checksum each holds, in eight bytes each: iteration, first block of the
//! catalogue, free list, number of blocks, bytes of a block. DuckDB cuts free blocks at the end off after it
//! has written the header, so that blocks of the free list may be missing. The free list is a count and so many
//! numbers of blocks in pieces of a block, each behind the place of the next: the block in the low 56 bits, the
//! piece in the others.
//!
//! Called only under the store's lock, before DuckDB has the file: closing it would drop DuckDB's own lock.

use std::{collections::BTreeSet, fs::File, io, os::unix::fs::FileExt, path::Path};

use crate::error::{Error, Result};

const HEADER_BYTES: u64 = 4096;
const HEADERS: u64 = 3;
/// Bytes before the contents of a header and of a block: the checksum.
const CHECKSUM_BYTES: u64 = 8;
/// Pieces of a block that holds a list.
const PIECES: u64 = 64;
const NOWHERE: u64 = u64::MAX;

/// What a header says of the blocks.
#[derive(Debug, Clone, Copy)]
struct Header {
    iteration: u64,
    free_list: u64,
    blocks: u64,
    block_bytes: u64,
}

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
    if given < HEADERS * HEADER_BYTES {
        return Ok(Some((given, HEADERS * HEADER_BYTES)));
    }
    let headers = [header(&file, 1)?, header(&file, 2)?];
    let newest = headers.into_iter().max_by_key(|header| header.iteration);
    // Another size of blocks is none of ours: DuckDB says what it thinks of it.
    let Some(header) = newest.filter(|header| header.block_bytes.is_power_of_two()) else {
        return Ok(None);
    };
    let bytes_of = |blocks: u64| HEADERS * HEADER_BYTES + blocks.saturating_mul(header.block_bytes);
    if given >= bytes_of(header.blocks) {
        return Ok(None);
    }
    let free = free_blocks(&file, &header)?;
    let mut needed = header.blocks;
    while needed > 0 && free.contains(&(needed - 1)) {
        needed -= 1;
    }
    Ok((given < bytes_of(needed)).then(|| (given, bytes_of(needed))))
}

fn header(file: &File, at: u64) -> io::Result<Header> {
    let number = |field: u64| number(file, at * HEADER_BYTES + CHECKSUM_BYTES + 8 * field);
    Ok(Header {
        iteration: number(0)?,
        free_list: number(2)?,
        blocks: number(3)?,
        block_bytes: number(4)?,
    })
}

/// The free list, as far as it is there.
fn free_blocks(file: &File, header: &Header) -> io::Result<BTreeSet<u64>> {
    let piece_bytes = (header.block_bytes - CHECKSUM_BYTES) / PIECES / 8 * 8;
    let (mut free, mut left) = (BTreeSet::new(), None);
    let mut place = header.free_list;
    while place != NOWHERE && left != Some(0) {
        let (block, piece) = (place & (u64::MAX >> 8), place >> 56);
        let start = HEADERS * HEADER_BYTES + block.saturating_mul(header.block_bytes);
        let mut bytes = vec![0; usize::try_from(piece_bytes).unwrap_or(0)];
        let start = start.saturating_add(CHECKSUM_BYTES + piece * piece_bytes);
        match file.read_exact_at(&mut bytes, start) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => break,
            read => read?,
        }
        let mut numbers = bytes.chunks_exact(8).map(little);
        place = numbers.next().unwrap_or(NOWHERE);
        let mut count = match left {
            None => numbers.next().unwrap_or(0).min(header.blocks),
            Some(count) => count,
        };
        for block in numbers.take(usize::try_from(count).unwrap_or(usize::MAX)) {
            free.insert(block);
            count -= 1;
        }
        left = Some(count);
    }
    Ok(free)
}

fn number(file: &File, at: u64) -> io::Result<u64> {
    let mut bytes = [0; 8];
    file.read_exact_at(&mut bytes, at)?;
    Ok(u64::from_le_bytes(bytes))
}

fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
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
