//! Placeholder header of the store floor; its helper writes it.
mod table;
pub use table::{Cell, Table};
