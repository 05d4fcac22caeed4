//! What brings back what a damaged store has lost: files to import again, results to make again.

use std::{collections::BTreeMap, fmt};

use duckdb::Connection;

use super::{examine::TableState, failure::Doing, high_water::Loss, missing::MissingRows};
use crate::error::Result;

/// What brings back what is lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebuild {
    /// Files that brought rows which are lost, each once.
    pub files: Vec<String>,
    /// Imports that were no files and brought rows which are lost.
    pub made: Vec<String>,
    /// First and last number of the imports that went as a whole, with their names.
    pub unnamed: Option<(i64, i64)>,
    /// True if jobs or screens are lost, or may have used rows that are.
    pub results: bool,
    /// True where not even that can be told.
    pub unknown: bool,
}

/// Without these no import has a name, no bar a symbol.
const NAMES: [&str; 4] = ["store_meta", "instrument", "series", "import"];
/// Tables that an import fills with rows that a run reads.
const READ: [&str; 2] = ["bar", "instrument_event"];
/// What nothing is rebuilt from: samples, remarks of imports, counts.
const REMARKS: [&str; 5] = ["import_reject", "import_gap", "demo_truth", "memory_sample", "batch"];

impl Rebuild {
    /// Nothing of the store could be read.
    pub(super) fn of_nothing() -> Self {
        Self { unknown: true, ..Self::default() }
    }

    /// What the state of `tables`, a `loss` of what was acknowledged and what a repair has left out
    /// say; `names` has name and whether it was a file of every import that is known.
    pub(super) fn of(
        tables: &[TableState],
        names: &BTreeMap<i64, (String, bool)>,
        loss: Option<&Loss>,
        missing: &[MissingRows],
    ) -> Self {
        let lost = |names: &[&str]| {
            tables.iter().any(|table| table.unread > 0 && names.contains(&table.name))
        };
        if lost(&NAMES) {
            return Self::of_nothing();
        }
        let mut rebuild = Self { unnamed: loss.and_then(Loss::imports), ..Self::default() };
        let read = tables.iter().filter(|table| READ.contains(&table.name) && table.unread > 0);
        let of_tables = read.flat_map(|table| match &table.lost_of {
            Some(imports) => imports.keys().copied().collect(),
            // Which they are cannot be told: any.
            None => names.keys().copied().collect::<Vec<_>>(),
        });
        let of_repair = missing.iter().map(|missing| missing.import_id);
        let mut imports: Vec<i64> = of_tables.chain(of_repair).collect();
        imports.sort_unstable();
        for (name, is_file) in imports.iter().filter_map(|import| names.get(import)) {
            let list = if *is_file { &mut rebuild.files } else { &mut rebuild.made };
            if !list.contains(name) {
                list.push(name.clone());
            }
        }
        let is_result =
            |table: &&TableState| ![&NAMES[..], &READ, &REMARKS].concat().contains(&table.name);
        rebuild.results = loss.is_some_and(Loss::has_results)
            || tables.iter().filter(is_result).any(|table| table.unread > 0)
            || !rebuild.files.is_empty()
            || !rebuild.made.is_empty()
            || rebuild.unnamed.is_some();
        rebuild
    }

    /// True if there is nothing to bring back.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Rebuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unknown {
            return f.write_str(
                "what is lost cannot be told from the store as it is: a repaired copy says it, where one can \
                 be made; without one, import every file into a new store, and the same commands make the \
                 results",
            );
        }
        let mut steps = Vec::new();
        if !self.files.is_empty() {
            steps.push(format!("import {} again", self.files.join(", ")));
        }
        if !self.made.is_empty() {
            steps.push(format!(
                "make the store anew for what was no file: {}",
                self.made.join(", ")
            ));
        }
        if let Some((first, last)) = self.unnamed {
            let which = if first == last {
                format!("the file of import {last}, whose name is lost with it,")
            } else {
                format!("the files of imports {first} to {last}, whose names are lost with them,")
            };
            steps.push(format!("import {which} again"));
        }
        if self.results {
            steps.push(
                "the same backtests and screens make the results that are missing".to_owned(),
            );
        }
        f.write_str(&steps.join("; "))
    }
}

/// Name of every import, and whether it was a file.
pub(super) fn names(connection: &Connection) -> Result<BTreeMap<i64, (String, bool)>> {
    let doing = Doing("list the imports");
    let sql = "
        SELECT import_id, name, content <> '' OR EXISTS (
          SELECT 1 FROM store_meta
          WHERE key = concat('lost_import_', import_id) AND NOT ends_with(value, ' ')
        )
        FROM import";
    let mut statement = connection.prepare(sql).map_err(|e| doing.failed(&e))?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))
        .map_err(|e| doing.failed(&e))?;
    rows.collect::<duckdb::Result<_>>().map_err(|e| doing.failed(&e))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Rebuild, TableState};

    fn table(name: &'static str, unread: u64, lost_of: Option<&[i64]>) -> TableState {
        let lost_of = lost_of.map(|imports| imports.iter().map(|import| (*import, 1)).collect());
        TableState { name, rows: 9, numbers: 9, unread, lost_of }
    }

    fn names() -> BTreeMap<i64, (String, bool)> {
        let name = |id: i64, name: &str, file| (id, (name.to_owned(), file));
        BTreeMap::from([
            name(1, "a.csv", true),
            name(2, "demo seed 7", false),
            name(3, "b.csv", true),
        ])
    }

    #[test]
    fn only_what_is_lost_is_brought_back() {
        let of = |tables: &[TableState]| Rebuild::of(tables, &names(), None, &[]).to_string();
        let whole = table("bar", 0, Some(&[]));
        assert_eq!(of(std::slice::from_ref(&whole)), "");
        let jobs = "the same backtests and screens make the results that are missing";
        assert_eq!(of(&[whole.clone(), table("measure", 3, Some(&[]))]), jobs);
        assert_eq!(of(&[whole.clone(), table("import_gap", 3, Some(&[]))]), "");
        let some = table("bar", 3, Some(&[3]));
        assert_eq!(of(&[some]), format!("import b.csv again; {jobs}"));
        let any = of(&[table("bar", 3, None)]);
        assert!(any.starts_with("import a.csv, b.csv again; make the store anew"), "{any}");
        assert!(of(&[whole, table("import", 3, Some(&[]))]).starts_with("what is lost cannot be"));
    }
}
