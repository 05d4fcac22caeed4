//! `barline strategies`: what can be tested, with every parameter and its default.

use crate::{
    cli::{args::StrategiesArgs, ending::Ending, settings, stdout},
    error::Result,
    report::{self, Format},
    store::{Cell, Table},
    strategy::{self, StrategyCard},
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
            let heading = format!("{} ({})\n{}\n", card.name, card.kind, card.answers);
            if card.parameters.is_empty() {
                return format!("{heading}no parameters\n");
            }
            let mut table = tabled(std::slice::from_ref(card));
            table.columns.drain(..2);
            for row in &mut table.rows {
                row.drain(..2);
            }
            heading + &report::aligned(&table, stdout::width())
        })
        .collect();
    paragraphs.join("\n")
}

/// A row per strategy and parameter; one row without parameter where there is none.
fn tabled(cards: &[StrategyCard]) -> Table {
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut rows = Vec::new();
    for card in cards {
        let own = [text(card.name), text(card.kind)];
        if card.parameters.is_empty() {
            rows.push([own.to_vec(), vec![Cell::Null; 4]].concat());
        }
        for parameter in card.parameters {
            let described = [parameter.name, parameter.default, parameter.unit, parameter.meaning];
            rows.push([own.to_vec(), described.map(text).to_vec()].concat());
        }
    }
    let columns = ["strategy", "kind", "parameter", "default", "unit", "meaning"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows, ..Table::default() }
}
