//! The one way a frame is collected: in memory.
//!
//! A scan of the store is a callback, and Polars' streaming engine panics on such scans. Two
//! environment variables move every plan to that engine behind our back; they are refused before
//! work starts.

use std::io;

use polars::prelude::{DataFrame, Engine, LazyFrame, PolarsError};

use crate::error::{Error, Result};

/// Variables that make Polars stream whatever engine the program asks for.
const FORCING_VARIABLES: [&str; 2] = ["POLARS_FORCE_STREAMING", "POLARS_AUTO_STREAMING"];

/// Refuses an environment that forces Polars' streaming engine. Called once at start.
///
/// # Errors
/// Usage, naming the variable.
pub fn refuse_forced_streaming() -> Result<()> {
    refuse_forcing(|variable| std::env::var(variable).ok())
}

fn refuse_forcing(value_of: impl Fn(&str) -> Option<String>) -> Result<()> {
    match FORCING_VARIABLES.into_iter().find(|name| value_of(name).as_deref() == Some("1")) {
        None => Ok(()),
        Some(name) => {
            Err(Error::usage(format!("{name}=1 is set, and bars of a store cannot be streamed"))
                .with_hint(format!("unset {name}")))
        }
    }
}

/// Collects `frame` with the in-memory engine.
///
/// # Errors
/// What the store reported, as it reported it; a plan that Polars refuses; an environment that
/// [`refuse_forced_streaming`] refuses.
pub fn collect(frame: LazyFrame) -> Result<DataFrame> {
    refuse_forced_streaming()?;
    let collected = frame.collect_with_engine(Engine::InMemory).map_err(from_polars)?;
    Ok(collected.unwrap_single())
}

/// An [`Error`] on its way through Polars; [`from_polars`] takes it out again.
pub(super) fn into_polars(error: Error) -> PolarsError {
    io::Error::other(error).into()
}

/// The [`Error`] that Polars carried, or a refusal of its own.
pub(super) fn from_polars(error: PolarsError) -> Error {
    match error {
        PolarsError::IO { error, .. } => match error.get_ref().and_then(|e| e.downcast_ref()) {
            Some(ours) => copy_of(ours),
            None => Error::store(format!("cannot read bars: {error}")),
        },
        PolarsError::Context { error, .. } | PolarsError::ExprContext { error, .. } => {
            from_polars(*error)
        }
        other => Error::internal(format!("a plan over bars was refused: {other}")),
    }
}

/// Polars keeps its errors shared, so ours cannot be moved out.
fn copy_of(error: &Error) -> Error {
    let copy = Error::new(error.kind(), error.to_string());
    match error.hint() {
        Some(hint) => copy.with_hint(hint),
        None => copy,
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{IntoLazy, PolarsError, col, df, lit};

    use super::{collect, from_polars, into_polars, refuse_forcing};
    use crate::error::Error;

    #[test]
    fn a_forced_streaming_engine_is_refused_by_name() {
        let set = |wanted: &'static str, value: &'static str| {
            move |name: &str| (name == wanted).then(|| value.to_owned())
        };
        for name in ["POLARS_FORCE_STREAMING", "POLARS_AUTO_STREAMING"] {
            let refusal = refuse_forcing(set(name, "1")).expect_err("forced");
            assert!(refusal.is_usage() && refusal.to_string().contains(name), "{refusal}");
            assert!(refuse_forcing(set(name, "0")).is_ok());
        }
    }

    #[test]
    fn an_error_of_ours_passes_polars_unchanged() {
        let ours = || Error::store("the store is gone").with_hint("look for it");
        let wrapped = PolarsError::Context {
            error: Box::new(into_polars(ours())),
            msg: "while scanning".into(),
        };
        for carried in [into_polars(ours()), wrapped] {
            let back = from_polars(carried);
            assert_eq!(back.kind(), ours().kind());
            assert_eq!(back.to_string(), "the store is gone");
            assert_eq!(back.hint(), Some("look for it"));
        }
    }

    #[test]
    fn a_wrong_plan_is_an_error() {
        let frame = df!("close" => [1.0]).expect("a frame").lazy();
        assert!(collect(frame.clone().filter(col("close").gt(lit(0.5)))).is_ok());
        assert!(collect(frame.select([col("clsoe")])).is_err());
    }
}
