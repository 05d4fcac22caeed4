//! Standard output: answers and nothing else.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

use crate::{
    error::{self, Error, Result},
    report::{self, Format},
    store::Table,
};

/// Lets `write` fill standard output. A reader that went away (`barline query .. | head`) is
/// success.
///
/// # Errors
/// Io, if standard output refuses for another reason, such as a full disk.
pub(super) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => Err(Error::new(
            error::ErrorKind::Io,
            format!("cannot write to standard output: {source}"),
        )),
        _ => Ok(()),
    }
}

/// Refuses, before any work is done, to send what only programs read to a terminal.
///
/// # Errors
/// Usage, if `format` is Parquet and standard output is a terminal.
pub(super) fn require_reader_of(format: Option<&str>) -> Result<()> {
    if format == Some(Format::Parquet.name()) && io::stdout().is_terminal() {
        return Err(Error::usage("--format parquet: bytes of a file, and this is a terminal")
            .with_hint("send them to a file: barline .. --format parquet > answer.parquet"));
    }
    Ok(())
}

/// Prints an answer.
pub(super) fn print_answer(answer: &Table, format: Format) -> Result<()> {
    print(|out| report::write(answer, format, width(), out))
}

/// The width tables may take: the terminal's, none where standard output is not one.
pub(super) fn width() -> Option<u16> {
    if !io::stdout().is_terminal() {
        return None;
    }
    // A terminal that does not know its width says 0.
    comfy_table::Table::new().width().filter(|&columns| columns > 0)
}
