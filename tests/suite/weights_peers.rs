//! `barline weights` beside skfolio, Riskfolio-Lib and scipy: prices of their cases in a store give their
//! weights.

use barline::{
    domain::{CalendarClass, Interval},
    run::{self, LookbackLength, WeightsRequest},
    stats::{Distance, LeafOrder, Linkage, Within},
    store::Store,
    strategy::{HercParameters, HrpParameters, NcoParameters, portfolio::Portfolio},
};

use crate::{
    demo_store,
    golden::{
        case::{Case, Family},
        committed,
    },
    small_store::{DAY, START, Series, store},
};

/// Fewest returns that are weighed on.
const LEAST_ROWS: usize = 60;

/// The portfolio that a peer was asked for; `None` for one that a flag cannot ask for.
fn portfolio(case: &Case<'_>) -> Option<Portfolio> {
    let params = case.params();
    let linkage = params["linkage"].as_str().and_then(Linkage::from_name);
    match params["model"].as_str() {
        None if params.is_null() => Some(Portfolio::Herc(HercParameters::default())),
        None => {
            let leaves = match params["leaf_order"].as_str()? {
                "scipy plain" => LeafOrder::Plain,
                "scipy optimal_leaf_ordering" => LeafOrder::Optimal,
                _ => return None,
            };
            let paper = params["metric"] == "d_tilde";
            let distance = if paper { Distance::Paper } else { Distance::Correlation };
            let own = HrpParameters { linkage: linkage?, distance, ..HrpParameters::default() };
            Some(Portfolio::Hrp(own, leaves))
        }
        Some(model) => {
            // A most of clusters is the number where the tree shows more.
            let max_clusters = params["k"].as_u64().and_then(|k| usize::try_from(k).ok());
            let linkage = linkage?;
            match model {
                "NCO" => Some(Portfolio::Nco(NcoParameters {
                    linkage,
                    max_clusters,
                    ..NcoParameters::default()
                })),
                "HERC2" => Some(Portfolio::Herc(HercParameters {
                    linkage,
                    max_clusters,
                    within: Within::Equal,
                    ..HercParameters::default()
                })),
                _ => None,
            }
        }
    }
}

#[test]
fn prices_of_the_peers_give_their_weights() {
    let mut compared = Vec::new();
    for (file, model) in [("04_hrp.json", "weights"), ("04_herc_nco.json", "HERC")] {
        let file = committed().join("cases").join(file);
        let family = Family::read(&committed(), &file).expect("a family");
        for case in family.cases().filter(|case| !case.is_fragile()) {
            let (table, weights) = (case.table(), &case.expected()["weights"]);
            let names = table.assets();
            let rows = table.column(&names[0]).len();
            let Some(portfolio) = portfolio(&case).filter(|_| rows > LEAST_ROWS) else { continue };
            let model = if case.params()["model"] == "NCO" { "NCO" } else { model };
            let tolerance = case.tolerance(model);
            let of = |name: &String| {
                let closes = table.column(name).into_iter().enumerate();
                let bar = |(row, close)| (START + i64::try_from(row).expect("few") * DAY, close);
                Series {
                    symbol: Box::leak(name.clone().into_boxed_str()),
                    calendar: CalendarClass::Continuous,
                    closes: closes.map(bar).collect(),
                }
            };
            let series: Vec<Series> = names.iter().map(of).collect();
            let (_folder, path) = store(Interval::DAY, &series, true);
            let store = Store::open(&path, &demo_store::options()).expect("the store");
            let request = WeightsRequest {
                symbols: None,
                interval: None,
                as_of: None,
                portfolio,
                lookback: LookbackLength::Bars(rows),
                max_stale_bars: 24,
                budget_bytes: 1 << 30,
            };
            let found = run::weights(&store, &request).expect("weights");
            store.close().expect("closed");
            for row in &found.rows {
                let said = weights[&row.symbol].as_f64().expect("a weight");
                assert!(
                    (row.weight - said).abs() <= tolerance.atol + tolerance.rtol * said.abs(),
                    "{}: {row:?} {said}",
                    case.id()
                );
            }
            compared.push(case.id());
        }
    }
    assert!(compared.len() >= 3, "{compared:?}");
}
