//! Reference cases made by trusted peers, in the `golden/1` schema.
//!
//! `cargo test --release golden` checks the small set committed in `tests/golden/`;
//! `BARLINE_GOLDEN=FOLDER cargo test --release golden` checks any folder of the same schema: `cases/`
//! with a JSON file per family, `data/` and `expected/` with their CSV files. One line per family
//! says how many cases passed, failed, were skipped as fragile, and are not covered. A case that no
//! family covers fails the run, and so do fewer cases than the folder's manifest lists. Tolerances
//! are those of the cases and are never widened here.
//!
//! A family is added in [`family`]: one function from a case to a [`Verdict`].

mod case;
mod check;
mod clustered_portfolios;
mod cointegration;
mod covariance;
mod half_life;
mod hedge_ratio;
mod honesty;
mod hrp;
mod johansen;
mod measures;
mod pairs_backtest;
mod published;
mod published_relations;
mod residual_tests;
mod response_surface;
mod stationarity;
mod unit_root;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use case::Family;
use check::Verdict;

/// The checker of a family file, by the file's name without `.json`.
fn family(name: &str) -> Option<fn(&case::Case) -> Verdict> {
    Some(match name {
        "01_adf" => unit_root::adf,
        "01_engle_granger_statsmodels" => cointegration::engle_granger,
        "01_engle_granger_multi" => cointegration::several_series,
        "01_engle_granger_arch" => residual_tests::engle_granger,
        "01_phillips_ouliaris_arch" => residual_tests::phillips_ouliaris,
        "01_kpss" => stationarity::kpss,
        "01_edge_inputs" => cointegration::edge,
        "01_mackinnon_coefficients" => response_surface::coefficients,
        "01_mackinnon_surfaces" => response_surface::surfaces,
        "02_johansen" => johansen::johansen,
        "02_johansen_critical_values" => johansen::critical_values,
        "03_half_life_hurst" => half_life::half_life,
        "03_kalman_hedge" => hedge_ratio::kalman,
        "03_rolling_ols" => hedge_ratio::rolling,
        "04_herc_nco" => clustered_portfolios::herc_nco,
        "04_hrp" => hrp::returns_panel,
        "04_hrp_ties" => hrp::tied_covariance,
        "04_hrp_edges" => hrp::edge,
        "05_covariance" => covariance::covariance,
        "06_metrics" => measures::metrics,
        "06_pbo" => honesty::overfitting,
        "06_psr_dsr" => honesty::sharpe_inference,
        "06_turnover" => measures::turnover,
        "07_pairs_backtest" => pairs_backtest::pairs_backtest,
        "08_published" => published::published,
        _ => return None,
    })
}

/// What became of the cases of one family file.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    fragile: usize,
    not_covered: usize,
    worst: f64,
    failures: Vec<String>,
}

impl Tally {
    fn of(family_file: &Family) -> Self {
        let mut tally = Self::default();
        let check = family(family_file.name());
        for case in family_file.cases() {
            match check.map_or(Verdict::NotCovered, |check| check(&case)) {
                Verdict::Passed { worst } => {
                    tally.passed += 1;
                    tally.worst = tally.worst.max(worst);
                }
                Verdict::Failed(reasons) => {
                    tally.failed += 1;
                    tally.failures.push(format!("{}: {}", case.id(), reasons.join("; ")));
                }
                Verdict::Fragile => tally.fragile += 1,
                Verdict::NotCovered => tally.not_covered += 1,
            }
        }
        tally
    }

    fn cases(&self) -> usize {
        self.passed + self.failed + self.fragile + self.not_covered
    }

    fn line(&self, name: &str) -> String {
        let cases = self.cases();
        format!(
            "{name:30} {cases:4} cases {:4} passed {:3} failed {:3} fragile {:4} not covered  worst {:.1e}",
            self.passed, self.failed, self.fragile, self.not_covered, self.worst
        )
    }
}

fn folder() -> (PathBuf, bool) {
    match std::env::var_os("BARLINE_GOLDEN") {
        Some(folder) => (PathBuf::from(folder), true),
        None => (Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"), false),
    }
}

#[test]
fn golden_cases_hold() {
    let (root, given) = folder();
    let files = case::family_files(&root);
    assert!(!files.is_empty(), "{} holds no cases", root.display());
    let listed = case::listed(&root);
    let mut passed = 0;
    let mut failures = Vec::new();
    for file in files {
        let family_file = Family::read(&root, &file);
        let tally = Tally::of(&family_file);
        if given {
            // The harness captures print macros; this report is what the caller asked for.
            let line = tally.line(family_file.name());
            writeln!(std::io::stderr().lock(), "{line}").expect("stderr is open");
        }
        passed += tally.passed;
        if tally.not_covered > 0 {
            failures.push(format!(
                "{}: {} cases not covered",
                family_file.name(),
                tally.not_covered
            ));
        }
        if let Some(listed) = listed.get(family_file.name())
            && *listed > tally.cases()
        {
            let cases = tally.cases();
            failures.push(format!("{}: {cases} cases, {listed} listed", family_file.name()));
        }
        failures.extend(tally.failures.into_iter().map(|f| format!("{}/{f}", family_file.name())));
    }
    let shown = failures.iter().take(40).cloned().collect::<Vec<_>>().join("\n  ");
    assert!(failures.is_empty(), "{} golden cases failed:\n  {shown}", failures.len());
    assert!(passed > 0, "{} holds no case of a covered family", root.display());
}
