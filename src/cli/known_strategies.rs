//! Which strategies there are to ask for, and which were asked for.

use super::{args::BacktestArgs, typed_value::names};
use crate::{
    domain::nearest,
    error::{Error, Result},
};

/// The strategy that plays signals.
const SCRIPTED: &str = "scripted";

/// A strategy that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KnownStrategy {
    /// Its name.
    pub(super) name: &'static str,
    /// True if it works on combinations only.
    pub(super) multi: bool,
}

/// The names of the strategies to run.
///
/// # Errors
/// Usage, for one that does not exist, or that does not go with the other flags.
pub(super) fn strategies(args: &BacktestArgs, known: &[KnownStrategy]) -> Result<Vec<String>> {
    if args.signals.is_some() {
        return match args.strategies.as_deref() {
            None | Some(SCRIPTED) => Ok(vec![SCRIPTED.to_owned()]),
            Some(others) => Err(Error::usage(format!(
                "--strategies {others}: with --signals only {SCRIPTED} runs"
            ))
            .with_hint("leave --strategies out, or run the others without --signals")),
        };
    }
    let Some(text) = args.strategies.as_deref() else {
        let all = known.iter().filter(|strategy| args.multi_pair || !strategy.multi);
        return Ok(all.map(|strategy| strategy.name.to_owned()).collect());
    };
    let asked = names("--strategies", text)?;
    for name in &asked {
        if name == SCRIPTED {
            return Err(Error::usage(format!("--strategies {SCRIPTED}: it plays signals"))
                .with_hint("name them with --signals FILE"));
        }
        let Some(strategy) = known.iter().find(|strategy| strategy.name == name) else {
            return Err(unknown_strategy(name, known));
        };
        if strategy.multi && !args.multi_pair {
            return Err(Error::usage(format!("--strategies {name}: {name} works on combinations"))
                .with_hint("add --multi-pair"));
        }
    }
    Ok(asked)
}

fn unknown_strategy(name: &str, known: &[KnownStrategy]) -> Error {
    let all: Vec<&str> = known.iter().map(|strategy| strategy.name).collect();
    let meant = nearest(name, all.iter().copied())
        .map_or_else(String::new, |near| format!("did you mean {near}? "));
    Error::usage(format!("--strategies {name}: there is no such strategy"))
        .with_hint(format!("{meant}known: {}", all.join(", ")))
}
