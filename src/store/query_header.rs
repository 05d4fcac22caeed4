//! From a text to a named query: its header, and the statement behind it.
//!
//! The header is the comment lines in front of the statement. Five of them say what it answers, its
//! grain, what it reads, what it takes and its order, as `-- answers: ..`; what it takes are
//! `name = default` joined by commas, or `nothing`. The statement names those parameters, as `$name`,
//! and no others.

use super::{
    cage,
    named_query::{NamedQuery, Parameter},
    query_text,
    sql_words::words,
};

/// The lines of a header.
const KEYS: [&str; 5] = ["answers", "grain", "reads", "takes", "order"];
/// Words that the statement may begin with.
const BEGINNINGS: [&str; 3] = ["SELECT", "WITH", "FROM"];
/// What a query without parameters takes.
const NOTHING: &str = "nothing";

/// The named query that `text` is.
///
/// # Errors
/// What is wrong with it, to be told behind the name of its file.
pub(super) fn read(name: &str, text: &str) -> Result<NamedQuery, String> {
    let (header, body) = divided(text);
    let mut said = KEYS.iter().map(|key| line(&header, key));
    let mut next = || said.next().unwrap_or_else(|| Ok(String::new()));
    let (answers, grain, reads, takes, order) = (next()?, next()?, next()?, next()?, next()?);
    let query = NamedQuery {
        name: name.to_owned(),
        answers,
        grain,
        reads,
        takes: taken(&takes)?,
        order,
        statement: statement(body)?.to_owned(),
        is_ours: false,
    };
    agree(&query)?;
    Ok(query)
}

/// The comment lines in front, and the rest.
fn divided(text: &str) -> (Vec<&str>, &str) {
    let mut header = Vec::new();
    let mut rest = text.trim_start_matches('\u{feff}');
    while rest.trim_start().starts_with("--") {
        let (first, after) = rest.trim_start().split_once('\n').unwrap_or((rest.trim(), ""));
        header.push(first.trim());
        rest = after;
    }
    (header, rest.trim())
}

/// What the header's line for `key` says.
fn line(header: &[&str], key: &str) -> Result<String, String> {
    let said = |line: &&str| {
        let after = line.strip_prefix("--")?.trim_start().strip_prefix(key)?.strip_prefix(':')?;
        Some(after.trim().to_owned())
    };
    let mut found = header.iter().filter_map(said);
    match (found.next(), found.next()) {
        (Some(only), None) if !only.is_empty() => Ok(only),
        (Some(_), None) => Err(format!("nothing stands behind '-- {key}:' in its header")),
        (Some(_), Some(_)) => Err(format!("'-- {key}:' stands twice in its header")),
        (None, _) => Err(format!("no '-- {key}: ..' in its header")),
    }
}

fn taken(text: &str) -> Result<Vec<Parameter>, String> {
    if text == NOTHING {
        return Ok(Vec::new());
    }
    let mut taken: Vec<Parameter> = Vec::new();
    for part in text.split(',') {
        let wrong = || format!("'{}' in '-- takes:' is not a name = default", part.trim());
        let (name, default) = part.split_once('=').ok_or_else(wrong)?;
        let (name, default) = (name.trim(), default.trim());
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if !is_name || default.is_empty() {
            return Err(wrong());
        }
        if taken.iter().any(|earlier| earlier.name == name) {
            return Err(format!("'-- takes:' has the parameter '{name}' twice"));
        }
        taken.push(Parameter { name: name.to_owned(), default: default.to_owned() });
    }
    Ok(taken)
}

/// `body` without its closing semicolon, if it is one SELECT.
fn statement(body: &str) -> Result<&str, String> {
    let one = cage::one_question(body).map_err(|error| match error.hint() {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    })?;
    let first = words(one).first().map_or_else(String::new, |word| word.text.clone());
    if !BEGINNINGS.contains(&first.as_str()) {
        return Err(format!("'{first}' is not how a SELECT begins"));
    }
    Ok(one)
}

/// Refuses parameters that only the header or only the statement has.
fn agree(query: &NamedQuery) -> Result<(), String> {
    let named = query_text::parameters(&query.statement);
    if let Some(stray) =
        named.iter().find(|name| !query.takes.iter().any(|taken| taken.name == **name))
    {
        return Err(format!("the statement has ${stray}, and '-- takes:' does not"));
    }
    match query.takes.iter().find(|taken| !named.contains(&taken.name.as_str())) {
        Some(idle) => Err(format!("'-- takes:' has {0}, and the statement no ${0}", idle.name)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    const HEAD: &str = "-- answers: a\n-- grain: b\n-- reads: bar\n";

    fn wrong(rest: &str) -> String {
        read("x", &format!("{HEAD}{rest}")).expect_err(rest)
    }

    #[test]
    fn a_header_is_read_with_what_it_takes() {
        let text = format!(
            "{HEAD}-- a remark\n-- takes: top = 20, run = last~1\n-- order: c\n\n SELECT $top, $run;\n"
        );
        let query = read("x", &text).expect("a query");
        let taken: Vec<_> =
            query.takes.iter().map(|t| (t.name.as_str(), t.default.as_str())).collect();
        assert_eq!(taken, [("top", "20"), ("run", "last~1")]);
        assert_eq!((query.grain.as_str(), query.order.as_str()), ("b", "c"));
        assert_eq!(query.statement, "SELECT $top, $run");
        let none = format!("{HEAD}-- takes: nothing\n-- order: c\nFROM bar");
        assert_eq!(read("x", &none).expect("a query").takes, []);
    }

    #[test]
    fn what_is_wrong_is_told_in_one_line() {
        let nothing = "-- takes: nothing\n-- order: c\n";
        for (rest, told) in [
            ("-- order: c\nSELECT 1".to_owned(), "no '-- takes: ..' in its header"),
            ("-- takes: nothing\n-- order:\nSELECT 1".into(), "nothing stands behind '-- order:'"),
            (format!("{nothing}-- grain: d\nSELECT 1"), "'-- grain:' stands twice"),
            ("-- takes: top\n-- order: c\nSELECT $top".into(), "'top' in '-- takes:' is not"),
            ("-- takes: a = 1, a = 2\n-- order: c\nSELECT $a".into(), "'a' twice"),
            (format!("{nothing}SELECT $b"), "has $b, and '-- takes:' does not"),
            ("-- takes: b = 1\n-- order: c\nSELECT 1".into(), "has b, and the statement no $b"),
            (format!("{nothing}DELETE FROM bar"), "'DELETE' is not a question"),
            (format!("{nothing}DESCRIBE bar"), "'DESCRIBE' is not how a SELECT begins"),
            (format!("{nothing}SELECT 1; SELECT 2"), "more than one statement"),
            (nothing.to_owned(), "an empty statement"),
        ] {
            let said = wrong(&rest);
            assert!(said.contains(told), "{rest}: {said}");
            assert!(!said.contains('\n'), "{said}");
        }
    }
}
