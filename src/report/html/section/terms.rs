//! Terms of a run or a job in words: what is set, without quotes and braces.

use serde_json::{Map, Value};

/// True for what is not set, or costs nothing.
pub(super) fn is_off(value: &Value) -> bool {
    value.is_null() || value.as_f64() == Some(0.0)
}

/// A value as it is read.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        // 10.0 is 10, and a small number has no exponent.
        Value::Number(number) => {
            number.as_f64().map_or_else(|| number.to_string(), |v| v.to_string())
        }
        Value::Object(own) => words(own),
        other => other.to_string(),
    }
}

/// What is set of `terms`, each with its name: `commission 10 bps, max stale bars 24`.
pub(super) fn words(terms: &Map<String, Value>) -> String {
    let set = terms.iter().filter(|(_, value)| !is_off(value));
    let word = |(name, value): (&String, &Value)| {
        let name = name.replace('_', " ");
        match name.strip_suffix(" bps") {
            Some(name) => format!("{name} {} bps", shown(value)),
            None => format!("{name} {}", shown(value)),
        }
    };
    let words: Vec<String> = set.map(word).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::words;

    #[test]
    fn terms_are_read_without_what_is_not_set() {
        let terms =
            json!({ "commission_bps": 10.0, "impact": 0.0, "lot": null, "fill": "next-open" });
        let told = words(terms.as_object().expect("an object"));
        assert_eq!(told, "commission 10 bps, fill next-open");
        assert_eq!(words(&serde_json::Map::new()), "none");
    }
}
