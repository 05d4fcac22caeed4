//! HTML and SVG put together so that nothing but our own literals is markup.
//!
//! Names of elements and attributes are literals of this program (`&'static str`); whatever else is
//! written, text or the value of an attribute, is escaped. So a [`Markup`] is safe by its type.

use std::fmt::{self, Display, Write};

use super::escape::write_inert;

/// An attribute: its name, and a value that is escaped.
pub(super) type Attribute<'a> = (&'static str, &'a dyn Display);

/// A piece of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Markup(String);

impl Markup {
    /// Adds markup that stands in the source of this program.
    pub(super) fn literal(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text.
    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
        // A String takes everything.
        let _ = write!(Escaping(&mut self.0), "{text}");
        self
    }

    /// Opens an element.
    pub(super) fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) -> &mut Self {
        self.begin(name, attributes);
        self.0.push('>');
        self
    }

    /// Closes an element.
    pub(super) fn close(&mut self, name: &'static str) -> &mut Self {
        self.0.extend(["</", name, ">"]);
        self
    }

    /// Adds an SVG element without content.
    pub(super) fn empty(&mut self, name: &'static str, attributes: &[Attribute<'_>]) -> &mut Self {
        self.begin(name, attributes);
        self.0.push_str("/>");
        self
    }

    /// Adds an element that holds text.
    pub(super) fn element(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        text: impl Display,
    ) -> &mut Self {
        self.open(name, attributes).text(text).close(name)
    }

    /// Adds an SVG element whose title a browser shows on hover and reads aloud.
    pub(super) fn titled(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        title: impl Display,
    ) -> &mut Self {
        self.open(name, attributes).element("title", &[], title).close(name)
    }

    /// Adds a paragraph.
    pub(super) fn paragraph(&mut self, text: impl Display) -> &mut Self {
        self.element("p", &[], text)
    }

    /// Adds another piece.
    pub(super) fn append(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// The piece as it stands in the page.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn begin(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.0.extend(["<", name]);
        for (attribute, value) in attributes {
            self.0.extend([" ", attribute, "=\""]);
            self.text(value);
            self.0.push('"');
        }
    }
}

/// Escapes what is written through it.
struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_inert(text, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn values_and_text_are_escaped_and_literals_are_not() {
        let mut markup = Markup::default();
        markup.literal("<hr>").element("b", &[("title", &"\"><script>")], "<i>");
        assert_eq!(markup.as_str(), "<hr><b title=\"&quot;&gt;&lt;script&gt;\">&lt;i&gt;</b>");
    }

    #[test]
    fn a_title_is_the_first_child() {
        let mut markup = Markup::default();
        markup.titled("rect", &[("x", &1)], "a & b");
        assert_eq!(markup.as_str(), "<rect x=\"1\"><title>a &amp; b</title></rect>");
    }
}
