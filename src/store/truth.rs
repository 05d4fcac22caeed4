//! What the demo universe was built with, kept beside its bars.

use duckdb::Connection;

use super::{
    columns::{Columns, append},
    failure::Doing,
};
use crate::error::Result;

/// One planted fact of the demo universe.
#[derive(Debug, Clone, PartialEq)]
pub struct TruthRow {
    /// What was planted: `cointegrated_pair`, `broken_pair`, `independent`, ...
    pub kind: String,
    /// Symbols it concerns.
    pub symbols: Vec<String>,
    /// Half-life of the planted spread.
    pub half_life_hours: Option<f64>,
    /// Hedge ratio of the planted relation.
    pub hedge_ratio: Option<f64>,
    /// Shortest horizon at which finding it is promised.
    pub promised_from_days: Option<u32>,
    /// Remark.
    pub note: String,
}

/// Appends `rows` to `demo_truth` in one transaction.
pub(super) fn write(connection: &Connection, rows: &[TruthRow]) -> Result<()> {
    let doing = Doing("write what the demo planted");
    let batch = Columns::default()
        .text("kind", rows.iter().map(|r| r.kind.as_str()))
        .text("symbols", rows.iter().map(|r| r.symbols.join(",")))
        .real("half_life_hours", rows.iter().map(|r| r.half_life_hours))
        .real("hedge_ratio", rows.iter().map(|r| r.hedge_ratio))
        .optional_u32("promised_from_days", rows.iter().map(|r| r.promised_from_days))
        .text("note", rows.iter().map(|r| r.note.as_str()))
        .batch()?;
    append(connection, "demo_truth", batch, doing)
}
