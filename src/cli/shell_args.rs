//! What was typed for the commands that make a shell at home: `init`, `completions` and `man`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// `barline init`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  barline init\n  \
    barline backtest --config barline.toml --dry-run\n\n\
    A file that is there is never written over; '-' prints the text.")]
pub(super) struct InitArgs {
    /// Where it goes, or - for standard output
    #[arg(default_value = "barline.toml")]
    pub(super) file: PathBuf,
}

/// `barline completions`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline completions bash > ~/.local/share/bash-completion/completions/barline\n  \
    barline completions zsh > ~/.zfunc/_barline\n  \
    barline completions fish > ~/.config/fish/completions/barline.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

/// `barline man`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  barline man | man -l -\n  barline man --dir ~/.local/share/man/man1"
)]
pub(super) struct ManArgs {
    /// Write a page for every command into this folder [default: barline's own to standard output]
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
}
