//! `barline export`: bars and results for other tools, under the names that their users know.

use std::path::Path;

use super::open_to_read;
use crate::{
    cli::{ending::Ending, export_args::ExportArgs, output_file, printer::Printer, stdout},
    domain::{Interval, Timestamp},
    error::{Error, Result},
    report::{Format, write_rows},
    store::{Cell, NamedQuery, Rows, Store, export_query},
};

/// The name of standard output.
const STDOUT: &str = "-";
/// What can be written out.
const NAMES: [&str; 6] = ["bars", "trades", "fills", "returns", "portfolio", "weights"];
/// Jobs that are named where one has to be chosen.
const JOBS_NAMED: usize = 5;

/// Asks for the rows and writes them.
pub(super) fn run(args: &ExportArgs, printer: Printer) -> Result<Ending> {
    let query = asked(&args.what)?;
    let output = args.output.as_deref().filter(|path| *path != Path::new(STDOUT));
    let format = format_of(args, output)?;
    let parameters = parameters(args)?;
    if let Some(path) = output {
        require_place(path, args.force)?;
    }
    let store = open_to_read(args.store.db.as_deref(), &args.budget, printer)?;
    let import = if args.what == "bars" {
        require_one_series(&store, &parameters)?
    } else {
        require_kept(&store, &args.what, &parameters)?;
        None
    };
    let answer = store.answer_query(query, &parameters)?;
    store.close()?;
    let rows = answer.len();
    match output {
        None => stdout::print(|out| write_rows(&answer, format, out))?,
        Some(path) => {
            output_file::write(path, |out| write_rows(&answer, format, out))?;
            printer.note(&format!(
                "{}: {rows} rows, {} columns",
                path.display(),
                answer.columns().len()
            ));
            if let Some(flags) = import {
                printer
                    .note(&format!("imported again by: barline import {} {flags}", path.display()));
            }
        }
    }
    if rows == 0 {
        printer.warn(&format!("there are no {} of that kind", args.what));
    }
    Ok(Ending::Well)
}

fn asked(what: &str) -> Result<&'static NamedQuery> {
    let known = NAMES.contains(&what).then(|| export_query(what)).flatten();
    known.ok_or_else(|| {
        Error::usage(format!("there is nothing called '{what}' to export"))
            .with_hint(format!("one of {}", NAMES.join(", ")))
    })
}

/// The form that is said, else the one of the file's ending, else CSV.
fn format_of(args: &ExportArgs, output: Option<&Path>) -> Result<Format> {
    if let Some(text) = &args.format {
        return text.parse();
    }
    let Some(path) = output else { return Ok(Format::Csv) };
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("parquet") => Ok(Format::Parquet),
        Some("json") => Ok(Format::Json),
        _ => Err(Error::usage(format!("--output {}: its ending names no form", path.display()))
            .with_hint("name it .csv, .json or .parquet, or say --format")),
    }
}

/// Refuses to replace what somebody may still want.
fn require_place(path: &Path, force: bool) -> Result<()> {
    if path.is_dir() {
        let line = format!("--output {}: this is a folder", path.display());
        return Err(Error::usage(line).with_hint("name a file in it"));
    }
    if path.is_file() && !force {
        let line = format!("{} exists", path.display());
        return Err(Error::usage(line)
            .with_hint("name another file with --output, or replace it with --force"));
    }
    Ok(())
}

/// What was typed, as parameters of the question.
fn parameters(args: &ExportArgs) -> Result<Vec<(String, String)>> {
    let of_bars = args.what == "bars";
    let moment = |flag: &str, text: &Option<String>| -> Result<Option<String>> {
        let Some(text) = text else { return Ok(None) };
        let at: Timestamp = text.parse().map_err(|_| {
            Error::usage(format!("{flag} {text}: not a moment"))
                .with_hint("such as 2024-01-31 or 2024-01-31T15:00:00Z")
        })?;
        Ok(Some(at.to_string().trim_end_matches('Z').replace('T', " ")))
    };
    let interval = match &args.interval {
        Some(text) => Some(text.parse::<Interval>()?.to_string()),
        None => None,
    };
    let typed = [
        ("run", args.run.clone(), false),
        ("job", args.job.clone(), false),
        ("symbols", args.symbols.clone(), true),
        ("market", args.market.clone(), true),
        ("length", interval, true),
        ("since", moment("--from", &args.from)?, true),
        ("until", moment("--to", &args.to)?, true),
    ];
    let mut parameters = Vec::new();
    for (name, value, is_of_bars) in typed {
        let Some(value) = value else { continue };
        if is_of_bars != of_bars {
            let flag = match name {
                "length" => "interval",
                "since" => "from",
                "until" => "to",
                name => name,
            };
            let what = &args.what;
            return Err(Error::usage(format!("--{flag} says nothing about {what}")));
        }
        parameters.push((name.to_owned(), value));
    }
    Ok(parameters)
}

/// The flags that an import of these bars takes. Refuses bars of several markets or lengths: a file of
/// an import is of one, and its rows of two would stand at the same moment.
fn require_one_series(store: &Store, parameters: &[(String, String)]) -> Result<Option<String>> {
    let series = export_query("series").ok_or_else(|| Error::internal("no query 'series'"))?;
    let found = store.answer_query(series, parameters)?.into_table()?;
    let text = |row: &[Cell], at: usize| match &row[at] {
        Cell::Text(text) => text.clone(),
        _ => String::new(),
    };
    for (at, flag, of) in [(0, "--market", "markets"), (1, "--interval", "lengths")] {
        let mut names: Vec<String> = found.rows.iter().map(|row| text(row, at)).collect();
        names.sort();
        names.dedup();
        if let [first, _, ..] = &names[..] {
            let line = format!("bars of {} {of}: {}", names.len(), names.join(", "));
            return Err(Error::usage(line)
                .with_hint(format!("a file that is imported again is of one: {flag} {first}")));
        }
    }
    let flags = |row: &Vec<Cell>| {
        let [market, interval, calendar] = [0, 1, 2].map(|at| text(row, at));
        let class = if calendar.is_empty() { calendar } else { format!(" --calendar {calendar}") };
        format!("--market {market} --interval {interval}{class}")
    };
    Ok(found.rows.first().map(flags))
}

/// Refuses what the run did not keep, and a choice of jobs that has to be of one.
fn require_kept(store: &Store, what: &str, parameters: &[(String, String)]) -> Result<()> {
    let kept = export_query("kept").ok_or_else(|| Error::internal("no query 'kept'"))?;
    let jobs = store.answer_query(kept, parameters)?.into_table()?;
    if jobs.rows.is_empty() {
        return Err(Error::usage("there is no such job in this run")
            .with_hint("'barline query leaderboard' shows the keys of jobs"));
    }
    let text = |row: &[Cell], column: &str| match jobs.position(column).map(|at| &row[at]) {
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Int(number)) => number.to_string(),
        _ => String::new(),
    };
    let (enough, flag): (&[&str], &str) = match what {
        "trades" | "fills" => (&["trades", "equity", "all"], "trades"),
        "weights" => (&["all"], "all"),
        _ => (&["equity", "all"], "equity"),
    };
    // Jobs that never came to a bar keep everything, which is nothing.
    let whole = matches!(what, "trades" | "fills");
    let holds = |row: &&Vec<Cell>| {
        enough.contains(&text(row, "kept").as_str()) && (whole || text(row, "bars_kept") != "0")
    };
    let holding: Vec<_> = jobs.rows.iter().filter(holds).collect();
    if holding.is_empty() {
        return Err(Error::usage(format!("{what} are not kept of these jobs"))
            .with_hint(format!("run them again with --keep {flag}")));
    }
    if !whole && holding.len() > 1 {
        let named: Vec<String> = holding
            .iter()
            .take(JOBS_NAMED)
            .map(|row| {
                let [job, strategy, days, symbols] =
                    ["job", "strategy", "horizon_days", "symbols"].map(|column| text(row, column));
                format!("{job} ({strategy}, {days} days, {symbols})")
            })
            .collect();
        return Err(Error::usage(format!("{what} are of one job, and {} match", holding.len()))
            .with_hint(format!("choose one with --job: {}", named.join("; "))));
    }
    Ok(())
}
