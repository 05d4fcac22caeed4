//! One test binary for everything that is tested from outside: each further one would link
//! DuckDB and Polars again.

mod cli;
