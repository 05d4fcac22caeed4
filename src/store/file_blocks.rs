//! The layout of DuckDB's file, as far as it is read without DuckDB.
//!
//! Three headers of 4 KiB, then blocks. The second and the third header take turns: the one with the larger
//! iteration counts. After a checksum each holds, in eight bytes each: iteration, root of the catalogue, free
//! list, number of blocks, bytes of a block. Blocks of metadata consist of 64 pieces; a text of metadata is a
//! chain of pieces, each behind the place of the next: the block in the low 56 bits, the piece in the others.
//! The free list is such a text: a count and so many numbers of free blocks; a count and so many blocks that
//! several columns share, with four bytes of how many; a count and so many blocks of metadata, with eight
//! bytes of which pieces are free.
//!
//! Called only under the store's lock, before DuckDB has the file: closing it would drop DuckDB's own lock.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt,
};

const HEADER_BYTES: u64 = 4096;
const HEADERS: u64 = 3;
/// Bytes before the contents of a header and of a block: the checksum.
const CHECKSUM_BYTES: u64 = 8;
/// Pieces of a block of metadata.
const PIECES: u64 = 64;
const NOWHERE: u64 = u64::MAX;

/// What a header says of the blocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    iteration: u64,
    /// Where the catalogue begins.
    pub(super) root: u64,
    /// Where the free list begins.
    free_list: u64,
    pub(super) blocks: u64,
    pub(super) block_bytes: u64,
}

impl Header {
    /// The one that counts; `None` where the file is too short for it, or its blocks are none of ours.
    pub(super) fn newest(file: &File) -> io::Result<Option<Self>> {
        if file.metadata()?.len() < Self::all_bytes() {
            return Ok(None);
        }
        let headers = [header(file, 1)?, header(file, 2)?];
        let newest = headers.into_iter().max_by_key(|header| header.iteration);
        Ok(newest.filter(|header| {
            header.block_bytes.is_power_of_two() && header.block_bytes >= HEADER_BYTES
        }))
    }

    /// Bytes before the first block.
    pub(super) const fn all_bytes() -> u64 {
        HEADERS * HEADER_BYTES
    }

    /// Where a block begins; with the number of blocks, where the file ends.
    pub(super) fn start_of(&self, block: u64) -> u64 {
        Self::all_bytes().saturating_add(block.saturating_mul(self.block_bytes))
    }

    /// The free list and what follows it.
    pub(super) fn lists<'a>(&self, file: &'a File) -> Pieces<'a> {
        Pieces { file, header: *self, next: self.free_list, rest: io::Cursor::default() }
    }
}

fn header(file: &File, at: u64) -> io::Result<Header> {
    let number = |field: u64| {
        let mut bytes = [0; 8];
        file.read_exact_at(&mut bytes, at * HEADER_BYTES + CHECKSUM_BYTES + 8 * field)?;
        Ok::<_, io::Error>(u64::from_le_bytes(bytes))
    };
    Ok(Header {
        iteration: number(0)?,
        root: number(1)?,
        free_list: number(2)?,
        blocks: number(3)?,
        block_bytes: number(4)?,
    })
}

/// A text of metadata, piece by piece; it ends where a piece is missing.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    file: &'a File,
    header: Header,
    next: u64,
    rest: io::Cursor<Vec<u8>>,
}

impl Pieces<'_> {
    /// The next number; `None` at the end.
    pub(super) fn number(&mut self) -> io::Result<Option<u64>> {
        let mut bytes = [0; 8];
        Ok(self.filled(&mut bytes)?.then(|| u64::from_le_bytes(bytes)))
    }

    /// The next number of four bytes; `None` at the end.
    pub(super) fn short(&mut self) -> io::Result<Option<u32>> {
        let mut bytes = [0; 4];
        Ok(self.filled(&mut bytes)?.then(|| u32::from_le_bytes(bytes)))
    }

    fn filled(&mut self, bytes: &mut [u8]) -> io::Result<bool> {
        match self.read_exact(bytes) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            read => read.map(|()| true),
        }
    }

    fn next_piece(&mut self) -> io::Result<()> {
        let piece_bytes = (self.header.block_bytes - CHECKSUM_BYTES) / PIECES / 8 * 8;
        let (block, piece) = (self.next & (u64::MAX >> 8), self.next >> 56);
        let start =
            self.header.start_of(block).saturating_add(CHECKSUM_BYTES + piece * piece_bytes);
        let mut bytes = vec![0; usize::try_from(piece_bytes).unwrap_or(0)];
        self.file.read_exact_at(&mut bytes, start)?;
        let (place, rest) = bytes.split_at(8);
        self.next = place.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        self.rest = io::Cursor::new(rest.to_vec());
        Ok(())
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.rest.read(bytes)?;
            if read > 0 || bytes.is_empty() || self.next == NOWHERE {
                return Ok(read);
            }
            self.next_piece()?;
        }
    }
}
