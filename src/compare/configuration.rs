//! A resolved configuration as keys and values.

use std::collections::BTreeMap;

use serde_json::{Deserializer, Value};

/// Every value of a configuration by its path, `costs.commission_bps`; a strategy is a path of its own
/// with its parameters below, `strategies.hrp.linkage`, and so is a symbol, `symbols.demo:BOLERO`.
pub(super) fn flattened(configuration: &str) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    let Ok(Value::Object(tables)) = serde_json::from_str(configuration) else { return keys };
    for (name, value) in &tables {
        match (name.as_str(), value) {
            ("strategies", Value::Array(strategies)) => {
                strategies
                    .iter()
                    .filter_map(Value::as_str)
                    .for_each(|one| strategy(one, &mut keys));
            }
            ("symbols", Value::Array(symbols)) => {
                for symbol in symbols.iter().filter_map(Value::as_str) {
                    keys.insert(format!("symbols.{symbol}"), String::new());
                }
            }
            _ => walk(name, value, &mut keys),
        }
    }
    keys
}

/// `name {json}`, or several JSON texts where parameters follow the horizon.
fn strategy(text: &str, keys: &mut BTreeMap<String, String>) {
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let path = format!("strategies.{name}");
    keys.insert(path.clone(), String::new());
    let texts: Vec<Value> =
        Deserializer::from_str(rest).into_iter().map_while(Result::ok).collect();
    for (at, value) in texts.iter().enumerate() {
        let path = if texts.len() == 1 { path.clone() } else { format!("{path}.{}", at + 1) };
        walk(&path, value, keys);
    }
}

fn walk(path: &str, value: &Value, keys: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(inner) => {
            inner.iter().for_each(|(key, value)| walk(&format!("{path}.{key}"), value, keys));
        }
        Value::String(text) => drop(keys.insert(path.to_owned(), text.clone())),
        // A key that is not set is as good as one that is not there.
        Value::Null => {}
        other => drop(keys.insert(path.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::flattened;

    #[test]
    fn strategies_carry_their_parameters_and_symbols_stand_alone() {
        let text = r#"{"costs":{"commission_bps":10.0},"symbols":["m:A","m:B"],"ranks":null,
            "strategies":["hrp {\"linkage\":\"ward\"}","herc {\"a\":1} {\"a\":2}","equal-weight {}"]}"#;
        let keys = flattened(text);
        let keys: Vec<_> = keys.iter().map(|(path, value)| format!("{path}={value}")).collect();
        assert_eq!(
            keys,
            [
                "costs.commission_bps=10.0",
                "strategies.equal-weight=",
                "strategies.herc=",
                "strategies.herc.1.a=1",
                "strategies.herc.2.a=2",
                "strategies.hrp=",
                "strategies.hrp.linkage=ward",
                "symbols.m:A=",
                "symbols.m:B=",
            ]
        );
        assert!(flattened("none").is_empty());
    }
}
