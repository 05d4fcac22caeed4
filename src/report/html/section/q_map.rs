//! A map of pairs of symbols, coloured by what is left of their significance after all tests.

use std::collections::BTreeMap;

use crate::report::{
    html::{
        chart::{Chart, HeatCell, HeatMap, Key, heat_map},
        markup::Markup,
    },
    number::significant,
};

/// Most symbols of a map: more are no longer told apart.
const MOST_SYMBOLS: usize = 32;

/// A tested pair.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PairCell {
    pub(super) y: String,
    pub(super) x: String,
    /// `None` where it was too large to be kept.
    pub(super) p: Option<f64>,
    pub(super) q: Option<f64>,
    /// What became of it.
    pub(super) note: String,
}

/// Classes by the largest adjusted p-value that they hold.
const CLASSES: [(f64, &str, &str); 5] = [
    (0.01, "q0", "q at most 0.01"),
    (0.05, "q1", "at most 0.05"),
    (0.10, "q2", "at most 0.10"),
    (0.25, "q3", "at most 0.25"),
    (f64::INFINITY, "q4", "above, or not kept"),
];

/// The map; symbols by the smallest adjusted p-value they have, at most so many.
pub(super) fn q_map(name: &'static str, title: &str, pairs: &[PairCell]) -> Markup {
    let mut best: BTreeMap<&str, f64> = BTreeMap::new();
    for pair in pairs {
        for symbol in [&pair.y, &pair.x] {
            let q = pair.q.unwrap_or(2.0);
            let known = best.entry(symbol).or_insert(q);
            *known = known.min(q);
        }
    }
    let mut symbols: Vec<&str> = best.keys().copied().collect();
    // Equal ones stay in the order of their names.
    symbols.sort_by(|a, b| best[a].total_cmp(&best[b]));
    let left_out = symbols.len().saturating_sub(MOST_SYMBOLS);
    symbols.truncate(MOST_SYMBOLS);
    let place = |symbol: &str| symbols.iter().position(|other| *other == symbol);
    let cell = |pair: &PairCell| {
        let (one, other) = (place(&pair.y)?, place(&pair.x)?);
        Some(heat_cell(pair, one.max(other), one.min(other)))
    };
    let map = HeatMap {
        rows: symbols.iter().map(|symbol| (*symbol).to_owned()).collect(),
        columns: symbols.iter().map(|symbol| (*symbol).to_owned()).collect(),
        cells: pairs.iter().filter_map(cell).collect(),
        row_height: 18,
        is_upright: true,
    };
    let legend: Vec<(Key, &str)> = (CLASSES.iter())
        .map(|(_, class, label)| {
            (
                Key::Colour(match *class {
                    "q0" => "cell q0",
                    "q1" => "cell q1",
                    "q2" => "cell q2",
                    "q3" => "cell q3",
                    _ => "cell q4",
                }),
                *label,
            )
        })
        .collect();
    let more = if left_out > 0 {
        format!(" {left_out} symbols without a smaller one are left out.")
    } else {
        String::new()
    };
    let meaning = format!(
        "A cell per pair, coloured by its adjusted p-value (q); empty where there was no test. Symbols are ordered by \
         their smallest one.{more}"
    );
    let chart = Chart {
        name,
        title,
        meaning: &meaning,
        legend: &legend,
        height: 0,
        room: "upright wide-labels",
    };
    heat_map(&chart, &map)
}

fn heat_cell(pair: &PairCell, row: usize, column: usize) -> HeatCell {
    let q = pair.q.unwrap_or(f64::INFINITY);
    let class = CLASSES.iter().find(|(most, _, _)| q <= *most).map_or("q4", |(_, class, _)| *class);
    let shown =
        |value: Option<f64>| value.map_or("not kept".to_owned(), |value| significant(value, 4));
    let note = if pair.note.is_empty() { String::new() } else { format!("; {}", pair.note) };
    HeatCell {
        row,
        column,
        value: pair.q,
        class,
        strength: 1.0,
        text: String::new(),
        name: format!("{},{}", pair.y, pair.x),
        title: format!("{} on {}: p {}, q {}{note}", pair.y, pair.x, shown(pair.p), shown(pair.q)),
    }
}
