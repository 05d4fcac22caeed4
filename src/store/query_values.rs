//! The values of a query's parameters: what was typed, completed by defaults and by the store.
//!
//! What a value may be follows from the parameter's name: `run` and `other` are runs, `top` and
//! `horizon` positive numbers, `job` the head of a key; what has another name is text. `all` is NULL.

use duckdb::{Connection, types::Value};

use super::{NamedQuery, RunKind, failure::Doing};
use crate::error::{Error, Result};

/// A parameter with its value.
pub(super) struct Settled {
    pub(super) name: String,
    /// As it was typed, or its default.
    pub(super) text: String,
    /// `None` for a run that no store was asked about.
    pub(super) value: Option<Value>,
}

/// The parameters of `query` in order; without a connection runs have no value.
///
/// # Errors
/// Usage, for a parameter that the query does not take, a value that is none, or a run that was typed
/// and is not there.
pub(super) fn settled(
    connection: Option<&Connection>,
    query: &NamedQuery,
    given: &[(String, String)],
) -> Result<Vec<Settled>> {
    if let Some((stray, _)) =
        given.iter().find(|(key, _)| !query.takes.iter().any(|taken| taken.name == *key))
    {
        return Err(unknown_parameter(query, stray));
    }
    let settle = |taken: &super::Parameter| {
        let typed = given.iter().rev().find(|(key, _)| *key == taken.name);
        let text = typed.map_or(&taken.default, |(_, text)| text).clone();
        let value = match taken.name.as_str() {
            "run" | "other" if text != "all" => match connection {
                Some(connection) => Some(run(connection, query.kind(), &text, typed.is_some())?),
                None => None,
            },
            name => Some(value_of(name, &text)?),
        };
        Ok(Settled { name: taken.name.clone(), text, value })
    };
    query.takes.iter().map(settle).collect()
}

/// A run as a value: 0, which no run has, for a default that names none in this store.
fn run(
    connection: &Connection,
    kind: Option<RunKind>,
    text: &str,
    was_typed: bool,
) -> Result<Value> {
    match run_id(connection, kind, text) {
        Ok(id) => Ok(Value::BigInt(id.unwrap_or(0))),
        Err(error) if was_typed || !error.is_usage() => Err(error),
        Err(_) => Ok(Value::BigInt(0)),
    }
}

/// A value as it is written in a statement.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::BigInt(number) => number.to_string(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        _ => "NULL".to_owned(),
    }
}

fn unknown_parameter(query: &NamedQuery, stray: &str) -> Error {
    let names: Vec<&str> = query.takes.iter().map(|taken| taken.name.as_str()).collect();
    let error = Error::usage(format!("the query '{}' takes no parameter '{stray}'", query.name));
    if names.is_empty() { error } else { error.with_hint(format!("it takes {}", names.join(", "))) }
}

/// What `text` means for a parameter that is no run: NULL for `all`.
fn value_of(name: &str, text: &str) -> Result<Value> {
    match name {
        _ if text == "all" => Ok(Value::Null),
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
