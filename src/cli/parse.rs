//! From the line that was typed to [`Args`], and clap's errors in our form.

use std::ffi::OsString;

use clap::{Parser, error::ErrorKind};

use super::args::Args;
use crate::error::{Error, Result};

/// Why there are no arguments to act on.
#[derive(Debug)]
pub(super) enum Unparsed {
    /// Help or version was asked for.
    Shown(String),
    /// The line is wrong.
    Wrong(Error),
}

/// Reads the arguments of the process.
pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Args, Unparsed> {
    Args::try_parse_from(arguments).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Unparsed::Shown(error.to_string()),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Unparsed::Wrong(Error::usage("no command is given").with_hint(
                "start with 'barline backtest --multi-pair --quick'; all: 'barline --help'",
            ))
        }
        _ => Unparsed::Wrong(one_line(&error.to_string())),
    })
}

/// Clap's message as one line, its tip as the hint.
fn one_line(rendered: &str) -> Error {
    let mut paragraphs = rendered.split("\n\n");
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let tip = rendered.lines().find_map(|line| line.trim_start().strip_prefix("tip: "));
    Error::usage(message).with_hint(
        tip.unwrap_or("'barline --help' and 'barline COMMAND --help' list what there is"),
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Args, Unparsed, parse};
    use crate::cli::args::Verb;

    fn typed(line: &str) -> Result<Args, Unparsed> {
        parse(std::iter::once("barline").chain(line.split_whitespace()).map(Into::into))
    }

    fn wrong(line: &str) -> String {
        match typed(line) {
            Err(Unparsed::Wrong(error)) => {
                assert!(error.hint().is_some());
                error.to_string()
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_definitions_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_wrong_line_is_one_line() {
        assert_eq!(wrong(""), "no command is given");
        assert_eq!(wrong("backtest --quik"), "unexpected argument '--quik' found");
        assert_eq!(wrong("frobnicate"), "unrecognized subcommand 'frobnicate'");
        assert_eq!(
            wrong("backtest --sequential --workers 2"),
            "the argument '--sequential' cannot be used with '--workers <N>'"
        );
        assert_eq!(
            wrong("backtest --seed 1 --seed 2"),
            "the argument '--seed <N>' cannot be used multiple times"
        );
    }

    #[test]
    fn negative_values_reach_their_flag() {
        match typed("backtest --horizons -30,90").expect("parsed").verb {
            Verb::Backtest(args) => assert_eq!(args.horizons.as_deref(), Some("-30,90")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn help_is_an_answer() {
        assert!(
            matches!(typed("backtest --help"), Err(Unparsed::Shown(text)) if text.contains("--ranks"))
        );
        assert!(
            matches!(typed("--version"), Err(Unparsed::Shown(text)) if text.starts_with("barline "))
        );
    }
}
