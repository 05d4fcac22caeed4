//! Portfolios: the tree of the last rebalance, and the weights over time.

use std::collections::BTreeMap;

use super::job::about;
use crate::{
    report::{
        html::{
            chart::{Chart, Key, Layer, Leaf, Unit, day, dendrogram, stacked_area},
            markup::Markup,
        },
        number::percent,
    },
    run::{Account, Drawn, Tree},
};

const HEIGHT: usize = 240;

/// Classes of layers; what is beyond them is taken together in the last.
const CLASSES: [&str; 9] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];

/// The first job that has a tree; else the first that set weights.
pub(super) fn weights(account: &Account) -> Option<Markup> {
    let drawn = |detail: &&crate::run::Detail, has: fn(&Drawn) -> bool| {
        detail.drawn.as_ref().is_ok_and(has)
    };
    let details = || account.details.iter();
    let detail = details()
        .find(|detail| drawn(detail, |drawn| drawn.tree.is_some()))
        .or_else(|| details().find(|detail| detail.job.text(0, "strategy") == "hrp"))?;
    let mut out = Markup::default();
    about(&mut out, detail);
    if let Ok(drawn) = &detail.drawn {
        if let Some(tree) = &drawn.tree {
            out.append(&clusters(tree));
        }
        out.append(&over_time(drawn));
    }
    Some(out)
}

fn clusters(tree: &Tree) -> Markup {
    let leaf = |&number: &usize| Leaf {
        number,
        label: tree.symbols[number].clone(),
        note: format!("{} %", percent(tree.weights[number])),
        value: tree.weights[number],
    };
    let leaves: Vec<Leaf> = tree.order.iter().map(leaf).collect();
    let title = format!("Clusters at the last rebalance, {}", day(tree.at.micros()));
    let meaning = format!(
        "Symbols joined by {} linkage of the distance sqrt((1 - correlation) / 2): the farther to the right two branches \
         meet, the less alike they moved in the lookback. Behind each symbol the weight that was set.",
        tree.linkage
    );
    let chart = Chart {
        name: "dendrogram",
        title: &title,
        meaning: &meaning,
        legend: &[],
        height: 0,
        room: "wide-labels",
    };
    dendrogram(&chart, &leaves, &tree.merges)
}

/// Target weights by rebalance; the largest on average first.
fn over_time(drawn: &Drawn) -> Markup {
    let mut by_time: BTreeMap<i64, BTreeMap<&str, f64>> = BTreeMap::new();
    for row in &drawn.record.weights {
        *by_time.entry(row.ts.micros()).or_default().entry(&row.symbol).or_default() += row.weight;
    }
    let mut totals: BTreeMap<&str, f64> = BTreeMap::new();
    for (symbol, weight) in by_time.values().flatten() {
        *totals.entry(symbol).or_default() += weight;
    }
    let mut symbols: Vec<&str> = totals.keys().copied().collect();
    // By weight; equal ones stay in the order of their names.
    symbols.sort_by(|a, b| totals[b].total_cmp(&totals[a]));
    let own = if symbols.len() <= CLASSES.len() { symbols.len() } else { CLASSES.len() - 1 };
    let weight =
        |at: &BTreeMap<&str, f64>, symbol: &str| at.get(symbol).copied().unwrap_or(0.0).max(0.0);
    let layer = |name: String, class, of: &[&str]| Layer {
        name,
        class,
        values: by_time
            .values()
            .map(|at| of.iter().map(|symbol| weight(at, symbol)).sum())
            .collect(),
    };
    let mut layers: Vec<Layer> = (symbols[..own].iter().zip(CLASSES))
        .map(|(symbol, class)| layer((*symbol).to_owned(), class, &[symbol]))
        .collect();
    if symbols.len() > own {
        let name = format!("{} others", symbols.len() - own);
        layers.push(layer(name, CLASSES[CLASSES.len() - 1], &symbols[own..]));
    }
    let legend: Vec<(Key, &str)> =
        layers.iter().map(|layer| (Key::Colour(layer.class), layer.name.as_str())).collect();
    let ts: Vec<i64> = by_time.keys().copied().collect();
    let end = drawn.curves.ts.last().copied().unwrap_or(0);
    let meaning = format!(
        "Share of equity that each symbol is set to at each of {} rebalances; in between weights drift with prices.",
        ts.len()
    );
    let chart = Chart {
        name: "weights",
        title: "Target weights over time",
        meaning: &meaning,
        legend: &legend,
        height: HEIGHT,
        room: "",
    };
    stacked_area(&chart, Unit::Percent, (&ts, end), &layers)
}
