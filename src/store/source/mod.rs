//! Files of bars: read, typed and judged row by row, before anything reaches the store.
//!
//! 1. [`read_source`] opens a file (text, packed or not, Parquet, Feather), recognises how it is laid out
//!    ([`Layout`]) and hands typed batches ([`RawBars`]) and refused rows ([`Reject`]) to a [`BarSink`].
//! 2. [`Gathered`] is the sink that sorts them: bars by symbol in time order, duplicates set aside.
//! 3. [`infer`] says what they look like: the interval and the calendar class.
//!
//! Every record of a file is accounted for: `read = accepted + rejected + blank + comment + header`, and
//! `accepted = kept + duplicate` after sorting. Nothing is repaired in silence.
//!
//! Bytes of strangers are parsed here in safe Rust, with limits, and not by DuckDB.

mod archive;
mod column_map;
mod csv_source;
mod expected_rows;
mod feather_source;
mod gather;
mod infer;
mod intake;
mod json_source;
mod json_tokens;
mod layout;
mod moment;
mod packed;
mod parquet_source;
mod raw_bars;
mod reading;
mod row_rules;
mod spacing;
mod text_lines;
mod typed_columns;
mod weight_file;

pub use column_map::SourceColumn;
pub use expected_rows::{Expected, expected};
pub use gather::{Duplicate, Gathered, Settled, SymbolBars};
pub use infer::{Inferred, infer};
pub use layout::Layout;
pub use raw_bars::{Accounting, BarSink, RawBars, Reject, RejectReason};
pub use reading::{RowKind, SourceFormat, SourceOptions, SourceReading, read_source};
pub(in crate::store) use reading::{possible_symbols, require_file, require_unchanged, shown_name};
pub use weight_file::read_weights;
