//! Baskets end to end: their fills are those of a loop written by hand from the definition.

use barline::{
    domain::{CalendarClass, Interval},
    run::Request,
    stats::{JohansenCase, exact_half_life, johansen, mean, standard_deviation},
    store::Cell,
    strategy::{BasketParameters, StrategyParameters},
};

use crate::{
    demo_store::execute,
    scripted::Dice,
    small_store::{HOUR, START, Series, lines, number, request, series, sql, store, walk},
};

/// Hours of 120 days: a scored window of 60 days, a formation window of 30 before it.
const HOURS: usize = 24 * 120;
const FORMATION: usize = 24 * 30;
const FIRST: usize = 24 * 60;
const REFIT: usize = FORMATION / 2;
const SYMBOLS: [&str; 3] = ["A", "B", "C"];

/// Two walks and a third that follows both; the relation ends where `planted` does.
fn logs(planted: impl Fn(usize) -> bool) -> [Vec<f64>; 3] {
    let (a, b) = (walk(3, HOURS), walk(4, HOURS));
    let mut dice = Dice(17);
    let (mut spread, mut lost) = (0.0, 0.0);
    let next = |row: usize| {
        spread = 0.9 * spread + 0.01 * dice.signed();
        lost += if planted(row) { 0.0 } else { 0.01 * dice.signed() };
        0.6 * a[row] + 0.4 * b[row] + spread + lost
    };
    let c = (0..HOURS).map(next).collect();
    [a, b, c]
}

fn market(logs: &[Vec<f64>; 3]) -> Vec<Series> {
    let hourly = |(symbol, logs): (&&'static str, &Vec<f64>)| {
        series(symbol, CalendarClass::Continuous, HOUR, logs, |_, _| true)
    };
    SYMBOLS.iter().zip(logs).map(hourly).collect()
}

fn asked(basket: BasketParameters) -> Request {
    let parameters = StrategyParameters { basket, ..StrategyParameters::default() };
    Request { parameters, ..request(60, &["basket"], "3") }
}

/// A relation of one window: weights, mean and deviation of the spread.
type Relation = ([f64; 3], f64, f64);

fn relation(logs: &[Vec<f64>; 3]) -> Option<Relation> {
    let columns: Vec<&[f64]> = logs.iter().map(Vec::as_slice).collect();
    let test = johansen(&columns, JohansenCase::Constant, 1).expect("regular");
    let vector = &test.vectors[0];
    let gross = vector[0].abs() + vector[1].abs() + vector[2].abs();
    let weights = [0, 1, 2].map(|leg| vector[leg] / gross);
    let spread: Vec<f64> = (0..logs[0].len()).map(|row| spread(&weights, logs, row)).collect();
    let half_life = exact_half_life(&spread)?;
    let accepted = test.trace[0] > test.critical_values[0]?.trace[1]
        && half_life >= 2.0
        && half_life <= spread.len() as f64 / 4.0;
    accepted.then_some((weights, mean(&spread)?, standard_deviation(&spread, 1)?))
}

fn spread(weights: &[f64; 3], logs: &[Vec<f64>; 3], row: usize) -> f64 {
    0.0 + weights[0] * logs[0][row] + weights[1] * logs[1][row] + weights[2] * logs[2][row]
}

/// A fill: row, leg, quantity, reason.
type Told = (usize, usize, f64, &'static str);

/// The rule by hand: one basket, next-open fills, no costs, a capital of 10,000.
fn by_hand(closes: &[Vec<f64>; 3], opens: &[Vec<f64>; 3]) -> Vec<Told> {
    let logs = closes.each_ref().map(|column| column.iter().map(|x| libm::log(*x)).collect());
    let logs: [Vec<f64>; 3] = logs;
    let mut fills: Vec<Told> = Vec::new();
    let (mut cash, mut held, mut side, mut armed) = (10_000.0, [0.0; 3], 0.0_f64, true);
    let mut traded = cash;
    let mut order: Option<([f64; 3], &'static str)> = None;
    let mut fit: Option<Relation> = None;
    for row in FIRST..HOURS {
        if let Some((change, reason)) = order.take() {
            for leg in 0..3 {
                cash -= change[leg] * opens[leg][row];
                held[leg] += change[leg];
                fills.push((row, leg, change[leg], reason));
            }
        }
        if (row - FIRST).is_multiple_of(REFIT) {
            fit = relation(&logs.each_ref().map(|column| column[row - FORMATION..row].to_vec()));
        }
        let last = (row + 1 - FIRST).is_multiple_of(REFIT) || row + 1 == HOURS;
        let left = HOURS - 1 - row;
        if let Some((weights, mean, sd)) = fit {
            let z = (spread(&weights, &logs, row) - mean) / sd;
            if side == 0.0 {
                armed = armed || z.abs() <= 0.5;
                if armed && z.abs() >= 2.0 && z.abs() < 4.0 && !last && left >= 2 {
                    side = if z > 0.0 { -1.0 } else { 1.0 };
                    let quantity = |leg: usize| side * weights[leg] * traded / closes[leg][row];
                    order = Some(([0, 1, 2].map(quantity), "enter"));
                }
            } else {
                let reason = if side * z <= -4.0 {
                    armed = false;
                    Some("stop")
                } else if side * z >= -0.5 {
                    Some("exit")
                } else {
                    last.then_some("window_end")
                };
                if let Some(reason) = reason.filter(|_| left >= 1) {
                    order = Some((held.map(|quantity| -quantity), reason));
                    side = 0.0;
                }
            }
        }
        if last {
            traded = (0..3).fold(cash, |sum, leg| sum + held[leg] * closes[leg][row]);
        }
    }
    fills
}

#[test]
fn the_fills_are_those_of_the_rule_by_hand() {
    // The relation is lost in the fourth week: stops, and a refit that finds nothing.
    let lost = FIRST + 24 * 25;
    let market = market(&logs(|row| row < lost));
    let closes = [0, 1, 2]
        .map(|leg: usize| market[leg].closes.iter().map(|(_, close)| *close).collect::<Vec<f64>>());
    let opens = closes.each_ref().map(|column| column.iter().map(|x| x * 0.999).collect());
    let expected = by_hand(&closes, &opens);
    let (_folder, path) = store(Interval::HOUR, &market, true);
    execute(&path, &asked(BasketParameters::default()));
    let text = "SELECT epoch_us(ts), symbol, quantity, reason FROM fill
                WHERE reason <> 'end_of_data' ORDER BY ts, symbol";
    let stored = sql(&path, text).rows;
    assert_eq!(stored.len(), expected.len());
    assert!(stored.len() >= 3 * 10, "{} fills", stored.len());
    for (stored, (row, leg, quantity, reason)) in stored.iter().zip(expected) {
        let [Cell::Int(ts), Cell::Text(symbol), Cell::Float(given), Cell::Text(why)] = &stored[..]
        else {
            panic!("{stored:?}")
        };
        let at = START + i64::try_from(row).expect("few") * HOUR;
        assert_eq!((*ts, symbol.as_str(), why.as_str()), (at, SYMBOLS[leg], reason));
        assert!((given - quantity).abs() <= 1e-12 * quantity.abs(), "{given} {quantity}");
    }
    let reasons = lines(&path, "SELECT DISTINCT reason FROM fill ORDER BY reason");
    for reason in ["enter", "exit", "stop"] {
        assert!(reasons.contains(&reason.to_owned()), "{reason}: {reasons:?}");
    }
}

#[test]
fn walks_are_declined_with_the_figures_of_their_test() {
    let walks = [walk(3, HOURS), walk(5, HOURS), walk(8, HOURS)];
    let (_folder, path) = store(Interval::HOUR, &market(&walks), true);
    let strict = BasketParameters { alpha: 0.01, ..BasketParameters::default() };
    execute(&path, &asked(strict));
    let told = lines(&path, "SELECT outcome || ': ' || reason FROM job");
    let quantile = barline::stats::johansen_critical_values(JohansenCase::Constant, 3);
    let bound = format!(" below {:.2} at the best of 4 refits", quantile.expect("tabled").trace[2]);
    assert!(told[0].starts_with("not_cointegrated: trace "), "{told:?}");
    assert!(told[0].ends_with(&bound), "{told:?}");
}

#[test]
fn law_what_happens_later_changes_no_fill() {
    let cut = FIRST + 24 * 40;
    let plain = market(&logs(|_| true));
    let mut other = plain.clone();
    for (at, one) in other.iter_mut().enumerate() {
        let noise = walk(70 + at as u64, HOURS);
        one.closes[cut..].iter_mut().zip(&noise).for_each(|((_, close), log)| *close = log.exp());
    }
    let at = START + i64::try_from(cut).expect("few") * HOUR;
    let fills = |market: &[Series], until: i64| {
        let (_folder, path) = store(Interval::HOUR, market, true);
        execute(&path, &asked(BasketParameters::default()));
        let text = format!(
            "SELECT ts::VARCHAR, symbol, quantity, price, reason FROM fill
             WHERE epoch_us(ts) < {until} ORDER BY ts, symbol"
        );
        lines(&path, &text)
    };
    let early = fills(&plain, at);
    assert!(early.len() >= 3 * 4, "{}", early.len());
    assert_eq!(fills(&other, at), early);
    assert_ne!(fills(&other, i64::MAX), fills(&plain, i64::MAX));
}

#[test]
fn only_threes_and_fours_are_baskets_and_every_member_is_held() {
    let mut series_of = market(&logs(|_| true));
    for (at, symbol) in ["D", "E"].into_iter().enumerate() {
        let logs = walk(50 + at as u64, HOURS);
        series_of.push(series(symbol, CalendarClass::Continuous, HOUR, &logs, |_, _| true));
    }
    let (_folder, path) = store(Interval::HOUR, &series_of, true);
    execute(&path, &Request { ..request(60, &["basket"], "2..4,all") });
    let sizes = "SELECT size, count(*) FROM job
                 GROUP BY size ORDER BY size";
    assert_eq!(lines(&path, sizes), ["3 10", "4 5"]);
    let planted = "SELECT outcome FROM job
                   WHERE symbols = 'A,B,C'";
    assert_eq!(lines(&path, planted), ["done"]);
    let together =
        "SELECT count(*) FROM (SELECT job_id, ts, any_value(size) AS size, count(*) AS legs
                    FROM fill JOIN job USING (job_id)
                    GROUP BY job_id, ts) WHERE legs % size <> 0";
    assert_eq!(number(&path, together), 0);
    let gross = "SELECT count(*) FROM (SELECT sum(abs(weight)) AS gross FROM weight
                 JOIN job USING (job_id) GROUP BY job_id, ts) WHERE gross > 1.5";
    assert_eq!(number(&path, gross), 0);
}
