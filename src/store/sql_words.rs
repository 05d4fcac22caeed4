//! The words of a statement, without what stands in text and in comments.
//!
//! Enough to see what a statement calls and how it ends, not to understand it. Words come in
//! capitals; a name in double quotes is a word too, since it may be called like any other.

/// A word of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In capitals.
    pub(super) text: String,
    /// Brackets open around it.
    pub(super) depth: usize,
    /// True if a bracket opens behind it: it is called.
    pub(super) called: bool,
}

/// The words of `text` in order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut rest, mut depth) = (text, 0_usize);
    // A bracket calls the word that stands right before it, whatever blanks lie between.
    let mut callable = false;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = skipped(rest, first) {
            callable &= first != '\'' && first != '$';
            rest = after;
            continue;
        }
        if first.is_alphabetic() || first == '_' {
            let is_of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let end = rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len());
            words.push(Word { text: rest[..end].to_uppercase(), depth, called: false });
            callable = true;
            rest = &rest[end..];
            continue;
        }
        if let Some(quoted) = rest.strip_prefix('"') {
            let (name, after) = quoted.split_once('"').unwrap_or((quoted, ""));
            words.push(Word { text: name.to_uppercase(), depth, called: false });
            callable = true;
            rest = after;
            continue;
        }
        match first {
            '(' => {
                if let Some(last) = words.last_mut().filter(|_| callable) {
                    last.called = true;
                }
                depth += 1;
            }
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        callable &= first.is_whitespace();
        rest = &rest[first.len_utf8()..];
    }
    words
}

/// What follows a text or a comment that begins here; `None` if neither does.
pub(super) fn skipped(rest: &str, first: char) -> Option<&str> {
    let behind =
        |text: &'_ str, mark: &str| text.find(mark).map_or(text.len(), |at| at + mark.len());
    match first {
        '\'' => Some(&rest[1 + behind(&rest[1..], "'")..]),
        '-' => rest.strip_prefix("--").map(|text| &text[behind(text, "\n")..]),
        '/' => rest.strip_prefix("/*").map(|text| &text[behind(text, "*/")..]),
        '$' => {
            let tag_end = rest[1..].find('$')? + 2;
            let tag = &rest[..tag_end];
            let plain = tag[1..tag_end - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
            plain.then(|| &rest[tag_end + behind(&rest[tag_end..], tag)..])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    fn shown(text: &str) -> String {
        let word =
            |w: super::Word| format!("{}{}{}", w.text, w.depth, if w.called { "!" } else { "" });
        words(text).into_iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn text_and_comments_hold_no_words() {
        for (text, expected) in [
            ("SELECT a FROM b", "SELECT0 A0 FROM0 B0"),
            ("sum ( x ) + 'random()' -- now()\n, \"Now\"()", "SUM0! X1 NOW0!"),
            ("/* random( */ f(g(h))", "F0! G1! H2"),
            ("$$ random() $$ a $t$ $$ b $t$ c", "A0 C0"),
            ("'it''s random()' x", "X0"),
            ("a IN (1, 2)", "A0 IN0!"),
            ("1 AS now, (2)", "AS0 NOW0"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
