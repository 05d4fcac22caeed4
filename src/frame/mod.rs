//! Lazy Polars frames over the store, and the panel they are collected into.
//!
//! A [`FrameSource`] wraps a reader of the store and makes lazy frames of bars. Their projection
//! and the part of their predicate that SQL can say exactly become a query
//! ([`crate::store::BarQuery`]); Polars filters the rest. Record batches cross from DuckDB to
//! Polars through the Arrow C data interface, in one file.
//!
//! 1. [`horizon_frame`]: the bars of some instruments in `[load_start, end)`.
//! 2. [`load_panel`]: the longest horizon, collected a group of instruments at a time and laid out
//!    as dense columns. Shorter horizons are views of that panel.
//!
//! Frames are collected with [`collect`] only: a scan that is a callback cannot be streamed.
//!
//! | column | Polars type | unit |
//! |---|---|---|
//! | `instrument_id` | `UInt32` | number in the store |
//! | `market`, `symbol` | `String` | |
//! | `ts` | `Datetime(us)` | opening time, UTC |
//! | `open`, `high`, `low`, `close` | `Float64` | quote currency; null where the source gives none |
//! | `volume` | `Float64` | units of the instrument; null where the source gives none |

mod arrow_bridge;
mod collect;
mod columns;
mod horizon;
mod into_panel;
mod literal;
mod panel_file;
mod predicate;
mod scan;
mod source;

pub use collect::{collect, refuse_forced_streaming};
pub use horizon::horizon_frame;
pub use into_panel::{LoadedPanel, group_frame_bytes, load_panel};
pub use panel_file::{MappedPanel, PanelOrder, mapped_panel};
pub use source::FrameSource;
