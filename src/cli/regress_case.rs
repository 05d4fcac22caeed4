//! A case of `barline regress` as it is written: keys, and what they mean.
//!
//! `[run]` has the keys of `--config` and is read the same way; `[[data.import]]` has the flags of
//! `barline import`. What is wrong is refused with its line and column, before anything runs.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml::Spanned;

use super::{
    args::BacktestArgs, byte_size, config_file, config_keys::Keys, config_text::ConfigText,
    import_args::ImportArgs, import_settings, settings,
};
use crate::{
    demo::{DEFAULT_SEED, Demo},
    domain::nearest,
    error::{Error, Result},
    regress::{Case, DEFAULT_MEASURES, DemoBars, FileRows, Fixture, Held, MEASURES, PLANNED},
    store::source::RowKind,
};

/// The table of a case that is a configuration.
const RUN: &[&str] = &["run"];
/// What a case may take where it does not say: the same on every machine, so that plans are too.
const BUDGET: &str = "512MiB";
/// Most workers of a case.
const MOST_WORKERS: usize = 64;

/// The keys of a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseKeys {
    name: Option<Spanned<String>>,
    #[serde(default)]
    about: String,
    workers: Option<Spanned<Vec<usize>>>,
    measures: Option<Vec<Spanned<String>>>,
    peak: Option<Spanned<String>>,
    #[serde(default)]
    within: BTreeMap<Spanned<String>, Spanned<f64>>,
    data: Spanned<DataKeys>,
    run: Keys,
    hold: Option<Held>,
}

/// `[data]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DataKeys {
    demo: Option<DemoKeys>,
    import: Vec<ImportKeys>,
}

/// `[data.demo]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DemoKeys {
    seed: Option<u64>,
    symbols: Vec<Spanned<String>>,
    days: Option<u32>,
}

/// `[[data.import]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportKeys {
    file: Spanned<PathBuf>,
    kind: Option<String>,
    columns: Option<String>,
    symbol: Option<String>,
    market: Option<String>,
    interval: Option<String>,
    calendar: Option<String>,
    timezone: Option<String>,
    stamp: Option<String>,
    on_conflict: Option<String>,
    max_rejects: Option<u64>,
}

/// A case, where it stands, and the text it was read from.
#[derive(Debug)]
pub(super) struct ReadCase {
    /// The case.
    pub(super) case: Case,
    /// `file:line:column: ` of its name, or of its file.
    pub(super) place: String,
    /// Its text.
    pub(super) text: String,
}

/// Reads the case at `path`, called `name` unless it names itself.
///
/// # Errors
/// Io, if it cannot be read; usage, with line and column, if it is no case.
pub(super) fn read(path: &Path, name: String) -> Result<ReadCase> {
    let file = ConfigText::read_as("", path)?;
    let keys: CaseKeys = file.parsed()?;
    let at = |span: std::ops::Range<usize>| file.position(span.start);
    let folder = path.parent().unwrap_or(Path::new("."));
    let place = keys.name.as_ref().map_or_else(|| at(0..0), |name| at(name.span()));
    let workers = workers(keys.workers.as_ref(), &at)?;
    let measures = measures(keys.measures.as_deref(), &at)?;
    let within = within(&keys.within, &at)?;
    let peak_bytes = keys.peak.as_ref().map(|peak| {
        byte_size::parse(peak.get_ref()).map_err(|error| placed(&at(peak.span()), &error))
    });
    let fixture = fixture(keys.data, folder, &at)?;
    let text = file.text().to_owned();
    let request = request(file, keys.run, folder)?;
    let case = Case {
        name: keys.name.map_or(name, Spanned::into_inner),
        path: path.to_owned(),
        about: keys.about,
        workers,
        measures,
        within,
        peak_bytes: peak_bytes.transpose()?,
        fixture,
        request,
        held: keys.hold,
    };
    Ok(ReadCase { case, place, text })
}

type At<'a> = &'a dyn Fn(std::ops::Range<usize>) -> String;

/// `error` with a place in front.
fn placed(place: &str, error: &Error) -> Error {
    let placed = Error::usage(format!("{place}{}", error.to_string().trim_start_matches("--")));
    match error.hint() {
        Some(hint) => placed.with_hint(hint),
        None => placed,
    }
}

/// A word that is not one of `known`.
fn unknown(place: &str, kind: &str, word: &str, known: &[&str]) -> Error {
    let meant = nearest(word, known.iter().copied())
        .map_or_else(String::new, |near| format!("did you mean {near}? "));
    Error::usage(format!("{place}there is no {kind} '{word}'"))
        .with_hint(format!("{meant}known: {}", known.join(", ")))
}

fn workers(typed: Option<&Spanned<Vec<usize>>>, at: At<'_>) -> Result<Vec<usize>> {
    let Some(typed) = typed else { return Ok(vec![1]) };
    let workers = typed.get_ref();
    let is_right = |number: &usize| (1..=MOST_WORKERS).contains(number);
    if workers.is_empty() || !workers.iter().all(is_right) {
        return Err(Error::usage(format!(
            "{}workers: not numbers from 1 to {MOST_WORKERS}",
            at(typed.span())
        ))
        .with_hint("such as workers = [1, 2]"));
    }
    Ok(workers.clone())
}

fn measures(typed: Option<&[Spanned<String>]>, at: At<'_>) -> Result<Vec<String>> {
    let Some(typed) = typed else { return Ok(DEFAULT_MEASURES.map(str::to_owned).to_vec()) };
    let stray = typed.iter().find(|name| !MEASURES.contains(&name.get_ref().as_str()));
    match stray {
        Some(name) => Err(unknown(&at(name.span()), "measure", name.get_ref(), &MEASURES)),
        None => Ok(typed.iter().map(|name| name.get_ref().clone()).collect()),
    }
}

fn within(
    typed: &BTreeMap<Spanned<String>, Spanned<f64>>,
    at: At<'_>,
) -> Result<BTreeMap<String, f64>> {
    let known: Vec<&str> = MEASURES.iter().copied().chain([PLANNED]).collect();
    let meant = |(name, value): (&Spanned<String>, &Spanned<f64>)| {
        if !known.contains(&name.get_ref().as_str()) {
            return Err(unknown(&at(name.span()), "measure", name.get_ref(), &known));
        }
        let far = *value.get_ref();
        if !(0.0..f64::INFINITY).contains(&far) {
            let what =
                format!("{}{}: {far} is not a number from 0", at(value.span()), name.get_ref());
            return Err(Error::usage(what));
        }
        Ok((name.get_ref().clone(), far))
    };
    typed.iter().map(meant).collect()
}

fn fixture(typed: Spanned<DataKeys>, folder: &Path, at: At<'_>) -> Result<Fixture> {
    let place = at(typed.span());
    let keys = typed.into_inner();
    if keys.demo.is_none() && keys.import.is_empty() {
        return Err(Error::usage(format!("{place}data: no bars are named"))
            .with_hint("[data.demo] takes the synthetic universe, [[data.import]] a file"));
    }
    let demo = keys.demo.map(|keys| demo(keys, at)).transpose()?;
    let files = keys.import.into_iter().map(|keys| file(keys, folder, at));
    Ok(Fixture { demo, files: files.collect::<Result<_>>()? })
}

fn demo(keys: DemoKeys, at: At<'_>) -> Result<DemoBars> {
    let seed = keys.seed.unwrap_or(DEFAULT_SEED);
    let known = Demo::new(seed).symbols();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    if let Some(stray) = keys.symbols.iter().find(|name| !known.contains(&name.get_ref().as_str()))
    {
        return Err(unknown(&at(stray.span()), "symbol", stray.get_ref(), &known));
    }
    let symbols = keys.symbols.into_iter().map(Spanned::into_inner).collect();
    Ok(DemoBars { seed, symbols, days: keys.days })
}

fn file(keys: ImportKeys, folder: &Path, at: At<'_>) -> Result<FileRows> {
    let place = at(keys.file.span());
    let path = folder.join(keys.file.get_ref());
    if !path.is_file() {
        return Err(Error::usage(format!("{place}there is no file {}", path.display()))
            .with_hint("paths are looked for in the folder of the case"));
    }
    let args = ImportArgs {
        paths: vec![path.clone()],
        kind: keys.kind,
        columns: keys.columns,
        symbol: keys.symbol,
        market: keys.market,
        interval: keys.interval,
        calendar: keys.calendar,
        timezone: keys.timezone,
        stamp: keys.stamp,
        on_conflict: keys.on_conflict,
        max_rejects: keys.max_rejects.map(|most| most.to_string()),
        ..ImportArgs::default()
    };
    let terms = import_settings::import(&args).map_err(|error| placed(&place, &error))?.terms;
    let events = match terms.source.rows {
        RowKind::Events(kind) => Some(kind),
        RowKind::Bars | RowKind::Weights => None,
    };
    Ok(FileRows { path, terms, events })
}

/// The run of a case.
fn request(file: ConfigText, mut keys: Keys, folder: &Path) -> Result<crate::run::Request> {
    let file = file.below(RUN);
    let own = [
        ("workers", keys.workers.is_some(), "workers = [1, 2] above the tables"),
        ("max_workers", keys.max_workers.is_some(), "workers = [1, 2] above the tables"),
        ("sequential", keys.sequential, "workers = [1] above the tables"),
        ("db", keys.db.is_some(), "the bars of a case are named in [data]"),
        ("keep", keys.keep.is_some(), "everything is kept of a case"),
        ("format", keys.format.is_some(), "--format of 'barline regress check'"),
        ("from_screen", keys.from_screen.is_some(), "a case is one run"),
    ];
    if let Some((key, _, hint)) = own.into_iter().find(|(_, given, _)| *given) {
        return Err(Error::usage(format!("{}{key} is no key of a case's run", file.place(&[key])))
            .with_hint(hint));
    }
    keys.memory_budget.get_or_insert_with(|| BUDGET.to_owned());
    keys.signals = keys.signals.map(|path| folder.join(path));
    let mut args = BacktestArgs::default();
    config_file::fill_from(&mut args, file, keys)?;
    let known = super::commands::known_strategies();
    Ok(settings::backtest(&args, &known)?.request)
}
