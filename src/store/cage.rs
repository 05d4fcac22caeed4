//! The cage around SQL that a user typed.
//!
//! Four walls, each enough for most escapes: the instance has no external access and a locked
//! configuration (see `hardening`); the statement runs in a read-only transaction that is rolled
//! back; it must begin like a question; and there must be one, since preparing a text runs every
//! statement in it but the last. The last two are settled here, on the text, and in doubt against
//! it.

use duckdb::Connection;

use super::{
    answer::{self, Binding, Question, Sink},
    failure::Doing,
};
use crate::error::{Error, Result};

/// Words a question may begin with.
const QUESTIONS: [&str; 12] = [
    "SELECT",
    "WITH",
    "FROM",
    "VALUES",
    "TABLE",
    "DESCRIBE",
    "DESC",
    "SHOW",
    "SUMMARIZE",
    "PIVOT",
    "UNPIVOT",
    "EXPLAIN",
];
/// Longest text accepted, in bytes.
const MAX_BYTES: usize = 1_000_000;

/// Answers one question in SQL; its rows go to `sink`.
pub(super) fn ask(connection: &Connection, text: &str, sink: &mut dyn Sink) -> Result<()> {
    ask_with(connection, one_question(text)?, &|_| None, Doing("answer"), sink)
}

/// Answers what [`one_question`] has let pass, with values for its parameters.
pub(super) fn ask_with(
    connection: &Connection,
    sql: &str,
    binding: &Binding<'_>,
    doing: Doing,
    sink: &mut dyn Sink,
) -> Result<()> {
    let step = |sql: &str| connection.execute_batch(sql).map_err(|e| doing.failed(&e));
    step("BEGIN TRANSACTION READ ONLY")?;
    let question = Question { sql, binding, doing, most_rows: answer::MAX_ROWS };
    let answered = answer::answer(connection, &question, sink);
    step("ROLLBACK")?;
    answered
}

/// The text without its closing semicolon, if it is one statement that asks.
pub(super) fn one_question(text: &str) -> Result<&str> {
    if text.len() > MAX_BYTES {
        return Err(Error::usage(format!("a statement of {} bytes is too long", text.len())));
    }
    if text.contains('\0') {
        return Err(Error::usage("the statement holds a NUL character"));
    }
    let question = text.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    let mut words = words(question);
    let first = words.next().unwrap_or_default();
    if !QUESTIONS.contains(&first.as_str()) {
        return Err(refused(&first));
    }
    if first == "EXPLAIN" {
        let explained = words.find(|word| word != "ANALYZE").unwrap_or_default();
        if explained == "EXPLAIN" || !QUESTIONS.contains(&explained.as_str()) {
            return Err(refused(&explained));
        }
    }
    if !is_one_statement(question) {
        return Err(Error::usage("more than one statement").with_hint(
            "ask one at a time; a semicolon in text or a comment can be written chr(59)",
        ));
    }
    Ok(question)
}

fn refused(word: &str) -> Error {
    let what = if word.is_empty() { "an empty statement".to_owned() } else { format!("'{word}'") };
    Error::usage(format!("{what} is not a question; the store is read-only here"))
        .with_hint("begin with SELECT, WITH, FROM, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN")
}

/// The words of the text in capitals, without comments and opening brackets in front.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = without_lead(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        rest = tail;
        (!word.is_empty()).then(|| word.to_ascii_uppercase())
    })
}

fn without_lead(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        if let Some(comment) = text.strip_prefix("--") {
            text = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = text.strip_prefix("/*") {
            text = comment.split_once("*/").map_or("", |(_, after)| after);
        } else {
            return text;
        }
    }
}

/// False if a semicolon may divide the text. One inside plain quotes does not; where comments,
/// dollar quotes or escapes could make quotes mean something else, every semicolon may.
fn is_one_statement(text: &str) -> bool {
    if !text.contains(';') {
        return true;
    }
    if ["--", "/*", "$", "\\"].iter().any(|mark| text.contains(mark)) {
        return false;
    }
    let mut open = None;
    for c in text.chars() {
        match (open, c) {
            (None, ';') => return false,
            (None, '\'' | '"') => open = Some(c),
            (Some(quote), c) if quote == c => open = None,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::one_question;
    use crate::store::{Store, StoreOptions};

    #[test]
    fn the_other_walls_hold_without_the_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let secret = folder.path().join("secret.csv");
        std::fs::write(&secret, "x\n1\n").expect("written");
        let path = folder.path().join("a.duckdb");
        let store = Store::create(&path, &StoreOptions::default()).expect("a store");
        let connection = &store.reader.connection;
        let refused = |sql: &str| connection.execute_batch(sql).expect_err(sql);
        for sql in [
            format!("FROM read_csv('{}')", secret.display()),
            format!("COPY store_meta TO '{}'", folder.path().join("out").display()),
            format!("ATTACH '{}'", folder.path().join("b.duckdb").display()),
            "FROM glob('*')".into(),
            "LOAD httpfs".into(),
            "INSTALL httpfs".into(),
            "SET enable_external_access = true".into(),
            "SET lock_configuration = false".into(),
            "SET memory_limit = '1TB'".into(),
            "PRAGMA enable_profiling".into(),
        ] {
            refused(&sql);
        }
        connection.execute_batch("BEGIN TRANSACTION READ ONLY").expect("begun");
        refused("DELETE FROM store_meta");
        connection.execute_batch("ROLLBACK").expect("rolled back");
    }

    #[test]
    fn one_statement_that_asks_passes() {
        for text in [
            "select 1",
            "SELECT ';' AS semicolon, \"a;b\" FROM t;",
            "  -- a comment\n /* another */ (SELECT 1)",
            "from bar limit 1 ;; ",
            "EXPLAIN ANALYZE SELECT 1",
            "with x as (select 1) from x",
            "SELECT 'it''s; fine'",
        ] {
            one_question(text).expect(text);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            ";",
            "-- nothing",
            "DROP TABLE bar",
            "SELECT 1; DROP TABLE bar",
            "SELECT ''; COMMIT; DROP TABLE bar; SELECT ''",
            "SELECT 1 -- '\n; DROP TABLE bar --'",
            "SELECT $$'$$; DROP TABLE bar; SELECT $$'$$",
            "SELECT E'\\''; DROP TABLE bar; SELECT ''",
            "SELECT 1 /* ' */; DROP TABLE bar; SELECT /* ' */ 2",
            "SET threads = 9",
            "PRAGMA database_list",
            "EXPLAIN ANALYZE DELETE FROM bar",
            "EXPLAIN EXPLAIN SELECT 1",
            "EXPLAIN",
            "CALL force_checkpoint()",
            "SELECTED",
            "SELECT 1\0; DROP TABLE bar",
            "COPY bar TO 'x'",
            "ATTACH 'x'",
        ] {
            assert!(one_question(text).is_err(), "{text}");
        }
    }
}
