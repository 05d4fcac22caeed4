//! `barline fetch`: archives of an exchange, downloaded, verified and imported.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::civil::Date;

use super::import;
use crate::{
    cli::{
        ending::Ending,
        fetch_args::{BinanceArgs, FetchArgs, FetchSource},
        import_args::ImportArgs,
        printer::Printer,
        settings, signals,
        store_choice::StoreChoice,
        typed_value::{count, names, optional},
    },
    error::{Error, ErrorKind, Result},
    fetch::{FetchEvent, FetchLine, FetchRequest, Fetched, Market, fetch},
    run::{self, Stop},
};

/// Where Binance publishes its archives.
const BINANCE: &str = "https://data.binance.vision";
const CONNECTIONS: usize = 4;
const MOST_CONNECTIONS: usize = 32;
const RETRIES: u32 = 6;
const MOST_RETRIES: u32 = 100;
/// How often a person hears how far it is.
const EVERY: Duration = Duration::from_secs(2);
/// And why an archive is asked for again: at once, and then so often.
const OFTEN: Duration = Duration::from_secs(10);
/// Archives of a kind that are named one by one.
const NAMED: usize = 5;

/// Fetches from where it was asked.
pub(super) fn run(args: &FetchArgs, printer: Printer) -> Result<Ending> {
    match &args.source {
        FetchSource::Binance(args) => binance(args, printer),
    }
}

fn binance(args: &BinanceArgs, printer: Printer) -> Result<Ending> {
    let choice = StoreChoice::for_import(args.db.as_deref());
    let request = request(args, &choice)?;
    // What is wrong with the import is known before anything is loaded.
    let import = import_of(args, &request)?;
    let stop = Stop::new();
    signals::watch(&stop, printer, "what is loaded is kept")?;
    let begun = Instant::now();
    let progress = Mutex::new((0, begun, None));
    let lines = fetch(&request, &stop, &|event| {
        let (through, told, again) = &mut *progress.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            FetchEvent::Through(_, planned) => {
                *through += 1;
                if told.elapsed() >= EVERY {
                    *told = Instant::now();
                    printer.note(&format!("{through} of {planned} archives"));
                }
            }
            FetchEvent::Again(why) if again.is_none_or(|at: Instant| at.elapsed() >= OFTEN) => {
                *again = Some(Instant::now());
                printer.note(&format!("asked for again: {why}"));
            }
            FetchEvent::Again(_) => {}
        }
    })?;
    let found = Found::of(lines);
    printer.note(&found.told(begun.elapsed()));
    if stop.requested() {
        let kept = if found.paths.is_empty() {
            "nothing was loaded".to_owned()
        } else {
            format!("what is loaded lies in {}", request.folder.display())
        };
        let line = format!("stopped; {kept}, and the same command goes on");
        return Err(Error::new(ErrorKind::Interrupted, line));
    }
    found.warn(printer);
    if found.paths.is_empty() {
        return found.nothing(&request);
    }
    let ending = if args.download_only {
        Ending::Well
    } else {
        import::run(&ImportArgs { paths: found.paths.clone(), ..import }, printer)?
    };
    Ok(if found.failed.is_empty() { ending } else { Ending::Findings })
}

fn request(args: &BinanceArgs, choice: &StoreChoice) -> Result<FetchRequest> {
    let day = |flag: &str, text: &str| -> Result<Date> {
        text.parse().map_err(|_| {
            Error::usage(format!("{flag} {text}: not a day")).with_hint("such as 2024-01-31")
        })
    };
    let folder = || PathBuf::from(format!("{}.archives", choice.path.display()));
    Ok(FetchRequest {
        market: optional("--market", args.market.as_deref())?.unwrap_or(Market::Spot),
        symbols: names("--symbols", &args.symbols)?,
        interval: args.interval.clone(),
        from: day("--from", &args.from)?,
        to: match &args.to {
            Some(text) => day("--to", text)?,
            // The day that has begun: what is published of it comes later.
            None => day("--to", &run::now().to_string()[..10])?,
        },
        base_url: args.base_url.clone().unwrap_or_else(|| BINANCE.to_owned()),
        folder: args.folder.clone().unwrap_or_else(folder),
        connections: count("--connections", args.connections.as_deref(), 1, MOST_CONNECTIONS)?
            .unwrap_or(CONNECTIONS),
        retries: count("--retries", args.retries.as_deref(), 0, MOST_RETRIES)?.unwrap_or(RETRIES),
    })
}

/// The import of what is loaded, without its paths.
fn import_of(args: &BinanceArgs, request: &FetchRequest) -> Result<ImportArgs> {
    settings::format(args.output.format.as_deref())?;
    args.budget.bytes()?;
    let market = request.market.layout().to_owned();
    let import = ImportArgs {
        layout: Some(market.clone()),
        market: Some(market),
        interval: Some(request.interval.clone()),
        calendar: Some("24/7".to_owned()),
        on_conflict: Some(args.on_conflict.clone().unwrap_or_else(|| "replace".to_owned())),
        db: args.db.clone(),
        budget: args.budget.clone(),
        output: args.output.clone(),
        ..ImportArgs::default()
    };
    crate::cli::import_settings::import(&import)?;
    Ok(import)
}

/// What became of the archives.
struct Found {
    paths: Vec<PathBuf>,
    loaded: usize,
    bytes: u64,
    /// Symbol and period of what is not there.
    absent: Vec<String>,
    failed: Vec<Error>,
}

impl Found {
    fn of(lines: Vec<FetchLine>) -> Self {
        let (paths, absent, failed) = (Vec::new(), Vec::new(), Vec::new());
        let mut found = Self { paths, loaded: 0, bytes: 0, absent, failed };
        for line in lines {
            match line.fetched {
                Fetched::Loaded(path, bytes) => {
                    found.paths.push(path);
                    found.loaded += 1;
                    found.bytes += bytes;
                }
                Fetched::There(path) => found.paths.push(path),
                Fetched::Absent => found.absent.push(format!("{} {}", line.symbol, line.period)),
                Fetched::Failed(error) => found.failed.push(error),
                Fetched::Stopped => {}
            }
        }
        found
    }

    /// `12 archives loaded (34.5 MB, 3.2 s), 5 there already`.
    fn told(&self, took: Duration) -> String {
        let (loaded, there) = (self.loaded, self.paths.len() - self.loaded);
        let (megabytes, secs) = (self.bytes as f64 / 1e6, took.as_secs_f64());
        format!("{loaded} archives loaded ({megabytes:.1} MB, {secs:.1} s), {there} there already")
    }

    fn warn(&self, printer: Printer) {
        for error in self.failed.iter().take(NAMED) {
            printer.error(error);
        }
        if let Some(more) = self.failed.len().checked_sub(NAMED + 1) {
            printer.warn(&format!("{} archives more could not be fetched", more + 1));
        }
        if !self.absent.is_empty() {
            let named = self.absent.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            let more = if self.absent.len() > NAMED { ", .." } else { "" };
            printer.warn(&format!(
                "Binance has no archive of {} days: {named}{more}",
                self.absent.len()
            ));
        }
    }

    /// How a command that found nothing ends.
    fn nothing(self, request: &FetchRequest) -> Result<Ending> {
        if !self.failed.is_empty() {
            return Ok(Ending::NotStarted);
        }
        Err(Error::data(format!(
            "Binance has no {} archives of {} in the market {} from {} to {}",
            request.interval,
            request.symbols.join(", "),
            request.market,
            request.from,
            request.to
        ))
        .with_hint("symbols of futures are in --market um or cm; a day is published on the next"))
    }
}
