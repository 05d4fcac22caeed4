//! Panics: a fault of ours, told like any other error.
//!
//! A job that panics is an outcome and the run goes on, so the message of the standard hook would
//! only tear the progress bar; `-v` logs it with its place. What panics outside a job ends the
//! command with one line.

use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
};

use crate::error::{Error, Result};

/// From now on a panic is logged instead of printed.
pub(super) fn quiet() {
    panic::set_hook(Box::new(|panicked| {
        let place = panicked.location().map_or_else(String::new, ToString::to_string);
        let message = message(panicked.payload());
        tracing::error!(place, message, "panicked");
    }));
}

/// The result of `work`.
///
/// # Errors
/// Those of `work`; internal if it panics.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        Err(Error::internal(format!("a fault of ours: {}", message(payload.as_ref())))
            .with_hint("with -v the log says where; nothing that was stored is lost"))
    })
}

fn message(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn a_panic_is_an_error_with_its_message() {
        let error = caught::<()>(|| panic!("row {} of nothing", 7)).expect_err("a panic");
        assert_eq!(error.to_string(), "a fault of ours: row 7 of nothing");
        assert_eq!(caught(|| Ok(1)).expect("no panic"), 1);
    }
}
