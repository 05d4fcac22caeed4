//! Answers as text: aligned tables for people, CSV and JSON for programs, the closing summary.
//!
//! Everything here turns values into bytes and touches neither the terminal nor the store. A
//! [`Format`] is chosen once and [`write()`] obeys it: the table rounds for the eye, CSV and JSON
//! keep every digit (shortest text that reads back as the same number). [`closing`] and
//! [`planned`] are the two longer texts: what a backtest found, and what it would do.

mod cell;
mod csv;
mod format;
mod json;
mod number;
mod outcomes;
mod plan;
mod summary;
mod table;

pub use cell::plain_text;
pub use format::{Format, write};
pub use number::megabytes;
pub use plan::planned;
pub use summary::{Closing, closing};
pub use table::aligned;
