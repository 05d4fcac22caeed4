//! `barline init`: a configuration to begin with.

use std::{fs::File, io::Write, path::Path};

use crate::{
    cli::{
        config_template::template, ending::Ending, printer::Printer, shell_args::InitArgs, stdout,
    },
    error::{Error, Result},
};

/// Writes the file, which must not exist yet.
pub(super) fn run(args: &InitArgs, printer: Printer) -> Result<Ending> {
    let text = template();
    if args.file == Path::new("-") {
        stdout::print(|out| out.write_all(text.as_bytes()))?;
        return Ok(Ending::Well);
    }
    let path = &args.file;
    let mut file = File::create_new(path).map_err(|cause| {
        if cause.kind() == std::io::ErrorKind::AlreadyExists {
            Error::usage(format!("{} is there already, and was not changed", path.display()))
                .with_hint(format!(
                    "name another file, or move that one away: barline init {}.new",
                    path.display()
                ))
        } else {
            Error::io("make", path, &cause)
        }
    })?;
    file.write_all(text.as_bytes()).map_err(|cause| {
        // Half a configuration says something else than a whole one.
        let _ = std::fs::remove_file(path);
        Error::io("write", path, &cause)
    })?;
    let path = path.display();
    printer.note(&format!(
        "{path}: every key is a comment; take the '#' from those you want, then: \
         barline backtest --config {path} --dry-run"
    ));
    Ok(Ending::Well)
}
