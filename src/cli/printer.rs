//! What is said to the person at the terminal, on standard error only.
//!
//! Quiet, colour and progress are decided once, here. Nothing said here is an answer: a program
//! that reads standard output never sees it.

use std::io::{self, IsTerminal, Write};

use super::{
    args::Talk,
    bars::{self, Bars},
    logging,
};
use crate::{error::Error, report::plain_text, run};

/// Speaks to standard error.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "four things that a terminal is or is not")]
pub(super) struct Printer {
    quiet: bool,
    /// True where every line is an object.
    json: bool,
    colour: bool,
    terminal: bool,
}

impl Printer {
    /// A printer for this process: colour only on a terminal and without `NO_COLOR`.
    pub(super) fn new(talk: &Talk) -> Self {
        let terminal = io::stderr().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let json = logging::is_json(talk);
        // A bar is no line.
        let terminal = terminal && !json;
        Self { quiet: talk.quiet, json, colour: terminal && !no_colour, terminal }
    }

    /// A remark; not said with `--quiet`.
    pub(super) fn note(self, text: &str) {
        match (self.quiet, self.json) {
            (true, _) => {}
            (false, true) => object("INFO", text, None),
            (false, false) => say(&plain_text(text)),
        }
    }

    /// Something the person must not miss; said even with `--quiet`.
    pub(super) fn warn(self, text: &str) {
        if self.json {
            return object("WARN", text, None);
        }
        say(&format!("{} {}", self.painted("warning:", "33;1"), plain_text(text)));
    }

    /// An error on one line, and its remedy on the next.
    pub(super) fn error(self, error: &Error) {
        if self.json {
            return object("ERROR", &error.to_string(), error.hint());
        }
        say(&format!("{} {}", self.painted("error:", "31;1"), plain_text(&error.to_string())));
        if let Some(hint) = error.hint() {
            say(&format!("{} {}", self.painted("hint:", "36;1"), plain_text(hint)));
        }
    }

    /// A listener for a run: a bar on a terminal, a few plain lines elsewhere, silence with
    /// `--quiet`.
    pub(super) fn progress(self) -> Bars {
        Bars::new(self, self.terminal && !self.quiet)
    }

    fn painted(self, word: &str, code: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() }
    }
}

/// One line with the fields that an event of the logs has.
fn object(level: &str, message: &str, hint: Option<&str>) {
    let mut fields = serde_json::json!({
        "timestamp": run::now().to_string(),
        "level": level,
        "message": message,
        "target": "barline",
    });
    if let Some(hint) = hint {
        fields["hint"] = hint.into();
    }
    say(&fields.to_string());
}

/// One line on standard error, above the progress bar if there is one. A closed standard error is
/// no reason to stop working.
fn say(line: &str) {
    bars::aside(|| {
        let _ = writeln!(io::stderr().lock(), "{line}");
    });
}

#[cfg(test)]
mod tests {
    use super::Printer;

    #[test]
    fn colour_is_used_only_where_it_was_decided() {
        let plain = Printer { quiet: false, json: false, colour: false, terminal: false };
        assert_eq!(plain.painted("error:", "31;1"), "error:");
        let coloured = Printer { colour: true, ..plain };
        assert_eq!(coloured.painted("error:", "31;1"), "\u{1b}[31;1merror:\u{1b}[0m");
    }
}
