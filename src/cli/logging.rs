//! Logs: `tracing` events to standard error, off unless asked for.
//!
//! `-v` shows what the engine does, `-vv` every step; `BARLINE_LOG` takes a filter such as
//! `barline::store=debug` and wins over both.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use super::args::Talk;
use crate::error::{Error, Result};

const VARIABLE: &str = "BARLINE_LOG";

/// Installs the subscriber of this process.
///
/// # Errors
/// Usage, if `BARLINE_LOG` is not a filter.
pub(super) fn install(talk: &Talk) -> Result<()> {
    let Some(filter) = filter(talk)? else { return Ok(()) };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .finish();
    // Only a second call in one process is refused, and the first one is as good.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

fn filter(talk: &Talk) -> Result<Option<EnvFilter>> {
    let asked = std::env::var(VARIABLE).unwrap_or_default();
    let text = match (asked.as_str(), talk.verbose) {
        ("", 0) => return Ok(None),
        ("", 1) => "barline=info",
        ("", 2) => "barline=debug",
        ("", _) => "barline=trace",
        (asked, _) => asked,
    };
    EnvFilter::try_new(text).map(Some).map_err(|cause| {
        Error::usage(format!("{VARIABLE}={text} is not a log filter: {cause}"))
            .with_hint(format!("such as {VARIABLE}=info or {VARIABLE}=barline::store=debug"))
    })
}
