//! Which store a command works on.
//!
//! `--db` decides, then `BARLINE_DB`, then `barline.duckdb` in the current folder if it exists,
//! then `barline-demo.duckdb`. The result names where the choice came from, because a command that
//! silently reads another store than the user thinks answers the wrong question.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// The store of the user's own bars.
const DEFAULT: &str = "barline.duckdb";
/// The store of the synthetic universe.
pub(super) const DEMO: &str = "barline-demo.duckdb";
/// The environment variable that names a store.
const VARIABLE: &str = "BARLINE_DB";

/// A store, and whether it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoreChoice {
    /// Its file.
    pub(super) path: PathBuf,
    /// True if `--db` or `BARLINE_DB` names it.
    pub(super) named: bool,
}

impl StoreChoice {
    /// The store that `--db` (`typed`), the environment or the current folder give; `None` where
    /// there is none yet.
    pub(super) fn find(typed: Option<&Path>) -> Option<Self> {
        let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        choose(typed, variable, Path::exists)
    }

    /// The same, with the store that a configuration names between the environment and the folder.
    pub(super) fn find_or(typed: Option<&Path>, configured: Option<&Path>) -> Option<Self> {
        let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        choose(typed, variable.or(configured.map(Path::to_path_buf)), Path::exists)
    }

    /// The same, where the command cannot do without.
    ///
    /// # Errors
    /// Usage, if there is no store.
    pub(super) fn require(typed: Option<&Path>) -> Result<Self> {
        Self::find(typed).ok_or_else(|| {
            Error::usage(format!("there is no store: neither {DEFAULT} nor {DEMO} is in this folder"))
                .with_hint(format!(
                    "'barline import FILE..' makes one of your bars, 'barline demo' a synthetic one; --db FILE or {VARIABLE} names another"
                ))
        })
    }

    /// Where `barline demo` puts its store.
    pub(super) fn for_demo(typed: Option<&Path>) -> Self {
        let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        choose(typed, variable, |_| false)
            .unwrap_or_else(|| Self { path: PathBuf::from(DEMO), named: false })
    }

    /// Where `barline import` puts bars: never among synthetic ones, unless their store is named.
    pub(super) fn for_import(typed: Option<&Path>) -> Self {
        let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        choose(typed, variable, |_| false)
            .unwrap_or_else(|| Self { path: PathBuf::from(DEFAULT), named: false })
    }

    /// The flag that names this store again, for commands suggested to the user; empty where the
    /// choice would be the same without.
    pub(super) fn flag(&self) -> String {
        if self.named { format!(" --db {}", for_shell(&self.path)) } else { String::new() }
    }
}

/// `path` as it can be pasted into a shell.
fn for_shell(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+:~".contains(letter);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn choose(
    typed: Option<&Path>,
    variable: Option<PathBuf>,
    exists: impl Fn(&Path) -> bool,
) -> Option<StoreChoice> {
    if let Some(path) = typed.map(Path::to_path_buf).or(variable) {
        return Some(StoreChoice { path, named: true });
    }
    [DEFAULT, DEMO]
        .map(PathBuf::from)
        .into_iter()
        .find(|path| exists(path))
        .map(|path| StoreChoice { path, named: false })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{StoreChoice, choose};

    #[test]
    fn the_flag_wins_then_the_variable_then_the_folder() {
        let variable = || Some(PathBuf::from("v.duckdb"));
        let path = |choice: Option<StoreChoice>| choice.map(|choice| choice.path);
        let typed = Some(Path::new("t.duckdb"));
        assert_eq!(path(choose(typed, variable(), |_| true)), Some("t.duckdb".into()));
        assert_eq!(path(choose(None, variable(), |_| true)), Some("v.duckdb".into()));
        assert_eq!(path(choose(None, None, |_| true)), Some("barline.duckdb".into()));
        let demo_only = |path: &Path| path == Path::new("barline-demo.duckdb");
        assert_eq!(path(choose(None, None, demo_only)), Some("barline-demo.duckdb".into()));
        assert_eq!(path(choose(None, None, |_| false)), None);
    }

    #[test]
    fn only_a_named_store_is_named_again() {
        let named = StoreChoice { path: "x.duckdb".into(), named: true };
        assert_eq!(named.flag(), " --db x.duckdb");
        let spaced = StoreChoice { path: "it's mine.duckdb".into(), named: true };
        assert_eq!(spaced.flag(), " --db 'it'\\''s mine.duckdb'");
        assert_eq!(StoreChoice { named: false, ..named }.flag(), "");
    }
}
