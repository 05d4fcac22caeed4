//! Which pairs a backtest accepted at the first refit, beside what chance alone would accept.

use super::q_map::{PairCell, q_map};
use crate::{
    report::html::{
        grid::{folded, grid},
        markup::Markup,
    },
    run::Account,
    stats::benjamini_hochberg,
    store::{Cell, Table},
};

/// The level at which false discoveries are counted.
const LEVEL: f64 = 0.05;

/// What a fit's reason begins with whose p-value is far above the accepted ones and was not kept.
const FAR: &str = "p above ";

/// Pairs of one horizon at their first refit.
struct Tested {
    days: i64,
    /// Rows of query `pairs` that are tests.
    rows: Vec<usize>,
    /// Adjusted p-values of them; exact up to the smallest p-value that was not kept.
    q: Vec<f64>,
}

/// The map of one horizon, and counts of all.
pub(super) fn pairs(account: &Account) -> Option<Markup> {
    let answer = &account.pairs;
    let mut days: Vec<i64> =
        (0..answer.rows.len()).filter_map(|row| answer.whole(row, "horizon_days")).collect();
    days.dedup();
    let horizons: Vec<Tested> = days.into_iter().filter_map(|days| tested(answer, days)).collect();
    let longest = horizons.last()?;
    let mut out = Markup::default();
    out.paragraph(format_args!(
        "Every pair of every combination is tested anew at each refit; here is the first refit of the longest horizon, {} \
         days, with p-values adjusted for the {} tests of it (Benjamini and Hochberg). A strategy of pairs accepts by the \
         p-value and the half-life, not by the adjusted value: of its pairs some are chance.",
        longest.days,
        longest.rows.len()
    ));
    out.append(&q_map("pairs", "Cointegration by pair", &cells(answer, longest)));
    out.literal("<h3>Accepted, and expected by chance</h3>");
    out.append(&grid("Pairs by horizon", &by_horizon(answer, &horizons), &[]));
    let columns = [
        ("horizon_days", "days"),
        ("symbol_y", "y"),
        ("symbol_x", "x"),
        ("accepted_share", "refits_accepted"),
        ("refits", "refits"),
        ("p_value", "p"),
        ("beta", "hedge_ratio"),
        ("half_life_bars", "half_life_bars"),
        ("first_reason", "not accepted because"),
    ];
    let near = near(answer);
    out.append(&folded(
        &format!("The {} fits with figures, at the first refit", near.rows.len()),
        &grid("Pairs", &near, &columns),
    ));
    Some(out)
}

/// A p-value of a test: 1 where it was too large to be kept; nothing where there was no test.
fn p_value(answer: &Table, row: usize) -> Option<f64> {
    let far = answer.text(row, "first_reason").starts_with(FAR).then_some(1.0);
    answer.number(row, "p_value").or(far)
}

fn tested(answer: &Table, days: i64) -> Option<Tested> {
    let own = (0..answer.rows.len()).filter(|row| answer.whole(*row, "horizon_days") == Some(days));
    let (rows, p): (Vec<usize>, Vec<f64>) =
        own.filter_map(|row| Some((row, p_value(answer, row)?))).unzip();
    let q = benjamini_hochberg(&p).ok().filter(|q| !q.is_empty())?;
    Some(Tested { days, rows, q })
}

fn cells(answer: &Table, tested: &Tested) -> Vec<PairCell> {
    let cell = |(&row, &q): (&usize, &f64)| PairCell {
        y: answer.text(row, "symbol_y").to_owned(),
        x: answer.text(row, "symbol_x").to_owned(),
        p: answer.number(row, "p_value"),
        q: answer.number(row, "p_value").map(|_| q),
        note: match answer.cell(row, "first_accepted") {
            Cell::Bool(true) => "accepted".to_owned(),
            _ => answer.text(row, "first_reason").to_owned(),
        },
    };
    tested.rows.iter().zip(&tested.q).map(cell).collect()
}

fn by_horizon(answer: &Table, horizons: &[Tested]) -> Table {
    let columns = [
        "days",
        "pairs tested",
        "p at most 0.05",
        "accepted",
        "expected by chance",
        "q at most 0.05",
    ];
    let row = |tested: &Tested| {
        let count = |is: &dyn Fn(usize) -> bool| {
            let counted = tested.rows.iter().filter(|row| is(**row)).count();
            Cell::Int(i64::try_from(counted).unwrap_or(i64::MAX))
        };
        let discoveries = tested.q.iter().filter(|q| **q <= LEVEL).count();
        vec![
            Cell::Int(tested.days),
            Cell::Int(i64::try_from(tested.rows.len()).unwrap_or(i64::MAX)),
            count(&|row| answer.number(row, "p_value").is_some_and(|p| p <= LEVEL)),
            count(&|row| *answer.cell(row, "first_accepted") == Cell::Bool(true)),
            Cell::Float(LEVEL * tested.rows.len() as f64),
            Cell::Int(i64::try_from(discoveries).unwrap_or(i64::MAX)),
        ]
    };
    Table {
        columns: columns.map(str::to_owned).to_vec(),
        rows: horizons.iter().map(row).collect(),
        ..Table::default()
    }
}

/// The rows with figures: accepted pairs and near misses.
fn near(answer: &Table) -> Table {
    let at = answer.position("p_value");
    let has = |row: &&Vec<Cell>| at.and_then(|at| row.get(at)).is_some_and(|p| *p != Cell::Null);
    let rows = answer.rows.iter().filter(has).take(500).cloned().collect();
    Table { rows, ..answer.clone() }
}
