//! `--config FILE.toml`: flags and strategy parameters written down.
//!
//! Keys at the top are the long flags of `backtest`, with underscores; tables below `[strategy]` are
//! the parameters that `barline strategies` lists, and `[costs]`, `[limits]`, `[rules]` and
//! `[instrument."SYMBOL"]` the terms of `docs/simulation.md`. A file fills in what was not typed: a flag on the
//! command line wins over the environment, the environment over the file, the file over the
//! defaults. Whatever is wrong in the file is refused with its line and column, also where only the
//! settings notice, because every value goes the way of the flag it stands for.

use std::path::PathBuf;

use super::{
    args::BacktestArgs,
    config_keys::{Keys, List, Number},
    config_text::ConfigText,
    cost_tables::{self, Terms},
};
use crate::{
    error::{Error, Result},
    strategy::StrategyParameters,
};

/// What a file said, beside the flags it filled in.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    /// Its text; `None` without `--config`.
    source: Option<ConfigText>,
    /// Keys whose value is used.
    used: Vec<&'static str>,
    /// Parameters of strategies.
    pub(super) parameters: StrategyParameters,
    /// Costs, limits and rules.
    pub(super) terms: Terms,
    /// The store it names.
    pub(super) db: Option<PathBuf>,
    /// Where the command line and the file disagree in a way that may surprise.
    pub(super) notes: Vec<String>,
}

/// Reads the file that `--config` names, if it names one, and fills in what was not typed.
///
/// # Errors
/// Io, if it cannot be read; usage, with line and column, if it is not a configuration.
pub(super) fn fill_in(args: &mut BacktestArgs) -> Result<()> {
    let Some(path) = args.config.clone() else { return Ok(()) };
    let text = ConfigText::read(&path)?;
    let keys = text.parsed()?;
    fill_from(args, text, keys)
}

/// The same with the keys that `text` was found to hold.
///
/// # Errors
/// Usage, with line and column.
pub(super) fn fill_from(args: &mut BacktestArgs, text: ConfigText, mut keys: Keys) -> Result<()> {
    let mut file = ConfigFile { source: Some(text), ..ConfigFile::default() };
    keys.strategy.check().map_err(|error| file.located(error))?;
    file.parameters = keys.strategy;
    file.terms = cost_tables::terms(&keys.costs, keys.limits, keys.rules, &keys.instrument)
        .map_err(|wrong| wrong.at(&file.place(&wrong.path)))?;
    file.one_place_for_a_cost(&mut keys)?;
    file.notes.extend(file.terms.remark());
    file.db.clone_from(&keys.db);
    file.one_way_to_work(&keys)?;
    file.merge(args, keys);
    args.file = file;
    Ok(())
}

impl ConfigFile {
    /// True if the value of `key` is the file's.
    pub(super) fn says(&self, key: &str) -> bool {
        self.used.contains(&key)
    }

    /// `--sequential` and `--workers` exclude each other in a file as they do on the command line.
    fn one_way_to_work(&self, keys: &Keys) -> Result<()> {
        let workers = [("workers", keys.workers), ("max_workers", keys.max_workers)];
        match workers.into_iter().find(|(_, given)| keys.sequential && given.is_some()) {
            Some((key, _)) => Err(Error::usage(format!(
                "{}sequential = true and {key} cannot be used together",
                self.place(&[key])
            ))),
            None => Ok(()),
        }
    }

    /// Costs that are flags may stand at the top or in `[costs]`, not in both.
    fn one_place_for_a_cost(&self, keys: &mut Keys) -> Result<()> {
        let table = keys.costs;
        for (key, slot, value) in [
            ("commission_bps", &mut keys.commission_bps, table.commission_bps),
            ("slippage_bps", &mut keys.slippage_bps, table.slippage_bps),
            ("borrow_bps", &mut keys.borrow_bps, table.borrow_bps),
        ] {
            let Some(value) = value else { continue };
            if slot.replace(Number::Real(value)).is_some() {
                return Err(Error::usage(format!(
                    "{}{key} stands at the top and in [costs]",
                    self.place(&["costs", key])
                )));
            }
        }
        Ok(())
    }

    /// As [`ConfigText::place`]; empty without a file.
    fn place(&self, path: &[&str]) -> String {
        self.source.as_ref().map_or_else(String::new, |text| text.place(path))
    }

    /// Fills in what was not typed.
    fn merge(&mut self, args: &mut BacktestArgs, keys: Keys) {
        let whole = |number: Option<i64>| number.map(|number| number.to_string());
        let text = |number: Option<Number>| number.map(|number| number.to_string());
        let list = |list: Option<List>| list.map(|list| list.to_string());
        let typed_quick = args.quick;
        let typed_workers = args.work.workers.is_some() || args.work.max_workers.is_some();
        for (key, slot, value) in [
            ("symbols", &mut args.symbols, list(keys.symbols)),
            ("strategies", &mut args.strategies, list(keys.strategies)),
            ("sizes", &mut args.sizes, list(keys.sizes)),
            ("horizons", &mut args.horizons, list(keys.horizons)),
            ("max_combinations", &mut args.max_combinations, whole(keys.max_combinations)),
            ("from_screen", &mut args.from_screen, keys.from_screen),
            ("ranks", &mut args.ranks, keys.ranks),
            ("seed", &mut args.seed, whole(keys.seed)),
            ("interval", &mut args.interval, keys.interval),
            ("warmup_multiplier", &mut args.warmup_multiplier, text(keys.warmup_multiplier)),
            ("as_of", &mut args.as_of, keys.as_of.map(|moment| moment.to_string())),
            ("periods_per_year", &mut args.periods_per_year, text(keys.periods_per_year)),
            ("capital", &mut args.capital, text(keys.capital)),
            ("commission_bps", &mut args.commission_bps, text(keys.commission_bps)),
            ("slippage_bps", &mut args.slippage_bps, text(keys.slippage_bps)),
            ("borrow_bps", &mut args.borrow_bps, text(keys.borrow_bps)),
            ("fill", &mut args.fill, keys.fill),
            ("max_stale_bars", &mut args.max_stale_bars, whole(keys.max_stale_bars)),
            ("memory_budget", &mut args.work.memory_budget, keys.memory_budget),
            ("memory_warn", &mut args.limits.memory_warn, keys.memory_warn),
            ("device", &mut args.device.device, keys.device),
            ("vram_budget", &mut args.device.vram_budget, keys.vram_budget),
            ("panel", &mut args.limits.panel, keys.panel),
            ("job_timeout", &mut args.limits.job_timeout, text(keys.job_timeout)),
            ("batch_jobs", &mut args.batch_jobs, whole(keys.batch_jobs)),
            ("keep", &mut args.keep, keys.keep),
            ("format", &mut args.output.format, keys.format),
            (
                "workers",
                &mut args.work.workers,
                whole(keys.workers).filter(|_| !args.work.sequential),
            ),
            (
                "max_workers",
                &mut args.work.max_workers,
                whole(keys.max_workers).filter(|_| !args.work.sequential),
            ),
        ] {
            let Some(value) = value else { continue };
            if slot.is_some() {
                continue;
            }
            if typed_quick && matches!(key, "sizes" | "horizons") {
                self.notes.push(format!("--quick is used, not {key} of the configuration"));
                continue;
            }
            *slot = Some(value);
            self.used.push(key);
        }
        if let (None, Some(signals)) = (&args.signals, keys.signals) {
            args.signals = Some(signals);
            self.used.push("signals");
        }
        args.multi_pair |= keys.multi_pair;
        args.quick |= keys.quick;
        args.work.sequential |= keys.sequential && !typed_workers;
    }

    /// `error` with its place in the file, if it is about a value that comes from there.
    pub(super) fn located(&self, error: Error) -> Error {
        let line = error.to_string();
        let path: Vec<&str> = if let Some(flagged) = line.strip_prefix("--") {
            let flag = flagged.split(' ').next().unwrap_or_default().replace('-', "_");
            self.used.iter().copied().filter(|key| *key == flag).collect()
        } else {
            line.split_once(": ").map_or_else(Vec::new, |(strategy, what)| {
                // The first parameter it names that the file sets; a rule about several names them all.
                let mut words = what.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let key = words.find(|word| self.holds(&["strategy", strategy, word]));
                vec!["strategy", strategy, key.unwrap_or_default()]
            })
        };
        self.in_front(&path, error)
    }

    /// `error` with its place in the file, if it is about `[instrument.NAME]`: which instruments
    /// there are, only the run knows.
    pub(super) fn of_instrument(&self, error: Error) -> Error {
        let line = error.to_string();
        let named = self.terms.instruments.keys().find(|name| {
            let rest = line.strip_prefix("instrument ").and_then(|rest| rest.strip_prefix(*name));
            rest.is_some_and(|rest| rest.starts_with(": "))
        });
        match named {
            Some(name) if error.is_usage() => self.in_front(&["instrument", name], error),
            _ => error,
        }
    }

    fn holds(&self, path: &[&str]) -> bool {
        self.source.as_ref().is_some_and(|text| text.holds(path))
    }

    /// `error` with the place of `path` in front, if the file has one.
    fn in_front(&self, path: &[&str], error: Error) -> Error {
        let place = self.place(path);
        if place.is_empty() {
            return error;
        }
        let located = Error::usage(place + error.to_string().trim_start_matches("--"));
        match error.hint() {
            Some(hint) => located.with_hint(hint),
            None => located,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::limit_args::WorkerArgs, BacktestArgs, fill_in};
    use crate::{
        error::{Error, Result},
        sim::{Reentry, Rules},
    };

    fn filled(text: &str, typed: BacktestArgs) -> Result<BacktestArgs> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs.toml");
        fs::write(&path, text).expect("written");
        let mut args = BacktestArgs { config: Some(path), ..typed };
        fill_in(&mut args)?;
        Ok(args)
    }

    /// The line without the folder, and the hint.
    fn refused(text: &str) -> (String, String) {
        let error = filled(text, BacktestArgs::default()).expect_err(text);
        split(&error)
    }

    fn split(error: &Error) -> (String, String) {
        let line = error.to_string();
        let from = line.find("runs.toml").expect("the file's name");
        (line[from..].to_owned(), error.hint().unwrap_or_default().to_owned())
    }

    #[test]
    fn a_file_fills_in_what_was_not_typed() {
        let typed = BacktestArgs { capital: Some("5".into()), ..BacktestArgs::default() };
        let text = "capital = 7\nborrow_bps = 0.25\nsymbols = [\"A\", \"B\"]\nsizes = [2, \"all\"]\n\
                    horizons = 90\nas_of = 2024-01-31\nmulti_pair = true\nworkers = 3\n\
                    [strategy.hrp]\nlinkage = \"ward\"\n";
        let args = filled(text, typed).expect("a configuration");
        assert_eq!(args.capital.as_deref(), Some("5"));
        assert_eq!(args.borrow_bps.as_deref(), Some("0.25"));
        assert_eq!(args.symbols.as_deref(), Some("A,B"));
        assert_eq!(args.sizes.as_deref(), Some("2,all"));
        assert_eq!(args.horizons.as_deref(), Some("90"));
        assert_eq!(args.as_of.as_deref(), Some("2024-01-31"));
        assert_eq!(args.work.workers.as_deref(), Some("3"));
        assert!(args.multi_pair && !args.quick);
        assert_eq!(args.file.parameters.hrp.linkage, crate::stats::Linkage::Ward);
    }

    #[test]
    fn costs_and_limits_have_tables_of_their_own() {
        let text = "[costs]\nimpact = 0.1\nslippage_bps = 3\n[limits]\nvolume_cap = 0.25\n\
                    [instrument.\"BRK.B\"]\nlot = 1\n[rules]\nstop_loss = 0.05\nreentry = 12\n";
        let args = filled(text, BacktestArgs::default()).expect("a configuration");
        assert_eq!(args.slippage_bps.as_deref(), Some("3"));
        let terms = args.file.terms;
        assert_eq!((terms.costs.impact, terms.limits.volume_cap), (0.1, Some(0.25)));
        assert_eq!(terms.instruments["BRK.B"].lot, Some(1.0));
        let rules = Rules { stop_loss: Some(0.05), reentry: Reentry::Bars(12), ..Rules::default() };
        assert_eq!(terms.rules, rules);
        let (line, hint) = refused("[limits]\nvolume_cup = 1\n");
        assert_eq!(line, "runs.toml:2:1: there is no key 'volume_cup' here");
        assert!(hint.starts_with("did you mean volume_cap?"), "{hint}");
        for (text, says) in [
            ("[limits]\nlot = 0\n", "runs.toml:2:7: limits.lot: 0 is not a number above 0"),
            ("[rules]\nstop_los = 1\n", "runs.toml:2:1: there is no key 'stop_los' here"),
            (
                "[rules]\nstop_loss = 0\n",
                "runs.toml:2:13: rules.stop_loss: 0 is not a number above",
            ),
            ("[rules]\nmax_drawdown = 1.5\n", "runs.toml:2:16: rules.max_drawdown: 1.5 is not"),
            ("[rules]\ntime_stop_bars = 0\n", "runs.toml:2:18: rules.time_stop_bars: 0 is not"),
            ("[rules]\ntime_stop_bars = 1.5\n", "runs.toml:2:18: invalid type: floating point"),
            ("[rules]\nreentry = 0\n", "runs.toml:2:11: rules.reentry: 0 is not a number from 1"),
            (
                "[rules]\nreentry = \"soon\"\n",
                "runs.toml:2:11: expected \"signal\", \"never\" or a number of bars",
            ),
            ("[costs]\nimpact = nan\n", "runs.toml:2:10: costs.impact: NaN is not a number"),
            ("[instrument.A]\ntick = -1\n", "runs.toml:2:8: instrument.A.tick: -1 is not"),
            (
                "borrow_bps = 1\n[costs]\nborrow_bps = 2\n",
                "runs.toml:3:14: borrow_bps stands at the top and in [costs]",
            ),
        ] {
            assert!(refused(text).0.starts_with(says), "{}", refused(text).0);
        }
    }

    #[test]
    fn what_is_typed_wins_over_its_opposite_in_the_file() {
        let quick = BacktestArgs { quick: true, ..BacktestArgs::default() };
        let args = filled("horizons = [30]\n", quick).expect("a configuration");
        assert_eq!((args.horizons, args.file.notes.len()), (None, 1));
        let asked = |work| BacktestArgs { work, ..BacktestArgs::default() };
        let sequential = WorkerArgs { sequential: true, ..WorkerArgs::default() };
        let workers = WorkerArgs { workers: Some("2".into()), ..WorkerArgs::default() };
        let work = |text, typed| filled(text, asked(typed)).expect("a configuration").work;
        assert_eq!(work("workers = 2\n", sequential).workers, None);
        assert!(!work("sequential = true\n", workers).sequential);
    }

    #[test]
    fn unknown_keys_are_refused_where_they_stand() {
        let (line, hint) = refused("multi_pair = true\n\n horizon = [30]\n");
        assert_eq!(line, "runs.toml:3:2: there is no key 'horizon' here");
        assert!(hint.starts_with("did you mean horizons? known: multi_pair, quick, "), "{hint}");
        let (line, hint) = refused("[strategy.hrp]\nlookback = 3\n");
        assert_eq!(line, "runs.toml:2:1: there is no key 'lookback' here");
        assert!(hint.contains("lookback_days") && !hint.contains("entry_z"), "{hint}");
        let (line, hint) = refused("[strategy.momentum]\n");
        assert_eq!(line, "runs.toml:1:11: there is no key 'momentum' here");
        let known = hint.strip_prefix("known: ").expect("the names there are");
        let mut known: Vec<_> = known.split(", ").collect();
        let cards = crate::strategy::catalogue().iter();
        let mut settable: Vec<_> =
            cards.filter(|card| !card.parameters.is_empty()).map(|card| card.name).collect();
        known.sort_unstable();
        settable.sort_unstable();
        assert_eq!(known, settable);
    }

    #[test]
    fn wrong_types_and_broken_files_are_refused_where_they_stand() {
        for (text, expected) in [
            ("quick = 1\n", "runs.toml:1:9: invalid type: integer `1`, expected a boolean"),
            ("é = 1 2\n", "runs.toml:1:"),
            ("capital = \"lots\"\n", "runs.toml:1:11: expected a number"),
            ("seed = 1\nseed = 2\n", "runs.toml:2:1: duplicate key"),
            ("workers = 2.5\n", "runs.toml:1:11: invalid type: floating point `2.5`"),
            ("symbols = [1.5]\n", "runs.toml:1:11: expected a list, or a text with commas"),
            ("workers = 2\nsequential = true\n", "runs.toml:1:11: sequential = true and workers"),
            (
                "[strategy.cointegration]\nalpha = 7.0\n",
                "runs.toml:2:9: cointegration: alpha = 7 is not in (0, 1]",
            ),
            (
                "[strategy.cointegration]\nalpha = 0.1\nentry_z = 1\nexit_z = 2\n",
                "runs.toml:4:10: cointegration: 0 <= exit_z < entry_z < stop_z does not hold",
            ),
            (
                "[strategy.cointegration]\nalpha = 0.1\nentry_z = 5\n",
                "runs.toml:3:11: cointegration: 0 <= exit_z < entry_z < stop_z does not hold",
            ),
            ("[strategy.hrp]\nlinkage = \"word\"\n", "runs.toml:2:11: there is no value 'word'"),
            ("[strategy.cointegration]\nlag = \"abc\"\n", "runs.toml:2:7: "),
        ] {
            let (line, _) = refused(text);
            assert!(line.starts_with(expected), "{text}: {line}");
        }
    }

    #[test]
    fn a_wrong_value_is_located_by_its_flag() {
        let typed = BacktestArgs { capital: Some("x".into()), ..BacktestArgs::default() };
        let args = filled("keep = \"all\"\nhorizons = [30, -1]\n", typed).expect("a table");
        let error = args.file.located(Error::usage("--horizons -1: '-1' is not a horizon"));
        assert_eq!(split(&error).0, "runs.toml:2:12: horizons -1: '-1' is not a horizon");
        let typed = args.file.located(Error::usage("--capital x: not a number"));
        assert_eq!(typed.to_string(), "--capital x: not a number");
    }

    #[test]
    fn an_instrument_that_only_the_run_knows_to_be_wrong_is_located_too() {
        let text = "[instrument.A]\nlot = 1\n[instrument.\"m:NO.PE\"]\nlot = 1\n";
        let file = filled(text, BacktestArgs::default()).expect("a configuration").file;
        let error = Error::usage("instrument m:NO.PE: it is not an instrument of this run");
        let told = split(&file.of_instrument(error.with_hint("did you mean A?")));
        assert!(told.0.starts_with("runs.toml:3:13: instrument m:NO.PE: it is not"), "{}", told.0);
        assert_eq!(told.1, "did you mean A?");
        let other = file.of_instrument(Error::usage("instrument B: it is not one"));
        assert_eq!(other.to_string(), "instrument B: it is not one");
    }
}
