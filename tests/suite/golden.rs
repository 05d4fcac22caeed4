//! Reference cases made by trusted peers, in the `golden/1` schema.
//!
//! `cargo test --release golden` checks the small set committed in `tests/golden/`;
//! `BARLINE_GOLDEN=FOLDER cargo test --release golden` checks any folder of the same schema: `cases/`
//! with a JSON file per family, `data/` and `expected/` with their CSV files, `manifest.json` with
//! what there should be. A relative folder is looked for from the crate's root, then from the
//! caller's folder. One line per family says how many cases passed, failed, were skipped as fragile,
//! and are not covered, in how many values rounding decided between equals, and the worst relative
//! error among the values beyond their absolute tolerance.
//!
//! The run fails for a failed case, a case that panicked, a case or family that no checker covers, an
//! expected value that no checker looked at, and cases or files that the manifest lists and the folder
//! lacks. Tolerances are those of the cases and are never widened here.
//!
//! A family is added in [`families`]: one function from a case to a [`check::Verdict`].

mod backtest;
pub(crate) mod case;
pub(crate) mod check;
mod clustered_portfolios;
mod cointegration;
mod completeness;
mod covariance;
mod estimator_call;
mod every_value;
mod families;
mod half_life;
mod hedge_ratio;
mod honesty;
mod hrp;
mod incomplete_returns;
mod johansen;
mod manifest;
mod measures;
mod published;
mod published_relations;
mod published_sharpe;
mod residual_tests;
mod response_surface;
mod runner;
mod runner_faults;
mod stationarity;
mod tally;
mod tied_order;
mod unit_root;

use std::{
    env,
    path::{Path, PathBuf},
};

/// The set committed with the sources.
pub(crate) fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The folder to check and whether it is the committed one.
fn folder() -> PathBuf {
    let Some(given) = env::var_os("BARLINE_GOLDEN") else { return committed() };
    // Tests run in the crate's root; the shell that called cargo may stand elsewhere.
    let callers = env::var_os("PWD").map(PathBuf::from);
    let places = [Some(PathBuf::from(env!("CARGO_MANIFEST_DIR"))), callers];
    runner::resolve(Path::new(&given), &places.into_iter().flatten().collect::<Vec<_>>())
}

#[test]
fn golden_cases_hold() {
    let root = folder();
    let report = runner::run(&root);
    report.print();
    let failures = report.failures();
    let shown = failures.iter().take(40).cloned().collect::<Vec<_>>().join("\n  ");
    assert!(failures.is_empty(), "{}: {} failures\n  {shown}", root.display(), failures.len());
}
