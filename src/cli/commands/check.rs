//! `barline check`: what is missing or wrong in the store's bars, and in its events beside them.

use super::open_to_read;
use crate::{
    cli::{
        args::CheckArgs,
        ending::Ending,
        event_lines,
        printer::Printer,
        settings, stdout,
        store_choice::StoreChoice,
        typed_value::{count, names},
    },
    domain::nearest,
    error::{Error, Result},
    report::{self, Format},
    store::{Astray, Cell, EventFinding, Store, Table},
};

/// Columns of query `import-health` shown to a person, in order, and their headings.
const SHOWN: [(&str, &str); 12] = [
    ("market", "market"),
    ("symbol", "symbol"),
    ("interval", "bar"),
    ("calendar", "calendar"),
    ("first_ts", "first"),
    ("last_ts", "last"),
    ("bars", "bars"),
    ("expected_bars", "expected"),
    ("gaps", "gaps"),
    ("longest_gap_bars", "longest_gap"),
    ("longest_gap_after", "after"),
    ("faults", "faults"),
];

/// What a narrow terminal does without, in the order in which it goes.
const EXPENDABLE: [&str; 6] = ["market", "after", "calendar", "expected", "bar", "first"];

/// Checks the bars; findings are faults only.
pub(super) fn run(args: &CheckArgs, printer: Printer) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let parameters = parameters(args)?;
    let db = StoreChoice::require(args.store.db.as_deref())?.flag();
    let store = open_to_read(args.store.db.as_deref(), &args.budget, printer)?;
    let mut health = store.query("import-health", &parameters)?;
    if let Some(symbols) = &args.symbols {
        refuse_unknown(symbols, &health, &store)?;
    }
    let symbols = args.symbols.as_deref().map(|text| names("--symbols", text)).transpose()?;
    let findings = store.event_findings(symbols.as_deref())?;
    let missing = store.missing_rows()?;
    store.close()?;
    add_faults(&mut health, &findings);
    match format {
        Format::Table => stdout::print(|out| out.write_all(shown(&health).as_bytes()))?,
        format => stdout::print_answer(&health, format)?,
    }
    event_lines::warn(&findings, &db, printer);
    for missing in &missing {
        printer.warn(&missing.to_string());
    }
    let faulty = defined(&health, "faults");
    printer.note(&conclusion(&health, faulty, args.max_gap_bars.is_some()));
    Ok(if faulty > 0 || !missing.is_empty() { Ending::Findings } else { Ending::Well })
}

fn parameters(args: &CheckArgs) -> Result<Vec<(String, String)>> {
    let limits = [
        ("max_gap_bars", "--max-gap-bars", &args.max_gap_bars),
        ("max_unchanged_bars", "--max-unchanged-bars", &args.max_unchanged_bars),
    ];
    let mut parameters = Vec::new();
    for (name, flag, typed) in limits {
        if let Some(bars) = count(flag, typed.as_deref(), 0, u32::MAX)? {
            parameters.push((name.to_owned(), bars.to_string()));
        }
    }
    if let Some(symbols) = &args.symbols {
        parameters.push(("symbols".to_owned(), names("--symbols", symbols)?.join(",")));
    }
    Ok(parameters)
}

/// Refuses a symbol of `--symbols` that has no bars.
fn refuse_unknown(symbols: &str, health: &Table, store: &Store) -> Result<()> {
    let at = health.position("symbol").unwrap_or_default();
    let found = |name: &str| {
        health.rows.iter().any(|row| matches!(&row[at], Cell::Text(symbol) if symbol == name))
    };
    for name in names("--symbols", symbols)? {
        if !found(&name) {
            let series = store.instruments()?;
            let known = series.iter().map(|series| series.instrument.symbol.as_str());
            let error = Error::usage(format!("--symbols {name}: the store has no such symbol"));
            return Err(match nearest(&name, known) {
                Some(near) => error.with_hint(format!("did you mean {near}?")),
                None => error.with_hint("'barline check' lists the symbols of the store"),
            });
        }
    }
    Ok(())
}

/// Adds the splits that the bars of a series do not show to its faults.
fn add_faults(health: &mut Table, findings: &[EventFinding]) {
    let columns = ["market", "symbol", "interval", "faults"].map(|name| health.position(name));
    let [Some(market), Some(symbol), Some(interval), Some(faults)] = columns else { return };
    for row in &mut health.rows {
        let is = |at: usize, text: &str| matches!(&row[at], Cell::Text(cell) if cell == text);
        let of_row = |finding: &&EventFinding| match &finding.what {
            Astray::NotInBars { interval: bars, .. } => {
                is(market, &finding.market)
                    && is(symbol, &finding.symbol)
                    && is(interval, &bars.to_string())
            }
            _ => false,
        };
        let splits = findings.iter().filter(of_row).count();
        if splits == 0 {
            continue;
        }
        let fault = format!(
            "{splits} {} that the bars do not show",
            if splits == 1 { "split" } else { "splits" }
        );
        row[faults] = Cell::Text(match &row[faults] {
            Cell::Text(before) => format!("{before}; {fault}"),
            _ => fault,
        });
    }
}

/// The answer as a person reads it: the columns that matter, under short names.
fn shown(health: &Table) -> String {
    let picked: Vec<(usize, &str)> = SHOWN
        .iter()
        .filter_map(|(name, heading)| Some((health.position(name)?, *heading)))
        .collect();
    let table = Table {
        columns: picked.iter().map(|(_, heading)| (*heading).to_owned()).collect(),
        rows: health
            .rows
            .iter()
            .map(|row| picked.iter().map(|(at, _)| row[*at].clone()).collect())
            .collect(),
        ..Table::default()
    };
    report::fitted(&table, stdout::width(), &EXPENDABLE)
}

/// Rows in which the column called `name` has a value.
fn defined(health: &Table, name: &str) -> usize {
    let Some(at) = health.position(name) else { return 0 };
    health.rows.iter().filter(|row| row[at] != Cell::Null).count()
}

fn conclusion(health: &Table, faulty: usize, has_limit: bool) -> String {
    let with_gaps = defined(health, "longest_gap_after");
    let remedy = match (with_gaps, has_limit) {
        (0, _) | (_, true) => "",
        _ => " (--max-gap-bars N makes long ones a fault)",
    };
    let series = health.rows.len();
    format!("{series} series checked: {faulty} with faults, {with_gaps} with gaps{remedy}")
}

#[cfg(test)]
mod tests {
    use super::{CheckArgs, conclusion, parameters, shown};
    use crate::store::{Cell, Table};

    fn health() -> Table {
        let columns = ["symbol", "interval", "longest_gap_after", "faults"];
        let row = |symbol: &str, after: Cell, faults: Cell| {
            vec![Cell::Text(symbol.into()), Cell::Text("1h".into()), after, faults]
        };
        Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: vec![
                row("A", Cell::Null, Cell::Null),
                row("B", Cell::Time(0), Cell::Text("2 duplicate".into())),
            ],
            ..Table::default()
        }
    }

    #[test]
    fn gaps_and_faults_are_counted_apart() {
        let text = conclusion(&health(), 1, false);
        assert!(text.starts_with("2 series checked: 1 with faults, 1 with gaps ("), "{text}");
        assert!(conclusion(&health(), 1, true).ends_with("1 with gaps"));
        assert!(shown(&health()).starts_with("symbol  bar  after"), "{}", shown(&health()));
    }

    #[test]
    fn limits_are_numbers_of_bars() {
        let args = CheckArgs { max_gap_bars: Some("-1".into()), ..CheckArgs::default() };
        let error = parameters(&args).expect_err("negative");
        assert!(error.to_string().starts_with("--max-gap-bars -1:"), "{error}");
        let args = CheckArgs { max_gap_bars: Some("0".into()), ..CheckArgs::default() };
        assert_eq!(parameters(&args).expect("read"), [("max_gap_bars".into(), "0".into())]);
    }
}
