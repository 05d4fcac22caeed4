//! The command line: what was typed, what it means, and one file per command.
//!
//! [`run`] reads top-down: the arguments are parsed (`parse`, into `args`) and completed from a configuration
//! (`config_file`), logs and the printer are set up, the
//! process is started again once with its thread caps in the environment (`threads`), and the
//! command runs. A command turns its arguments into settings (`settings`), calls the floors below
//! and prints. Answers go to standard output (`stdout`), everything said to a person goes to
//! standard error (`printer`, `bars`).
//!
//! # Exit codes
//! 0 all well; 1 finished with findings (failed jobs, rows that differ), or begun and ended by an
//! error, with what was finished stored; 2 nothing could start; 130 and 143 after SIGINT and
//! SIGTERM. A reader that closes the pipe early is success.

mod args;
mod audit_args;
mod bars;
mod byte_size;
mod commands;
mod compare_args;
mod config_file;
mod config_keys;
mod config_template;
mod config_text;
mod cost_tables;
mod device_args;
mod doctor_args;
mod ending;
mod event_lines;
mod export_args;
mod fetch_args;
mod import_args;
mod import_paths;
mod import_settings;
mod import_table;
mod known_strategies;
mod limit_args;
mod logging;
mod output_file;
mod panics;
mod parse;
mod printer;
mod question_args;
mod regress_args;
mod regress_case;
mod regress_folder;
mod report_args;
mod resample_args;
mod screen_args;
mod screen_settings;
mod settings;
mod shell_args;
mod signals;
mod stdout;
mod store_choice;
mod threads;
mod typed_value;
mod waiting;
mod weights_args;
mod weights_settings;

use std::process::ExitCode;

use self::{args::Args, ending::Ending, printer::Printer};
use crate::{
    error::{Error, ErrorKind, Result},
    report::Format,
};

/// Runs the command line of this process and says how it ended.
pub fn run() -> ExitCode {
    match parse::parse(std::env::args_os()) {
        Ok(mut typed) => {
            let printer = Printer::new(&typed.talk);
            let ending =
                typed.verb.configure().and_then(|()| panics::caught(|| ended(&typed, printer)));
            ending.unwrap_or_else(|error| refused(&error, printer, typed.verb.format())).into()
        }
        Err(parse::Unparsed::Shown(text)) => shown(&text).into(),
        Err(parse::Unparsed::Wrong(error)) => {
            refused(&error, Printer::new(&args::Talk::default()), None).into()
        }
    }
}

fn ended(typed: &Args, printer: Printer) -> Result<Ending> {
    logging::install(&typed.talk)?;
    stdout::require_reader_of(typed.verb.format())?;
    panics::quiet();
    threads::confine(typed.verb.threads()?, printer)?;
    commands::run(&typed.verb, printer)
}

/// Help and version are answers: they go to standard output.
fn shown(text: &str) -> Ending {
    match stdout::print(|out| out.write_all(text.as_bytes())) {
        Ok(()) => Ending::Well,
        Err(_) => Ending::NotStarted,
    }
}

/// How a command that `error` ended before it could begin ends, once everybody has been told.
fn refused(error: &Error, printer: Printer, format: Option<&str>) -> Ending {
    tell(error, printer, format);
    match error.kind() {
        ErrorKind::Interrupted => {
            Ending::Signalled(signals::received().unwrap_or(signals::INTERRUPT))
        }
        _ => Ending::NotStarted,
    }
}

/// Says `error` to the person, and as a field to a program that asked for JSON.
fn tell(error: &Error, printer: Printer, format: Option<&str>) {
    match error.kind() {
        ErrorKind::Interrupted => printer.warn(&error.to_string()),
        _ => printer.error(error),
    }
    if format == Some(Format::Json.name()) {
        let fields = serde_json::json!({ "error": error.to_string(), "hint": error.hint() });
        // The error is already said; nobody is left to tell that standard output is gone too.
        let _ = stdout::print(|out| writeln!(out, "{fields}"));
    }
}
