//! Files mapped into memory, read-only.
#![allow(unsafe_code)]

use std::{
    fs::File,
    mem::{align_of, size_of},
    ops::Range,
    path::Path,
    sync::Arc,
};

use memmap2::Mmap;

use crate::{
    domain::SharedValues,
    error::{Error, Result},
};

/// A file in memory: its pages are the kernel's cache, not this process's.
///
/// Whoever maps a file keeps others from writing to it or cutting it short meanwhile; Barline maps
/// only files that it made itself under a name of its own, whole before they had that name, and
/// replaces such a file by renaming another one over it.
#[derive(Debug)]
pub struct Mapping(Mmap);

impl Mapping {
    /// Maps the file at `path`.
    ///
    /// # Errors
    /// Io, if it cannot be opened or mapped.
    pub fn open(path: &Path) -> Result<Arc<Self>> {
        let file = File::open(path).map_err(|e| Error::io("open", path, &e))?;
        // SAFETY: the file is ours (see above): it is never written to once it has its name, and
        // what replaces it is another file, so these pages stay as they are.
        let map = unsafe { Mmap::map(&file) }.map_err(|e| Error::io("map", path, &e))?;
        Ok(Arc::new(Self(map)))
    }

    /// Everything in it.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its bytes in `range` as numbers; `None` if they are no whole numbers of the file.
    pub fn values(self: &Arc<Self>, range: Range<usize>) -> Option<SharedValues> {
        let bytes = self.bytes().get(range.clone())?;
        let whole = bytes.len().is_multiple_of(size_of::<f64>());
        let aligned = bytes.as_ptr().align_offset(align_of::<f64>()) == 0;
        (whole && aligned).then(|| -> SharedValues {
            Arc::new(MappedValues { mapping: Arc::clone(self), range })
        })
    }
}

/// Numbers in a mapped file; made where the range is whole and aligned.
struct MappedValues {
    mapping: Arc<Mapping>,
    range: Range<usize>,
}

impl AsRef<[f64]> for MappedValues {
    fn as_ref(&self) -> &[f64] {
        let bytes = &self.mapping.bytes()[self.range.clone()];
        // SAFETY: every pattern of bits is an f64, the bytes are aligned (checked when this was
        // made; a mapping does not move), and what is no whole number at the ends is left out.
        let (_, values, _) = unsafe { bytes.align_to::<f64>() };
        values
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Mapping;

    #[test]
    fn numbers_come_back_bit_by_bit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("values");
        let written = [1.5, -0.0, f64::NAN, f64::MIN_POSITIVE];
        let bytes: Vec<u8> = written.iter().flat_map(|value| value.to_ne_bytes()).collect();
        fs::write(&path, &bytes).expect("written");
        let mapping = Mapping::open(&path).expect("mapped");
        let values = mapping.values(0..32).expect("four numbers");
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits((*values).as_ref()), bits(&written));
        let last = mapping.values(24..32).expect("one number");
        assert_eq!(bits((*last).as_ref()), bits(&written[3..]));
        for wrong in [0..31, 4..12, 0..40] {
            assert!(mapping.values(wrong.clone()).is_none(), "{wrong:?}");
        }
    }
}
