//! Query `beats-benchmark` turned for the eye: a row per strategy, a column per horizon.

use crate::store::{Cell, Table};

/// `5 of 34` per strategy and horizon, out of the jobs that have a benchmark; undefined where a
/// strategy finished no job.
pub(super) fn by_horizon(beats: &Table) -> Table {
    let horizons = distinct_sorted(beats);
    let mut table = Table::default();
    table.columns.push("strategy".to_owned());
    table.columns.extend(horizons.iter().map(|days| format!("{days} days")));
    for row in &beats.rows {
        let Some(Cell::Text(strategy)) = cell(beats, row, "strategy") else { continue };
        let at = row_of(&mut table, strategy);
        let days = whole(beats, row, "horizon_days");
        if let Some(column) = horizons.iter().position(|&known| known == days) {
            let compared = whole(beats, row, "done") - whole(beats, row, "without_benchmark");
            let beat = whole(beats, row, "beat_benchmark");
            table.rows[at][column + 1] = Cell::Text(format!("{beat} of {compared}"));
        }
    }
    table
}

/// The row of `strategy`, made if it is new.
fn row_of(table: &mut Table, strategy: &str) -> usize {
    let is_its = |row: &Vec<Cell>| matches!(&row[0], Cell::Text(name) if name == strategy);
    table.rows.iter().position(is_its).unwrap_or_else(|| {
        let mut row = vec![Cell::Null; table.columns.len()];
        row[0] = Cell::Text(strategy.to_owned());
        table.rows.push(row);
        table.rows.len() - 1
    })
}

fn distinct_sorted(beats: &Table) -> Vec<i64> {
    let mut horizons: Vec<i64> =
        beats.rows.iter().map(|row| whole(beats, row, "horizon_days")).collect();
    horizons.sort_unstable();
    horizons.dedup();
    horizons
}

fn cell<'a>(answer: &Table, row: &'a [Cell], name: &str) -> Option<&'a Cell> {
    row.get(answer.position(name)?)
}

fn whole(answer: &Table, row: &[Cell], name: &str) -> i64 {
    match cell(answer, row, name) {
        Some(Cell::Int(value)) => *value,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::by_horizon;
    use crate::store::{Cell, Table};

    #[test]
    fn horizons_are_columns_and_what_is_missing_is_undefined() {
        let row = |strategy: &str, counts: [i64; 4]| {
            let mut row = vec![Cell::Text(strategy.into())];
            row.extend(counts.map(Cell::Int));
            row
        };
        let columns = ["strategy", "horizon_days", "done", "beat_benchmark", "without_benchmark"];
        let turned = by_horizon(&Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: vec![row("hrp", [365, 4, 1, 0]), row("pairs", [30, 34, 5, 2])],
            ..Table::default()
        });
        assert_eq!(turned.columns, ["strategy", "30 days", "365 days"]);
        let text = |text: &str| Cell::Text(text.into());
        assert_eq!(turned.rows[0], [text("hrp"), Cell::Null, text("1 of 4")]);
        assert_eq!(turned.rows[1], [text("pairs"), text("5 of 32"), Cell::Null]);
    }
}
