//! `barline strategies`: what can be tested, with every parameter and its default.

use crate::{
    cli::{args::StrategiesArgs, ending::Ending, settings, stdout},
    error::Result,
    report::{self, Format},
    store::{Cell, Table},
    strategy::{self, StrategyCard, StrategyParameters},
};

/// Lists the strategies.
pub(super) fn run(args: &StrategiesArgs) -> Result<Ending> {
    let cards = strategy::catalogue();
    match settings::format(args.output.format.as_deref())? {
        Format::Table => stdout::print(|out| out.write_all(described(cards).as_bytes()))?,
        format => stdout::print_answer(&tabled(cards), format)?,
    }
    Ok(Ending::Well)
}

/// A paragraph per strategy: its name, what it answers, its parameters.
fn described(cards: &[StrategyCard]) -> String {
    let paragraphs: Vec<String> = cards
        .iter()
        .map(|card| {
            let watched = match watched_bars(card) {
                0 => String::new(),
                bars => format!(
                    "with these defaults it watches {bars} bars of a symbol before the scored window\n"
                ),
            };
            let heading = format!("{} ({})\n{}\n{watched}", card.name, card.kind, card.answers);
            if card.parameters.is_empty() {
                return format!("{heading}no parameters\n");
            }
            let mut table = tabled(std::slice::from_ref(card));
            // Strategy, kind and watched bars stand above it.
            table.columns = table.columns[2..6].to_vec();
            table.rows.iter_mut().for_each(|row| *row = row[2..6].to_vec());
            heading + &report::aligned(&table, stdout::width())
        })
        .collect();
    paragraphs.join("\n")
}

/// Bars of a symbol that a strategy with its defaults watches before the scored window.
fn watched_bars(card: &StrategyCard) -> usize {
    strategy::by_name(card.name, &StrategyParameters::default())
        .map_or(0, |strategy| strategy.lookback_bars())
}

/// A row per strategy and parameter; one row without parameter where there is none.
fn tabled(cards: &[StrategyCard]) -> Table {
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut rows = Vec::new();
    for card in cards {
        let own = [text(card.name), text(card.kind)];
        let watched = vec![Cell::Int(i64::try_from(watched_bars(card)).unwrap_or(i64::MAX))];
        if card.parameters.is_empty() {
            rows.push([own.to_vec(), vec![Cell::Null; 4], watched.clone()].concat());
        }
        for parameter in card.parameters {
            let described = [parameter.name, parameter.default, parameter.unit, parameter.meaning];
            rows.push([own.to_vec(), described.map(text).to_vec(), watched.clone()].concat());
        }
    }
    let columns = ["strategy", "kind", "parameter", "default", "unit", "meaning", "watched_bars"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows, ..Table::default() }
}
