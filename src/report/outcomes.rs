//! How the jobs of a run ended, per strategy, as one table that adds up.

use crate::{
    domain::Outcome,
    store::{Cell, Table},
};

/// Counts of each outcome.
pub(super) type Counts = Vec<(Outcome, u64)>;

/// A row per strategy and a last row for all of them: the jobs that ended and how many of them in
/// each outcome. Outcomes that no job had are left out.
pub(super) fn outcome_table(per_strategy: &[(String, Counts)]) -> Table {
    let seen: Vec<Outcome> = Outcome::ALL
        .into_iter()
        .filter(|outcome| per_strategy.iter().any(|(_, counts)| count(counts, *outcome) > 0))
        .collect();
    let mut columns = vec!["strategy".to_owned(), "jobs".to_owned()];
    columns.extend(seen.iter().map(|outcome| outcome.name().to_owned()));
    let mut rows: Vec<Vec<Cell>> =
        per_strategy.iter().map(|(strategy, counts)| row(strategy, &seen, counts)).collect();
    if per_strategy.len() > 1 {
        let all: Counts =
            seen.iter().map(|&outcome| (outcome, total(per_strategy, outcome))).collect();
        rows.push(row("all", &seen, &all));
    }
    Table { columns, rows, ..Table::default() }
}

/// `table` with rows and columns changed over, its first column becoming the headings and `corner`
/// the heading of the new first column: many outcomes are read better downwards.
pub(super) fn turned(table: &Table, corner: &str) -> Table {
    let heads = table.rows.iter().map(|row| match row.first() {
        Some(Cell::Text(name)) => name.clone(),
        _ => String::new(),
    });
    let columns = std::iter::once(corner.to_owned()).chain(heads).collect();
    let rows = (1..table.columns.len())
        .map(|at| {
            let name = Cell::Text(table.columns[at].clone());
            std::iter::once(name).chain(table.rows.iter().map(|row| row[at].clone())).collect()
        })
        .collect();
    Table { columns, rows, ..Table::default() }
}

/// Jobs of all strategies that ended in `outcome`.
fn total(per_strategy: &[(String, Counts)], outcome: Outcome) -> u64 {
    per_strategy.iter().map(|(_, counts)| count(counts, outcome)).sum()
}

fn row(strategy: &str, seen: &[Outcome], counts: &Counts) -> Vec<Cell> {
    let jobs = seen.iter().map(|&outcome| count(counts, outcome)).sum();
    let mut cells = vec![Cell::Text(strategy.to_owned()), whole(jobs)];
    cells.extend(seen.iter().map(|&outcome| whole(count(counts, outcome))));
    cells
}

fn count(counts: &Counts, outcome: Outcome) -> u64 {
    counts.iter().filter(|(seen, _)| *seen == outcome).map(|(_, jobs)| jobs).sum()
}

fn whole(count: u64) -> Cell {
    Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{outcome_table, total, turned};
    use crate::{domain::Outcome, store::Cell};

    #[test]
    fn rows_and_columns_add_up() {
        let counts = vec![
            ("pairs".to_owned(), vec![(Outcome::Done, 5), (Outcome::NotCointegrated, 7)]),
            ("hrp".to_owned(), vec![(Outcome::Done, 2), (Outcome::Failed, 0)]),
        ];
        let table = outcome_table(&counts);
        assert_eq!(table.columns, ["strategy", "jobs", "not_cointegrated", "done"]);
        assert_eq!(table.rows[0][1..], [Cell::Int(12), Cell::Int(7), Cell::Int(5)]);
        assert_eq!(table.rows[1][1..], [Cell::Int(2), Cell::Int(0), Cell::Int(2)]);
        assert_eq!(table.rows[2][1..], [Cell::Int(14), Cell::Int(7), Cell::Int(7)]);
        assert_eq!(total(&counts, Outcome::Done), 7);
        let turned = turned(&table, "outcome");
        assert_eq!(turned.columns, ["outcome", "pairs", "hrp", "all"]);
        assert_eq!(turned.rows[2][0], Cell::Text("done".into()));
        assert_eq!(turned.rows[2][1..], [Cell::Int(5), Cell::Int(2), Cell::Int(7)]);
    }
}
