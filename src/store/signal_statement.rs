//! Which statements may make signals: one SELECT whose answer is a function of the bars, in order.
//!
//! Calls that tell the time, chance or the machine are refused by name.

use super::{
    cage,
    sql_words::{Word, words},
};
use crate::error::{Error, Result};

/// Words that a question for signals may begin with.
const BEGINNINGS: [&str; 3] = ["SELECT", "WITH", "FROM"];
/// Calls whose answer is not a function of the bars.
const CALLS: [&str; 22] = [
    "RANDOM",
    "SETSEED",
    "UUID",
    "GEN_RANDOM_UUID",
    "UUIDV4",
    "UUIDV7",
    "NOW",
    "TODAY",
    "GET_CURRENT_TIMESTAMP",
    "GET_CURRENT_TIME",
    "TRANSACTION_TIMESTAMP",
    "CURRENT_LOCALTIME",
    "CURRENT_LOCALTIMESTAMP",
    "CURRENT_SETTING",
    "CURRENT_DATABASE",
    "CURRENT_SCHEMA",
    "CURRENT_QUERY",
    "CURRENT_CONNECTION_ID",
    "NEXTVAL",
    "TXID_CURRENT",
    "VERSION",
    "GETENV",
];
/// The same without brackets.
const WORDS: [&str; 8] = [
    "CURRENT_TIMESTAMP",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "TABLESAMPLE",
    "CURRENT_USER",
    "SESSION_USER",
];
/// Heads of names that describe the database instead of the bars.
const HEADS: [&str; 3] = ["DUCKDB_", "PRAGMA_", "INFORMATION_SCHEMA"];
/// What helps where the order is not total.
pub(super) const ORDER: &str =
    "end the statement with ORDER BY ts, symbol, and give one row for each";

/// The statement without its closing semicolon, if it can make signals.
///
/// # Errors
/// Usage, if it is not one SELECT, calls what is no function of the bars, or does not end with an
/// order.
pub fn require_signal_statement(text: &str) -> Result<&str> {
    let question = cage::one_question(text)?;
    let words = words(question);
    let first = words.first().map_or("", |word| word.text.as_str());
    if !BEGINNINGS.contains(&first) {
        return Err(Error::usage(format!("signals cannot begin with '{first}'"))
            .with_hint("write one SELECT over bars"));
    }
    let refused = |word: &&Word| {
        let text = word.text.as_str();
        WORDS.contains(&text)
            || word.called && CALLS.contains(&text)
            || HEADS.iter().any(|head| text.starts_with(head))
    };
    let sampled = words.windows(2).find(|two| two[0].text == "USING" && two[1].text == "SAMPLE");
    if let Some(word) = words.iter().find(refused).or(sampled.map(|two| &two[1])) {
        let name = word.text.to_lowercase();
        return Err(Error::usage(format!(
            "signals cannot use {name}: its answer is not a function of the bars"
        ))
        .with_hint("use ts of the bars in place of a clock, and no chance"));
    }
    let is_ordered = words
        .windows(2)
        .any(|two| two[0].depth == 0 && two[0].text == "ORDER" && two[1].text == "BY");
    if !is_ordered {
        return Err(Error::usage("the signals have no order").with_hint(ORDER));
    }
    Ok(question)
}
