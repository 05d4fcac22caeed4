//! `barline sql`: one statement of the user's, read-only.

use std::io::{self, IsTerminal, Read};

use super::{open_to_read, print_rows};
use crate::{
    cli::{args::SqlArgs, ending::Ending, printer::Printer, settings},
    error::{Error, ErrorKind, Result},
};

/// Longest statement read from standard input.
const LONGEST_BYTES: u64 = 1 << 20;

/// Runs the statement and prints its rows.
pub(super) fn run(args: &SqlArgs, printer: Printer) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let statement = match &args.statement {
        Some(statement) => statement.clone(),
        None => from_stdin()?,
    };
    if statement.trim().is_empty() {
        return Err(no_statement());
    }
    let store = open_to_read(args.store.db.as_deref(), &args.budget, printer)?;
    let answer = store.answer_sql(&statement)?;
    store.close()?;
    print_rows(answer, format)?;
    Ok(Ending::Well)
}

fn from_stdin() -> Result<String> {
    if io::stdin().is_terminal() {
        return Err(no_statement());
    }
    let mut text = String::new();
    io::stdin().take(LONGEST_BYTES).read_to_string(&mut text).map_err(|cause| {
        Error::new(ErrorKind::Io, format!("cannot read standard input: {cause}"))
    })?;
    Ok(text)
}

fn no_statement() -> Error {
    Error::usage("no statement is given").with_hint("barline sql \"SELECT * FROM results LIMIT 5\"")
}
