//! What was typed for questions to the store: `query` and `sql`.

use std::{ffi::OsStr, path::PathBuf};

use clap::{
    Arg, Args as ClapArgs, Command,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};

use super::{
    args::{OutputArg, StoreArg},
    limit_args::BudgetArg,
};
use crate::store::{NamedQuery, Store};

/// `barline query`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  barline query\n  barline query leaderboard --top 50\n  \
    barline query leaderboard --run last~1 --param horizon=90 --format csv\n  \
    barline query compare --run last --param other=last~1\n  \
    barline query score --explain\n  \
    barline query --queries my-queries")]
pub(super) struct QueryArgs {
    /// The question; without it all of them are listed
    #[arg(value_parser = QueryName, hide_possible_values = true)]
    pub(super) name: Option<String>,
    /// A parameter of the question; may be given several times
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(super) parameters: Vec<String>,
    /// The run asked about: its number, last, last~1 .. (as --param run=RUN)
    #[arg(long, value_name = "RUN", allow_hyphen_values = true)]
    pub(super) run: Option<String>,
    /// How many rows (as --param top=N)
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(super) top: Option<String>,
    /// Show what the question means and its SQL with the values in it, and do not ask it
    #[arg(long, requires = "name")]
    pub(super) explain: bool,
    /// A folder of questions of your own, one .sql file each, with the header that --explain shows
    /// (takes: NAME = DEFAULT, .. or the word nothing)
    #[arg(long, value_name = "DIR")]
    pub(super) queries: Option<PathBuf>,
    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
}

/// The name of a question: any, for there are the user's own, and ours for the shell to complete.
#[derive(Debug, Clone, Copy)]
struct QueryName;

impl TypedValueParser for QueryName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let value = |query: &'static NamedQuery| {
            PossibleValue::new(query.name.as_str()).help(query.answers.as_str())
        };
        Some(Box::new(Store::named_queries().iter().map(value)))
    }
}

/// `barline sql`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline sql \"SELECT outcome, count(*) FROM results GROUP BY outcome ORDER BY outcome\"\n  \
    barline sql --format json < question.sql\n  \
    barline sql                      # a session, with completion and a history; .help there")]
pub(super) struct SqlArgs {
    /// The statement; without it standard input is read, or at a terminal a session begins
    pub(super) statement: Option<String>,
    /// Stop a statement after so many seconds [default: 300]
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true, help_heading = "Limits")]
    pub(super) timeout: Option<String>,
    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
}
