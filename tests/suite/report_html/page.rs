//! Reading a page back: charts by their names, elements by their attributes.

use std::collections::BTreeMap;

/// The text of a page.
pub(super) struct Page(pub(super) String);

/// The attributes of an element, unescaped.
pub(super) type Element = BTreeMap<String, String>;

impl Page {
    /// The markup of the `nth` chart of this name, its figure.
    pub(super) fn chart_at(&self, name: &str, nth: usize) -> &str {
        let mark = format!("<svg data-chart=\"{name}\"");
        let (at, _) = self.0.match_indices(&mark).nth(nth).unwrap_or_else(|| panic!("no {name}"));
        let rest = &self.0[at..];
        &rest[..rest.find("</figure>").expect("a figure's end")]
    }

    /// The only chart of this name.
    pub(super) fn chart(&self, name: &str) -> &str {
        assert_eq!(self.charts(name), 1, "{name}");
        self.chart_at(name, 0)
    }

    /// How many charts of this name there are.
    pub(super) fn charts(&self, name: &str) -> usize {
        self.0.matches(&format!("<svg data-chart=\"{name}\"")).count()
    }

    /// How often each element occurs.
    pub(super) fn skeleton(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for (at, _) in self.0.match_indices('<') {
            let rest = &self.0[at + 1..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"/!-".contains(c));
            *counts.entry(&rest[..end.unwrap_or(rest.len())]).or_default() += 1;
        }
        counts
    }
}

/// The elements of `markup` that have this attribute, in order.
pub(super) fn elements(markup: &str, attribute: &str) -> Vec<Element> {
    let tags = markup.split('<').skip(1).filter_map(|tag| tag.split_once('>'));
    tags.map(|(tag, _)| attributes(tag)).filter(|of| of.contains_key(attribute)).collect()
}

/// The one element of `markup` whose attribute has this value.
pub(super) fn element(markup: &str, attribute: &str, value: &str) -> Element {
    let mut found = elements(markup, attribute);
    found.retain(|element| element[attribute] == value);
    assert_eq!(found.len(), 1, "{attribute} {value}");
    found.remove(0)
}

/// A number of an element.
pub(super) fn number(element: &Element, attribute: &str) -> f64 {
    let text = &element[attribute];
    text.parse().unwrap_or_else(|_| panic!("{attribute} = {text}"))
}

/// A count of an element.
pub(super) fn count(element: &Element, attribute: &str) -> usize {
    let text = &element[attribute];
    text.parse().unwrap_or_else(|_| panic!("{attribute} = {text}"))
}

fn attributes(tag: &str) -> Element {
    let mut found = Element::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once("=\"") {
        let name = before.rsplit([' ', '\n']).next().unwrap_or_default();
        let (value, after) = after.split_once('"').expect("a closed value");
        found.insert(name.to_owned(), unescaped(value));
        rest = after;
    }
    found
}

fn unescaped(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#96;", "`")];
    let text = pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}

#[test]
fn attributes_are_read_back() {
    let markup =
        "<g><path class=\"a b\" data-x=\"1.5\" d=\"M0 0\"/><i data-x=\"&lt;&amp;lt;\"></i></g>";
    let found = elements(markup, "data-x");
    assert_eq!((found.len(), number(&found[0], "data-x").to_string().as_str()), (2, "1.5"));
    assert_eq!(found[1]["data-x"], "<&lt;");
    assert_eq!(element(markup, "class", "a b")["d"], "M0 0");
}
