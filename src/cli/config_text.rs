//! The text of a configuration: read, turned into keys, and pointed at where it is wrong.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use toml::{Spanned, de::DeTable};

use crate::{
    domain::nearest,
    error::{Error, Result},
};

/// A longer file is no configuration.
const MOST_BYTES: u64 = 1 << 20;

/// A file's path and its text.
#[derive(Debug)]
pub(super) struct ConfigText {
    path: PathBuf,
    text: String,
    /// The table below which places are looked for; empty for the whole file.
    root: &'static [&'static str],
}

impl ConfigText {
    /// A text that stands in no file.
    #[cfg(test)]
    pub(super) fn of(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.to_owned(), root: &[] }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Io, if it cannot be read; usage, if it is no file or too long for a configuration.
    pub(super) fn read(path: &Path) -> Result<Self> {
        Self::read_as("--config ", path)
    }

    /// The same with another word in front of a path that is no file.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn read_as(what: &str, path: &Path) -> Result<Self> {
        let found = fs::metadata(path).map_err(|e| Error::io("read", path, &e))?;
        if !found.is_file() {
            // A pipe could be read once only, and the process starts itself a second time.
            return Err(Error::usage(format!("{what}{}: not a file", path.display())));
        }
        if found.len() > MOST_BYTES {
            let what =
                format!("{what}{}: {} bytes are no configuration", path.display(), found.len());
            return Err(Error::usage(what).with_hint("give a TOML file of at most 1 MiB"));
        }
        let text = fs::read_to_string(path).map_err(|e| Error::io("read", path, &e))?;
        Ok(Self { path: path.to_owned(), text, root: &[] })
    }

    /// The same text, of which only the table at `root` is a configuration.
    pub(super) fn below(self, root: &'static [&'static str]) -> Self {
        Self { root, ..self }
    }

    /// The text itself.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What it says.
    ///
    /// # Errors
    /// Usage, with line and column, if it is not TOML or has other keys or values.
    pub(super) fn parsed<T: DeserializeOwned>(&self) -> Result<T> {
        toml::from_str(&self.text).map_err(|error| self.refused(&error))
    }

    /// `file:line:column: ` of the value at the end of `path`, or of its table where the value has
    /// its default; empty where the file does not hold it.
    pub(super) fn place(&self, path: &[&str]) -> String {
        let Ok(document) = DeTable::parse(&self.text) else { return String::new() };
        let mut table = document.get_ref();
        let mut found = None;
        for key in self.root.iter().chain(path) {
            let Some((key, value)) = entry(table, key) else { break };
            found = Some(key.span().start);
            match value.get_ref().as_table() {
                Some(inner) => table = inner,
                None => found = Some(value.span().start),
            }
        }
        found.map_or_else(String::new, |at| self.position(at))
    }

    /// True if the file sets a value at the end of `path`.
    pub(super) fn holds(&self, path: &[&str]) -> bool {
        let Ok(document) = DeTable::parse(&self.text) else { return false };
        let Some((last, tables)) = path.split_last() else { return false };
        let inner = self.root.iter().chain(tables).try_fold(document.get_ref(), |table, key| {
            entry(table, key).and_then(|(_, value)| value.get_ref().as_table())
        });
        inner.is_some_and(|table| entry(table, last).is_some())
    }

    /// What TOML or serde found wrong, in one line: where, what, and what there is.
    fn refused(&self, error: &toml::de::Error) -> Error {
        let place = self.position(error.span().map_or(0, |span| span.start));
        let message = in_plain_words(&error.message().replace('\n', " "));
        let Some((what, known)) = message.split_once(", expected ") else {
            return Error::usage(place + &message);
        };
        let mut quoted = what.split('`').skip(1).step_by(2);
        let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        let kind = [("unknown field", "key"), ("unknown variant", "value")]
            .into_iter()
            .find(|(start, _)| what.starts_with(start));
        match kind.zip(quoted.next()) {
            Some(((_, kind), word)) => {
                let meant = nearest(word, known.iter().copied())
                    .map_or_else(String::new, |near| format!("did you mean {near}? "));
                Error::usage(format!("{place}there is no {kind} '{word}' here"))
                    .with_hint(format!("{meant}known: {}", known.join(", ")))
            }
            None => Error::usage(place + &message),
        }
    }

    /// `file:line:column: ` of a byte of the text, counted from 1, columns in characters.
    pub(super) fn position(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{line}:{column}: ", self.path.display())
    }
}

/// A message of serde without the names of our types, which no reader of a configuration knows.
fn in_plain_words(message: &str) -> String {
    let mut words = Vec::new();
    let mut rest = message.split(' ').peekable();
    while let Some(word) = rest.next() {
        let next = rest.peek().copied().unwrap_or_default();
        match (word, next) {
            // "integer `5` as i128, expected": how the reader holds it.
            ("as", "i128," | "u128,") => {
                rest.next();
                words.push(",");
            }
            ("struct" | "enum", _) => {
                rest.next();
                words.push(if word == "struct" { "a table" } else { "a word" });
            }
            ("u8" | "u16" | "u32" | "u64" | "usize" | "i64", _) => words.push("a whole number"),
            ("f64", _) => words.push("a number"),
            _ => words.push(word),
        }
    }
    words.join(" ").replace(" ,", ",")
}

/// The key and the value of a table's entry.
fn entry<'a, 'i>(
    table: &'a DeTable<'i>,
    name: &str,
) -> Option<(&'a Spanned<toml::de::DeString<'i>>, &'a Spanned<toml::de::DeValue<'i>>)> {
    table.iter().find(|(key, _)| key.get_ref() == name)
}

#[cfg(test)]
mod tests {
    use super::{ConfigText, in_plain_words};

    #[test]
    fn a_folder_is_no_configuration() {
        let folder = tempfile::tempdir().expect("a folder");
        let refused = ConfigText::read(folder.path()).expect_err("a folder").to_string();
        assert!(refused.starts_with("--config ") && refused.ends_with("not a file"), "{refused}");
        assert!(ConfigText::read(&folder.path().join("absent.toml")).is_err());
    }

    #[test]
    fn types_are_named_as_a_reader_names_them() {
        for (said, plain) in [
            (
                "invalid type: integer `5`, expected struct StrategyParameters",
                "invalid type: integer `5`, expected a table",
            ),
            (
                "invalid type: string \"x\", expected u32",
                "invalid type: string \"x\", expected a whole number",
            ),
            (
                "invalid value: integer `9` as i128, expected u8",
                "invalid value: integer `9`, expected a whole number",
            ),
            ("expected a list, or a text with commas", "expected a list, or a text with commas"),
        ] {
            assert_eq!(in_plain_words(said), plain);
        }
    }
}
