//! What a run takes of the disk, as its plan tells it. Units: bytes.

/// What a run may take of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Disk {
    /// The file of a mapped panel.
    pub panel: u64,
    /// Results, as they are stored.
    pub results: u64,
    /// What DuckDB spills beside the store.
    pub spill: u64,
}

impl Disk {
    /// Its parts by name.
    pub fn named(&self) -> [(&'static str, u64); 3] {
        [("panel file", self.panel), ("results", self.results), ("spill", self.spill)]
    }
}
