//! `barline man`: the manual pages, made of the command line itself.

use std::{fs, io, path::Path};

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::{
    cli::{args::Args, ending::Ending, printer::Printer, shell_args::ManArgs, stdout},
    error::{Error, Result},
};

/// Prints the page of the whole, or writes all pages.
pub(super) fn run(args: &ManArgs, printer: Printer) -> Result<Ending> {
    let mut command = Args::command();
    command.build();
    let Some(folder) = &args.dir else {
        let page = page(command).map_err(|e| not_made("barline.1", &e))?;
        stdout::print(|out| out.write_all(&page))?;
        return Ok(Ending::Well);
    };
    fs::create_dir_all(folder).map_err(|cause| Error::io("make the folder", folder, &cause))?;
    let count = write_all(folder, command)?;
    printer.note(&format!("{count} pages in {}", folder.display()));
    Ok(Ending::Well)
}

/// The page of a command and those of the commands below it; how many there are.
fn write_all(folder: &Path, command: Command) -> Result<u64> {
    let below: Vec<Command> =
        command.get_subcommands().filter(|verb| verb.get_name() != "help").cloned().collect();
    let mut count = 1;
    for verb in below {
        count += write_all(folder, verb)?;
    }
    write(folder, command)?;
    Ok(count)
}

fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let name = name_of(&command);
    Man::new(command).title(name).render(&mut page)?;
    Ok(page)
}

fn write(folder: &Path, command: Command) -> Result<()> {
    let path = folder.join(format!("{}.1", name_of(&command)));
    let page = page(command).map_err(|cause| not_made(&path.display().to_string(), &cause))?;
    fs::write(&path, page).map_err(|cause| Error::io("write", &path, &cause))
}

/// `barline`, or `barline-sql`.
fn name_of(command: &Command) -> String {
    command.get_display_name().unwrap_or(command.get_name()).to_owned()
}

fn not_made(name: &str, cause: &io::Error) -> Error {
    Error::internal(format!("{name} could not be made: {cause}"))
}
