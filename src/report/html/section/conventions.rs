//! How decisions were filled, what they cost, what was scored: the resolved configuration in words.

use serde_json::{Map, Value};

use super::terms::{is_off, shown, words};
use crate::{
    report::html::{
        grid::{facts, folded},
        markup::Markup,
    },
    run::Account,
};

/// The conventions of the run, and its configuration as it is stored.
pub(super) fn conventions(account: &Account) -> Markup {
    let text = account.run.text(0, "configuration");
    let configuration: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    let mut rows: Vec<(&str, String)> = Vec::new();
    for (name, key) in [
        ("Test", "screen"),
        ("Bars", "interval"),
        ("End of every horizon", "end"),
        ("Window", "window"),
        ("Horizons, days", "horizons"),
        ("Sizes", "sizes"),
        ("Most combinations of a size", "max_combinations"),
        ("Capital", "capital"),
        ("Least common bars", "min_observations"),
    ] {
        if let Some(value) = configuration.get(key).filter(|value| !is_off(value)) {
            rows.push((name, shown(value)));
        }
    }
    if let Some(fill) = configuration.get("fill").and_then(Value::as_str) {
        rows.push(("Fills", fills(fill).to_owned()));
    }
    for (name, key) in
        [("Costs", "costs"), ("Limits", "limits"), ("Terms of instruments", "instruments")]
    {
        let Some(all) = configuration.get(key).and_then(Value::as_object) else { continue };
        rows.push((name, words(all)));
    }
    if !account.is_screen() {
        let periods = configuration.get("periods_per_year").filter(|value| !value.is_null());
        let periods = periods.map_or("by interval and calendar class".to_owned(), shown);
        rows.push(("Bars a year", periods));
        rows.push(("Sharpe ratio", "divisor n - 1, risk-free rate 0".to_owned()));
        rows.push((
            "Scored",
            "the bars of the horizon alone; warmup before it is loaded and never scored".to_owned(),
        ));
    }
    let mut out = facts(&rows);
    let mut raw = Markup::default();
    raw.open("pre", &[("tabindex", &0)]).text(pretty(&configuration, text)).close("pre");
    out.append(&folded("The resolved configuration as it is stored", &raw));
    out
}

/// What a fill rule means.
fn fills(rule: &str) -> &'static str {
    match rule {
        "next-open" => "decided at the close of a bar, filled at the open of the next (next-open)",
        "next-close" => {
            "decided at the close of a bar, filled at the close of the next (next-close)"
        }
        "same-close" => "decided and filled at the same close (same-close): OPTIMISTIC",
        _ => "as the configuration says",
    }
}

fn pretty(configuration: &Map<String, Value>, stored: &str) -> String {
    serde_json::to_string_pretty(configuration).unwrap_or_else(|_| stored.to_owned())
}
