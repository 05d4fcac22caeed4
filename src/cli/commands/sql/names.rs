//! Names that a session completes: words of SQL, tables, views, columns and stored questions.

use rustyline::{
    Context, Helper, completion::Completer, highlight::Highlighter, hint::Hinter,
    validate::Validator,
};

use crate::{
    error::Result,
    store::{Cell, Store},
};

/// Words that begin a part of a question.
const WORDS: [&str; 28] = [
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "COUNT",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "ELSE",
    "END",
    "EXPLAIN",
    "FROM",
    "GROUP",
    "HAVING",
    "IN",
    "IS",
    "JOIN",
    "LIMIT",
    "NULL",
    "OR",
    "ORDER",
    "SELECT",
    "SUMMARIZE",
    "THEN",
    "USING",
    "WHERE",
];

/// Names that can follow, in order.
#[derive(Debug, Default)]
pub(super) struct Names {
    sql: Vec<String>,
    dotted: Vec<String>,
    queries: Vec<String>,
}

impl Names {
    /// Those of `store`, beside words of SQL, the words with a dot and the stored questions.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) fn of(store: &Store, dotted: &[&str]) -> Result<Self> {
        let named = store.sql(
            "SELECT table_name AS name FROM duckdb_columns() WHERE NOT internal
             UNION SELECT column_name FROM duckdb_columns() WHERE NOT internal
             ORDER BY name",
        )?;
        let mut sql: Vec<String> = WORDS.iter().map(|&word| word.to_owned()).collect();
        sql.extend(named.rows.into_iter().flatten().filter_map(|cell| match cell {
            Cell::Text(name) => Some(name),
            _ => None,
        }));
        sql.sort_unstable();
        sql.dedup();
        let queries = Store::named_queries().iter().map(|query| query.name.clone()).collect();
        Ok(Self { sql, dotted: dotted.iter().map(|word| format!(".{word}")).collect(), queries })
    }

    /// Where the name that ends `before` begins, and what it may become.
    fn following(&self, before: &str) -> (usize, Vec<String>) {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let mut letters = before.char_indices().rev();
        let begin = letters.find(|(_, c)| !is_part(*c)).map_or(0, |(at, c)| at + c.len_utf8());
        let part = &before[begin..];
        let among = if before.trim_start().starts_with('.') {
            if begin == before.len() - before.trim_start().len() {
                &self.dotted
            } else {
                &self.queries
            }
        } else {
            &self.sql
        };
        // After a table's name and a dot a column stands alone.
        let (begin, part) = match part.rfind('.') {
            Some(dot) if dot > 0 => (begin + dot + 1, &part[dot + 1..]),
            _ => (begin, part),
        };
        let fits = |name: &&String| {
            let head = name.get(..part.len());
            !part.is_empty() && head.is_some_and(|head| head.eq_ignore_ascii_case(part))
        };
        (begin, among.iter().filter(fits).cloned().collect())
    }
}

impl Completer for Names {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.following(line.get(..at).unwrap_or_default()))
    }
}

impl Hinter for Names {
    type Hint = String;
}
impl Highlighter for Names {}
impl Validator for Names {}
impl Helper for Names {}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn what_fits_is_offered_by_its_place() {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let names = Names {
            sql: owned(&["SELECT", "results", "run", "run_id"]),
            dotted: owned(&[".query", ".quit"]),
            queries: owned(&["best", "beats-benchmark"]),
        };
        let following = |before: &str| names.following(before);
        assert_eq!(following("sel"), (0, owned(&["SELECT"])));
        assert_eq!(following("SELECT ru"), (7, owned(&["run", "run_id"])));
        assert_eq!(following("SELECT run.ru"), (11, owned(&["run", "run_id"])));
        assert_eq!(following(".qu"), (0, owned(&[".query", ".quit"])));
        assert_eq!(following(".query be"), (7, owned(&["best", "beats-benchmark"])));
        assert_eq!(following("SELECT "), (7, vec![]));
        assert_eq!(following("SELECT é"), (9, vec![]));
    }
}
