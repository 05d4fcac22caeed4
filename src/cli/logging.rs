//! Logs: `tracing` events to standard error, off unless asked for.
//!
//! `-v` shows what the engine does, `-vv` every step; `BARLINE_LOG` takes a filter such as
//! `barline::store=debug` and wins over both. `--log-format json` writes an object a line, is a wish for
//! logs by itself, and what else is said on standard error is an object then too.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use super::args::Talk;
use crate::error::{Error, Result};

const VARIABLE: &str = "BARLINE_LOG";
const FORMAT_VARIABLE: &str = "BARLINE_LOG_FORMAT";

/// Installs the subscriber of this process.
///
/// # Errors
/// Usage, if `BARLINE_LOG` is not a filter, or the format of logs is none.
pub(super) fn install(talk: &Talk) -> Result<()> {
    let json = json(talk)?;
    let Some(filter) = filter(talk, json)? else { return Ok(()) };
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    // Only a second call in one process is refused, and the first one is as good.
    let _ = if json {
        tracing::subscriber::set_global_default(logs.json().flatten_event(true).finish())
    } else {
        tracing::subscriber::set_global_default(logs.finish())
    };
    Ok(())
}

/// True if every line on standard error is to be an object.
pub(super) fn is_json(talk: &Talk) -> bool {
    asked(talk).as_deref() == Some("json")
}

fn asked(talk: &Talk) -> Option<String> {
    let variable = || std::env::var(FORMAT_VARIABLE).ok().filter(|format| !format.is_empty());
    talk.log_format.clone().or_else(variable)
}

/// As [`is_json`], of a format that there is.
fn json(talk: &Talk) -> Result<bool> {
    match asked(talk).as_deref() {
        None | Some("text") => Ok(false),
        Some("json") => Ok(true),
        Some(other) => Err(Error::usage(format!("--log-format {other}: no such format"))
            .with_hint("one of text, json; BARLINE_LOG_FORMAT is the same")),
    }
}

fn filter(talk: &Talk, json: bool) -> Result<Option<EnvFilter>> {
    let asked = std::env::var(VARIABLE).unwrap_or_default();
    let text = match (asked.as_str(), talk.verbose) {
        ("", 0) if !json => return Ok(None),
        ("", 0 | 1) => "barline=info",
        ("", 2) => "barline=debug",
        ("", _) => "barline=trace",
        (asked, _) => asked,
    };
    EnvFilter::try_new(text).map(Some).map_err(|cause| {
        Error::usage(format!("{VARIABLE}={text} is not a log filter: {cause}"))
            .with_hint(format!("such as {VARIABLE}=info or {VARIABLE}=barline::store=debug"))
    })
}
