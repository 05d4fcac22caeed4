//! Covariance estimators and linkages of `hrp`, end to end: the stored weights are those that the
//! definitions give on the bars of the lookback, found here by SQL and plain sums.

use std::collections::BTreeSet;

use barline::{
    domain::Keep,
    run::Request,
    stats::{
        self, Decay, Distance, EwmaRules, HrpOptions, Linkage, SymmetricMatrix, ewma_covariance,
        hrp_weights, ledoit_wolf, sample_covariance,
    },
    store::Cell,
    strategy::{CovarianceEstimator, HrpParameters, StrategyParameters},
};

use crate::{
    demo_store::{copy, execute, request},
    small_store::{lines, number, sql},
};

pub(crate) const ESTIMATORS: [CovarianceEstimator; 4] = [
    CovarianceEstimator::Sample,
    CovarianceEstimator::LedoitWolf,
    CovarianceEstimator::Oas,
    CovarianceEstimator::Ewma,
];

/// Hrp alone, with these parameters.
fn asked(hrp: HrpParameters) -> Request {
    month_of("hrp", &StrategyParameters { hrp, ..StrategyParameters::default() })
}

/// Four symbols whose bars are complete in the lookback, one month, one strategy.
pub(crate) fn month_of(strategy: &str, parameters: &StrategyParameters) -> Request {
    let symbols = ["BOLERO", "PRELUDE", "CADENZA", "DIVISI"];
    Request {
        symbols: Some(symbols.map(str::to_owned).to_vec()),
        strategies: vec![strategy.to_owned()],
        parameters: *parameters,
        horizons: vec!["30".parse().expect("days")],
        sizes: "all".parse().expect("sizes"),
        keep: Keep::All,
        ..request()
    }
}

/// Simple returns of the fifteen days up to the close of the first decision, symbol by symbol.
pub(crate) fn returns(path: &std::path::Path) -> Vec<Vec<f64>> {
    let closes = "
        WITH decided AS (SELECT min(ts) + INTERVAL 1 HOUR AS close_ts FROM weight)
        SELECT symbol, close FROM bar JOIN instrument USING (instrument_id), decided
        WHERE symbol IN (SELECT symbol FROM weight)
          AND ts >= close_ts - INTERVAL 15 DAY AND ts < close_ts
        ORDER BY symbol, ts";
    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    for row in sql(path, closes).rows {
        let [Cell::Text(symbol), Cell::Float(close)] = &row[..] else { panic!("{row:?}") };
        match columns.last_mut().filter(|(name, _)| name == symbol) {
            Some((_, closes)) => closes.push(*close),
            None => columns.push((symbol.clone(), vec![*close])),
        }
    }
    assert_eq!(columns.iter().map(|(_, closes)| closes.len()).collect::<Vec<_>>(), [360; 4]);
    columns.iter().map(|(_, closes)| stats::simple_returns(closes)).collect()
}

pub(crate) fn covariance(estimator: CovarianceEstimator, returns: &[&[f64]]) -> SymmetricMatrix {
    match estimator {
        CovarianceEstimator::Sample => sample_covariance(returns, 1).expect("complete"),
        CovarianceEstimator::LedoitWolf => ledoit_wolf(returns).expect("complete").covariance,
        CovarianceEstimator::Oas => {
            stats::oracle_approximating(returns).expect("complete").covariance
        }
        // A quarter of 360 bars.
        CovarianceEstimator::Ewma => {
            let decay = Decay::from_half_life(90.0).expect("a decay");
            ewma_covariance(returns, decay, EwmaRules::default()).expect("complete")
        }
    }
}

#[test]
fn the_stored_weights_are_those_of_the_definitions() {
    let (_folder, path) = copy();
    let mut jobs = 0;
    for covariance_of in ESTIMATORS {
        for linkage in [Linkage::Single, Linkage::Average, Linkage::Ward] {
            let parameters =
                HrpParameters { covariance: covariance_of, linkage, ..HrpParameters::default() };
            let summary = execute(&path, &asked(parameters));
            assert_eq!(summary.computed, 1, "{covariance_of:?} {linkage:?} is another job");
            jobs += 1;
            assert_eq!(number(&path, "SELECT count(*) FROM job WHERE outcome = 'done'"), jobs);
            let first = format!(
                "SELECT weight FROM weight WHERE job_id = {jobs} AND ts = (SELECT min(ts) FROM weight)
                 ORDER BY symbol"
            );
            let returns = returns(&path);
            let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
            let options = HrpOptions { linkage, distance: Distance::Correlation };
            let expected = hrp_weights(&covariance(covariance_of, &columns), options);
            let expected: Vec<_> =
                expected.expect("weights").weights.into_iter().map(Cell::Float).collect();
            let stored: Vec<_> = sql(&path, &first).rows.concat();
            assert_eq!(stored, expected, "{covariance_of:?} {linkage:?}");
        }
    }
    let distinct: BTreeSet<_> =
        lines(&path, "SELECT final_equity FROM measure").into_iter().collect();
    assert!(distinct.len() >= 3, "the estimators do not differ: {distinct:?}");
}

#[test]
fn a_half_life_is_for_ewma_only_and_changes_its_result() {
    let (_folder, path) = copy();
    let mut results = BTreeSet::new();
    for bars in [None, Some(5.0)] {
        let hrp = HrpParameters {
            covariance: CovarianceEstimator::Ewma,
            ewma_half_life_bars: bars,
            ..HrpParameters::default()
        };
        execute(&path, &asked(hrp));
        results.extend(lines(&path, "SELECT final_equity FROM measure"));
    }
    assert_eq!(results.len(), 2);
    let lonely = HrpParameters { ewma_half_life_bars: Some(5.0), ..HrpParameters::default() };
    let error = barline::strategy::Hrp::new(lonely).expect_err("no effect");
    assert_eq!(error.hint(), Some("set covariance = \"ewma\""));
}
