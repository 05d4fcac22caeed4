//! Physical lines of a text file, and their fields.
//!
//! A line ends at LF, CR or CRLF. No field of a bar holds a line break, so a quotation mark that
//! is left open spoils its own line and not the rest of the file, and no line grows without bound.

use std::io::{self, BufRead};

/// Longest line kept, bytes; of a longer one only the beginning is.
const LINE_BYTES: usize = 1 << 20;

/// A line that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// A whole line.
    Whole,
    /// A line longer than any bar needs; the rest of it was skipped.
    Cut,
}

/// Reads lines from `input`, one at a time.
pub(super) struct Lines<R> {
    input: R,
    /// The last line ended with CR; a LF that follows belongs to it.
    after_cr: bool,
}

impl<R: BufRead> Lines<R> {
    /// Lines of `input`.
    pub(super) fn new(input: R) -> Self {
        Self { input, after_cr: false }
    }

    /// Reads the next line into `line`, without its end; `None` at the end of the input.
    pub(super) fn next_into(&mut self, line: &mut Vec<u8>) -> io::Result<Option<LineEnd>> {
        line.clear();
        let mut end = LineEnd::Whole;
        let mut seen_any = false;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok((seen_any || !line.is_empty()).then_some(end));
            }
            if std::mem::take(&mut self.after_cr) && buffer[0] == b'\n' {
                self.input.consume(1);
                continue;
            }
            seen_any = true;
            let stop = buffer.iter().position(|&byte| byte == b'\n' || byte == b'\r');
            let part = &buffer[..stop.unwrap_or(buffer.len())];
            let room = LINE_BYTES - line.len();
            line.extend_from_slice(&part[..part.len().min(room)]);
            if part.len() > room {
                end = LineEnd::Cut;
            }
            let Some(at) = stop else {
                let whole = buffer.len();
                self.input.consume(whole);
                continue;
            };
            self.after_cr = buffer[at] == b'\r';
            self.input.consume(at + 1);
            return Ok(Some(end));
        }
    }
}

/// Fields of one line, kept in one buffer that is used again for the next.
#[derive(Debug, Default)]
pub(super) struct Fields {
    text: String,
    ends: Vec<usize>,
}

/// A line whose quotation mark is not closed, or that closes one in the middle of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpenQuote;

impl Fields {
    /// Splits `line` at `delimiter`. A field in quotation marks may hold the delimiter; two marks
    /// in it are one.
    pub(super) fn split(&mut self, line: &str, delimiter: char) -> Result<(), OpenQuote> {
        self.text.clear();
        self.ends.clear();
        let mut rest = line;
        loop {
            rest = if let Some(quoted) = rest.strip_prefix('"') {
                self.take_quoted(quoted)?
            } else {
                let end = rest.find(delimiter).unwrap_or(rest.len());
                self.text.push_str(&rest[..end]);
                &rest[end..]
            };
            self.ends.push(self.text.len());
            match rest.strip_prefix(delimiter) {
                Some(next) => rest = next,
                None if rest.is_empty() => return Ok(()),
                None => return Err(OpenQuote),
            }
        }
    }

    /// Takes fields that are split already.
    pub(super) fn fill(&mut self, fields: &[String]) {
        self.text.clear();
        self.ends.clear();
        for field in fields {
            self.text.push_str(field);
            self.ends.push(self.text.len());
        }
    }

    /// Takes a field up to its closing mark; what follows the mark is given back.
    fn take_quoted<'a>(&mut self, mut rest: &'a str) -> Result<&'a str, OpenQuote> {
        loop {
            let mark = rest.find('"').ok_or(OpenQuote)?;
            self.text.push_str(&rest[..mark]);
            rest = &rest[mark + 1..];
            match rest.strip_prefix('"') {
                Some(after) => {
                    self.text.push('"');
                    rest = after;
                }
                None => return Ok(rest),
            }
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The field at `place`, which must be below [`Self::len`].
    pub(super) fn field(&self, place: usize) -> &str {
        let from = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[from..self.ends[place]]
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| self.field(place))
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::{Fields, LINE_BYTES, LineEnd, Lines, OpenQuote};

    fn lines(bytes: &[u8], buffer: usize) -> Vec<String> {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, bytes));
        let (mut line, mut all) = (Vec::new(), Vec::new());
        while lines.next_into(&mut line).expect("bytes in memory").is_some() {
            all.push(String::from_utf8(line.clone()).expect("text"));
        }
        all
    }

    fn fields(line: &str) -> Result<Vec<String>, OpenQuote> {
        let mut fields = Fields::default();
        fields.split(line, ',')?;
        Ok(fields.iter().map(str::to_owned).collect())
    }

    #[test]
    fn every_line_end_makes_the_same_lines() {
        for buffer in 1..9 {
            for text in ["a\nb\n\nc", "a\r\nb\r\n\r\nc\r\n", "a\rb\r\rc\r", "a\r\nb\n\nc\n"] {
                assert_eq!(lines(text.as_bytes(), buffer), ["a", "b", "", "c"], "{text:?}");
            }
        }
        assert!(lines(b"", 4).is_empty());
    }

    #[test]
    fn an_endless_line_is_cut_and_the_next_one_is_whole() {
        let mut bytes = vec![b'9'; 3 * LINE_BYTES];
        bytes.extend_from_slice(b"\nnext");
        let mut lines = Lines::new(BufReader::new(&bytes[..]));
        let mut line = Vec::new();
        assert_eq!(lines.next_into(&mut line).expect("bytes"), Some(LineEnd::Cut));
        assert_eq!(line.len(), LINE_BYTES);
        assert_eq!(lines.next_into(&mut line).expect("bytes"), Some(LineEnd::Whole));
        assert_eq!(line, b"next");
    }

    #[test]
    fn quoted_fields_hold_delimiters_and_marks() {
        assert_eq!(fields("a,,b").expect("fields"), ["a", "", "b"]);
        assert_eq!(fields("").expect("fields"), [""]);
        assert_eq!(fields("\"a,b\",\"say \"\"hi\"\"\"").expect("fields"), ["a,b", "say \"hi\""]);
        for open in ["\"a,b", "a,\"b\"c", "\"a\"b,c"] {
            assert_eq!(fields(open), Err(OpenQuote), "{open}");
        }
        assert_eq!(fields("a\"b,c").expect("a mark inside"), ["a\"b", "c"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn law_written_fields_are_read_back(
            written in prop::collection::vec("[a-c,\"; é]{0,6}", 1..6),
        ) {
            let quoted: Vec<_> =
                written.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
            prop_assert_eq!(fields(&quoted.join(",")), Ok(written));
        }
    }
}
