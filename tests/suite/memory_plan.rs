//! Plans through the binary: equal commands have equal ones, and what is planned for the disk is near to
//! what is used.

use std::{fs, path::Path};

use crate::{
    binary::{answer, barline, said},
    demo_store,
};

const STORE: &str = "store.duckdb";
/// A run of some hundred jobs: pairs, portfolios and single symbols.
const RUN: [&str; 10] = [
    "backtest",
    "--multi-pair",
    "--db",
    STORE,
    "--symbols",
    "ADAGIO,BOLERO,MAZURKA,SCHERZO,TOCCATA",
    "--sizes",
    "2,3,all",
    "--strategies",
    "cointegration,hrp,equal-weight,macd",
];

/// The plan of `RUN` with `more` flags, without its estimate of the time.
fn plan(folder: &Path, more: &[&str]) -> serde_json::Value {
    let text = answer(folder, &[&RUN[..], more, &["--dry-run", "--format", "json"]].concat());
    let mut rows: serde_json::Value = serde_json::from_str(&text).expect("json");
    rows[0].as_object_mut().expect("a row").remove("estimated_secs");
    rows[0].take()
}

#[test]
fn equal_commands_have_equal_plans() {
    let (folder, _) = demo_store::copy();
    let folder = folder.path();
    let plans: Vec<_> = (0..6).map(|_| plan(folder, &["--horizons", "30,60"])).collect();
    assert!(plans.iter().all(|plan| *plan == plans[0]), "{plans:#?}");
    let screen = ["screen", "--db", STORE, "--dry-run", "--format", "json"];
    let screens: Vec<String> = (0..6).map(|_| answer(folder, &screen)).collect();
    assert!(screens.iter().all(|plan| *plan == screens[0]), "{screens:#?}");
    let small = [&RUN[..], &["--horizons", "30,60", "--memory-budget", "20MB"]].concat();
    let refused: Vec<String> = (0..6).map(|_| said(&barline(folder, &small))).collect();
    assert!(refused.iter().all(|line| *line == refused[0]), "{refused:#?}");
}

#[test]
fn what_a_run_takes_of_the_disk_is_planned_within_a_factor_of_two() {
    for keep in ["measures", "trades", "equity", "all"] {
        let (folder, store) = demo_store::copy();
        let folder = folder.path();
        let more = ["--keep", keep, "--horizons", "180,365"];
        let planned = plan(folder, &more)["disk_results_bytes"].as_u64().expect("bytes");
        let size = || fs::metadata(&store).expect("a store").len();
        let before = size();
        answer(folder, &[&RUN[..], &more].concat());
        let used = size() - before;
        // A file grows by blocks: a megabyte of them is begun whatever is stored.
        let begun = 1 << 20;
        assert!(used <= 2 * planned + begun, "{keep}: {used} bytes of {planned}");
        assert!(planned <= 2 * used + begun, "{keep}: {used} bytes of {planned}");
    }
}
