//! What a screen listed, and how many tests it was picked from.

use super::{
    q_map::{PairCell, q_map},
    summary::count,
};
use crate::{
    report::html::{
        chart::day,
        grid::{facts, folded, grid},
        markup::Markup,
    },
    run::Account,
    store::{Cell, Table},
};

/// Rows that are open at once.
const OPEN: usize = 15;

const COLUMNS: [(&str, &str); 9] = [
    ("symbol_y", "y"),
    ("symbol_x", "x"),
    ("statistic", "statistic"),
    ("p_value", "p"),
    ("q_value", "q"),
    ("hedge_ratio", "hedge_ratio"),
    ("half_life_bars", "half_life_bars"),
    ("observations", "bars"),
    ("numeric_path", "path"),
];

/// The map of the listed pairs, and the list.
pub(super) fn screen(account: &Account) -> Option<Markup> {
    if !account.is_screen() {
        return None;
    }
    let mut out = Markup::default();
    if account.screen.rows.is_empty() {
        out.element(
            "p",
            &[("class", &"warning"), ("role", &"note")],
            "The screen was stopped before it was through: nothing is listed.",
        );
        return Some(out);
    }
    out.append(&facts(&asked(&account.screen)));
    let listed = &account.listed;
    if listed.rows.is_empty() {
        out.paragraph(format_args!(
            "None of {} tests was significant enough to be listed.",
            count(&account.screen, "tests")
        ));
        return Some(out);
    }
    let cells: Vec<PairCell> = (0..listed.rows.len()).filter_map(|row| cell(listed, row)).collect();
    if !cells.is_empty() {
        out.append(&q_map("screen", "Cointegration by pair", &cells));
        if (listed.rows.len() as u64) < count(&account.screen, "tests") {
            out.paragraph(
                "Only what is listed has a colour; of the other tests nothing is stored.",
            );
        }
    }
    let part = |rows: &[Vec<Cell>]| Table { rows: rows.to_vec(), ..listed.clone() };
    let (first, rest) = listed.rows.split_at(OPEN.min(listed.rows.len()));
    out.append(&grid("Listed combinations", &part(first), &COLUMNS));
    if !rest.is_empty() {
        let line = format!("Rows {} to {}", OPEN + 1, listed.rows.len());
        out.append(&folded(&line, &grid("More listed combinations", &part(rest), &COLUMNS)));
    }
    Some(out)
}

fn asked(screen: &Table) -> Vec<(&'static str, String)> {
    let time = |name: &str| match screen.cell(0, name) {
        Cell::Time(micros) => day(*micros),
        _ => String::new(),
    };
    let text = |name: &str| screen.text(0, name).to_owned();
    vec![
        ("Test", format!("{}, trend {}, lag {}", text("test"), text("trend"), text("lag"))),
        ("Directions", text("direction")),
        ("Prices", text("price")),
        ("Window", format!("{} to {}", time("window_start"), time("window_end"))),
        ("Adjusted by", format!("{} (the number of tests is part of it)", text("fdr"))),
        ("Listed", text("listing")),
        (
            "Tests",
            format!(
                "{} made, {} combinations without a test, {} left out by correlation, {} decided by the plain path",
                count(screen, "tests"),
                count(screen, "refused"),
                count(screen, "filtered"),
                count(screen, "judged")
            ),
        ),
    ]
}

/// A row of the list as a cell, if it is a pair with a p-value.
fn cell(listed: &Table, row: usize) -> Option<PairCell> {
    let (y, x) = (listed.text(row, "symbol_y"), listed.text(row, "symbol_x"));
    let p = listed.number(row, "p_value")?;
    (!x.contains(',')).then(|| PairCell {
        y: y.to_owned(),
        x: x.to_owned(),
        p: Some(p),
        q: listed.number(row, "q_value").or(Some(p)),
        note: String::new(),
    })
}
