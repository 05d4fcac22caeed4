//! Tokens of JSON, one at a time, with numbers as they are written.
//!
//! Written by hand for one reason: `serde_json`, in the features that the tree is built with, reads
//! decimal numbers up to one unit in the last place off, and a price must be the nearest double of its
//! text. Tokens are bounded, and so is what is held of a file.

use std::{io::BufRead, path::Path};

use super::packed::unreadable;
use crate::error::{Error, Result};

/// Longest string or number.
const TOKEN_BYTES: usize = 1 << 16;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// One of `{ } [ ] : ,`.
    Mark(u8),
    Text(String),
    /// A number or a word, as written.
    Plain(String),
}

/// Reads tokens from `input`.
pub(super) struct Tokens<'a> {
    input: &'a mut dyn BufRead,
    path: &'a Path,
    file: &'a str,
    /// Bytes taken so far.
    at: u64,
    ahead: Option<Token>,
}

impl<'a> Tokens<'a> {
    /// Tokens of a text in the file at `path`, shown as `file`.
    pub(super) fn new(input: &'a mut dyn BufRead, path: &'a Path, file: &'a str) -> Self {
        Self { input, path, file, at: 0, ahead: None }
    }

    /// The refusal of the text at this place.
    pub(super) fn wrong(&self, what: &str) -> Error {
        Error::data(format!("{} is not whole JSON of bars: byte {}: {what}", self.file, self.at))
            .with_hint("it may be cut short; get it again, or write it as CSV")
    }

    /// The next token without taking it; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<&Token>> {
        if self.ahead.is_none() {
            self.ahead = self.read()?;
        }
        Ok(self.ahead.as_ref())
    }

    /// The next token, which must be there.
    pub(super) fn next(&mut self) -> Result<Token> {
        match self.ahead.take() {
            Some(token) => Ok(token),
            None => self.read()?.ok_or_else(|| self.wrong("it ends in the middle")),
        }
    }

    /// Takes a mark, if it is the next token.
    pub(super) fn takes(&mut self, mark: u8) -> Result<bool> {
        let is_next = self.peek()? == Some(&Token::Mark(mark));
        if is_next {
            self.ahead = None;
        }
        Ok(is_next)
    }

    /// Takes a mark that must be the next token.
    pub(super) fn expect(&mut self, mark: u8) -> Result<()> {
        if self.takes(mark)? {
            return Ok(());
        }
        Err(self.wrong(&format!("'{}' is expected", char::from(mark))))
    }

    /// After a member of an array or object that `close` ends: true if another follows.
    pub(super) fn goes_on(&mut self, close: u8) -> Result<bool> {
        if self.takes(b',')? {
            return Ok(true);
        }
        self.expect(close).map(|()| false)
    }

    /// Takes a value of any kind: the text of a plain one, `None` for an array or object.
    pub(super) fn value(&mut self) -> Result<Option<String>> {
        match self.next()? {
            Token::Text(text) => Ok(Some(text)),
            Token::Plain(word) if word == "null" => Ok(Some(String::new())),
            Token::Plain(word) => Ok(Some(word)),
            Token::Mark(b'[' | b'{') => self.skip().map(|()| None),
            Token::Mark(mark) => Err(self.wrong(&format!("'{}' is not a value", char::from(mark)))),
        }
    }

    /// Skips the rest of an array or object that has begun.
    fn skip(&mut self) -> Result<()> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next()? {
                Token::Mark(b'[' | b'{') => depth += 1,
                Token::Mark(b']' | b'}') => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Token>> {
        let byte = loop {
            match self.byte()? {
                None => return Ok(None),
                Some(b' ' | b'\t' | b'\r' | b'\n') => {}
                Some(byte) => break byte,
            }
        };
        Ok(Some(match byte {
            b'{' | b'}' | b'[' | b']' | b':' | b',' => Token::Mark(byte),
            b'"' => Token::Text(self.text()?),
            b'+' | b'-' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                Token::Plain(self.plain(byte)?)
            }
            _ => return Err(self.wrong("no token begins like this")),
        }))
    }

    fn plain(&mut self, first: u8) -> Result<String> {
        let mut word = String::from(char::from(first));
        while let Some(byte) = self.byte_ahead()? {
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')) {
                break;
            }
            self.byte()?;
            word.push(char::from(byte));
            self.bound(word.len())?;
        }
        Ok(word)
    }

    fn text(&mut self) -> Result<String> {
        let mut bytes = Vec::new();
        loop {
            match self.byte()?.ok_or_else(|| self.wrong("a string is not closed"))? {
                b'"' => break,
                b'\\' => self.escaped(&mut bytes)?,
                byte => bytes.push(byte),
            }
            self.bound(bytes.len())?;
        }
        String::from_utf8(bytes).map_err(|_| self.wrong("a string is not UTF-8"))
    }

    fn escaped(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        let letter = match self.byte()? {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'u') => {
                let mut code = 0;
                for _ in 0..4 {
                    let digit = self.byte()?.and_then(|byte| char::from(byte).to_digit(16));
                    code = code * 16 + digit.ok_or_else(|| self.wrong("'\\u' has four digits"))?;
                }
                // Half of a pair stands for no letter; no symbol has one.
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(self.wrong("no letter is escaped like this")),
        };
        bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn bound(&self, bytes: usize) -> Result<()> {
        if bytes <= TOKEN_BYTES {
            return Ok(());
        }
        Err(self.wrong(&format!("a value of more than {TOKEN_BYTES} bytes")))
    }

    fn byte_ahead(&mut self) -> Result<Option<u8>> {
        let buffer = self.input.fill_buf().map_err(|e| unreadable(self.path, &e))?;
        Ok(buffer.first().copied())
    }

    fn byte(&mut self) -> Result<Option<u8>> {
        let byte = self.byte_ahead()?;
        if byte.is_some() {
            self.input.consume(1);
            self.at += 1;
        }
        Ok(byte)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Token, Tokens};
    use crate::error::Result;

    fn tokens(text: &str) -> Result<Vec<Token>> {
        let mut input = text.as_bytes();
        let mut tokens = Tokens::new(&mut input, Path::new("a.json"), "a.json");
        let mut all = Vec::new();
        while tokens.peek()?.is_some() {
            all.push(tokens.next()?);
        }
        Ok(all)
    }

    #[test]
    fn tokens_keep_their_text() {
        let found = tokens("[1.5e3, \"a\\\"\\u00e9\", null]").expect("tokens");
        let (mark, plain) = (Token::Mark, |text: &str| Token::Plain(text.into()));
        let expected = vec![
            mark(b'['),
            plain("1.5e3"),
            mark(b','),
            Token::Text("a\"é".into()),
            mark(b','),
            plain("null"),
            mark(b']'),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_json_says_where() {
        for (text, says) in [
            ("\"open", "byte 5: a string is not closed"),
            ("[1, ;", "byte 5: no token begins like this"),
            ("\"\\x\"", "no letter is escaped"),
            ("\"\\u12g4\"", "four digits"),
        ] {
            let error = tokens(text).expect_err(text);
            assert!(error.is_data() && error.to_string().contains(says), "{error}");
        }
        let long = format!("[{}]", "9".repeat(70_000));
        assert!(tokens(&long).expect_err("long").to_string().contains("65536 bytes"));
    }
}
