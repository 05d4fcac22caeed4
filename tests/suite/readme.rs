//! The README is true: every command it shows as one to be run works on the demo store.
//!
//! Blocks fenced as `console` are run line by line, in order, in one folder; a command follows
//! `$ `. Blocks fenced as `toml` or `sql` are written to the file that their first line names (`# FILE`,
//! `-- FILE`).
//! Blocks fenced otherwise are not run.

use std::{env, ffi::OsString, path::Path, process::Command};

/// The commands of the blocks fenced as `console`, in order.
fn commands(text: &str) -> Vec<&str> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in text.lines() {
        if let Some(fence) = line.strip_prefix("```") {
            inside = !inside && fence == "console";
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            commands.push(command);
        }
    }
    commands
}

/// Name and text of the files in the blocks fenced as `toml` and `sql`.
fn files(text: &str) -> Vec<(&str, &str)> {
    let of = |fence| text.split(fence).skip(1);
    of("```toml\n# ")
        .chain(of("```sql\n-- "))
        .filter_map(|block| block.split_once("\n```")?.0.split_once('\n'))
        .collect()
}

/// The folder of our binary in front of everything else on the path.
fn path_with_barline() -> OsString {
    let folder = Path::new(env!("CARGO_BIN_EXE_barline")).parent().expect("a folder");
    let mut folders = vec![folder.to_path_buf()];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    env::join_paths(folders).expect("a path")
}

#[test]
fn every_console_command_of_the_readme_works() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"))
        .expect("a README");
    let commands = commands(&text);
    assert!(commands.len() >= 10, "{commands:?}");
    let folder = tempfile::tempdir().expect("a folder");
    let files = files(&text);
    assert!(!files.is_empty(), "no configuration is shown");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    for command in commands {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(folder.path())
            .env("PATH", path_with_barline())
            .env_remove("BARLINE_DB")
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{command}\n{said}");
    }
}

#[test]
fn only_console_blocks_are_run() {
    let text = "```sh\n$ rm x\n```\n```console\n$ barline query\nan answer\n```\n$ not this\n";
    assert_eq!(commands(text), ["barline query"]);
    assert_eq!(files("```toml\n# a.toml\nb = 1\nc = 2\n```\n"), [("a.toml", "b = 1\nc = 2")]);
}
