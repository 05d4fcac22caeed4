//! The identity of a job: equal key, equal result.

use std::fmt;

/// Version of the numbers. Raised when any stored result changes for the same input; part of
/// every [`JobKey`], so old results are never mistaken for new ones.
pub const NUMERIC_VERSION: u32 = 2;

/// Hash of everything that decides a job's result: symbols, strategy, parameters, costs, horizon,
/// the content of the bars it may use and [`NUMERIC_VERSION`]. Not in it: warmup multiplier,
/// workers, budget, batch sizes, device, rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobKey([u8; 16]);

impl JobKey {
    /// The first 128 bits of a hash.
    pub fn from_hash(hash: &blake3::Hash) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&hash.as_bytes()[..16]);
        Self(key)
    }

    /// The key whose 16 bytes these are, as a store gives them back.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its 16 bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for JobKey {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
