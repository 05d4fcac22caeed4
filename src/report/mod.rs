//! Answers: aligned tables for people, CSV, JSON and Parquet for programs, the closing summary, a run as
//! an HTML page.
//!
//! Everything here turns values into bytes and touches neither the terminal nor the store. A
//! [`Format`] is chosen once and [`write()`] obeys it: the table rounds for the eye, the others
//! keep every digit (CSV and JSON as the shortest text that reads back as the same number). [`closing`] and
//! [`planned`] are the two longer texts: what a backtest found, and what it would do.

mod against_benchmark;
mod cell;
mod column_names;
mod csv;
mod fitted;
mod format;
mod html;
mod json;
mod long_table;
mod number;
mod outcomes;
mod parquet;
mod plan;
mod summary;
mod table;
mod weights;
mod wrapped;

pub use cell::plain_text;
pub use fitted::fitted;
pub use format::{Format, write, write_rows};
pub use html::html;
pub use number::megabytes;
pub use parquet::POLARS_VERSION;
pub use plan::{planned, planned_screen};
pub use summary::{Closing, closing, memory_line};
pub use table::aligned;
pub use weights::weighed;
