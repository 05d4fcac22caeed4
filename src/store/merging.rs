//! Row groups that DuckDB merges when its log is brought into the file.
//!
//! Every checkpoint of a table to which rows were added begins a row group, and DuckDB 2.0 merges neighbours
//! that are together no larger than one, two or three of [`GROUP_ROWS`] rows where that makes fewer of them: all
//! their columns stand uncompressed in memory meanwhile. At the end of the table it waits until the rows have
//! doubled. So a small run may have to hold the rows of many that went before it: its plan counts them, and where
//! they have no room, the row groups stay as they are until there is.

use std::collections::BTreeMap;

use duckdb::Connection;

use super::{Store, examine::GROUP_ROWS, failure::Doing};
use crate::error::Result;

const DOING: Doing = Doing("look at the row groups of the store");
/// Tables to which imports, runs and screens add.
const TABLES: [&str; 13] = [
    BARS,
    "job",
    "run_job",
    "measure",
    "trade",
    "equity",
    "fill",
    "weight",
    "fit",
    "run_fit",
    "screen",
    "run_instrument",
    "memory_sample",
];
const BARS: &str = "bar";
/// Bytes of a bar in its columns.
const BAR_BYTES: u64 = 68;
/// Full row groups that a merge makes at most.
const MOST_FULL: u64 = 3;
/// Fewer rows than this at the end of a table are merged without waiting.
const VECTOR_ROWS: u64 = 2_048;
/// The table whose rows take most of them has a fifth more than its columns, bars a half more, and of the others a
/// fifth less is there at the same time: what many columns begin comes to that. Measured at 10,000 to 240,000
/// rows of jobs with their trades, of screens, and of bars.
const OVER: u64 = 5;
const BARS_OVER: u64 = 2;
const BEGUN: u64 = 3 << 19;

/// Rows of each row group of a table, and bytes of a row.
#[derive(Debug, Clone, Default)]
struct Groups {
    rows: Vec<u64>,
    row_bytes: u64,
}

/// The row groups of the tables that grow.
#[derive(Debug, Clone, Default)]
pub struct RowGroups(BTreeMap<&'static str, Groups>);

impl RowGroups {
    /// Those of a store without bars.
    pub fn without_bars() -> Self {
        Self([(BARS, Groups { rows: Vec::new(), row_bytes: BAR_BYTES })].into())
    }

    /// What the next checkpoint takes for merging, once tables have so many more rows. Of rows that come in
    /// more than one checkpoint only those of a row group are taken to be merged with what is there.
    pub fn merging_bytes(&self, growth: &[(&str, u64)]) -> u64 {
        let (mut sum, mut most) = (0_u64, (0, ""));
        for (name, groups) in &self.0 {
            let new = growth.iter().find(|(table, _)| table == name).map_or(0, |(_, rows)| *rows);
            let all = groups.rows.iter().copied().chain((new > 0).then_some(new.min(GROUP_ROWS)));
            let merged = merges(&all.collect::<Vec<_>>()).into_iter().map(|merge| merge.rows);
            let bytes = merged.max().unwrap_or(0).saturating_mul(groups.row_bytes);
            (sum, most) = (sum.saturating_add(bytes), most.max((bytes, *name)));
        }
        let (most, name) = most;
        let (over, others) = (if name == BARS { BARS_OVER } else { OVER }, sum - most);
        if sum == 0 { 0 } else { most + most / over + others - others / OVER + BEGUN }
    }

    /// The bars of one import more, and what its checkpoint makes of them if it may merge.
    pub fn add_bars(&mut self, bars: u64, merging: bool) {
        let Some(Groups { rows, .. }) = self.0.get_mut(BARS) else { return };
        if bars > 0 {
            rows.push(bars);
        }
        if merging {
            let mut at = 0;
            for merge in merges(rows) {
                let full = (merge.rows / GROUP_ROWS) as usize;
                let mut made = vec![GROUP_ROWS; full];
                made.extend(Some(merge.rows % GROUP_ROWS).filter(|rest| *rest > 0));
                let place = merge.at - at;
                at += merge.count - made.len();
                rows.splice(place..place + merge.count, made);
            }
        }
    }
}

impl Store {
    /// The row groups of the tables of results as they are.
    ///
    /// # Errors
    /// What DuckDB reports.
    pub fn row_groups(&self) -> Result<RowGroups> {
        of(&self.reader.connection)
    }

    /// Lets a checkpoint of this store merge row groups only where that takes no more than `bytes`; with
    /// [`u64::MAX`], as it was opened, always, and with 0 never, without looking.
    pub fn merge_within(&self, bytes: u64) {
        self.reader.held.merge_within(bytes);
    }
}

/// The row groups as `connection` sees them.
pub(super) fn of(connection: &Connection) -> Result<RowGroups> {
    let widths = widths(connection).map_err(|e| DOING.failed(&e))?;
    let width = |table: &str| widths.iter().find(|(name, _)| name == table).map_or(0, |one| one.1);
    let mut all = TABLES.map(|table| (table, Groups { rows: Vec::new(), row_bytes: width(table) }));
    for (table, rows) in groups(connection).map_err(|e| DOING.failed(&e))? {
        if let Some((_, groups)) = all.get_mut(table) {
            groups.rows.push(rows);
        }
    }
    Ok(RowGroups(all.into()))
}

/// Bytes of a row by table, uncompressed: a text is taken for 24.
const WIDTHS: &str = "
    SELECT table_name, sum(CASE
        WHEN data_type IN ('BIGINT', 'UBIGINT', 'DOUBLE') OR data_type LIKE 'TIMESTAMP%' THEN 8
        WHEN data_type IN ('INTEGER', 'UINTEGER', 'FLOAT') THEN 4
        WHEN data_type = 'BOOLEAN' OR data_type LIKE '%TINYINT' THEN 1
        WHEN data_type = 'UUID' THEN 16
        ELSE 24 END)::UBIGINT
    FROM duckdb_columns() WHERE NOT internal GROUP BY table_name ORDER BY table_name";

fn widths(connection: &Connection) -> duckdb::Result<Vec<(String, u64)>> {
    let mut statement = connection.prepare(WIDTHS)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Rows of each row group, by the place of its table among all.
fn groups(connection: &Connection) -> duckdb::Result<Vec<(usize, u64)>> {
    let of = |(at, table): (usize, &&str)| {
        format!(
            "SELECT {at}, row_group_id, sum(count)::UBIGINT FROM pragma_storage_info('{table}')
             WHERE column_id = 0 AND segment_type <> 'VALIDITY' GROUP BY ALL"
        )
    };
    let all: Vec<String> = TABLES.iter().enumerate().map(of).collect();
    let mut statement =
        connection.prepare(&format!("{} ORDER BY 1, 2", all.join(" UNION ALL ")))?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(2)?)))?;
    rows.collect()
}

/// Row groups that become others: where the first is, how many there are, and their rows.
#[derive(Debug, Clone, Copy)]
struct Merge {
    at: usize,
    count: usize,
    rows: u64,
}

/// The merges that DuckDB makes of such row groups, the way it looks for them.
fn merges(groups: &[u64]) -> Vec<Merge> {
    let (mut at, mut found) = (0, Vec::new());
    while at < groups.len() {
        let merge = (1..=MOST_FULL).find_map(|target| merged(&groups[at..], target));
        if let Some((count, rows)) = merge {
            found.push(Merge { at, count, rows });
        }
        at += merge.map_or(1, |(count, _)| count);
    }
    found
}

/// How many of the first row groups become `target` ones, if that makes fewer, and their rows.
fn merged(groups: &[u64], target: u64) -> Option<(usize, u64)> {
    let (mut count, mut rows) = (0, 0);
    for group in groups {
        if rows + group > target * GROUP_ROWS {
            break;
        }
        (count, rows) = (count + 1, rows + group);
    }
    let at_the_end = count == groups.len();
    let least = (2 * groups[0]).min(GROUP_ROWS) * target;
    let waits = at_the_end && rows >= VECTOR_ROWS && rows < least;
    (!waits && count as u64 > target).then_some((count, rows))
}

#[cfg(test)]
mod tests {
    use duckdb::Connection;

    use super::{GROUP_ROWS, RowGroups, merges, of};
    use crate::store::{Store, StoreOptions};

    fn rows_of(groups: &RowGroups, table: &str) -> Vec<u64> {
        groups.0[table].rows.clone()
    }

    fn add(connection: &Connection, rows: u64) {
        let sql = format!("INSERT INTO memory_sample SELECT 1, i, 'x', i FROM range({rows}) r(i)");
        connection.execute_batch(&sql).expect("added");
    }

    /// What is predicted is what DuckDB does, from one checkpoint to the next.
    #[test]
    fn merges_are_those_of_duckdb() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.duckdb");
        let store = Store::create(&path, &StoreOptions::default()).expect("a store");
        let connection = &store.reader.connection;
        let (mut count, mut full) = (0, false);
        for step in 0..40_u64 {
            let new = [3_000, 9_000, 500, 20_000, 7, 60_000, 5_000][(step % 7) as usize];
            let before = rows_of(&of(connection).expect("groups"), "memory_sample");
            add(connection, new);
            let with: Vec<u64> = before.iter().copied().chain([new]).collect();
            let largest = merges(&with).iter().map(|merge| merge.rows).max().unwrap_or(0);
            store.reader.held.checkpoint(connection).expect("checkpointed");
            let after = rows_of(&of(connection).expect("groups"), "memory_sample");
            assert_eq!(after.iter().sum::<u64>(), with.iter().sum::<u64>());
            if largest == 0 {
                assert_eq!(after, with, "step {step}");
            } else {
                assert!(after.len() < with.len(), "step {step}: {with:?} {after:?}");
                assert!(after.iter().copied().max().expect("groups") <= largest.max(GROUP_ROWS));
                count += 1;
            }
            full |= after.contains(&GROUP_ROWS);
        }
        assert!(count > 10 && full, "{count}");
    }

    #[test]
    fn bars_are_merged_as_duckdb_merges_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.duckdb");
        let store = Store::create(&path, &StoreOptions::default()).expect("a store");
        let connection = &store.reader.connection;
        let columns = "interval_us, instrument_id, ts, close, import_id";
        let mut told = RowGroups::without_bars();
        let mut ts = 0;
        for file in 0..24_u64 {
            let bars = if file % 3 == 0 { 2_000 } else { 15_000 };
            told.add_bars(bars, true);
            let sql = format!(
                "INSERT INTO bar ({columns})
                 SELECT 1, 1, make_timestamp(i), 1, 1 FROM range({ts}, {ts} + {bars}) r(i)"
            );
            connection.execute_batch(&sql).expect("added");
            ts += bars;
            store.reader.held.checkpoint(connection).expect("checkpointed");
            let found = of(connection).expect("groups");
            assert_eq!(rows_of(&told, "bar"), rows_of(&found, "bar"), "file {file}");
            assert_eq!(found.0["bar"].row_bytes, super::BAR_BYTES);
        }
    }

    #[test]
    fn what_has_no_room_stays_as_it_is_until_it_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.duckdb");
        let store = Store::create(&path, &StoreOptions::default()).expect("a store");
        let connection = &store.reader.connection;
        let step = || {
            add(connection, 5_000);
            store.reader.held.checkpoint(connection).expect("checkpointed");
            rows_of(&of(connection).expect("groups"), "memory_sample").len()
        };
        store.merge_within(0);
        assert_eq!([step(), step(), step(), step()], [1, 2, 3, 4]);
        let groups = store.row_groups().expect("groups");
        let bytes = groups.merging_bytes(&[("memory_sample", 5_000)]);
        assert!((1_500_000..4_000_000).contains(&bytes), "{bytes}");
        store.merge_within(bytes);
        assert_eq!(step(), 1);
        let stored = "SELECT count(*) FROM memory_sample";
        let rows: u64 = connection.query_row(stored, [], |row| row.get(0)).expect("counted");
        assert_eq!(rows, 25_000);
        drop(store);
        assert!(Store::open(&path, &StoreOptions::default()).is_ok());
    }
}
