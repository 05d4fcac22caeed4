//! Strategies on single instruments: their indicators and their stances against tables that
//! `single/make.py` made with pandas, and the laws that all of them keep.

mod delisted;
mod watching_time;

use barline::{
    domain::{
        CalendarClass, Field, Horizon, Instrument, Interval, Panel, Presence, Timestamp, Universe,
        WarmupMultiplier,
    },
    sim::{
        Costs, FillRule, KeepDetail, Limits, Market, Rules, Scratch, SimOptions, Simulation,
        TargetWeight, simulate,
    },
    stats::indicator::{
        AverageTrueRange, BollingerBands, Direction, ExponentialMovingAverage, Ichimoku, Macd,
        RelativeStrength, RollingVwap, SimpleMovingAverage, Supertrend,
    },
    strategy::{
        Alignment, CovarianceBooks, HorizonBars, LogCloses, Strategy, StrategyParameters, by_name,
        catalogue,
    },
};

use crate::scripted::Dice;

const BARS: &str = include_str!("single/bars.csv");
const VALUES: &str = include_str!("single/values.csv");
const STANCES: &str = include_str!("single/stances.csv");

/// The first scored bar of the tables.
const START: usize = 210;

/// Relative distance of two ways to add the same numbers, over at most 260 bars.
const ROUNDING: f64 = 1e-12;

/// Bars as columns: open, high, low, close, volume.
type Bars = [Vec<f64>; 5];
const COLUMNS: [Field; 5] = [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume];
const CLOSE: usize = 3;

/// Header and cells of a table.
fn table(text: &str) -> (Vec<&str>, Vec<Vec<&str>>) {
    let mut lines = text.lines().map(|line| line.split(',').collect());
    (lines.next().expect("a header"), lines.collect())
}

fn bars() -> Bars {
    let (header, rows) = table(BARS);
    assert_eq!(header, COLUMNS.map(Field::name));
    let column = |at: usize| rows.iter().map(|row| row[at].parse().expect("a number")).collect();
    std::array::from_fn(column)
}

/// Fills at the next open, nothing charged, everything kept.
const OPTIONS: SimOptions = SimOptions {
    limits: Limits::NONE,
    rules: Rules::NONE,
    capital: 10_000.0,
    costs: Costs::NONE,
    fill: FillRule::NextOpen,
    max_stale_bars: 24,
    keep: KeepDetail { fills: true, equity: true, weights: true },
};

/// Names of the single-asset strategies that have parameters.
fn names() -> Vec<&'static str> {
    let single = catalogue().iter().filter(|card| card.kind == "single");
    single.filter(|card| !card.parameters.is_empty()).map(|card| card.name).collect()
}

fn strategy(name: &str, side: &str) -> Box<dyn Strategy> {
    let text = format!("{{\"{name}\":{{\"side\":\"{side}\"}}}}");
    let parameters: StrategyParameters = serde_json::from_str(&text).expect("parameters");
    by_name(name, &parameters).expect("a strategy")
}

/// Hourly bars of instrument `asset` of `assets`, the others empty; scored from `start` on.
fn run_among(bars: &Bars, start: usize, strategy: &dyn Strategy, member: (u16, u32)) -> Simulation {
    with_market(bars, start, member, |market, horizon| {
        assert_eq!(strategy.alignment(), Alignment::Union);
        let session = strategy.session(horizon);
        let mut decider = session.decider(market.assets).expect("a decider");
        simulate(market, decider.as_mut(), &OPTIONS, &mut Scratch::default())
    })
}

fn with_market<T>(
    bars: &Bars,
    start: usize,
    (asset, assets): (u16, u32),
    ask: impl FnOnce(&Market<'_>, &HorizonBars<'_>) -> T,
) -> T {
    let instrument = |id: u32| Instrument { market: "m".into(), symbol: format!("S{id}"), id };
    let universe = Universe::new((0..assets).map(instrument).collect()).expect("a universe");
    let hour = Interval::HOUR.micros();
    let rows = bars[CLOSE].len();
    // The scored window ends with the last bar and lasts whole days.
    let days = u32::try_from((rows - start).div_ceil(24)).expect("few");
    let first = i64::from(days) * 24 - i64::try_from(rows - start).expect("few");
    let ts: Vec<_> = (0..).map(|row: i64| (first + row) * hour).take(rows).collect();
    let end = ts[rows - 1] + hour;
    let mut panel = Panel::with_fields(universe, ts, &Field::ALL);
    for (field, column) in COLUMNS.iter().zip(bars) {
        panel.column_mut(usize::from(asset), *field).copy_from_slice(column);
    }
    let multiplier = WarmupMultiplier::new(90.0).expect("a multiplier");
    let mut window = Horizon::from_days(days).expect("days").window(Timestamp(end), multiplier);
    window.score_start = Timestamp(panel.ts()[start]);
    let calendars = vec![CalendarClass::Continuous; usize::try_from(assets).expect("few")];
    let horizon = HorizonBars {
        covariances: CovarianceBooks::default(),
        presence: &Presence::of(&panel),
        logs: &LogCloses::of(&panel),
        interval: Interval::HOUR,
        calendars: &calendars,
        window,
        max_stale_bars: 24,
        device: None,
        panel: &panel,
    };
    let members = [asset];
    let mut scored = Vec::new();
    horizon.presence.rows_with(&members, 1, &horizon.scored_rows(), &mut scored);
    let market = Market {
        panel: &panel,
        assets: &members,
        rows: &scored,
        stale_rows: &[],
        particulars: &[],
    };
    ask(&market, &horizon)
}

fn run(bars: &Bars, start: usize, strategy: &dyn Strategy) -> Simulation {
    run_among(bars, start, strategy, (0, 1))
}

/// Bars of a market that wanders.
fn wandering(seed: u64, rows: usize) -> Bars {
    let mut dice = Dice(seed);
    let mut close = 100.0_f64;
    let mut bars: Bars = Default::default();
    for row in 0..rows {
        let open = close;
        let drift = if row / 60 % 2 == 0 { 0.002 } else { -0.002 };
        close *= 1.0 + drift + 0.015 * dice.signed();
        let high = open.max(close) * (1.0 + 0.005 * dice.unit());
        let low = open.min(close) * (1.0 - 0.005 * dice.unit());
        let volume = 1_000.0 * dice.unit();
        for (column, value) in bars.iter_mut().zip([open, high, low, close, volume]) {
            column.push(value);
        }
    }
    bars
}

#[test]
fn indicators_agree_with_pandas() {
    let [_, highs, lows, closes, volumes] = bars();
    let (header, rows) = table(VALUES);
    let simple = |n| SimpleMovingAverage::new(n).expect("a window");
    let exponential = |n| ExponentialMovingAverage::new(n).expect("a span");
    let (mut simples, mut exponentials) = ([20, 50].map(simple), [5, 20, 50].map(exponential));
    let mut macd = Macd::new(12, 26, 9).expect("spans");
    let mut bands = BollingerBands::new(20, 2.0).expect("bands");
    let mut strength = RelativeStrength::new(14).expect("a window");
    let mut range = AverageTrueRange::new(10).expect("a window");
    let mut trend = Supertrend::new(10, 3.0).expect("a trend");
    let mut ichimoku = Ichimoku::new(9, 26, 52, 26).expect("windows");
    let mut vwap = RollingVwap::new(24).expect("a window");
    let (mut next, mut compared) = (0, 0);
    for (bar, ((&high, &low), (&close, &volume))) in
        highs.iter().zip(&lows).zip(closes.iter().zip(&volumes)).enumerate()
    {
        let (macd, bands) = (macd.update(close), bands.update(close));
        let (trend, cloud) = (trend.update(high, low, close), ichimoku.update(high, low));
        let vwap = vwap.update(high, low, close, volume);
        let mut found: Vec<Option<f64>> = simples.each_mut().map(|x| x.update(close)).to_vec();
        found.extend(exponentials.each_mut().map(|x| x.update(close)));
        found.extend([macd.map(|x| x.line), macd.map(|x| x.signal)]);
        found.extend([bands.map(|x| x.lower), bands.map(|x| x.upper), strength.update(close)]);
        found.push(range.update(high, low, close));
        found.extend([trend.map(|x| x.upper), trend.map(|x| x.lower)]);
        found.push(Some(match trend.and_then(|x| x.direction) {
            Some(Direction::Up) => 1.0,
            Some(Direction::Down) => -1.0,
            None => 0.0,
        }));
        found.extend([cloud.map(|x| x.conversion), cloud.map(|x| x.base)]);
        found.extend([cloud.map(|x| x.span_a), cloud.map(|x| x.span_b)]);
        found.extend([vwap.map(|x| x.vwap), vwap.map(|x| x.standard_deviation)]);
        if rows.get(next).is_none_or(|row| row[0] != bar.to_string()) {
            continue;
        }
        for ((name, expected), found) in header.iter().zip(&rows[next]).skip(1).zip(found) {
            let expected: Option<f64> = (!expected.is_empty()).then(|| expected.parse().unwrap());
            // The lines of a cloud are given with the cloud; pandas has them before.
            if found.is_none() && ["conversion", "base", "span_a"].contains(name) && bar < 77 {
                continue;
            }
            let near = |(a, b): (f64, f64)| (a - b).abs() <= ROUNDING * b.abs().max(100.0);
            assert!(
                found.is_some() == expected.is_some() && found.zip(expected).is_none_or(near),
                "bar {bar}: {name} {found:?}, pandas {expected:?}"
            );
            compared += usize::from(found.is_some());
        }
        next += 1;
    }
    assert_eq!(next, rows.len(), "a row of the table was not reached");
    assert!(compared > 200, "{compared} values");
}

/// Decisions as bar and stance.
fn stances(weights: &[TargetWeight]) -> Vec<(u32, String)> {
    weights.iter().map(|target| (target.row, format!("{:.0}", target.weight))).collect()
}

#[test]
fn every_stance_of_the_hand_followed_example_is_taken() {
    let bars = bars();
    let (_, rows) = table(STANCES);
    for name in names() {
        for side in ["long", "both"] {
            let expected: Vec<_> = rows
                .iter()
                .filter(|row| row[0] == name && row[1] == side)
                .map(|row| (row[2].parse().expect("a bar"), row[3].to_owned()))
                .collect();
            assert!(!expected.is_empty(), "{name} {side} does nothing");
            let simulation = run(&bars, START, strategy(name, side).as_ref());
            assert_eq!(stances(&simulation.weights), expected, "{name} {side}");
            for fill in simulation.fills.iter().filter(|fill| fill.reason != "end_of_data") {
                assert_eq!(fill.row, fill.decided_row + 1, "{name} {side}");
                let open = bars[0][fill.row as usize];
                assert_eq!(fill.price.to_bits(), open.to_bits(), "{name} {side}: the open");
            }
        }
    }
}

#[test]
fn law_a_decision_knows_nothing_of_later_bars() {
    let start = 220;
    for seed in 0..4 {
        let whole = wandering(seed, 500);
        let other = wandering(seed + 1_000, 500);
        for name in names() {
            let strategy = strategy(name, "both");
            let plain = run(&whole, start, strategy.as_ref());
            assert!(plain.weights.len() > 2, "{name} hardly trades");
            let signals = plain.weights.iter().map(|target| target.row as usize);
            for cut in signals.chain((start..490).step_by(23)).filter(|cut| *cut < 495) {
                for poison in 0..4 {
                    let mut changed = whole.clone();
                    for (column, noise) in changed.iter_mut().zip(&other) {
                        let future = column.iter_mut().zip(noise).skip(cut + 1);
                        future.for_each(|(value, noise)| match poison {
                            0 => *value = f64::NAN,
                            1 => *value *= 1e6,
                            2 => *value = *noise,
                            _ => *value = 1e-6,
                        });
                    }
                    let changed = run(&changed, start, strategy.as_ref());
                    let known = |simulation: &Simulation| {
                        let rows = simulation.weights.iter().copied();
                        rows.filter(|target| target.row as usize <= cut).collect::<Vec<_>>()
                    };
                    // With no bar left, the last one known is no decision.
                    let mut expected = known(&plain);
                    if poison == 0 {
                        expected.retain(|target| (target.row as usize) < cut);
                    }
                    assert_eq!(known(&changed), expected, "{name}, seed {seed}, cut {cut}");
                }
            }
        }
    }
}

#[test]
fn law_bars_before_the_lookback_change_nothing() {
    let (rows, start) = (500, 260);
    let whole = wandering(7, rows);
    for name in names() {
        let strategy = strategy(name, "both");
        let plain = run(&whole, start, strategy.as_ref());
        let first = start - strategy.lookback_bars();
        let mut cut = whole.clone();
        for column in &mut cut {
            column[..first].fill(f64::NAN);
        }
        let cut = run(&cut, start, strategy.as_ref());
        assert_eq!((cut.weights, cut.equity), (plain.weights, plain.equity.clone()), "{name}");
        let mut noisy = whole.clone();
        for (column, noise) in noisy.iter_mut().zip(wandering(8, rows)) {
            column[..first].copy_from_slice(&noise[..first]);
        }
        assert_eq!(run(&noisy, start, strategy.as_ref()).equity, plain.equity, "{name}");
    }
}

#[test]
fn law_shifted_scaled_and_joined_bars_give_the_same_decisions() {
    let (rows, start) = (420, 220);
    let whole = wandering(3, rows);
    for name in names() {
        let strategy = strategy(name, "both");
        let plain = run(&whole, start, strategy.as_ref());
        let expected = stances(&plain.weights);
        assert!(!expected.is_empty(), "{name}");

        let mut later = whole.clone();
        let before = wandering(4, 31);
        later.iter_mut().zip(before).for_each(|(column, before)| {
            column.splice(0..0, before);
        });
        let moved = run(&later, start + 31, strategy.as_ref());
        assert_eq!(moved.equity, plain.equity, "{name} shifted");

        let mut scaled = whole.clone();
        scaled[..=CLOSE].iter_mut().flatten().for_each(|price| *price *= 0.25);
        let scaled = run(&scaled, start, strategy.as_ref());
        assert_eq!(scaled.equity, plain.equity, "{name} scaled");

        let third = run_among(&whole, start, strategy.as_ref(), (2, 4));
        assert_eq!(third.equity, plain.equity, "{name} among others");

        // Rows without a bar do not exist.
        let mut gaps = whole.clone();
        for column in &mut gaps {
            for at in [390, 300, 300, 215, 100] {
                column.insert(at, f64::NAN);
            }
        }
        let holed = run(&gaps, start + 2, strategy.as_ref());
        assert_eq!(holed.equity, plain.equity, "{name} with gaps");
    }
}

#[test]
fn law_constant_prices_are_never_traded() {
    for price in [0.1, 50.0, 1.0 / 3.0, 1e9, 1e-6] {
        let mut still: Bars = std::array::from_fn(|_| vec![price; 400]);
        for name in names() {
            let simulation = run(&still, 220, strategy(name, "both").as_ref());
            assert_eq!((simulation.tickets, simulation.trades.len()), (0, 0), "{name} at {price}");
        }
        still[4].fill(0.0);
        let simulation = run(&still, 220, strategy("vwap-reversion", "both").as_ref());
        assert_eq!(simulation.tickets, 0, "without volume at {price}");
    }
}

#[test]
fn a_position_is_a_share_of_equity_and_then_drifts() {
    let bars = wandering(11, 500);
    let text = "{\"sma-crossover\":{\"side\":\"both\",\"allocation\":0.5}}";
    let parameters: StrategyParameters = serde_json::from_str(text).expect("parameters");
    let strategy = by_name("sma-crossover", &parameters).expect("a strategy");
    let simulation = run(&bars, 220, strategy.as_ref());
    let decided: Vec<_> = simulation.weights.iter().map(|target| target.weight).collect();
    assert!(
        decided.len() > 2 && decided.iter().all(|weight| [0.5, 0.0, -0.5].contains(weight)),
        "{decided:?}"
    );
    let mut held = 0.0;
    for fill in simulation.fills.iter().filter(|fill| fill.reason != "end_of_data") {
        let row = fill.decided_row as usize;
        let target = simulation.weights.iter().find(|target| target.row == fill.decided_row);
        let weight = target.expect("a decision").weight;
        let size = weight * simulation.equity[row - 220] / bars[CLOSE][row];
        held += fill.quantity;
        assert!((held - size).abs() <= 1e-12 * size.abs(), "{held} for {size}");
    }
    assert_eq!(
        simulation.fills.len(),
        decided.len() + 1,
        "a fill for every change of stance and one at the end"
    );
}
