//! Named queries: the files of `queries/report`, answered by name.
//!
//! A file begins with five lines that say what it answers, its grain, what it reads, what it takes
//! and its order. What it takes are named parameters with defaults; values are checked here and
//! bound, never written into the statement.

use std::sync::LazyLock;

use duckdb::{Connection, types::Value};

use super::{
    RunKind,
    answer::{self, Question, Sink},
    failure::Doing,
};
use crate::error::{Error, Result};

/// A parameter of a named query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What stands for it when it is not given.
    pub default: &'static str,
}

/// A question with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedQuery {
    /// Its name.
    pub name: &'static str,
    /// What it answers, in one line.
    pub answers: &'static str,
    /// What a row is.
    pub grain: &'static str,
    /// Tables and views it reads.
    pub reads: &'static str,
    /// Its parameters, in order.
    pub takes: Vec<Parameter>,
    /// The order of its rows; always total.
    pub order: &'static str,
    sql: &'static str,
}

const FILES: [(&str, &str); 16] = [
    ("leaderboard", include_str!("../../queries/report/leaderboard.sql")),
    ("best", include_str!("../../queries/report/best.sql")),
    ("outcomes", include_str!("../../queries/report/outcomes.sql")),
    ("beats-benchmark", include_str!("../../queries/report/beats-benchmark.sql")),
    ("pairs", include_str!("../../queries/report/pairs.sql")),
    ("screen", include_str!("../../queries/report/screen.sql")),
    ("trades", include_str!("../../queries/report/trades.sql")),
    ("truth", include_str!("../../queries/report/truth.sql")),
    ("results", include_str!("../../queries/report/results.sql")),
    ("stale", include_str!("../../queries/report/stale.sql")),
    ("runs", include_str!("../../queries/report/runs.sql")),
    ("memory", include_str!("../../queries/report/memory.sql")),
    ("imports", include_str!("../../queries/report/imports.sql")),
    ("import-health", include_str!("../../queries/report/import-health.sql")),
    ("event-health", include_str!("../../queries/report/event-health.sql")),
    ("rejects", include_str!("../../queries/report/rejects.sql")),
];

impl NamedQuery {
    /// The runs among which its `last` is looked for; `None` for all.
    fn kind(&self) -> Option<RunKind> {
        if self.reads == "run" {
            None
        } else if self.reads.contains("screen_run") {
            Some(RunKind::Screen)
        } else {
            Some(RunKind::Backtest)
        }
    }
}

static QUERIES: LazyLock<Vec<NamedQuery>> =
    LazyLock::new(|| FILES.iter().map(|(name, sql)| described(name, sql)).collect());

/// Every named query, in the order of a listing.
pub(super) fn all() -> &'static [NamedQuery] {
    &QUERIES
}

fn described(name: &'static str, sql: &'static str) -> NamedQuery {
    let header = |key: &str| {
        sql.lines()
            .find_map(|line| line.strip_prefix("-- ")?.strip_prefix(key)?.strip_prefix(": "))
            .unwrap_or_default()
    };
    let takes = header("takes")
        .split(", ")
        .filter_map(|taken| taken.split_once(" = "))
        .map(|(name, default)| Parameter { name, default })
        .collect();
    NamedQuery {
        name,
        answers: header("answers"),
        grain: header("grain"),
        reads: header("reads"),
        takes,
        order: header("order"),
        sql,
    }
}

/// Answers the query called `name`; its rows go to `sink`.
pub(super) fn answer(
    connection: &Connection,
    name: &str,
    given: &[(String, String)],
    sink: &mut dyn Sink,
) -> Result<()> {
    let query = all().iter().find(|query| query.name == name).ok_or_else(|| unknown_query(name))?;
    if let Some((stray, _)) =
        given.iter().find(|(key, _)| !query.takes.iter().any(|taken| taken.name == key))
    {
        return Err(unknown_parameter(query, stray));
    }
    let mut values = Vec::with_capacity(query.takes.len());
    for taken in &query.takes {
        let typed = given.iter().rev().find(|(key, _)| key == taken.name);
        let text = typed.map_or(taken.default, |(_, value)| value.as_str());
        values.push((taken.name, value_of(connection, query, taken.name, text)?));
    }
    let binding =
        |wanted: &str| values.iter().find(|(name, _)| *name == wanted).map(|(_, v)| v.clone());
    let doing = Doing("answer the query");
    let question = Question { sql: query.sql, binding: &binding, doing, most_rows: usize::MAX };
    answer::answer(connection, &question, sink)
}

fn unknown_query(name: &str) -> Error {
    let names: Vec<&str> = all().iter().map(|query| query.name).collect();
    Error::usage(format!("there is no query '{name}'"))
        .with_hint(format!("one of {}", names.join(", ")))
}

fn unknown_parameter(query: &NamedQuery, stray: &str) -> Error {
    let names: Vec<&str> = query.takes.iter().map(|taken| taken.name).collect();
    Error::usage(format!("the query '{}' takes no parameter '{stray}'", query.name))
        .with_hint(format!("it takes {}", names.join(", ")))
}

/// What `text` means for the parameter `name`: NULL for `all`.
fn value_of(connection: &Connection, query: &NamedQuery, name: &str, text: &str) -> Result<Value> {
    if text == "all" {
        return Ok(Value::Null);
    }
    match name {
        "run" => {
            let id = run_id(connection, query.kind(), text)?;
            Ok(id.map_or(Value::BigInt(0), Value::BigInt))
        }
        "top" | "horizon" => match text.parse::<u32>() {
            Ok(count) if count > 0 => Ok(Value::BigInt(count.into())),
            _ => Err(Error::usage(format!("{name} = '{text}' is not a positive number"))
                .with_hint("give a number, or all")),
        },
        "max_gap_bars" | "max_unchanged_bars" => match text.parse::<u32>() {
            Ok(bars) => Ok(Value::BigInt(bars.into())),
            Err(_) => Err(Error::usage(format!("{name} = '{text}' is not a number of bars"))
                .with_hint("give a number, or all")),
        },
        "import" => match text.parse::<i64>() {
            Ok(import) => Ok(Value::BigInt(import)),
            Err(_) => Err(Error::usage(format!("import = '{text}' is not a number"))
                .with_hint("give a number, or all; 'barline query imports' lists them")),
        },
        "job" => job_prefix(text),
        _ => Ok(Value::Text(text.to_owned())),
    }
}

/// The first digits of a job key.
fn job_prefix(text: &str) -> Result<Value> {
    let digits = text.to_ascii_lowercase();
    if digits.is_empty() || digits.len() > 32 || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(Error::usage(format!("job = '{text}' is not the head of a job key"))
            .with_hint("give its first hexadecimal digits, as the leaderboard shows them"));
    }
    Ok(Value::Text(digits))
}

/// The run that `text` names: an id, or `last`, `last~1` among those of `kind`; `None` for `last` where
/// there is no such run.
pub(super) fn run_id(
    connection: &Connection,
    kind: Option<RunKind>,
    text: &str,
) -> Result<Option<i64>> {
    let doing = Doing("look up the run");
    let refuse = || {
        Error::usage(format!("'{text}' does not name a run"))
            .with_hint("give its number, last, or last~1 for the one before")
    };
    let nth_last = match text.strip_prefix("last") {
        Some("") => Some(0),
        Some(back) => {
            let back = back.strip_prefix('~').and_then(|n| n.parse::<u32>().ok());
            Some(back.ok_or_else(refuse)?)
        }
        None => None,
    };
    let mut ids = connection
        .prepare("SELECT run_id, kind FROM run ORDER BY run_id DESC")
        .map_err(|e| doing.failed(&e))?;
    let runs: Vec<(i64, String)> = ids
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .map_err(|e| doing.failed(&e))?;
    let is_meant = |run: &&(i64, String)| kind.is_none_or(|kind| run.1 == kind.name());
    let meant: Vec<i64> = runs.iter().filter(is_meant).map(|run| run.0).collect();
    let ids: Vec<i64> = runs.iter().map(|run| run.0).collect();
    match nth_last {
        Some(0) => Ok(meant.first().copied()),
        Some(back) => {
            let found = usize::try_from(back).ok().and_then(|back| meant.get(back));
            found.copied().map(Some).ok_or_else(|| absent(text, &ids))
        }
        None => {
            let id: i64 = text.parse().map_err(|_| refuse())?;
            if ids.contains(&id) { Ok(Some(id)) } else { Err(absent(text, &ids)) }
        }
    }
}

fn absent(text: &str, ids: &[i64]) -> Error {
    let error = Error::usage(format!("there is no run '{text}' in this store"));
    match (ids.last(), ids.first()) {
        (Some(first), Some(last)) => error.with_hint(format!("it holds runs {first} to {last}")),
        _ => error.with_hint("it holds no run yet; 'barline backtest' makes one"),
    }
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn every_query_describes_itself_and_takes_what_its_statement_names() {
        for query in all() {
            for said in [query.answers, query.grain, query.reads, query.order] {
                assert!(!said.is_empty(), "{}", query.name);
            }
            for taken in &query.takes {
                assert!(query.sql.contains(&format!("${}", taken.name)), "{}", query.name);
                assert!(!taken.default.is_empty(), "{}", query.name);
            }
            assert!(query.sql.contains("ORDER BY"), "{}", query.name);
            assert!(!query.sql.contains("avg("), "{}", query.name);
        }
    }
}
