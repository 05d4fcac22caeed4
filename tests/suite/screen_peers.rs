//! `barline screen` beside statsmodels, and on universes in which nothing is to be found.

use barline::{
    domain::{CalendarClass, Interval},
    run::{Adjustment, Direction, Listing, ScreenRequest},
    stats::{LagRule, Trend},
    store::Cell,
};

use crate::{
    golden::{
        case::{Case, Family},
        committed,
    },
    screen::{NAMES, asked, run},
    small_store::{DAY, HOUR, Series, series, sql, store, walk},
};

/// Prices of statsmodels' cases in a store: what comes out is what statsmodels says.
#[test]
fn statsmodels_says_the_same() {
    let file = committed().join("cases/01_engle_granger_statsmodels.json");
    let family = Family::read(&committed(), &file).expect("a family");
    let mut compared = 0;
    for case in family.cases().filter(is_of_prices) {
        let columns = case.y_and_x();
        let named = |(symbol, logs): (&&'static str, &Vec<f64>)| {
            series(symbol, CalendarClass::Continuous, DAY, logs, |_, _| true)
        };
        let series: Vec<Series> =
            ["X", "Y"].iter().zip([&columns[1], &columns[0]]).map(named).collect();
        let (_folder, path) = store(Interval::DAY, &series, true);
        let days = i64::try_from(columns[0].len()).expect("few");
        let (trend, rule) = terms(&case);
        run(
            &path,
            &ScreenRequest {
                trend,
                lag: Some(rule),
                direction: Direction::Given,
                formation_micros: days * DAY,
                ..asked()
            },
        );
        let rows =
            sql(&path, "SELECT statistic, p_value, lag_bars FROM screen WHERE symbol_y = 'Y'").rows;
        let expected = case.expected();
        for (cell, name) in [(0, "stat"), (1, "pvalue")] {
            let tolerance = case.tolerance(name);
            let (Cell::Float(found), Some(said)) = (&rows[0][cell], expected[name].as_f64()) else {
                panic!("{}: {:?}", case.id(), rows[0]);
            };
            assert!(
                (found - said).abs() <= tolerance.atol + tolerance.rtol * said.abs(),
                "{}: {found} {said}",
                case.id()
            );
        }
        assert_eq!(rows[0][2], Cell::Int(expected["adf_usedlag"].as_i64().expect("a lag")));
        compared += 1;
    }
    assert!(compared > 2, "{compared} cases");
}

/// Deterministic terms and lag rule of a case.
fn terms(case: &Case<'_>) -> (Trend, LagRule) {
    let params = case.params();
    let trend = params["trend"].as_str().and_then(Trend::from_name).expect("terms");
    let max = params["maxlag"].as_u64().and_then(|lag| usize::try_from(lag).ok());
    let rule = match params["autolag"].as_str() {
        Some("aic") => LagRule::Aic { max },
        Some("bic") => LagRule::Bic { max },
        Some("t-stat") => LagRule::TStat { max },
        _ => LagRule::Fixed(max.expect("an order")),
    };
    (trend, rule)
}

/// Two series of prices, and an answer.
fn is_of_prices(case: &Case<'_>) -> bool {
    case.input()["transform"] == "log"
        && case.y_and_x().len() == 2
        && case.expected()["pvalue"].is_number()
        && !case.is_fragile()
}

/// Independent walks hold no pair: the adjusted screen is silent, the bare one is not.
#[test]
fn what_is_not_there_is_seldom_found() {
    let rows = 24 * 12;
    let (mut reported, mut bare) = (0, 0);
    for seed in 0..20 {
        let logs: Vec<Vec<f64>> = (0..14).map(|at| walk(1_000 * seed + at, rows)).collect();
        let series: Vec<Series> = (NAMES.iter().zip(&logs))
            .map(|(name, logs)| series(name, CalendarClass::Continuous, HOUR, logs, |_, _| true))
            .collect();
        let (_folder, path) = store(Interval::HOUR, &series, true);
        let own = ScreenRequest {
            formation_micros: 12 * DAY,
            min_observations: None,
            lag: Some(LagRule::Fixed(1)),
            listing: Listing::MaxP(0.05),
            ..asked()
        };
        let adjustment = Adjustment::BenjaminiHochberg;
        reported += u32::from(run(&path, &ScreenRequest { adjustment, ..own.clone() }).listed > 0);
        bare += u32::from(run(&path, &own).listed > 0);
    }
    assert!(reported <= 4, "{reported} of 20");
    assert!(bare > 10, "{bare} of 20");
}
