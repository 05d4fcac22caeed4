//! Bars on their way in.
//!
//! An import is one transaction: its bars, the instruments they name, its rejects, its gaps and
//! its row in `import` become visible together or not at all. Every record that was read is
//! stored, takes the place of a stored one, is a duplicate, rejected, blank, a comment or a header;
//! [`ImportWriter::finish`] checks the sum and counts the
//! rows of the table before and after. What is stored already and differs is kept, replaced or a
//! reason to refuse the file: [`OnConflict`].
//!
//! A file comes in steps, so that nothing is made for a file that cannot be used:
//! [`SourceFile::look_at`] hashes it, [`Store::earlier_import`](super::Store::earlier_import) says
//! whether it was imported before, [`FileBars::read`] reads and settles it under its
//! [`ImportTerms`], [`Store::import_file`](super::Store::import_file) stores it.

mod bar_rows;
mod bar_writer;
mod event_import;
mod event_writer;
mod file_bars;
mod file_import;
mod file_report;
mod instrument_name;
mod ledger;
mod new_bars;
mod on_conflict;
mod rows_in_conflict;
mod source_file;
mod terms;

pub(super) use bar_rows::bar_rows;
pub use bar_writer::ImportWriter;
pub use event_import::{EventReading, EventReport, EventSeries, event_room_bytes};
pub use file_bars::{FileBars, FileReading, Watch, room_bytes};
pub use file_import::EarlierImport;
pub use file_report::{CalendarFrom, FileReport};
pub use ledger::{ImportSource, ImportSummary};
pub use on_conflict::OnConflict;
pub use source_file::{SourceFile, shown_name};
pub use terms::{ImportTerms, Stamp};
