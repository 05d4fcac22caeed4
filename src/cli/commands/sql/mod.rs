//! `barline sql`: one statement of the user's, read-only; at a terminal without one a session.

mod names;
mod session;
mod typed;

use std::{
    io::{self, IsTerminal, Read},
    time::Duration,
};

use super::{
    open_to_read, print_rows,
    within::{Limits, within},
};
use crate::{
    cli::{ending::Ending, printer::Printer, question_args::SqlArgs, settings, typed_value},
    error::{Error, ErrorKind, Result},
};

/// Longest statement read from standard input.
const LONGEST_BYTES: u64 = 1 << 20;
/// Seconds that a statement may take where nothing else is said.
const TIMEOUT: f64 = 300.0;
/// Most that can be asked for: a week.
const LONGEST: f64 = 7.0 * 86_400.0;

/// Runs the statement and prints its rows.
pub(super) fn run(args: &SqlArgs, printer: Printer) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let limit = time_limit(args)?;
    let statement = match &args.statement {
        Some(statement) => statement.clone(),
        None if io::stdin().is_terminal() => {
            if !io::stdout().is_terminal() {
                return Err(no_statement());
            }
            return session::run(args, format, limit, printer);
        }
        None => from_stdin()?,
    };
    if statement.trim().is_empty() {
        return Err(no_statement());
    }
    let store = open_to_read(args.store.db.as_deref(), &args.budget, printer)?;
    let limits = Limits { time: Some(limit), budget: args.budget.bytes()? };
    let answer = within(&store, limits, None, printer, || store.answer_sql(&statement))?;
    store.close()?;
    print_rows(answer, format)?;
    Ok(Ending::Well)
}

/// What `--timeout` says.
fn time_limit(args: &SqlArgs) -> Result<Duration> {
    let seconds = typed_value::number("--timeout", args.timeout.as_deref(), 0.001, LONGEST)?;
    Ok(Duration::from_secs_f64(seconds.unwrap_or(TIMEOUT)))
}

fn from_stdin() -> Result<String> {
    let mut text = String::new();
    io::stdin().take(LONGEST_BYTES).read_to_string(&mut text).map_err(|cause| {
        Error::new(ErrorKind::Io, format!("cannot read standard input: {cause}"))
    })?;
    Ok(text)
}

fn no_statement() -> Error {
    Error::usage("no statement is given").with_hint("barline sql \"SELECT * FROM results LIMIT 5\"")
}
