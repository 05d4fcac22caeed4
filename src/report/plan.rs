//! What a backtest would do, as an answer with one row, for `--dry-run`.

use crate::{
    run::Plan,
    store::{Cell, Table},
};

/// One row: counts, workers, the bytes of every stage, their sum and the budget.
pub fn planned(plan: &Plan) -> Table {
    let mut table = Table::default();
    let mut row = Vec::new();
    let mut put = |name: String, value: u64| {
        table.columns.push(name);
        row.push(Cell::Int(i64::try_from(value).unwrap_or(i64::MAX)));
    };
    put("jobs".to_owned(), plan.jobs);
    put("combinations".to_owned(), plan.combinations);
    put("left_out".to_owned(), plan.left_out);
    put("symbols".to_owned(), plan.symbols as u64);
    put("workers".to_owned(), plan.workers as u64);
    for stage in &plan.stages {
        put(format!("{}_bytes", stage.name), stage.bytes);
    }
    put("predicted_peak_bytes".to_owned(), plan.predicted_bytes());
    put("budget_bytes".to_owned(), plan.budget_bytes);
    table.rows.push(row);
    table
}

#[cfg(test)]
mod tests {
    use super::planned;
    use crate::{
        run::{Plan, Stage},
        store::Cell,
    };

    #[test]
    fn every_stage_is_a_column_and_the_peak_is_their_sum() {
        let stage = |name, bytes| Stage { name, bytes };
        let table = planned(&Plan {
            jobs: 10,
            combinations: 5,
            left_out: 1,
            horizons: vec![30],
            symbols: 4,
            workers: 2,
            batch_bytes: 1,
            group_assets: 4,
            stages: vec![stage("base", 100), stage("panel", 23)],
            budget_bytes: 1_000,
            notes: vec![],
        });
        assert_eq!(
            table.columns[5..],
            ["base_bytes", "panel_bytes", "predicted_peak_bytes", "budget_bytes"]
        );
        let bytes = [100, 23, 123, 1_000].map(Cell::Int);
        assert_eq!(table.rows[0][5..], bytes);
    }
}
