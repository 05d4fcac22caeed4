//! The parameters of a statement's text: which it names, and the text with values in their place.
//!
//! A parameter is `$name`; what looks like one in text or in a comment is none.

use super::sql_words::skipped;

/// A piece of a statement.
enum Piece<'a> {
    /// What stands as it is.
    Plain(&'a str),
    /// The name of a parameter.
    Parameter(&'a str),
}

/// Names of the parameters in order, each once.
pub(super) fn parameters(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for piece in pieces(text) {
        if let Piece::Parameter(name) = piece
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// `text` with what `literal` gives in place of the parameters; one without literal stays.
pub(super) fn filled(text: &str, literal: impl Fn(&str) -> Option<String>) -> String {
    let shown = |piece| match piece {
        Piece::Plain(plain) => plain.to_owned(),
        Piece::Parameter(name) => literal(name).unwrap_or_else(|| format!("${name}")),
    };
    pieces(text).map(shown).collect()
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let name = name_at(rest);
        let length = match (skipped(rest, first).or_else(|| behind_name(rest)), name) {
            (Some(after), _) => rest.len() - after.len(),
            (None, Some(name)) => 1 + name.len(),
            (None, None) => first.len_utf8(),
        };
        let is_parameter = name.is_some_and(|name| length == 1 + name.len());
        let (piece, after) = rest.split_at(length);
        rest = after;
        Some(if is_parameter { Piece::Parameter(&piece[1..]) } else { Piece::Plain(piece) })
    })
}

/// What follows a name in double quotes that `rest` begins with.
fn behind_name(rest: &str) -> Option<&str> {
    let quoted = rest.strip_prefix('"')?;
    Some(quoted.split_once('"').map_or("", |(_, after)| after))
}

/// The name behind a dollar sign that `rest` begins with.
fn name_at(rest: &str) -> Option<&str> {
    let named = rest.strip_prefix('$')?;
    let end = named.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(named.len());
    let starts = named.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (starts && end > 0).then(|| &named[..end])
}

#[cfg(test)]
mod tests {
    use super::{filled, parameters};

    #[test]
    fn text_and_comments_name_no_parameter() {
        let text = "SELECT '$a' -- $b\n, $run + $top /* $c */, $$ $d $$, \"$e\", $run";
        assert_eq!(parameters(text), ["run", "top"]);
        assert_eq!(parameters("SELECT 'it''s $a', 1"), Vec::<&str>::new());
        assert_eq!(parameters("$1 + $ + $_a"), ["_a"]);
    }

    #[test]
    fn values_stand_where_the_names_stood() {
        let literal = |name: &str| (name != "kept").then(|| format!("<{name}>"));
        assert_eq!(
            filled("a=$run AND '$run' <> $kept||$b -- ü $run", literal),
            "a=<run> AND '$run' <> $kept||<b> -- ü $run"
        );
    }
}
