//! The weights of one close as an answer.

use crate::{
    run::{WeightRow, Weights},
    store::{Cell, CellKind, Table},
};

const COLUMNS: [(&str, CellKind); 7] = [
    ("symbol", CellKind::Text),
    ("weight", CellKind::Float),
    ("risk_contribution", CellKind::Float),
    ("volatility", CellKind::Float),
    ("returns", CellKind::Int),
    ("numeric_path", CellKind::Text),
    ("left_out", CellKind::Text),
];

/// A row per symbol: its weight, its share of the variance, its volatility a year, its returns in the
/// lookback, where the covariance comes from, and why it has no weight.
pub fn weighed(weights: &Weights) -> Table {
    let row = |row: &WeightRow| {
        vec![
            Cell::Text(row.symbol.clone()),
            Cell::Float(row.weight),
            row.risk_contribution.map_or(Cell::Null, Cell::Float),
            row.volatility.map_or(Cell::Null, Cell::Float),
            Cell::Int(i64::try_from(row.returns).unwrap_or(i64::MAX)),
            Cell::Text(weights.numeric_path().to_owned()),
            row.left_out.clone().map_or(Cell::Null, Cell::Text),
        ]
    };
    Table {
        columns: COLUMNS.map(|(name, _)| name.to_owned()).to_vec(),
        kinds: COLUMNS.map(|(_, kind)| kind).to_vec(),
        rows: weights.rows.iter().map(row).collect(),
    }
}
