//! `barline weights`: the weights of one close.

use super::open_to_weigh;
use crate::{
    cli::{
        ending::Ending, printer::Printer, settings, stdout, waiting, weights_args::WeightsArgs,
        weights_settings,
    },
    error::Result,
    report::{self, Format},
    run::{self, Weights},
    store::{Cell, Table},
};

/// Symbols without a weight that are named.
const MOST_NAMED: usize = 10;

/// Weighs, prints the weights, and says what they stand on.
pub(super) fn run(args: &WeightsArgs, printer: Printer) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let request = weights_settings::weights(args)?;
    let store = open_to_weigh(args.store.db.as_deref(), &args.budget, printer)?;
    let what = "weights are computed";
    let weights = waiting::told(what, &|| false, printer, || run::weights(&store, &request))?;
    // Closed before printing: a pager that waits must not keep the store from others.
    store.close()?;
    for line in told(&weights) {
        printer.note(&line);
    }
    let answer = report::weighed(&weights);
    let answer = if format == Format::Table { shown(&answer) } else { answer };
    stdout::print_answer(&answer, format)?;
    Ok(Ending::Well)
}

/// Without columns that say nothing to a person: the path, which is said once, and reasons where there
/// is none.
fn shown(answer: &Table) -> Table {
    let says = |at: usize| answer.rows.iter().any(|row| row[at] != Cell::Null);
    let kept: Vec<usize> = (0..answer.columns.len())
        .filter(|at| answer.columns[*at] != "numeric_path" && says(*at))
        .collect();
    Table {
        columns: kept.iter().map(|at| answer.columns[*at].clone()).collect(),
        kinds: Vec::new(),
        rows: (answer.rows.iter())
            .map(|row| kept.iter().map(|at| row[*at].clone()).collect())
            .collect(),
    }
}

/// What the weights stand on, and who has none.
fn told(weights: &Weights) -> Vec<String> {
    let Weights { method, covariance, as_of, first_bar, last_bar, bars, .. } = weights;
    let volatility = weights.volatility.map_or_else(String::new, |volatility| {
        format!("; volatility {:.2} % a year", 100.0 * volatility)
    });
    let left_out: Vec<(&str, &str)> = weights.left_out().collect();
    let mut lines = vec![
        format!(
            "{method}, covariance {covariance}; as of {as_of}, at the close of the bar of {last_bar}"
        ),
        format!(
            "window {first_bar} to {last_bar}: {bars} bars, {} returns; numeric path {}",
            bars.saturating_sub(1),
            weights.numeric_path()
        ),
        format!("{} symbols, {} left out{volatility}", weights.rows.len(), left_out.len()),
    ];
    let named = left_out.iter().take(MOST_NAMED);
    lines.extend(named.map(|(symbol, why)| format!("left out: {symbol}: {why}")));
    if left_out.len() > MOST_NAMED {
        let more = left_out.len() - MOST_NAMED;
        lines.push(format!("left out: {more} more, in column left_out"));
    }
    lines
}
