//! A store opened by DuckDB's own Python package: the documented views work there as they stand.

use std::process::Command;

use barline::store::duckdb_version;

use crate::{binary::answer, demo_store};

const STORE: &str = "store.duckdb";
/// Every view of a store with its number of rows, as lines of CSV.
const SCRIPT: &str = "
import sys, duckdb
store = duckdb.connect(sys.argv[1], read_only=True)
views = store.sql('SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1').fetchall()
for (view,) in views:
    rows = store.sql(f'SELECT * FROM {view}').fetchall()
    print(f'{view},{len(rows)}')
";

/// The Python that `BARLINE_PYTHON` names, else `python3`, if it has DuckDB of our version.
fn python() -> Result<String, String> {
    let ours = duckdb_version().expect("a version");
    let name = std::env::var("BARLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let asked =
        Command::new(&name).args(["-c", "import duckdb; print(duckdb.__version__)"]).output();
    let theirs = match asked {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => return Err(format!("{name} has no package duckdb")),
    };
    if theirs == ours.trim_start_matches('v') {
        Ok(name)
    } else {
        Err(format!("{name} has duckdb {theirs}, the store is of {ours}"))
    }
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that was skipped says so")]
fn the_documented_views_work_in_python_as_they_stand() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let (folder, _) = demo_store::copy();
    let run = [
        "backtest",
        "--strategies",
        "sma-crossover,buy-and-hold",
        "--horizons",
        "30",
        "--db",
        STORE,
    ];
    answer(folder.path(), &run);
    let store = folder.path().join(STORE);
    let asked = Command::new(python).arg("-c").arg(SCRIPT).arg(&store).output().expect("it runs");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let theirs = String::from_utf8_lossy(&asked.stdout).into_owned();
    let views = theirs.lines().map(|line| line.split(',').next().expect("a view"));
    let ours: Vec<String> = views
        .map(|view| {
            let sql = format!("SELECT '{view}', count(*) FROM {view}");
            let csv = answer(folder.path(), &["sql", &sql, "--db", STORE, "--format", "csv"]);
            csv.lines().nth(1).expect("a row").to_owned()
        })
        .collect();
    assert!(ours.len() >= 3, "{ours:?}");
    assert_eq!(theirs.lines().collect::<Vec<_>>(), ours);
    assert!(ours.iter().any(|line| line.starts_with("job_result,") && !line.ends_with(",0")));
}
