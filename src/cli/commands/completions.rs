//! `barline completions`: the command line as a shell knows it.

use clap::{Command, CommandFactory, ValueHint};

use crate::{
    cli::{args::Args, ending::Ending, shell_args::CompletionsArgs, stdout},
    error::Result,
};

/// Prints the shell's script.
pub(super) fn run(args: &CompletionsArgs) -> Result<Ending> {
    let mut script = Vec::new();
    let mut command = without_files(Args::command());
    clap_complete::generate(args.shell, &mut command, "barline", &mut script);
    stdout::print(|out| out.write_all(&script))?;
    Ok(Ending::Well)
}

/// Shells offer files where nothing is said of a value: they are to do that for paths only.
fn without_files(command: Command) -> Command {
    let said = |arg: clap::Arg| {
        let is_unsaid =
            arg.get_action().takes_values() && arg.get_value_hint() == ValueHint::Unknown;
        if is_unsaid { arg.value_hint(ValueHint::Other) } else { arg }
    };
    command.mut_args(said).mut_subcommands(without_files)
}
