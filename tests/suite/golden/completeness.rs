//! What a case expects and no comparison looked at.
//!
//! A checker that forgets a member, or a case with a member that no checker knows, must fail: else
//! the case would pass for what was never compared.

use serde_json::Value;

use super::{case::Case, check::Check};

/// Members that say how the numbers were made, by the family of the case: not results.
const NOT_COMPARED: [(&str, &str); 11] = [
    // Explanations in words.
    ("", "note"),
    ("", "message"),
    ("response_surface", "crit_axes"),
    ("response_surface", "p_rule"),
    ("published", "linkage_input"),
    // What the numbers of a list stand for; their order is the checker's.
    ("engle_granger", "ols_param_order"),
    ("engle_granger", "cointegrating_vector_order"),
    // Python's warnings: a refusal is typed here.
    ("engle_granger", "warnings"),
    // Rows that are looked at, given with the values.
    ("rolling_ols", "at_rows"),
    ("kalman", "at_rows"),
    // The tolerance of the weights next to it.
    ("published", "tol"),
];

/// Members of a case that state what is expected of it.
pub(super) const EXPECTATIONS: [&str; 3] = ["expected", "published", "published_percent"];

/// Paths of the values of `case` that `check` has not looked at.
pub(super) fn not_compared(case: &Case, check: &Check) -> Vec<String> {
    let mut found = Vec::new();
    if check.class_only {
        return found;
    }
    let members = case.value().as_object().into_iter().flatten();
    for (name, value) in members {
        // Others of such a name would be expectations too.
        if EXPECTATIONS.iter().any(|root| name.starts_with(root)) {
            collect(case.family(), name, value, check, &mut found);
        }
    }
    found
}

fn collect(family: &str, path: &str, value: &Value, check: &Check, found: &mut Vec<String>) {
    if check.has_seen(value) {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if !is_note(family, name) {
                    collect(family, &format!("{path}.{name}"), member, check, found);
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(family, &format!("{path}[{at}]"), item, check, found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

/// Whether a member of that name is a note and no result.
pub(super) fn is_note(family: &str, name: &str) -> bool {
    NOT_COMPARED.iter().any(|(of, note)| *note == name && (of.is_empty() || *of == family))
}
