//! Pairs by every hedge ratio, and by copulas: what is planted is traded, what is not is not, and
//! no decision looks ahead.

use barline::{
    domain::{
        CalendarClass, Field, FitRecord, Horizon, HorizonWindow, Instrument, Interval, Outcome,
        Panel, Presence, Timestamp, Universe,
    },
    sim::{
        Costs, FillRule, KeepDetail, Limits, Market, Rules, Scratch, SimOptions, Simulation,
        simulate,
    },
    stats::CopulaFamily,
    strategy::{
        Cointegration, CointegrationParameters, CopulaPairs, CopulaParameters, CovarianceBooks,
        HorizonBars, LogCloses, Strategy, pairs::HedgeRatio,
    },
};

use crate::scripted::Dice;

const HOUR: i64 = 3_600_000_000;
/// Bars before and inside the scored window.
const FORMATION: usize = 360;
const SCORED: usize = 720;
const ROWS: usize = FORMATION + SCORED;

const HEDGES: [HedgeRatio; 5] = [
    HedgeRatio::Ols,
    HedgeRatio::Tls,
    HedgeRatio::Johansen,
    HedgeRatio::Kalman,
    HedgeRatio::Rolling,
];

/// Every strategy of pairs that is here, with parameters that accept what is planted.
fn strategies() -> Vec<(String, Box<dyn Strategy>)> {
    let mut all: Vec<(String, Box<dyn Strategy>)> = Vec::new();
    for hedge in HEDGES {
        all.push((format!("{hedge:?}"), Box::new(cointegration(hedge))));
    }
    for family in [CopulaFamily::Gaussian, CopulaFamily::StudentT] {
        all.push((format!("{family:?}"), Box::new(copula(family))));
    }
    all
}

fn cointegration(hedge: HedgeRatio) -> Cointegration {
    let parameters =
        CointegrationParameters { hedge, entry_z: 1.5, ..CointegrationParameters::default() };
    Cointegration::new(parameters).expect("parameters")
}

fn copula(family: CopulaFamily) -> CopulaPairs {
    let parameters = CopulaParameters { family, ..CopulaParameters::default() };
    CopulaPairs::new(parameters).expect("parameters")
}

/// Log prices of a walk, and of a leg that follows it at `beta` with a spread that returns.
fn planted(seed: u64) -> [Vec<f64>; 2] {
    let mut dice = Dice(seed);
    let (mut level, mut spread) = (4.0, 0.0);
    let mut legs = [Vec::new(), Vec::new()];
    for _ in 0..ROWS {
        level += 0.01 * dice.signed();
        spread = 0.85 * spread + 0.004 * dice.signed();
        legs[0].push(level);
        legs[1].push(1.0 + 0.8 * level + spread);
    }
    legs
}

fn walks(seed: u64) -> [Vec<f64>; 2] {
    [seed, seed + 1_000].map(|seed| {
        let mut dice = Dice(seed);
        (0..ROWS)
            .scan(4.0, |level, _| {
                Some({
                    *level += 0.01 * dice.signed();
                    *level
                })
            })
            .collect()
    })
}

/// Closes and opens of these log prices, one leg per symbol in the order given.
fn panel(logs: &[Vec<f64>; 2]) -> Panel {
    let instrument = |id: u32| Instrument { market: String::new(), symbol: format!("L{id}"), id };
    let universe = Universe::new(vec![instrument(0), instrument(1)]).expect("two legs");
    let ts = (0..).map(|row| row * HOUR).take(ROWS).collect();
    let mut panel = Panel::empty(universe, ts);
    for (leg, logs) in logs.iter().enumerate() {
        for (row, log) in logs.iter().enumerate() {
            panel.column_mut(leg, Field::Close)[row] = log.exp();
            panel.column_mut(leg, Field::Open)[row] = 0.999 * log.exp();
        }
    }
    panel
}

/// What a strategy made of two legs.
struct Ran {
    simulation: Simulation,
    fits: Vec<FitRecord>,
}

/// Plays a strategy, or says why it declined.
fn play(strategy: &dyn Strategy, logs: &[Vec<f64>; 2]) -> Result<Ran, String> {
    let panel = panel(logs);
    let at = |row: usize| Timestamp(i64::try_from(row).expect("few") * HOUR);
    let bars = HorizonBars {
        covariances: CovarianceBooks::default(),
        panel: &panel,
        presence: &Presence::of(&panel),
        logs: &LogCloses::of(&panel),
        interval: Interval::HOUR,
        calendars: &[CalendarClass::Continuous; 2],
        window: HorizonWindow {
            horizon: Horizon::from_days(30).expect("days"),
            load_start: at(0),
            score_start: at(FORMATION),
            end: at(ROWS),
        },
        max_stale_bars: 24,
        device: None,
    };
    let session = strategy.session(&bars);
    let mut decider = session.decider(&[0, 1]).map_err(|declined| {
        assert_eq!(declined.outcome, Outcome::NotCointegrated);
        declined.reason
    })?;
    let rows: Vec<u32> = (0..).take(ROWS).skip(FORMATION).collect();
    let market =
        Market { panel: &panel, assets: &[0, 1], rows: &rows, stale_rows: &[], particulars: &[] };
    let options = SimOptions {
        limits: Limits::NONE,
        rules: Rules::NONE,
        capital: 10_000.0,
        costs: Costs::NONE,
        fill: FillRule::NextOpen,
        max_stale_bars: 24,
        keep: KeepDetail { fills: true, equity: true, weights: true },
    };
    let simulation = simulate(&market, decider.as_mut(), &options, &mut Scratch::default());
    drop(decider);
    Ok(Ran { simulation, fits: session.take_fits() })
}

#[test]
fn a_planted_pair_is_traded_at_a_profit_by_every_way() {
    for (name, strategy) in strategies() {
        let mut profits = 0.0;
        for seed in 1..=6 {
            let ran = play(strategy.as_ref(), &planted(seed)).expect(&name);
            assert!(ran.simulation.trades.len() >= 10, "{name}: {}", ran.simulation.trades.len());
            profits += ran.simulation.equity.last().expect("rows") / 10_000.0 - 1.0;
        }
        assert!(profits > 0.0, "{name}: {profits}");
    }
}

#[test]
fn hedge_ratios_find_what_was_planted() {
    for hedge in HEDGES {
        let ran = play(&cointegration(hedge), &planted(3)).expect("accepted");
        let accepted: Vec<_> = ran.fits.iter().filter(|fit| fit.accepted).collect();
        assert!(!accepted.is_empty());
        for fit in accepted {
            let beta = fit.beta.expect("a ratio");
            // Planted: leg 1 on leg 0 at 0.8.
            let planted = if fit.symbol_y == "L1" { 0.8 } else { 1.0 / 0.8 };
            assert!((beta / planted - 1.0).abs() < 0.15, "{hedge:?}: {beta} for {planted}");
            assert!(fit.spread_sd.is_some_and(|sd| sd > 0.0 && sd < 0.02), "{hedge:?}: {fit:?}");
        }
    }
}

#[test]
fn fits_of_different_hedge_ratios_are_different_fits() {
    let key = |hedge| play(&cointegration(hedge), &planted(3)).expect("accepted").fits[0].key;
    let mut keys = HEDGES.map(key).to_vec();
    keys.dedup();
    assert_eq!(keys.len(), HEDGES.len());
}

#[test]
fn no_decision_depends_on_a_later_bar() {
    for (name, strategy) in strategies() {
        let whole = play(strategy.as_ref(), &planted(5)).expect(&name);
        let mut compared = 0;
        for cut in [FORMATION + 40, FORMATION + 180, FORMATION + 333, FORMATION + 541, ROWS - 20] {
            // The future is another one, and no fit of it has to be accepted.
            let mut other = planted(5);
            for (leg, noise) in other.iter_mut().zip(planted(77)) {
                leg[cut..].copy_from_slice(&noise[cut..]);
            }
            let other = play(strategy.as_ref(), &other).expect(&name);
            let known = |ran: &Ran| {
                let known = |row: u32| (row as usize) < cut;
                let fills = ran.simulation.fills.iter().filter(|fill| known(fill.row));
                let weights = ran.simulation.weights.iter().filter(|weight| known(weight.row));
                let text: Vec<_> = fills.map(|fill| format!("{fill:?}")).collect();
                (text, weights.map(|weight| format!("{weight:?}")).collect::<Vec<_>>())
            };
            assert_eq!(known(&whole), known(&other), "{name} at {cut}");
            compared += known(&whole).1.len();
        }
        assert!(compared > 40, "{name}: {compared} decisions compared");
    }
}

#[test]
fn the_order_of_the_legs_changes_nothing() {
    for (name, strategy) in strategies() {
        let [a, b] = planted(9);
        let one = play(strategy.as_ref(), &[a.clone(), b.clone()]).expect(&name);
        let two = play(strategy.as_ref(), &[b, a]).expect(&name);
        let fills = |ran: &Ran, mirror: bool| {
            let mut fills: Vec<_> = (ran.simulation.fills.iter())
                .map(|fill| (fill.row, if mirror { 1 - fill.leg } else { fill.leg }, fill.quantity))
                .collect();
            fills.sort_by(|x, y| x.partial_cmp(y).expect("numbers"));
            fills
        };
        let (one, two) = (fills(&one, false), fills(&two, true));
        assert_eq!(one.len(), two.len(), "{name}");
        for (x, y) in one.iter().zip(&two) {
            assert_eq!((x.0, x.1), (y.0, y.1), "{name}");
            assert!((x.2 / y.2 - 1.0).abs() < 1e-9, "{name}: {x:?} {y:?}");
        }
    }
}

#[test]
fn independent_walks_are_mostly_not_accepted_and_the_reason_says_by_how_much() {
    for family in [CopulaFamily::Gaussian, CopulaFamily::StudentT] {
        let mut accepted = 0;
        for seed in 1..=20 {
            match play(&copula(family), &walks(seed)) {
                Ok(_) => accepted += 1,
                Err(reason) => {
                    let told = "none of 1 pairs was accepted at any refit: too little dependence, \
                                Kendall's tau at most ";
                    assert!(
                        reason.starts_with(told) && reason.ends_with(", below min_tau = 0.3"),
                        "{reason}"
                    );
                }
            }
        }
        assert!(accepted <= 1, "{family:?}: {accepted} of 20");
    }
    // Four refits of each at a level of 5 %, less those without a half-life.
    let accepted = |hedge: HedgeRatio| {
        let fits = (1..=40).flat_map(|seed| play(&cointegration(hedge), &walks(seed)));
        fits.flat_map(|ran| ran.fits).filter(|fit| fit.accepted).count()
    };
    let ols = accepted(HedgeRatio::Ols);
    assert!((1..=24).contains(&ols), "{ols} of 160");
    for hedge in &HEDGES[1..] {
        assert_eq!(accepted(*hedge), ols, "{hedge:?} is accepted by the same test");
    }
}

#[test]
fn a_copula_holds_equal_money_on_both_sides() {
    let ran = play(&copula(CopulaFamily::Gaussian), &planted(2)).expect("accepted");
    let entries: Vec<_> =
        ran.simulation.weights.iter().filter(|weight| weight.weight != 0.0).collect();
    assert!(entries.len() > 10);
    for pair in entries.chunks(2) {
        assert_eq!(pair[0].row, pair[1].row);
        assert!((pair[0].weight + pair[1].weight).abs() < 1e-12, "{pair:?}");
    }
}
