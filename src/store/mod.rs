//! The store: DuckDB in one file, and nothing else.
//!
//! [`Store::create`] builds a store whole or not at all; [`Store::open`] looks before it touches:
//! a missing file, a folder, a foreign file, another version and another holder are each refused
//! with one line. Bars enter through an [`ImportWriter`] and leave as Arrow batches through
//! [`Reader::stream_bars`]; a run's rows enter through the one [`ResultWriter`], a batch per
//! transaction; answers leave as a [`Table`], from a [`NamedQuery`] or from caged user SQL.
//!
//! Where each step lives:
//!
//! | step | file |
//! |---|---|
//! | what a file is before DuckDB sees it | `file_kind` |
//! | who holds the store | `lock` |
//! | settings every instance is opened with | `hardening` |
//! | create, open, close | `open`, `beside`, `held` |
//! | what was acknowledged, and what is stored after an error | `high_water`, `look_again` |
//! | what an open store offers | `access` |
//! | tables and views, from `queries/schema`, and what their columns mean | `schema`, `meanings` |
//! | files of bars, read and judged | `source` |
//! | bars in | `import` |
//! | bars out | `bar_query`, `bar_sql`, `reader`, `stored_bars` |
//! | splits, dividends, funding, borrow rates | `import`, `events`; against the bars: `event_finding` |
//! | screens in and out | `screen_rows`, `stored_screen` |
//! | jobs in | `run_record`, `result_rows`, `result_writer`, `batch_row`, `job_details`, `stored_fits` |
//! | jobs out | `known_jobs`, `run_facts`, `answer`, `spool`, `named_query`, `query_header`, `query_values`, `cage` |
//! | queries of the user's, and what is written out for other tools | `query_folder`, `exports` |
//! | signals from a statement over bars | `signal_cage`, `sql_words` |
//! | rows in order that memory does not hold | `sorting` |
//! | a store in memory that is used again | `used_again` |
//! | what a store is | `facts` |
//! | what is left of a damaged one | `examine`, `rebuild`, `repair`, `salvage`, `missing` |
//!
//! Times are microseconds in UTC. Nobody above this floor writes SQL; no value reaches a
//! statement but as a bound parameter or a number. A float is never reduced in SQL where a result
//! depends on it.

mod access;
mod answer;
mod bar_query;
mod bar_sql;
mod batch_row;
mod beside;
mod cage;
mod columns;
mod event_finding;
mod events;
mod examine;
mod exports;
mod facts;
mod failure;
mod file_blocks;
mod file_kind;
mod file_length;
mod hardening;
mod held;
mod high_water;
pub mod import;
mod interrupt;
mod job_details;
mod job_equity;
mod known_jobs;
mod lock;
mod look_again;
mod mapping;
mod meanings;
mod memory_rows;
mod merging;
mod missing;
mod named_query;
mod open;
mod put_aside;
mod query_folder;
mod query_header;
mod query_text;
mod query_values;
mod reader;
mod rebuild;
mod repair;
mod result_rows;
mod result_writer;
mod run_facts;
mod run_record;
mod salvage;
mod schema;
mod screen_answer;
mod screen_rows;
mod series;
mod signal_cage;
mod signal_statement;
mod sorting;
pub mod source;
mod spool;
mod sql_words;
mod stored_bars;
mod stored_fits;
mod stored_screen;
mod table;
mod torn;
mod truth;
mod unfinished_screens;
mod used_again;

pub use bar_query::{BarColumn, BarQuery, Compare, Comparison, Literal};
pub use event_finding::{Astray, EventFinding};
pub(crate) use examine::GROUP_ROWS;
pub use examine::{Examination, TableState, examine};
pub use exports::export_query;
pub use facts::{StoreFacts, duckdb_version};
pub use hardening::StoreOptions;
pub use import::{ImportSource, ImportSummary, ImportWriter};
pub use interrupt::Interrupt;
pub use known_jobs::{KnownJob, StoredJob};
pub use look_again::StoredRun;
pub use mapping::Mapping;
pub use meanings::{Meaning, meaning};
pub use merging::RowGroups;
pub use missing::MissingRows;
pub use named_query::{Explained, NamedQuery, Parameter};
pub use open::Store;
pub use query_folder::QueryFolder;
pub use reader::Reader;
pub use rebuild::Rebuild;
pub use repair::{Repair, repair};
pub use result_writer::{Batch, ResultWriter};
pub use run_facts::{RunBars, RunFacts};
pub use run_record::{
    MemorySample, RunDevice, RunEnd, RunInstrument, RunKind, RunReach, RunStart, RunStatus,
};
pub use schema::SCHEMA_VERSION;
pub use series::SeriesSummary;
pub use signal_cage::SignalCage;
pub use signal_statement::require_signal_statement;
pub use sorting::{FixedRow, Sorted, Sorting, SortingPlace};
pub use spool::Answer;
pub use stored_screen::StoredScreen;
pub use table::{Cell, CellKind, Rows, Table};
pub use truth::TruthRow;
