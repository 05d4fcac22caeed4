//! `barline resample`: longer bars from stored ones.

use crate::{
    cli::{
        ending::Ending, printer::Printer, resample_args::ResampleArgs, settings, signals, stdout,
        store_choice::StoreChoice, typed_value::names,
    },
    domain::Resampling,
    error::{Error, Result},
    report::memory_line,
    run::{self, ResampleReport, ResampleRequest, Stop, StoredBefore, Watched},
    store::{Cell, Store, Table},
};

const COLUMNS: [&str; 11] = [
    "from",
    "to",
    "calendar",
    "series",
    "bars",
    "made",
    "stored",
    "duplicate",
    "differing",
    "partial",
    "dropped",
];

/// Makes the bars, stores them and says what became of them.
pub(super) fn run(args: &ResampleArgs, printer: Printer) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let request = request(args)?;
    Resampling::new(request.from, request.to)?;
    let budget = args.budget.bytes()?;
    let choice = StoreChoice::require(args.store.db.as_deref())?;
    let stop = Stop::new();
    signals::watch(&stop, printer, "no longer bars are stored")?;
    super::say_which(&choice, printer);
    let watched = Watched::start();
    let (file_bytes, log_bytes) = Store::file_bytes(&choice.path);
    let store = Store::open(&choice.path, &super::under(budget))?;
    let series = run::resampled_series(&store, &request)?;
    let bars = series.iter().map(|one| one.bars).sum();
    let before = StoredBefore { file_bytes, log_bytes, rows: bars };
    let most = series.iter().map(|one| one.bars).max().unwrap_or(0);
    let needs = |budget| run::resample_bytes(most, before, run::answer_limit(budget));
    let planned = run::require_budget("resampling", budget, needs)?;
    let reports =
        run::resample(&store, &request, &series, &stop).map_err(|error| store.placed(error))?;
    store.close()?;
    stdout::print_answer(&listed(&request, &reports), format)?;
    printer.note(&format!("memory: {}", memory_line(&watched.report(planned, budget))));
    say(&reports, printer);
    Ok(Ending::Well)
}

fn request(args: &ResampleArgs) -> Result<ResampleRequest> {
    let keep_last = match args.last.as_deref() {
        None | Some("drop") => false,
        Some("keep") => true,
        Some(other) => {
            return Err(Error::usage(format!("--last {other}: a last bar is kept or dropped"))
                .with_hint("one of keep, drop"));
        }
    };
    Ok(ResampleRequest {
        from: args.from.parse()?,
        to: args.to.parse()?,
        market: args.market.clone(),
        symbols: args.symbols.as_deref().map(|text| names("--symbols", text)).transpose()?,
        keep_last,
    })
}

fn listed(request: &ResampleRequest, reports: &[ResampleReport]) -> Table {
    let whole = |count: u64| Cell::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let row = |report: &ResampleReport| {
        let ResampleReport { calendar, series, bars, counts, partial, dropped } = *report;
        let mut cells = vec![
            Cell::Text(request.from.to_string()),
            Cell::Text(request.to.to_string()),
            Cell::Text(calendar.to_string()),
        ];
        let (stored, duplicate) = (counts.stored, counts.duplicate);
        let numbers =
            [series, bars, counts.read, stored, duplicate, counts.differing, partial, dropped];
        cells.extend(numbers.map(whole));
        cells
    };
    Table {
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows: reports.iter().map(row).collect(),
        ..Table::default()
    }
}

fn say(reports: &[ResampleReport], printer: Printer) {
    let sum = |of: fn(&ResampleReport) -> u64| reports.iter().map(of).sum::<u64>();
    let (partial, dropped) = (sum(|one| one.partial), sum(|one| one.dropped));
    if partial > 0 {
        printer.note(&format!(
            "{partial} bars hold fewer bars than fit into them: gaps, or closed hours"
        ));
    }
    if dropped > 0 {
        printer.note(&format!(
            "{dropped} last bars are not over and were left out; --last keep stores them"
        ));
    }
    let differing = sum(|one| one.counts.differing);
    if differing > 0 {
        printer.warn(&format!(
            "{differing} bars differ from what is stored at their moment, which is kept"
        ));
    }
}
