//! One job: what was asked, how it ended, all its measures with what they mean.

use serde_json::{Map, Value};

use super::{summary::few, terms::words};
use crate::{
    report::{
        cell::{Style, shown},
        html::{
            glossary::MEASURES,
            grid::{facts, folded, grid},
            markup::Markup,
        },
    },
    run::{Account, Detail, Drawn, Source},
    store::{Cell, Table},
};

/// Most trades that are listed.
const MOST_TRADES: usize = 200;

/// What a detail is called in a sentence.
pub(super) fn named(detail: &Detail) -> String {
    let job = &detail.job;
    format!(
        "{} on {}, {} days (job {})",
        job.text(0, "strategy"),
        few(job.text(0, "symbols")),
        job.whole(0, "horizon_days").unwrap_or(0),
        job.text(0, "job").get(..8).unwrap_or_default()
    )
}

/// A line that says which job is drawn, and how it was made again.
pub(super) fn about(out: &mut Markup, detail: &Detail) {
    out.element("p", &[("class", &"about")], format_args!("{}: {}.", named(detail), detail.choice));
    if let Err(reason) = &detail.drawn {
        out.element(
            "p",
            &[("class", &"warning"), ("role", &"note")],
            format_args!("Not drawn: {reason}."),
        );
    }
}

/// The job that was asked for.
pub(super) fn job(account: &Account) -> Option<Markup> {
    let detail = account.details.first()?;
    let job = &detail.job;
    let mut out = Markup::default();
    about(&mut out, detail);
    let kept = job.text(0, "kept");
    let again = match &detail.drawn {
        Ok(Drawn { source: Source::Equal, .. }) => format!(
            "The store keeps '{kept}' of it; for the charts it was simulated again on the bars of the store, and equals \
             what is stored in every bit."
        ),
        Ok(Drawn { source: Source::Different, .. }) => {
            "For the charts it was simulated again.".to_owned()
        }
        Ok(Drawn { source: Source::Kept, curves, .. }) => format!(
            "The store keeps '{kept}' of it, and does not hold the signals that it played: the charts show what is kept. \
             {}",
            if curves.benchmark.is_empty() {
                "Its benchmark could not be simulated again as it was then, and is not drawn."
            } else {
                "Its benchmark was simulated again, and ends where the stored one did in every bit."
            }
        ),
        Err(_) => format!("The store keeps '{kept}' of it."),
    };
    out.paragraph(again);
    let mut rows = vec![
        ("Job key", job.text(0, "job").to_owned()),
        ("Strategy", job.text(0, "strategy").to_owned()),
        ("Symbols", job.text(0, "symbols").replace(',', ", ")),
        ("Scored window", format!("{} days", job.whole(0, "horizon_days").unwrap_or(0))),
        ("Outcome", job.text(0, "outcome").to_owned()),
    ];
    if !job.text(0, "reason").is_empty() {
        rows.push(("Reason", job.text(0, "reason").to_owned()));
    }
    out.append(&facts(&rows));
    out.append(&terms(job));
    out.append(&measures(job));
    out.append(&trades(detail));
    Some(out)
}

/// What was set: parameters of the strategy, then the terms of the simulation.
fn terms(job: &Table) -> Markup {
    let mut terms: Map<String, Value> =
        serde_json::from_str(job.text(0, "parameters")).unwrap_or_default();
    let own = terms.remove("strategy");
    let own = own.as_ref().and_then(Value::as_object).map_or("none".to_owned(), words);
    facts(&[("Parameters", own), ("Terms", words(&terms))])
}

/// Every measure, with its formula; an undefined one with the reason.
fn measures(job: &Table) -> Markup {
    let mut out = Markup::default();
    if *job.cell(0, "bars") == Cell::Null {
        out.paragraph("It has no measures: its scored window was not simulated.");
        return out;
    }
    out.literal(
        "<div class=\"scroll whole\" tabindex=\"0\" role=\"region\" aria-label=\"Measures\"><table>",
    );
    out.literal(
        "<thead><tr><th scope=\"col\">measure</th><th scope=\"col\" class=\"n\">value</th>",
    );
    out.literal("<th scope=\"col\">formula, or why it is undefined</th></tr></thead><tbody>");
    for term in &MEASURES {
        let cell = job.cell(0, term.name);
        let is_money = term.told().1 == "quote";
        let style = if is_money { Style::Money } else { Style::of(term.name) };
        out.literal("<tr><th scope=\"row\">");
        let place = format!("#{}", term.place());
        out.element("a", &[("href", &place)], style.heading(term.name).replace('_', " "));
        out.literal("</th>");
        let is_undefined = *cell == Cell::Null;
        out.open(
            "td",
            &[("class", &if is_undefined { "u n" } else { "n" }), ("data-measure", &term.name)],
        );
        if is_undefined {
            out.text("undefined").close("td").element("td", &[], term.undefined);
        } else {
            out.text(shown(cell, style)).close("td").element(
                "td",
                &[("class", &"quiet")],
                term.formula,
            );
        }
        out.literal("</tr>\n");
    }
    out.literal("</tbody></table></div>");
    out
}

/// The job's trades, where it was simulated again.
fn trades(detail: &Detail) -> Markup {
    let Ok(drawn) = &detail.drawn else { return Markup::default() };
    let trades = &drawn.record.trades;
    let columns = [
        "symbol",
        "side",
        "entry",
        "exit",
        "entry_price",
        "exit_price",
        "quantity",
        "net_pnl",
        "bars",
        "why",
    ];
    let row = |trade: &crate::domain::TradeRecord| {
        vec![
            Cell::Text(trade.symbol.clone()),
            Cell::Text(if trade.side > 0 { "long" } else { "short" }.to_owned()),
            Cell::Text(super::super::chart::moment(trade.entry_ts.micros())),
            Cell::Text(super::super::chart::moment(trade.exit_ts.micros())),
            Cell::Float(trade.entry_price),
            Cell::Float(trade.exit_price),
            Cell::Float(trade.quantity),
            Cell::Float(trade.net_pnl),
            Cell::Int(i64::from(trade.bars_held)),
            Cell::Text(trade.exit_reason.to_owned()),
        ]
    };
    let table = Table {
        columns: columns.map(str::to_owned).to_vec(),
        rows: trades.iter().take(MOST_TRADES).map(row).collect(),
        ..Table::default()
    };
    let line = match trades.len() {
        0 => return Markup::default(),
        count if count > MOST_TRADES => format!("The first {MOST_TRADES} of its {count} trades"),
        count => format!("Its {count} trades"),
    };
    folded(&line, &grid("Trades", &table, &[]))
}
