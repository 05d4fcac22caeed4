//! Text made inert: the one place where text becomes part of the page.
//!
//! What is written by hand goes through [`super::markup::Markup`], what stands in the template through
//! askama; both end here. Beside the letters that mean something to HTML, those are shown escaped that
//! cannot be seen or that reorder text: names come from files, and a name must look like what it is.

use std::fmt::{self, Write};

/// Marks that reorder, join or hide text, beside control characters.
const UNSEEN: [std::ops::RangeInclusive<char>; 6] = [
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{2069}',
    '\u{061c}'..='\u{061c}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
];

/// Writes `text` so that a browser shows it, in an element or in a quoted attribute, and does nothing
/// else with it.
pub(super) fn write_inert(text: &str, out: &mut dyn Write) -> fmt::Result {
    for letter in text.chars() {
        match letter {
            '&' => out.write_str("&amp;")?,
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '"' => out.write_str("&quot;")?,
            '\'' => out.write_str("&#39;")?,
            '`' => out.write_str("&#96;")?,
            _ if letter.is_control() || UNSEEN.iter().any(|range| range.contains(&letter)) => {
                write!(out, "{}", letter.escape_unicode())?;
            }
            _ => out.write_char(letter)?,
        }
    }
    Ok(())
}

/// What askama escapes with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Inert;

impl askama::filters::Escaper for Inert {
    fn write_escaped_str<W: Write>(&self, mut out: W, text: &str) -> fmt::Result {
        write_inert(text, &mut out)
    }
}

#[cfg(test)]
mod tests {
    use super::write_inert;

    fn inert(text: &str) -> String {
        let mut out = String::new();
        write_inert(text, &mut out).expect("memory takes everything");
        out
    }

    #[test]
    fn nothing_that_means_something_to_a_browser_is_left() {
        let hostile = "</script><img src=x onerror=alert(1)> \"a\" 'b' `c` &amp; <!--";
        let shown = inert(hostile);
        assert!(!shown.contains(['<', '>', '"', '\'', '`']), "{shown}");
        assert!(shown.starts_with("&lt;/script&gt;&lt;img src=x"));
        assert!(shown.contains("&amp;amp;"), "what looks escaped is text too");
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(inert("a\u{2028}b\u{202e}c\0"), "a\\u{2028}b\\u{202e}c\\u{0}");
        assert_eq!(inert("a\u{200b}\u{feff}"), "a\\u{200b}\\u{feff}");
        assert_eq!(inert("Zürich 東京 🎵"), "Zürich 東京 🎵");
    }
}
