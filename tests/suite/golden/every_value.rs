//! Every expected value of a folder, changed one at a time: its case must fail.
//!
//! This is how we know that the checkers compare what the cases state, and at what tolerance: the
//! change is a hundredth of the value and a hundredth on top.

use std::path::Path;

use serde_json::{Value, json};

use super::{
    case::{Family, family_files},
    check::Verdict,
    committed,
    completeness::{EXPECTATIONS, is_note},
    folder,
    tally::Tally,
};

/// Values changed per case in the ordinary run, evenly over the case.
const VALUES_PER_CASE: usize = 6;

/// Members that may say something else in the same words, by family: labels only say who belongs
/// together, what raised is the peer's name for a refusal, and the rest says where on a grid a row
/// stands, beyond whose ends the result is the same.
const FREE: [(&str, &str); 12] = [
    ("herc_nco", "labels"),
    ("herc_nco", "cluster_labels_fcluster_maxclust"),
    ("engle_granger", "raises"),
    ("metrics", "raises"),
    ("response_surface", "stat"),
    ("response_surface", "nobs"),
    ("sharpe_inference", "A"),
    ("sharpe_inference", "T"),
    ("sharpe_inference", "skew"),
    ("sharpe_inference", "kurt_raw"),
    ("sharpe_inference", "sr_annual"),
    ("sharpe_inference", "sr0_annual"),
];

/// JSON pointers to the values below `value` that a change must be noticed in.
fn pointers(family: &str, at: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if !is_note(family, name) && !FREE.contains(&(family, name.as_str())) {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    pointers(family, &format!("{at}/{name}"), member, found);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(family, &format!("{at}/{index}"), item, found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

/// Another value of the same kind.
fn changed(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => json!(!flag),
        Value::Number(number) if number.is_i64() => json!(number.as_i64().unwrap_or(0) + 1),
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(0.0);
            json!(number + (0.01 * number.abs() + 0.01).copysign(number))
        }
        Value::String(_) => json!("another"),
        _ => json!(0.5),
    }
}

/// Changes that went unnoticed, as `case: pointer`, and how many were made.
fn unnoticed(family: &Family, per_case: usize) -> (Vec<String>, usize) {
    let (mut missed, mut made) = (Vec::new(), 0);
    for case in family.cases() {
        let class_only = match super::families::check(&case) {
            Verdict::Checked(check) => check.class_only,
            Verdict::NotCovered => true,
        };
        if class_only || case.only_class_counts() || case.is_fragile() {
            continue;
        }
        let mut found = Vec::new();
        for root in EXPECTATIONS {
            pointers(case.family(), &format!("/{root}"), case.get(root), &mut found);
        }
        found.retain(|pointer| case.value().pointer(pointer).is_some());
        let step = found.len().div_ceil(per_case).max(1);
        for pointer in found.iter().step_by(step) {
            let mut other = case.value().clone();
            if let Some(value) = other.pointer_mut(pointer) {
                *value = changed(value);
            }
            made += 1;
            if Tally::of(&family.with_one_case(other)).passed > 0 {
                missed.push(format!("{}: {pointer}", case.id()));
            }
        }
    }
    (missed, made)
}

fn all_are_noticed(root: &Path, per_case: usize) {
    let (mut missed, mut made) = (Vec::new(), 0);
    for file in family_files(root) {
        let family = Family::read(root, &file).expect("a case file");
        let (of_family, changes) = unnoticed(&family, per_case);
        missed.extend(of_family.into_iter().map(|pointer| format!("{}/{pointer}", family.name())));
        made += changes;
    }
    assert!(missed.is_empty(), "{} of {made} changes went unnoticed: {missed:#?}", missed.len());
    assert!(made > 300, "{made} changes made");
}

#[test]
fn a_changed_value_fails_its_case() {
    all_are_noticed(&committed(), VALUES_PER_CASE);
}

#[test]
#[ignore = "every value of every case of the folder: half a minute for the committed one"]
fn every_changed_value_fails_its_case() {
    all_are_noticed(&folder(), usize::MAX);
}
