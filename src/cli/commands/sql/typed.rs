//! What is typed in a session, line by line: a statement up to its semicolon, or a word with a dot.

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// A statement, with its semicolon.
    Statement(String),
    /// A word that begins with a dot, without it, and what follows.
    Word(String, Vec<String>),
}

/// The lines of a statement so far.
#[derive(Debug, Default)]
pub(super) struct Typed(String);

impl Typed {
    /// True between the first line of a statement and its last.
    pub(super) fn is_begun(&self) -> bool {
        !self.0.is_empty()
    }

    /// Forgets what was typed.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes a line; what it completes. A semicolon at the end of a line ends a statement, and so does
    /// a line without anything.
    pub(super) fn line(&mut self, line: &str) -> Option<Asked> {
        let text = line.trim();
        if !self.is_begun() {
            if let Some(word) = text.strip_prefix('.') {
                let mut words = word.split_whitespace().map(str::to_owned);
                return Some(Asked::Word(words.next().unwrap_or_default(), words.collect()));
            }
            if text.is_empty() || text == ";" {
                return None;
            }
        } else if !text.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(line.trim_end());
        (text.is_empty() || text.ends_with(';'))
            .then(|| Asked::Statement(std::mem::take(&mut self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Typed};

    fn asked(lines: &[&str]) -> Vec<Asked> {
        let mut typed = Typed::default();
        lines.iter().filter_map(|line| typed.line(line)).collect()
    }

    #[test]
    fn a_statement_ends_with_its_semicolon_or_an_empty_line() {
        let statement = |text: &str| Asked::Statement(text.to_owned());
        assert_eq!(asked(&["SELECT 1;"]), [statement("SELECT 1;")]);
        assert_eq!(asked(&["SELECT", "  .5", "  ; "]), [statement("SELECT\n  .5\n  ;")]);
        assert_eq!(asked(&["SELECT 1", "", "SELECT 2;"]), ["SELECT 1", "SELECT 2;"].map(statement));
        assert_eq!(asked(&["", " ", ";", "SELECT 1"]), []);
    }

    #[test]
    fn words_with_a_dot_stand_alone() {
        let word = |word: &str, rest: &[&str]| {
            Asked::Word(word.to_owned(), rest.iter().map(|&text| text.to_owned()).collect())
        };
        assert_eq!(asked(&[".tables"]), [word("tables", &[])]);
        assert_eq!(asked(&["  .query best  top=5 "]), [word("query", &["best", "top=5"])]);
        assert_eq!(asked(&["."]), [word("", &[])]);
    }

    #[test]
    fn what_is_forgotten_is_not_asked() {
        let mut typed = Typed::default();
        assert_eq!(typed.line("DROP"), None);
        assert!(typed.is_begun());
        typed.clear();
        assert_eq!(typed.line("SELECT 1;"), Some(Asked::Statement("SELECT 1;".into())));
    }
}
