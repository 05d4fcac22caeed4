//! The crate's one integration test binary: each more would link DuckDB and Polars again.

mod golden;
