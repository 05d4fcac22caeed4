//! What a backtest or a screen would do, as an answer with one row, for `--dry-run`.

use crate::{
    run::{Plan, ScreenPlan},
    store::{Cell, Table},
};

/// One row: counts, workers, the panel, the bytes of every stage, the peak they make, the disk, the
/// time, the budget and what it forces.
pub fn planned(plan: &Plan) -> Table {
    let mut table = Table::default();
    let mut row = Vec::new();
    let mut put = |name: String, value: Cell| {
        table.columns.push(name);
        row.push(value);
    };
    let whole = |value: u64| Cell::Int(i64::try_from(value).unwrap_or(i64::MAX));
    for (name, count) in [
        ("jobs", plan.jobs),
        ("combinations", plan.combinations),
        ("left_out", plan.left_out),
        ("symbols", plan.symbols as u64),
        ("panel_rows", plan.rows as u64),
        ("workers", plan.workers as u64),
        ("threads", plan.threads as u64),
        ("group_symbols", plan.group_assets as u64),
    ] {
        put(name.to_owned(), whole(count));
    }
    put("panel".to_owned(), Cell::Text(plan.panel.name().to_owned()));
    for stage in &plan.stages {
        put(format!("{}_bytes", stage.name), whole(stage.bytes));
    }
    put("predicted_peak_bytes".to_owned(), whole(plan.predicted_bytes()));
    for (name, bytes) in plan.disk.named() {
        put(format!("disk_{}_bytes", name.replace(' ', "_")), whole(bytes));
    }
    let secs = plan.estimate.map_or(Cell::Null, |estimate| Cell::Float(estimate.secs()));
    put("estimated_secs".to_owned(), secs);
    let at_least = plan.estimate.map_or(Cell::Null, |estimate| Cell::Bool(estimate.at_least));
    put("estimate_is_least".to_owned(), at_least);
    put("budget_bytes".to_owned(), whole(plan.budget_bytes));
    put("forced".to_owned(), Cell::Text(plan.forced.join("; ")));
    table.rows.push(row);
    table
}

/// What a screen would do, with one row: the test, counts, the bytes of every stage, the peak they make
/// and the budget.
pub fn planned_screen(plan: &ScreenPlan) -> Table {
    let whole = |value: u64| Cell::Int(i64::try_from(value).unwrap_or(i64::MAX));
    let text = |value: String| Cell::Text(value);
    let mut cells = vec![
        ("test".to_owned(), text(plan.asked.clone())),
        ("symbols".to_owned(), whole(plan.symbols as u64)),
        ("panel_rows".to_owned(), whole(plan.rows as u64)),
        ("window_start".to_owned(), text(plan.window.0.to_string())),
        ("window_end".to_owned(), text(plan.window.1.to_string())),
        ("min_observations".to_owned(), whole(plan.min_observations as u64)),
        ("tests".to_owned(), whole(plan.tests)),
        ("workers".to_owned(), whole(plan.workers as u64)),
        ("group_symbols".to_owned(), whole(plan.group_assets as u64)),
    ];
    let stages = plan.stages.iter();
    cells.extend(stages.map(|stage| (format!("{}_bytes", stage.name), whole(stage.bytes))));
    cells.push(("predicted_peak_bytes".to_owned(), whole(plan.predicted_bytes())));
    cells.push(("budget_bytes".to_owned(), whole(plan.budget_bytes)));
    let (columns, row) = cells.into_iter().unzip();
    Table { columns, rows: vec![row], ..Table::default() }
}

#[cfg(test)]
mod tests {
    use super::planned;
    use crate::{
        run::{Disk, PanelPlace, Phase, Plan, Stage},
        store::Cell,
    };

    #[test]
    fn every_stage_is_a_column_and_what_follows_another_is_not_added() {
        let stage = |name, phase, bytes| Stage { name, phase, bytes };
        let plan = Plan {
            jobs: 10,
            combinations: 5,
            left_out: 1,
            horizons: vec![30],
            symbols: 4,
            rows: 700,
            workers: 2,
            threads: 12,
            batch_bytes: 1,
            job_rows: 1,
            member_rows: 1,
            group_assets: 4,
            panel: PanelPlace::Ram,
            pairs_kept: None,
            stages: vec![
                stage("base", Phase::Always, 100),
                stage("frame", Phase::Loading, 23),
                stage("writer", Phase::Computing, 24),
            ],
            disk: Disk { panel: 0, results: 7, spill: 0 },
            budget_bytes: 1_000,
            forced: vec!["1 workers of 2".into()],
            estimate: None,
            notes: vec![],
        };
        let table = planned(&plan);
        let cell = |name: &str| {
            let at = table.columns.iter().position(|column| column == name).expect(name);
            table.rows[0][at].clone()
        };
        assert_eq!(table.columns.len(), table.rows[0].len());
        for (name, bytes) in [
            ("base_bytes", 100),
            ("frame_bytes", 23),
            ("writer_bytes", 24),
            ("predicted_peak_bytes", 124),
            ("disk_results_bytes", 7),
            ("budget_bytes", 1_000),
        ] {
            assert_eq!(cell(name), Cell::Int(bytes), "{name}");
        }
        assert_eq!(cell("forced"), Cell::Text("1 workers of 2".into()));
        assert_eq!(cell("estimated_secs"), Cell::Null);
    }
}
