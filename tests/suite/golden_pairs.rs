//! Family 07 of the golden cases: PZ-1 from closes to summary, through the rule, the decider, the
//! ledger and the measures.
//!
//! Numbers are held to the tolerances of the family; rows, days, sides and reasons exactly.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of small cases")]

mod bars;
mod model;
mod strategy;

use std::{path::Path, sync::Arc};

use barline::{
    measure,
    sim::{
        Costs, FillRule, KeepDetail, Limits, Market, Rules, Scratch, SimOptions, Simulation, Trade,
        simulate,
    },
    stats::mean,
    strategy::pairs::{
        ExitReason, HedgeSizing, LegNotional, Lots, PairLegs, PairScript, PairSignal, PairSizing,
        PairsDecider, Signal, WindowFit, ZRule,
    },
};
use serde_json::Value;

use crate::golden::{
    case::Case,
    check::{Check, EXACT, Tolerance},
};
use bars::Bars;
use model::Model;

/// Windows state no tolerance of their own: this is tighter than that of the z-scores they make.
const FIT: Tolerance = Tolerance { rtol: 1e-8, atol: 1e-12 };

/// Number of bars in the year of PZ-1.
const PERIODS_PER_YEAR: f64 = 252.0;

/// Tolerances of the family.
struct Tolerances {
    z: Tolerance,
    money: Tolerance,
    summary: Tolerance,
}

impl Tolerances {
    fn of(case: &Case) -> Self {
        Self {
            z: case.tolerance("z"),
            money: case.tolerance("quantities/fills/pnl/equity"),
            summary: case.tolerance("summary"),
        }
    }
}

/// A parameter that must be there.
fn number(params: &Value, name: &str) -> Result<f64, String> {
    params[name].as_f64().ok_or_else(|| format!("no parameter {name}"))
}

/// One case, run.
struct Played {
    params: Value,
    bars: Bars,
    model: Model,
    signals: Vec<PairSignal>,
    simulation: Simulation,
    /// First traded row.
    first: usize,
}

/// Runs one PZ-1 case of a golden folder and compares everything it states.
///
/// # Errors
/// What cannot be compared, in words.
pub(crate) fn run_case(case: &Case, check: &mut Check) -> Result<(), String> {
    let mut played = play(case.value(), case.root())?;
    compare(&played, case, check)?;
    if played.params["mode"] == "rolling"
        && let Some(simulation) = strategy::play(&played)?
    {
        played.simulation = simulation;
        compare(&played, case, check).map_err(|e| format!("by the strategy: {e}"))?;
    }
    Ok(())
}

fn compare(played: &Played, case: &Case, check: &mut Check) -> Result<(), String> {
    let (expected, tolerances) = (case.expected(), Tolerances::of(case));
    windows(played, &expected["windows"], check)?;
    trades(played, &expected["trades"], &tolerances, check)?;
    rows(played, case, &tolerances, check)?;
    summary(played, &expected["summary"], tolerances.summary, check)
}

fn play(case: &Value, folder: &Path) -> Result<Played, String> {
    let params = case["params"].clone();
    let bars = Bars::read(folder, &case["input"], params["fill"] == "next_open")?;
    let first = number(&params, "F")? as usize;
    let model = Model::fit(&params, &bars)?;
    let rule = ZRule {
        entry: number(&params, "entry")?,
        exit: number(&params, "exit")?,
        stop: number(&params, "stop")?,
    };
    let signals = model.signals(&rule, &bars);
    let (script_signals, models) = model.script(&signals);
    let unflipped = |model| WindowFit { model, flipped: false };
    let fits = models.into_iter().map(|model| model.map(unflipped)).collect();
    let script = Arc::new(PairScript { signals: script_signals, fits, ..PairScript::default() });
    let legs = PairLegs { first: 0, second: 1, script };
    let mut decider = PairsDecider::new(vec![legs], sizing(&params)?);
    let rows: Vec<u32> = (first..bars.len()).map(|row| row as u32).collect();
    let market = Market {
        panel: &bars.panel,
        assets: &[0, 1],
        rows: &rows,
        stale_rows: &[],
        particulars: &[],
    };
    let simulation = simulate(&market, &mut decider, &options(&params)?, &mut Scratch::default());
    Ok(Played { params, bars, model, signals, simulation, first })
}

fn sizing(params: &Value) -> Result<PairSizing, String> {
    let dollar = params["sizing"] == "dollar";
    let whole = params["lots"] == "integer";
    Ok(PairSizing {
        notional: LegNotional::Fixed(number(params, "N")?),
        hedge: if dollar { HedgeSizing::Dollar } else { HedgeSizing::Beta },
        lots: if whole { Lots::Whole } else { Lots::Fractional },
    })
}

fn options(params: &Value) -> Result<SimOptions, String> {
    let open = params["fill"] == "next_open";
    Ok(SimOptions {
        capital: number(params, "capital")?,
        costs: Costs {
            commission_bps: number(params, "fee_bps")?,
            slippage_bps: number(params, "slip_bps")?,
            ..Costs::NONE
        },
        limits: Limits::default(),
        rules: Rules::default(),
        fill: if open { FillRule::NextOpen } else { FillRule::NextClose },
        max_stale_bars: 0,
        keep: KeepDetail { fills: true, equity: true, weights: false },
    })
}

fn windows(played: &Played, golden: &Value, check: &mut Check) -> Result<(), String> {
    let golden = golden.as_array().ok_or("no windows")?;
    let fitted = played.model.windows();
    check.exact("number of windows", &fitted.len(), &golden.len());
    for (at, (window, golden)) in fitted.iter().zip(golden).enumerate() {
        let rows = vec![window.rows.start, window.rows.end];
        check.same(&format!("window {at} rows"), rows, &golden["trade_rows"]);
        let model = window.model.ok_or("a window without a fit")?;
        for (name, found) in
            [("alpha", model.alpha), ("beta", model.beta), ("sd", model.sd), ("mu", model.mean)]
        {
            check.number(&format!("window {at} {name}"), Some(found), &golden[name], FIT);
        }
    }
    Ok(())
}

/// The legs of the `group`-th entry.
fn legs(simulation: &Simulation, group: usize) -> Result<[&Trade; 2], String> {
    let mut legs = simulation.trades.iter().filter(|trade| trade.trade_group as usize == group);
    match (legs.next(), legs.next(), legs.next()) {
        (Some(y), Some(x), None) if (y.leg, x.leg) == (0, 1) => Ok([y, x]),
        _ => Err(format!("trade {group} has not one trade per leg")),
    }
}

fn trades(
    played: &Played,
    golden: &Value,
    tolerances: &Tolerances,
    check: &mut Check,
) -> Result<(), String> {
    let golden = golden.as_array().ok_or("no trades")?;
    let is_entry = |found: &&PairSignal| matches!(found.signal, Signal::Enter { .. });
    let entries: Vec<&PairSignal> = played.signals.iter().filter(is_entry).collect();
    check.exact("number of trades", &entries.len(), &golden.len());
    for (group, (entry, golden)) in entries.iter().zip(golden).enumerate() {
        trade(played, group, entry, golden, tolerances, check)?;
    }
    Ok(())
}

fn trade(
    played: &Played,
    group: usize,
    entry: &PairSignal,
    golden: &Value,
    tolerances: &Tolerances,
    check: &mut Check,
) -> Result<(), String> {
    let legs = legs(&played.simulation, group)?;
    let (exit_row, reason) = exit(played, entry);
    let name = |what: &str| format!("trade {group}: {what}");
    let [y, x] = legs;
    for (what, row) in [("entry_signal_row", entry.row), ("exit_signal_row", exit_row)] {
        check.count(&name(what), row, &golden[what]);
    }
    let z = [("z_entry", entry.z), ("z_exit", played.model.z(&played.bars, exit_row))];
    for (what, found) in z {
        check.number(&name(what), Some(found), &golden[what], tolerances.z);
    }
    let beta = played.model.beta(entry.row);
    check.number(&name("beta"), beta, &golden["beta"], FIT);
    for (what, row) in [("entry_ts", y.entry_row), ("exit_ts", y.exit_row)] {
        check.same(&name(what), played.bars.day(row as usize), &golden[what]);
    }
    check.same(&name("reason"), reason, &golden["reason"]);
    check.same(&name("side"), y.side, &golden["side"]);
    for (at, leg) in legs.into_iter().enumerate() {
        check.exact(&name("reason of the leg"), &leg.exit_reason, &y.exit_reason);
        check.same(&name("reason of the ledger"), leg.exit_reason, &golden["reason"]);
        for (what, row) in [
            ("entry_fill_row", leg.entry_row),
            ("exit_fill_row", leg.exit_row),
            ("bars_held", leg.bars_held),
        ] {
            check.count(&name(what), row as usize, &golden[what]);
        }
        for (what, found) in
            [("qty", signed(leg)), ("entry_fills", leg.entry_price), ("exit_fills", leg.exit_price)]
        {
            check.number(&name(what), Some(found), &golden[what][at], tolerances.money);
        }
    }
    for (what, found) in [
        ("gross_pnl", y.gross_pnl + x.gross_pnl),
        ("fees", y.commission + x.commission),
        ("net_pnl", y.net_pnl + x.net_pnl),
    ] {
        check.number(&name(what), Some(found), &golden[what], tolerances.money);
    }
    Ok(())
}

/// Row and reason of the signal that ends an entry: the data's end where none does.
fn exit(played: &Played, entry: &PairSignal) -> (usize, &'static str) {
    let exit = played.signals.iter().find(|found| found.row > entry.row);
    match exit.map(|found| (found.row, found.signal)) {
        Some((row, Signal::Exit { reason })) => (row, ExitReason::name(reason)),
        _ => (played.bars.len() - 1, "end_of_data"),
    }
}

fn signed(leg: &Trade) -> f64 {
    f64::from(leg.side) * leg.quantity
}

/// Every column of every row: the row before the first traded one holds the capital.
fn rows(
    played: &Played,
    case: &Case,
    tolerances: &Tolerances,
    check: &mut Check,
) -> Result<(), String> {
    let file = &case.expected()["equity_file"];
    check.see(file);
    let table = bars::table(&case.root().join(file.as_str().ok_or("no equity file")?))?;
    check.exact("rows", &table.len(), &(played.bars.len() - played.first + 1));
    let capital = number(&played.params, "capital")?;
    let simulation = &played.simulation;
    for (offset, golden) in table.iter().enumerate() {
        let row = played.first + offset - 1;
        let traded = offset > 0;
        let at =
            |values: &[f64]| if traded { values.get(offset - 1).copied() } else { Some(capital) };
        let z = traded.then(|| played.model.z(&played.bars, row));
        let [qty_a, qty_b] = [0, 1].map(|leg| held(simulation, leg, row));
        for (name, found, tolerance) in [
            ("z", z, tolerances.z),
            ("position", Some(f64::from(position(simulation, row))), EXACT),
            ("qty_a", Some(qty_a), tolerances.money),
            ("qty_b", Some(qty_b), tolerances.money),
            ("cash", at(&simulation.cash), tolerances.money),
            ("equity", at(&simulation.equity), tolerances.money),
        ] {
            let wanted = golden.get(name).ok_or_else(|| format!("no column {name}"))?;
            let wanted = wanted.parse::<f64>().map_or(Value::Null, Value::from);
            check.against(&format!("{name} of row {row}"), found, &wanted, tolerance);
        }
        check.exact("day", &played.bars.day(row), &golden["ts"].as_str());
    }
    Ok(())
}

/// Trades of a leg that are open at the close of a row.
fn open(simulation: &Simulation, leg: u16, row: usize) -> impl Iterator<Item = &Trade> {
    let trades = simulation.trades.iter().filter(move |trade| trade.leg == leg);
    trades.filter(move |trade| (trade.entry_row as usize) <= row && row < trade.exit_row as usize)
}

fn held(simulation: &Simulation, leg: u16, row: usize) -> f64 {
    open(simulation, leg, row).map(signed).fold(0.0, |sum, quantity| sum + quantity)
}

fn position(simulation: &Simulation, row: usize) -> i8 {
    open(simulation, 0, row).map(|trade| trade.side).sum()
}

fn summary(
    played: &Played,
    golden: &Value,
    tolerance: Tolerance,
    check: &mut Check,
) -> Result<(), String> {
    let simulation = &played.simulation;
    let capital = number(&played.params, "capital")?;
    let ours = measure::apply(simulation, capital, PERIODS_PER_YEAR, None).expect("finite");
    let entries = golden["n_trades"].as_u64().unwrap_or(0) as usize;
    let pairs = (0..entries).map(|group| legs(simulation, group)).collect::<Result<Vec<_>, _>>()?;
    let profits: Vec<f64> = pairs.iter().map(|[y, x]| y.net_pnl + x.net_pnl).collect();
    let lengths: Vec<f64> = pairs.iter().map(|[y, _]| f64::from(y.bars_held)).collect();
    check.count("n_rows", played.bars.len(), &golden["n_rows"]);
    check.count("n_trades", simulation.trades.len() / 2, &golden["n_trades"]);
    for (name, found) in [
        ("final_equity", Some(ours.final_equity)),
        ("total_return", Some(ours.total_return)),
        ("max_drawdown", Some(ours.max_drawdown)),
        ("exposure", Some(ours.exposure)),
        ("traded_notional", Some(ours.traded_notional)),
        ("total_fees", Some(ours.commission)),
        ("cagr", ours.cagr),
        ("volatility", ours.volatility),
        ("sharpe", ours.sharpe),
        ("sortino", ours.sortino),
        ("calmar", ours.calmar),
        ("turnover_annual", ours.turnover_annual),
        ("win_rate", measure::win_rate(&profits)),
        ("profit_factor", measure::profit_factor(&profits)),
        ("avg_bars_held", mean(&lengths)),
    ] {
        check.see(&golden[name]);
        // A ratio over nothing is undefined here; the peer says infinity.
        let infinite = golden[name].is_string();
        let wanted = if infinite { &Value::Null } else { &golden[name] };
        check.against(name, found, wanted, tolerance);
    }
    let reasons = golden["reasons"].as_object().ok_or("no reasons")?;
    check.exact("reasons", &reasons.values().filter_map(Value::as_u64).sum(), &(entries as u64));
    for (reason, expected) in reasons {
        let ended = pairs.iter().filter(|[y, _]| y.exit_reason == reason).count();
        check.count(reason, ended, expected);
    }
    Ok(())
}

#[test]
fn the_committed_rolling_case_is_played_by_the_strategy_itself() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let text = std::fs::read_to_string(folder.join("cases/07_pairs_backtest.json")).expect("cases");
    let family: Value = serde_json::from_str(&text).expect("json");
    let cases = family["cases"].as_array().expect("cases");
    let case =
        cases.iter().find(|case| case["params"]["mode"] == "rolling").expect("a rolling case");
    let played = play(case, &folder).expect("a case");
    let found = strategy::play(&played).expect("accepted").expect("the first leg is dependent");
    assert!(found.trades.len() > 40, "{} trades", found.trades.len());
}
