//! A long line broken between words for a terminal.

/// `text` broken at spaces so that no line is longer than `width`, lines after the first indented
/// by two spaces; one line where there is no width. A word that is longer stays whole.
pub(super) fn wrapped(text: &str, width: Option<u16>) -> String {
    let Some(width) = width.map(usize::from) else { return text.to_owned() };
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let longer = line.chars().count() + 1 + word.chars().count();
        if line.trim().is_empty() {
            line.push_str(word);
        } else if longer <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(std::mem::replace(&mut line, format!("  {word}")));
        }
    }
    lines.push(line);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_end_between_words_and_nothing_is_lost() {
        let text = "Memory: initial 10.8 MB, planned 187.9 MB, peak 61.2 MB";
        assert_eq!(wrapped(text, None), text);
        let narrow = wrapped(text, Some(20));
        assert!(narrow.lines().all(|line| line.len() <= 20), "{narrow}");
        assert!(narrow.lines().skip(1).all(|line| line.starts_with("  ")), "{narrow}");
        assert_eq!(narrow.split_whitespace().collect::<Vec<_>>().join(" "), text);
        assert_eq!(wrapped("abcdefgh ij", Some(4)), "abcdefgh\n  ij");
    }
}
