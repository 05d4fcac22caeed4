//! Results as JUnit XML, which every CI system reads.

use std::fmt::Write;

use super::CaseResult;

/// The results of the cases of `folder`, a test case each.
pub fn junit(folder: &str, results: &[CaseResult]) -> String {
    let errors = results.iter().filter(|result| result.error.is_some()).count();
    let failures = results.iter().filter(|result| !result.holds()).count() - errors;
    let secs: f64 = results.iter().map(CaseResult::secs).sum();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{secs:.3}\"",
        results.len()
    );
    let _ = writeln!(xml, "<testsuites name=\"barline regress\" {counts}>");
    let _ = writeln!(xml, "  <testsuite name=\"{}\" {counts}>", escaped(folder));
    for result in results {
        let _ = write!(
            xml,
            "    <testcase classname=\"barline.regress\" name=\"{}\" time=\"{:.3}\"",
            escaped(&result.name),
            result.secs()
        );
        let lines = result.lines();
        let Some(first) = lines.first() else {
            xml.push_str("/>\n");
            continue;
        };
        let kind = if result.error.is_some() { "error" } else { "failure" };
        let _ = writeln!(
            xml,
            ">\n      <{kind} type=\"{}\" message=\"{}\">{}</{kind}>\n    </testcase>",
            result.word(),
            escaped(first),
            escaped(&lines.join("\n"))
        );
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// A text within XML: markup by name, and what XML cannot hold replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(letter),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            _ if letter.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{CaseResult, junit};
    use crate::regress::Difference;

    #[test]
    fn what_is_wrong_is_told_and_escaped() {
        let of = |name: &str| CaseResult { name: name.into(), ..CaseResult::default() };
        let differs = Difference { what: "a<b".into(), held: "1".into(), found: "2".into() };
        let results = [
            of("good"),
            CaseResult { differences: vec![differs], ..of("\"b\"") },
            CaseResult { error: Some("no\u{7}".into()), ..of("c") },
        ];
        let xml = junit("my & cases", &results);
        assert!(xml.contains("name=\"my &amp; cases\" tests=\"3\" failures=\"1\" errors=\"1\""));
        assert!(xml.contains("name=\"good\" time=\"0.000\"/>"), "{xml}");
        assert!(xml.contains("name=\"&quot;b&quot;\""));
        assert!(xml.contains("message=\"a&lt;b: held 1, found 2 (+1.000e0)\""), "{xml}");
        assert!(xml.contains("<error type=\"error\" message=\"no\u{fffd}\">"), "{xml}");
    }
}
