//! Family 07 of the golden cases: PZ-1 from closes to summary, through the rule, the decider, the
//! ledger and the measures.
//!
//! Numbers are held to the tolerances of the family: z 1e-7; quantities, fills, profits and equity
//! 1e-8 or 1e-6 absolute; summary 1e-7; rows, sides and reasons exactly.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of small cases")]

mod bars;
mod model;

use std::{path::Path, sync::Arc};

use barline::{
    measure,
    sim::{
        Costs, FillRule, KeepDetail, Limits, Market, Rules, Scratch, SimOptions, Simulation, Trade,
        simulate,
    },
    strategy::pairs::{
        ExitReason, HedgeSizing, LegNotional, Lots, PairLegs, PairScript, PairSignal, PairSizing,
        PairsDecider, Signal, WindowFit, ZRule,
    },
};
use serde_json::Value;

use bars::Bars;
use model::Model;

/// How far apart two numbers may be.
#[derive(Debug, Clone, Copy)]
struct Tolerance {
    relative: f64,
    absolute: f64,
}

const Z: Tolerance = Tolerance { relative: 1e-7, absolute: 1e-9 };
const MONEY: Tolerance = Tolerance { relative: 1e-8, absolute: 1e-6 };
const FIT: Tolerance = Tolerance { relative: 1e-8, absolute: 1e-12 };
const SUMMARY: Tolerance = Tolerance { relative: 1e-7, absolute: 1e-12 };

/// Number of bars in the year of PZ-1.
const PERIODS_PER_YEAR: f64 = 252.0;

type Check = Result<(), String>;

fn near(what: &str, ours: f64, golden: &Value, tolerance: Tolerance) -> Check {
    let golden = golden.as_f64().ok_or_else(|| format!("{what}: {ours}, expected {golden}"))?;
    let allowed = tolerance.absolute + tolerance.relative * golden.abs();
    // Written so that NaN fails.
    if (ours - golden).abs() <= allowed {
        Ok(())
    } else {
        Err(format!("{what}: {ours}, expected {golden}"))
    }
}

/// `None` against null or infinity.
fn near_or_undefined(what: &str, ours: Option<f64>, golden: &Value) -> Check {
    match ours {
        Some(ours) => near(what, ours, golden, SUMMARY),
        None if golden.is_null() || golden.is_string() => Ok(()),
        None => Err(format!("{what}: undefined, expected {golden}")),
    }
}

fn same(what: &str, ours: impl Into<Value>, golden: &Value) -> Check {
    let ours = ours.into();
    if &ours == golden { Ok(()) } else { Err(format!("{what}: {ours}, expected {golden}")) }
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
/// The first difference, in words.
pub(crate) fn run_case(case: &Value, folder: &Path) -> Check {
    let played = play(case, folder)?;
    let expected = &case["expected"];
    compare_windows(&played, &expected["windows"])?;
    compare_trades(&played, expected["trades"].as_array().ok_or("no trades")?)?;
    compare_rows(&played, folder, expected["equity_file"].as_str().ok_or("no equity file")?)?;
    compare_summary(&played, &expected["summary"])
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
    let script = Arc::new(PairScript { signals: script_signals, refits: Vec::new(), fits });
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

fn compare_windows(played: &Played, golden: &Value) -> Check {
    let golden = golden.as_array().ok_or("no windows")?;
    let fitted = played.model.windows();
    same("number of windows", fitted.len(), &golden.len().into())?;
    for (at, (window, golden)) in fitted.iter().zip(golden).enumerate() {
        let rows = vec![window.rows.start, window.rows.end];
        same(&format!("window {at} rows"), rows, &golden["trade_rows"])?;
        let model = window.model.ok_or("a window without a fit")?;
        near(&format!("window {at} alpha"), model.alpha, &golden["alpha"], FIT)?;
        near(&format!("window {at} beta"), model.beta, &golden["beta"], FIT)?;
        near(&format!("window {at} sd"), model.sd, &golden["sd"], FIT)?;
        near(&format!("window {at} mean"), model.mean, &golden["mu"], FIT)?;
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

fn compare_trades(played: &Played, golden: &[Value]) -> Check {
    let is_entry = |found: &&PairSignal| matches!(found.signal, Signal::Enter { .. });
    let entries: Vec<&PairSignal> = played.signals.iter().filter(is_entry).collect();
    same("number of trades", entries.len(), &golden.len().into())?;
    for (group, (entry, golden)) in entries.iter().zip(golden).enumerate() {
        compare_trade(played, group, entry, golden).map_err(|e| format!("trade {group}: {e}"))?;
    }
    Ok(())
}

fn compare_trade(played: &Played, group: usize, entry: &PairSignal, golden: &Value) -> Check {
    let legs = legs(&played.simulation, group)?;
    let last = played.bars.len() - 1;
    let exit = played.signals.iter().find(|found| found.row > entry.row);
    let (exit_row, reason) = match exit.map(|found| (found.row, found.signal)) {
        Some((row, Signal::Exit { reason })) => (row, ExitReason::name(reason)),
        _ => (last, "end_of_data"),
    };
    same("entry signal row", entry.row, &golden["entry_signal_row"])?;
    same("exit signal row", exit_row, &golden["exit_signal_row"])?;
    near("entry z", entry.z, &golden["z_entry"], Z)?;
    near("exit z", played.model.z(&played.bars, exit_row), &golden["z_exit"], Z)?;
    same("entry day", played.bars.day(entry.row + 1), &golden["entry_ts"])?;
    same("reason", reason, &golden["reason"])?;
    let mut totals = [0.0; 3];
    for (at, leg) in legs.iter().enumerate() {
        same("leg reason", leg.exit_reason, &golden["reason"])?;
        same("entry fill row", leg.entry_row, &golden["entry_fill_row"])?;
        same("exit fill row", leg.exit_row, &golden["exit_fill_row"])?;
        same("bars held", leg.bars_held, &golden["bars_held"])?;
        near("quantity", f64::from(leg.side) * leg.quantity, &golden["qty"][at], MONEY)?;
        near("entry fill", leg.entry_price, &golden["entry_fills"][at], MONEY)?;
        near("exit fill", leg.exit_price, &golden["exit_fills"][at], MONEY)?;
        let amounts = [leg.gross_pnl, leg.commission, leg.net_pnl];
        totals.iter_mut().zip(amounts).for_each(|(total, amount)| *total += amount);
    }
    same("side", legs[0].side, &golden["side"])?;
    near("gross profit", totals[0], &golden["gross_pnl"], MONEY)?;
    near("fees", totals[1], &golden["fees"], MONEY)?;
    near("net profit", totals[2], &golden["net_pnl"], MONEY)
}

fn compare_rows(played: &Played, folder: &Path, file: &str) -> Check {
    let table = bars::table(&folder.join(file))?;
    same("rows", table.len(), &(played.bars.len() - played.first + 1).into())?;
    let rows = table.iter().skip(1).zip(&played.simulation.equity).zip(&played.simulation.cash);
    for (offset, ((golden, equity), cash)) in rows.enumerate() {
        let row = played.first + offset;
        let cell = |name: &str| Value::from(golden[name].parse::<f64>().unwrap_or(f64::NAN));
        let z = played.model.z(&played.bars, row);
        near(&format!("z of row {row}"), z, &cell("z"), Z)?;
        near(&format!("cash of row {row}"), *cash, &cell("cash"), MONEY)?;
        near(&format!("equity of row {row}"), *equity, &cell("equity"), MONEY)?;
    }
    Ok(())
}

fn compare_summary(played: &Played, golden: &Value) -> Check {
    let simulation = &played.simulation;
    let capital = number(&played.params, "capital")?;
    let ours = measure::apply(simulation, capital, PERIODS_PER_YEAR, None);
    let entries = golden["n_trades"].as_u64().unwrap_or(0) as usize;
    let pairs = (0..entries).map(|group| legs(simulation, group)).collect::<Result<Vec<_>, _>>()?;
    let profits: Vec<f64> = pairs.iter().map(|[y, x]| y.net_pnl + x.net_pnl).collect();
    same("rows", played.bars.len(), &golden["n_rows"])?;
    near("final equity", ours.final_equity, &golden["final_equity"], SUMMARY)?;
    near("total return", ours.total_return, &golden["total_return"], SUMMARY)?;
    near("maximum drawdown", ours.max_drawdown, &golden["max_drawdown"], SUMMARY)?;
    near("exposure", ours.exposure, &golden["exposure"], SUMMARY)?;
    near("traded notional", ours.traded_notional, &golden["traded_notional"], SUMMARY)?;
    near("fees", ours.commission, &golden["total_fees"], SUMMARY)?;
    for (what, ours) in [
        ("cagr", ours.cagr),
        ("volatility", ours.volatility),
        ("sharpe", ours.sharpe),
        ("sortino", ours.sortino),
        ("calmar", ours.calmar),
        ("turnover_annual", ours.turnover_annual),
        ("win_rate", measure::win_rate(&profits)),
        ("profit_factor", measure::profit_factor(&profits)),
    ] {
        near_or_undefined(what, ours, &golden[what])?;
    }
    Ok(())
}

#[test]
fn a_changed_number_is_noticed() {
    let golden = Value::from(1.0);
    assert!(near("x", 1.0 + 1e-9, &golden, SUMMARY).is_ok());
    assert!(near("x", 1.0 + 1e-6, &golden, SUMMARY).is_err());
    assert!(near("x", f64::NAN, &golden, SUMMARY).is_err());
    assert!(near_or_undefined("x", None, &golden).is_err());
}
