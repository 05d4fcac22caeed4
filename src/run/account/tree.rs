//! The dendrogram behind the weights that a job of hierarchical risk parity set last.

use crate::{
    domain::{JobRecord, Timestamp},
    run::Request,
    stats::{
        HrpOptions, LeafOrder, Merge, codependence_distance, correlation, leaf_order, linkage,
    },
    strategy::{
        HorizonBars, Strategy,
        portfolio::{Close, Portfolio},
    },
};

/// The tree of one rebalance.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// Opening time of the bar at whose close it was made.
    pub at: Timestamp,
    /// How clusters were joined.
    pub linkage: &'static str,
    /// The symbols that were weighed.
    pub symbols: Vec<String>,
    /// Their weights.
    pub weights: Vec<f64>,
    /// Indices of the symbols in leaf order.
    pub order: Vec<usize>,
    /// The merges, from the nearest to the farthest.
    pub merges: Vec<Merge>,
}

/// The tree of the last rebalance of `record`; `None` for a job of another strategy, and for one that
/// set no weights.
pub(super) fn last_tree(
    record: &JobRecord,
    request: &Request,
    strategy: &dyn Strategy,
    bars: &HorizonBars<'_>,
) -> Option<Tree> {
    let at = record.weights.last()?.ts;
    if strategy.name() != "hrp" {
        return None;
    }
    let set = |symbol: &str| {
        let mut rows = record.weights.iter().rev().take_while(|row| row.ts == at);
        rows.any(|row| row.symbol == symbol && row.weight != 0.0)
    };
    let all = (0..bars.panel.universe().len()).filter_map(|asset| u16::try_from(asset).ok());
    let assets: Vec<u16> = all.filter(|&asset| set(bars.symbol(asset))).collect();
    let own = request.parameters.hrp;
    let close = Close {
        bars,
        row: bars.panel.row_at(at.micros()),
        lookback_micros: strategy.history_micros(&bars.window),
    };
    let weighed = Portfolio::Hrp(own, LeafOrder::Plain).weigh(&close, &assets).ok()?;
    let options = HrpOptions { linkage: own.linkage, distance: own.distance };
    let correlation = correlation(weighed.covariance.as_ref()?).ok()?;
    let merges =
        linkage(codependence_distance(&correlation, options.distance), options.linkage).ok()?;
    Some(Tree {
        at,
        linkage: options.linkage.name(),
        symbols: weighed.assets.iter().map(|&asset| bars.symbol(asset).to_owned()).collect(),
        weights: weighed.weights,
        order: leaf_order(&merges),
        merges,
    })
}
