//! Bars on their way in.
//!
//! An import is one transaction: its bars, the instruments they name, its rejects, its gaps and
//! its row in `import` become visible together or not at all. Every record that was read is
//! stored, a duplicate or rejected; [`ImportWriter::finish`] checks the sum and counts the rows of
//! the table before and after.

mod bar_writer;
mod ledger;

pub use bar_writer::ImportWriter;
pub use ledger::{ImportSource, ImportSummary};
