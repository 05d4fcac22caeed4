//! What the command line means: typed text becomes a [`Request`].
//!
//! Defaults stand here; how a value is read, and refused with its flag, stands in `typed_value`.

use std::sync::Arc;

use super::{
    args::BacktestArgs,
    known_strategies::{KnownStrategy, strategies},
    limit_args,
    typed_value::{count, names, number, optional, ranks, read},
};
use crate::{
    domain::{Horizon, Sizes},
    error::{Error, Result},
    report::Format,
    run::{Keep, Request, Signals},
    sim::{Costs, MAX_STALE_BARS},
};

const HORIZONS: &str = "30,90,180,365,730";
const QUICK_HORIZONS: &str = "30,90,180";
const SIZES: &str = "2..4,all";
const QUICK_SIZES: &str = "2,all";
const CAPITAL: f64 = 10_000.0;
const BATCH_JOBS: usize = 1_000;
const SAMPLE_SEED: u64 = 1;

/// What `barline backtest` was asked to do.
#[derive(Debug)]
pub(super) struct BacktestSettings {
    /// The run.
    pub(super) request: Request,
    /// How the answer is written.
    pub(super) format: Format,
    /// Plan only.
    pub(super) dry_run: bool,
    /// What the person should know about how the line was understood.
    pub(super) notes: Vec<String>,
}

/// The meaning of `args`, where `known` strategies exist.
///
/// # Errors
/// Usage, naming the flag and its value.
pub(super) fn backtest(args: &BacktestArgs, known: &[KnownStrategy]) -> Result<BacktestSettings> {
    understood(args, known).map_err(|error| args.file.located(error))
}

fn understood(args: &BacktestArgs, known: &[KnownStrategy]) -> Result<BacktestSettings> {
    refuse_lonely_combination_flags(args)?;
    let request = Request {
        symbols: args.symbols.as_deref().map(|text| names("--symbols", text)).transpose()?,
        interval: optional("--interval", args.interval.as_deref())?,
        horizons: horizons(args)?,
        multiplier: optional("--warmup-multiplier", args.warmup_multiplier.as_deref())?
            .unwrap_or_default(),
        strategies: strategies(args, known)?,
        parameters: args.file.parameters,
        signals: signals(args)?,
        from_screen: args.from_screen.clone(),
        sizes: sizes(args)?,
        multi_pair: args.multi_pair || args.from_screen.is_some(),
        max_combinations: count(
            "--max-combinations",
            args.max_combinations.as_deref(),
            1,
            u64::MAX,
        )?,
        ranks: args.ranks.as_deref().map(ranks).transpose()?,
        as_of: optional("--as-of", args.as_of.as_deref())?,
        capital: number("--capital", args.capital.as_deref(), 1e-6, 1e15)?.unwrap_or(CAPITAL),
        costs: costs(args)?,
        limits: args.file.terms.limits,
        rules: args.file.terms.rules,
        instruments: args.file.terms.instruments.clone(),
        fill: optional("--fill", args.fill.as_deref())?,
        max_stale_bars: count("--max-stale-bars", args.max_stale_bars.as_deref(), 0, 1_000_000)?
            .unwrap_or(MAX_STALE_BARS),
        periods_per_year: number(
            "--periods-per-year",
            args.periods_per_year.as_deref(),
            1e-3,
            1e9,
        )?,
        workers: args.work.request()?,
        budget_bytes: limit_args::budget(
            args.work.memory_budget.as_deref(),
            args.file.says("memory_budget"),
        )?,
        device: args.device.request()?,
        panel: optional("--panel", args.limits.panel.as_deref())?.unwrap_or_default(),
        memory_warn: limit_args::memory_warn(args.limits.memory_warn.as_deref())?,
        job_timeout: limit_args::job_timeout(args.limits.job_timeout.as_deref())?,
        batch_jobs: count("--batch-jobs", args.batch_jobs.as_deref(), 1, 1_000_000)?
            .unwrap_or(BATCH_JOBS),
        keep: optional("--keep", args.keep.as_deref())?.unwrap_or(Keep::Trades),
        seed: count("--seed", args.seed.as_deref(), 0, u64::MAX)?.unwrap_or(SAMPLE_SEED),
        fresh: args.fresh,
    };
    Ok(BacktestSettings {
        request,
        format: format(args.output.format.as_deref())?,
        dry_run: args.dry_run,
        notes: (args.file.notes.iter().cloned())
            .chain(quick_notes(args))
            .chain(lone_combination(args))
            .collect(),
    })
}

/// What `--format` means.
pub(super) fn format(typed: Option<&str>) -> Result<Format> {
    Ok(optional("--format", typed)?.unwrap_or_default())
}

/// What `--seed` of the demo universe means; `default` if it was not given.
pub(super) fn seed(typed: Option<&str>, default: u64) -> Result<u64> {
    Ok(count("--seed", typed, 0, u64::MAX)?.unwrap_or(default))
}

/// Most threads a pool of a backtest may have: the workers it may use.
pub(super) fn thread_cap(args: &BacktestArgs) -> Result<usize> {
    args.work.thread_cap().map_err(|error| args.file.located(error))
}

/// Combination flags act only with `--multi-pair`, and not on signals: elsewhere they would silently
/// do nothing.
fn refuse_lonely_combination_flags(args: &BacktestArgs) -> Result<()> {
    let flags = [
        ("--sizes", args.sizes.is_some()),
        ("--max-combinations", args.max_combinations.is_some()),
        ("--ranks", args.ranks.is_some()),
    ];
    let given = flags.into_iter().find(|(_, given)| *given);
    if args.from_screen.is_some() {
        let stray = [("--sizes", args.sizes.is_some()), ("--signals", args.signals.is_some())];
        return match stray.into_iter().find(|(_, given)| *given) {
            Some((flag, _)) => {
                Err(Error::usage(format!("{flag} cannot be used with --from-screen"))
                    .with_hint("the combinations are those that the screen listed"))
            }
            None => Ok(()),
        };
    }
    if let (Some((flag, _)), true) = (given, args.signals.is_some()) {
        return Err(Error::usage(format!("{flag} cannot be used with --signals"))
            .with_hint("signals make one combination, of the symbols they name"));
    }
    match given.filter(|_| !args.multi_pair) {
        Some((flag, _)) => Err(Error::usage(format!("{flag} is about combinations of symbols"))
            .with_hint("add --multi-pair")),
        None => Ok(()),
    }
}

fn horizons(args: &BacktestArgs) -> Result<Vec<Horizon>> {
    let default = if args.quick { QUICK_HORIZONS } else { HORIZONS };
    let text = args.horizons.as_deref().unwrap_or(default);
    let mut horizons = text
        .split(',')
        .map(|part| read::<Horizon>("--horizons", part.trim()))
        .collect::<Result<Vec<_>>>()?;
    horizons.sort_unstable();
    horizons.dedup();
    Ok(horizons)
}

fn sizes(args: &BacktestArgs) -> Result<Sizes> {
    let default = if args.quick { QUICK_SIZES } else { SIZES };
    read("--sizes", args.sizes.as_deref().unwrap_or(default))
}

/// Where an explicit flag and `--quick` both speak, the explicit one wins, and this says so.
fn quick_notes(args: &BacktestArgs) -> Vec<String> {
    let both = [
        ("--horizons", args.horizons.as_deref(), QUICK_HORIZONS),
        ("--sizes", args.sizes.as_deref(), QUICK_SIZES),
    ];
    both.into_iter()
        .filter(|_| args.quick)
        .filter_map(|(flag, typed, quick)| {
            typed.map(|typed| format!("{flag} {typed} is used, not {quick} of --quick"))
        })
        .collect()
}

/// The signals that `--signals` names, read.
fn signals(args: &BacktestArgs) -> Result<Option<Arc<Signals>>> {
    let Some(path) = &args.signals else { return Ok(None) };
    Signals::read(path).map(|signals| Some(Arc::new(signals)))
}

/// What is said where `--multi-pair` changes nothing.
fn lone_combination(args: &BacktestArgs) -> Option<String> {
    (args.signals.is_some() && args.multi_pair).then(|| {
        "--multi-pair changes nothing: signals make one combination, of the symbols they name"
            .into()
    })
}

fn costs(args: &BacktestArgs) -> Result<Costs> {
    // Slippage of 10,000 bps would sell at a price of zero.
    let bps = |flag, typed: &Option<String>| number(flag, typed.as_deref(), 0.0, 9_999.0);
    let default = Costs::default();
    Ok(Costs {
        commission_bps: bps("--commission-bps", &args.commission_bps)?
            .unwrap_or(default.commission_bps),
        slippage_bps: bps("--slippage-bps", &args.slippage_bps)?.unwrap_or(default.slippage_bps),
        borrow_bps: bps("--borrow-bps", &args.borrow_bps)?.unwrap_or(default.borrow_bps),
        ..args.file.terms.costs
    })
}

#[cfg(test)]
mod tests {
    use super::{BacktestArgs, BacktestSettings, KnownStrategy, backtest, limit_args, thread_cap};
    use crate::{
        cli::limit_args::WorkerArgs,
        error::{Error, Result},
        run::Keep,
    };

    const KNOWN: [KnownStrategy; 3] = [
        KnownStrategy { name: "cointegration", multi: true },
        KnownStrategy { name: "hrp", multi: true },
        KnownStrategy { name: "buy-and-hold", multi: false },
    ];

    fn meant(change: impl FnOnce(&mut BacktestArgs)) -> Result<BacktestSettings> {
        let mut args = BacktestArgs { multi_pair: true, ..BacktestArgs::default() };
        change(&mut args);
        backtest(&args, &KNOWN)
    }

    fn refused(change: impl FnOnce(&mut BacktestArgs)) -> Error {
        let error = meant(change).expect_err("wrong");
        assert!(error.is_usage());
        error
    }

    #[allow(clippy::unnecessary_wraps, reason = "arguments are optional")]
    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let request = meant(|_| ()).expect("settings").request;
        let days: Vec<u32> = request.horizons.iter().map(|horizon| horizon.days()).collect();
        assert_eq!(days, [30, 90, 180, 365, 730]);
        assert_eq!(request.sizes.to_string(), "2,3,4,all");
        assert_eq!(request.budget_bytes, limit_args::budget(None, false).expect("a budget"));
        assert_eq!(request.strategies, ["cointegration", "hrp", "buy-and-hold"]);
        assert_eq!(request.keep, Keep::Trades);
        assert!((request.capital - 10_000.0).abs() < f64::EPSILON);
    }

    #[test]
    fn quick_gives_way_to_what_is_explicit_and_says_so() {
        let quick = meant(|args| args.quick = true).expect("settings");
        assert_eq!(quick.request.horizons.len(), 3);
        assert_eq!(quick.request.sizes.to_string(), "2,all");
        assert!(quick.notes.is_empty());
        let both = meant(|args| {
            args.quick = true;
            args.horizons = text("60");
        })
        .expect("settings");
        assert_eq!(both.request.horizons.len(), 1);
        assert_eq!(both.notes, ["--horizons 60 is used, not 30,90,180 of --quick"]);
    }

    #[test]
    fn every_wrong_value_is_named_with_its_flag() {
        type Change = fn(&mut BacktestArgs);
        let cases: [(&str, Change); 14] = [
            ("--horizons -30: '-30' is not a horizon", |a| a.horizons = text("30,-30")),
            ("--sizes 1: '1' is not a combination size", |a| a.sizes = text("1")),
            ("--interval 1y: '1y' is not an interval", |a| a.interval = text("1y")),
            ("--as-of soon: 'soon' is not a moment", |a| a.as_of = text("soon")),
            ("--ranks 5..5: not a range of ranks", |a| a.ranks = text("5..5")),
            ("--keep some: 'some' is not a level", |a| a.keep = text("some")),
            ("--workers 0: not a whole number from 1 to 1024", |a| a.work.workers = text("0")),
            ("--commission-bps NaN: not a number from 0 to 9999", |a| {
                a.commission_bps = text("NaN");
            }),
            ("--capital -1: not a number from 0.000001 to 1000000000000000", |a| {
                a.capital = text("-1");
            }),
            ("--memory-budget lots: 'lots' is not an amount of memory", |a| {
                a.work.memory_budget = text("lots");
            }),
            ("--warmup-multiplier 0: '0' is not a warmup multiplier", |a| {
                a.warmup_multiplier = text("0");
            }),
            ("--symbols A,,B: a name is empty", |a| a.symbols = text("A,,B")),
            ("--symbols A,B,A: A is named twice", |a| a.symbols = text("A,B,A")),
            ("--format xml: 'xml' is not an output format", |a| a.output.format = text("xml")),
        ];
        for (line, change) in cases {
            assert_eq!(refused(change).to_string(), line);
        }
    }

    #[test]
    fn an_unknown_strategy_is_answered_with_the_known_ones() {
        let error = refused(|args| args.strategies = text("hpr"));
        assert_eq!(error.to_string(), "--strategies hpr: there is no such strategy");
        assert_eq!(error.hint(), Some("did you mean hrp? known: cointegration, hrp, buy-and-hold"));
    }

    #[test]
    fn combinations_need_multi_pair() {
        for change in [
            (|args| args.sizes = text("2")) as fn(&mut BacktestArgs),
            |args| args.ranks = text("0..5"),
            |args| args.strategies = text("hrp"),
        ] {
            let error = refused(|args| {
                args.multi_pair = false;
                change(args);
            });
            assert_eq!(error.hint(), Some("add --multi-pair"));
        }
        let single = meant(|args| args.multi_pair = false).expect("settings");
        assert_eq!(single.request.strategies, ["buy-and-hold"]);
    }

    #[test]
    fn pools_are_capped_like_the_workers() {
        let cap = |workers: &str, most: Option<&str>| {
            let work = WorkerArgs {
                workers: text(workers),
                max_workers: most.map(str::to_owned),
                ..WorkerArgs::default()
            };
            let of_backtest = BacktestArgs { work, ..BacktestArgs::default() };
            thread_cap(&of_backtest).expect("a cap")
        };
        assert_eq!(cap("8", None), 2);
        assert_eq!(cap("8", Some("4")), 4);
        assert_eq!(cap("1", Some("4")), 1);
        let work = WorkerArgs { sequential: true, ..WorkerArgs::default() };
        let sequential = BacktestArgs { work, ..BacktestArgs::default() };
        assert_eq!(thread_cap(&sequential).expect("a cap"), 1);
    }
}
