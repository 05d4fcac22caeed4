//! Packed files: gzip, zstd and zip archives, unpacked on the way and never onto the disk.
//!
//! What a stranger packed may unpack to more than any disk holds. So the bytes that come out are
//! counted against those that went in ([`MOST_RATIO`]) and against [`MOST_BYTES`]; a zstd window, the
//! members of an archive and their names are held to limits as well. Every limit is named in the
//! refusal.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use flate2::bufread::MultiGzDecoder;

use super::archive;
use crate::error::{Error, Result};

pub(super) const BUFFER_BYTES: usize = 1 << 18;
/// Most bytes that a byte of a packed file may stand for. Bars pack to a third or a tenth; months
/// without a trade to a hundredth.
pub(super) const MOST_RATIO: u64 = 200;
/// Bytes that may come out before the ratio counts: a small file of equal lines is no bomb.
const UNCOUNTED_BYTES: u64 = 16 << 20;
/// Most bytes that come out of one file.
pub(super) const MOST_BYTES: u64 = 64 << 30;
/// Largest window of a zstd frame, as a power of two: what the decoder holds.
const WINDOW_LOG: u32 = 25;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Zstd,
    Zip,
}

impl Packing {
    /// What the first bytes of a file show.
    pub(super) fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            _ => Self::Plain,
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Zip => "zip",
        }
    }
}

/// A text in a file: all of it, or a member of an archive.
pub(super) struct Part<'a> {
    /// Name that symbols are taken from: a path's last part.
    pub(super) name: &'a str,
    /// The member's name, where the file is an archive.
    pub(super) member: Option<&'a str>,
    /// Its bytes.
    pub(super) input: &'a mut dyn BufRead,
}

/// Hands every text in the file at `path` to `take`, in the order of the file.
///
/// # Errors
/// Io, if it cannot be read; Data, if its packing is damaged or breaks a limit, or nothing is in it;
/// whatever `take` reports.
pub(super) fn each_part(
    path: &Path,
    packing: Packing,
    take: &mut dyn FnMut(Part<'_>) -> Result<()>,
) -> Result<()> {
    let open = || File::open(path).map_err(|e| Error::io("open", path, &e));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut whole = |input: &mut dyn BufRead| take(Part { name: &name, member: None, input });
    match packing {
        Packing::Plain => whole(&mut BufReader::with_capacity(BUFFER_BYTES, open()?)),
        Packing::Gzip => {
            let (counted, spent) = Counted::new(open()?);
            let inside = MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, counted));
            whole(&mut bounded(inside, spent))
        }
        Packing::Zstd => {
            let (counted, spent) = Counted::new(open()?);
            let mut inside =
                zstd::Decoder::new(counted).map_err(|e| Error::io("open", path, &e))?;
            inside.window_log_max(WINDOW_LOG).map_err(|e| Error::io("open", path, &e))?;
            whole(&mut bounded(inside, spent))
        }
        Packing::Zip => archive::each_member(path, &open()?, take),
    }
}

/// Bytes of a packed file that were taken so far.
pub(super) type Spent = Arc<AtomicU64>;

/// Counts what is read.
pub(super) struct Counted<R> {
    inner: R,
    spent: Spent,
}

impl<R: Read> Counted<R> {
    pub(super) fn new(inner: R) -> (Self, Spent) {
        let spent = Spent::default();
        (Self { inner, spent: Arc::clone(&spent) }, spent)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.spent.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// What a decoder makes of bytes that `spent` counts, held to the limits.
pub(super) fn bounded<R: Read>(inside: R, spent: Spent) -> BufReader<Bounded<R>> {
    BufReader::with_capacity(BUFFER_BYTES, Bounded { inside, spent, made: 0 })
}

/// Holds a decoder to the limits.
pub(super) struct Bounded<R> {
    inside: R,
    spent: Spent,
    made: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inside.read(buffer).map_err(|error| match error.raw_os_error() {
            Some(_) => error,
            None => io::Error::other(PackedFault::Damaged(error.to_string())),
        })?;
        self.made += count as u64;
        let spent = self.spent.load(Ordering::Relaxed).max(1);
        if self.made > MOST_BYTES {
            return Err(io::Error::other(PackedFault::TooLong));
        }
        if self.made > UNCOUNTED_BYTES && self.made / MOST_RATIO > spent {
            return Err(io::Error::other(PackedFault::Bomb { made: self.made, spent }));
        }
        Ok(count)
    }
}

/// Why a packed file cannot be read on.
#[derive(Debug)]
pub(super) enum PackedFault {
    /// The decoder refuses it.
    Damaged(String),
    /// More comes out than is read.
    TooLong,
    /// More comes out for what went in than bars ever pack to.
    Bomb { made: u64, spent: u64 },
}

impl std::fmt::Display for PackedFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Damaged(what) => write!(f, "cannot be unpacked: {what}"),
            Self::TooLong => write!(f, "unpacks to more than {} GiB", MOST_BYTES >> 30),
            Self::Bomb { made, spent } => write!(
                f,
                "unpacks {spent} bytes to {made}, more than {MOST_RATIO} for one, which no bars do"
            ),
        }
    }
}

impl std::error::Error for PackedFault {}

/// The error of a read from the file at `path`: the packing's fault, or the machine's.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Error {
    let fault = error.get_ref().and_then(|inner| inner.downcast_ref::<PackedFault>());
    match fault {
        None => Error::io("read", path, error),
        Some(fault) => {
            let remedy = match fault {
                PackedFault::Damaged(_) => "it may be cut short or damaged; get it again",
                _ => "unpack it yourself if you trust it, and import what comes out",
            };
            let what = fault.to_string();
            let line = what.lines().next().unwrap_or_default();
            Error::data(format!("{} {line}", super::shown_name(path))).with_hint(remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write, path::Path};

    use flate2::{Compression, write::GzEncoder};

    use super::{Packing, each_part, unreadable};
    use crate::error::Result;

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    fn unpacked(path: &Path, packing: Packing) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        each_part(path, packing, &mut |part| {
            part.input.read_to_end(&mut bytes).map(|_| ()).map_err(|e| unreadable(path, &e))
        })?;
        Ok(bytes)
    }

    #[test]
    fn what_was_packed_comes_out_and_what_is_damaged_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv.gz");
        let text: Vec<u8> = (0..60_000_u32).flat_map(u32::to_le_bytes).collect();
        let check = |bytes: &[u8], packing| {
            fs::write(&path, bytes).expect("written");
            unpacked(&path, packing)
        };
        assert_eq!(check(&gz(&text), Packing::Gzip).expect("whole"), text);
        let twice = [gz(&text[..100]), gz(&text[100..])].concat();
        assert_eq!(check(&twice, Packing::Gzip).expect("two members"), text);
        let zstd = zstd::encode_all(&text[..], 3).expect("packed");
        assert_eq!(check(&zstd, Packing::Zstd).expect("whole"), text);
        let whole = gz(&text);
        let mut crc = whole.clone();
        let at = crc.len() - 6;
        crc[at] ^= 0xff;
        for (bytes, packing) in [
            (&whole[..whole.len() / 2], Packing::Gzip),
            (&crc[..], Packing::Gzip),
            (&[&whole[..], b"garbage"].concat()[..], Packing::Gzip),
            (&zstd[..zstd.len() / 2], Packing::Zstd),
        ] {
            let error = check(bytes, packing).expect_err("damaged");
            assert!(error.is_data() && error.to_string().contains("cannot be unpacked"), "{error}");
        }
    }

    #[test]
    fn a_bomb_is_refused_by_its_ratio() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bomb.gz");
        fs::write(&path, gz(&vec![b'9'; 64 << 20])).expect("written");
        let error = unpacked(&path, Packing::Gzip).expect_err("a bomb").to_string();
        assert!(error.contains("more than 200 for one"), "{error}");
        fs::write(&path, gz(&vec![b'9'; 1 << 20])).expect("written");
        unpacked(&path, Packing::Gzip).expect("small enough to be harmless");
    }
}
