//! `barline completions`: the command line as a shell knows it.

use clap::CommandFactory;

use crate::{
    cli::{args::Args, ending::Ending, shell_args::CompletionsArgs, stdout},
    error::Result,
};

/// Prints the shell's script.
pub(super) fn run(args: &CompletionsArgs) -> Result<Ending> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "barline", &mut script);
    stdout::print(|out| out.write_all(&script))?;
    Ok(Ending::Well)
}
