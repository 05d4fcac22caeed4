//! Unequal histories: late listings, delistings, and markets that trade at different times.

use std::path::Path;

use barline::{
    domain::{CalendarClass, Interval},
    run::Request,
    sim::Costs,
    strategy::{CointegrationParameters, StrategyParameters},
};

use crate::{
    demo_store::execute,
    scripted::Dice,
    small_store::{DAY, HOUR, START, Series, lines, number, request, series, store, walk},
};

const ALWAYS: CalendarClass = CalendarClass::Continuous;
const EXCHANGE: CalendarClass = CalendarClass::Exchange;

/// Hours of 60 days; the scored window of 30 days begins in the middle.
const HOURS: usize = 24 * 60;

fn hourly(symbol: &'static str, seed: u64, trades: impl Fn(usize, i64) -> bool) -> Series {
    series(symbol, ALWAYS, HOUR, &walk(seed, HOURS), trades)
}

/// Day and hour from the start of the bars.
fn stamp(row: usize) -> String {
    let micros = START + i64::try_from(row).expect("few") * HOUR;
    barline::domain::Timestamp(micros).to_string()
}

#[test]
fn a_late_listing_has_a_share_from_its_first_bar_on() {
    let listed = 24 * 45 + 5;
    let all = [
        hourly("A", 1, |_, _| true),
        hourly("B", 2, |_, _| true),
        hourly("C", 3, |row, _| row >= listed),
    ];
    let (_folder, path) = store(Interval::HOUR, &all, true);
    let names = ["cointegration", "hrp", "equal-weight"];
    execute(&path, &request(30, &names, "all"));
    let weights = "SELECT strftime(ts, '%d %H') AS at, string_agg(round(weight, 3)::VARCHAR, ' ' ORDER BY symbol)
                   FROM weight JOIN job USING (job_id) WHERE strategy = 'equal-weight'
                   GROUP BY ts ORDER BY ts";
    // A week of bars between rebalances: days 30, 37, 44 of the bars; then at the first bar of the
    // newcomer, and a week of bars after that.
    let expected = [
        "31 00 0.5 0.5 0.0",
        "07 00 0.5 0.5 0.0",
        "14 00 0.5 0.5 0.0",
        "15 05 0.333 0.333 0.333",
        "22 05 0.333 0.333 0.333",
        "29 05 0.333 0.333 0.333",
    ];
    assert_eq!(lines(&path, weights), expected);
    let early = format!(
        "SELECT count(*) FROM fill WHERE symbol = 'C' AND ts < TIMESTAMP '{}'",
        stamp(listed).trim_end_matches('Z')
    );
    assert_eq!(number(&path, &early), 0);
    assert_eq!(number(&path, "SELECT count(*) FROM trade WHERE exit_reason = 'delisted'"), 0);
    let short = "SELECT outcome || ': ' || reason FROM job WHERE strategy <> 'equal-weight'";
    let needed = "insufficient_history: needed 324 common bars before the scored window, given 0";
    assert_eq!(lines(&path, short), [needed, needed]);
}

#[test]
fn a_silent_member_is_valued_at_its_last_close_and_then_closed_there() {
    let last = 24 * 45;
    let all = [
        hourly("A", 1, |_, _| true),
        hourly("B", 2, |_, _| true),
        // Five hours without a bar are no delisting.
        hourly("C", 3, |row, _| row <= last && !(1_000..1_005).contains(&row)),
    ];
    for silent in [24_u32, 6] {
        let (_folder, path) = store(Interval::HOUR, &all, true);
        let request = Request { max_stale_bars: silent, ..request(30, &["equal-weight"], "all") };
        execute(&path, &request);
        let closed = "SELECT count(*), max(exit_ts)::VARCHAR, max(exit_reason) FROM trade WHERE symbol = 'C'";
        let row = last + silent as usize + 1;
        let at = stamp(row).trim_end_matches('Z').replace('T', " ");
        assert_eq!(lines(&path, closed), [format!("1 {at} delisted")]);
        let price = "SELECT count(*) FROM fill, bar JOIN instrument USING (instrument_id)
                     WHERE fill.reason = 'delisted' AND instrument.symbol = 'C' AND fill.symbol = 'C'
                       AND fill.price = bar.close
                       AND bar.ts = (SELECT max(ts) FROM bar AS b WHERE b.instrument_id = bar.instrument_id)";
        assert_eq!(number(&path, price), 1);
        let after = "SELECT count(*) FROM weight WHERE symbol = 'C' AND weight <> 0
                     AND ts > (SELECT max(exit_ts) FROM trade WHERE symbol = 'C')";
        assert_eq!(number(&path, after), 0);
        let bars =
            "SELECT bars FROM measure JOIN job USING (job_id) WHERE strategy = 'equal-weight'";
        assert_eq!(number(&path, bars), 30 * 24, "the portfolio goes on");
    }
}

/// `Y` follows `X` with a spread that returns within a few bars, lies still before row `jump`, and
/// stands three deviations away from there on.
fn followed(x: &[f64], jump: usize) -> Vec<f64> {
    let (persistence, shock) = (0.8, 0.01);
    let deviation = shock / 3.0_f64.sqrt() / (1.0_f64 - persistence * persistence).sqrt();
    let mut dice = Dice(99);
    let mut spread = 0.0;
    x.iter()
        .enumerate()
        .map(|(row, log)| {
            spread = persistence * spread + shock * dice.signed();
            let still = if row % 2 == 0 { 0.1 } else { -0.1 };
            if row >= jump {
                log + 3.0 * deviation
            } else if row + 40 >= jump {
                log + still * deviation
            } else {
                log + spread
            }
        })
        .collect()
}

#[test]
fn the_other_leg_of_a_delisted_one_leaves() {
    // Row 720 is the first scored one; the pair enters at 820 and X trades for three more rows.
    let (jump, last) = (820, 823);
    let logs = walk(5, HOURS);
    let pair = [
        series("X", ALWAYS, HOUR, &logs, |row, _| row <= last),
        series("Y", ALWAYS, HOUR, &followed(&logs, jump), |_, _| true),
    ];
    let third = hourly("Z", 8, |_, _| true);
    for (series, bars) in
        [(pair.to_vec(), 104 + 26), ([pair.to_vec(), vec![third]].concat(), 30 * 24)]
    {
        let (_folder, path) = store(Interval::HOUR, &series, true);
        execute(&path, &request(30, &["cointegration"], "all"));
        let left = "SELECT symbol || ' ' || exit_reason || ' ' || exit_ts::VARCHAR FROM trade
                    WHERE entry_ts = TIMESTAMP '2024-02-04 05:00:00' ORDER BY symbol";
        let expected = ["X delisted 2024-02-05 08:00:00", "Y delisted 2024-02-05 09:00:00"];
        assert_eq!(stamp(jump + 1), "2024-02-04T05:00:00Z");
        assert_eq!(stamp(last + 25), "2024-02-05T08:00:00Z");
        assert_eq!(lines(&path, left), expected, "{} legs", series.len());
        assert_eq!(number(&path, "SELECT bars FROM measure"), bars, "{} legs", series.len());
    }
}

/// Weekdays, 14:00 to 20:00 UTC.
fn session(ts: i64) -> bool {
    let hour = ts.rem_euclid(DAY) / HOUR;
    weekday(ts) && (14..=20).contains(&hour)
}

/// The bars start on a Monday.
fn weekday(ts: i64) -> bool {
    (ts - START).div_euclid(DAY).rem_euclid(7) < 5
}

/// Pairs whatever their test says, and portfolios: two axes.
fn mixed(days: u32) -> Request {
    let cointegration = CointegrationParameters {
        min_half_life_bars: 0.1,
        max_half_life_frac: 10.0,
        alpha: 1.0,
        ..CointegrationParameters::default()
    };
    let parameters = StrategyParameters { cointegration, ..StrategyParameters::default() };
    let names = ["cointegration", "equal-weight"];
    Request { parameters, ..request(days, &names, "2") }
}

fn measured(path: &Path, symbols: &str, strategy: &str) -> Vec<String> {
    let text = format!(
        "SELECT bars, periods_per_year FROM job_result
         WHERE symbols = '{symbols}' AND strategy = '{strategy}'"
    );
    lines(path, &text)
}

#[test]
fn a_closed_market_is_not_a_delisting_and_every_axis_has_its_own_year() {
    let coin = walk(5, HOURS);
    let share = followed(&coin, HOURS);
    let second = walk(6, HOURS);
    let all = [
        series("COIN", ALWAYS, HOUR, &coin, |_, _| true),
        series("SHARE", EXCHANGE, HOUR, &share, |_, ts| session(ts)),
        series("TITLE", EXCHANGE, HOUR, &second, |_, ts| session(ts)),
    ];
    let (_folder, path) = store(Interval::HOUR, &all, true);
    execute(&path, &mixed(30));
    assert_eq!(measured(&path, "COIN,SHARE", "equal-weight"), ["720 8760"]);
    let shared =
        (720..HOURS).filter(|&row| session(START + i64::try_from(row).expect("few") * HOUR));
    let sessions = shared.count();
    assert_eq!(measured(&path, "COIN,SHARE", "cointegration"), [format!("{sessions} 1638")]);
    assert_eq!(measured(&path, "SHARE,TITLE", "equal-weight"), [format!("{sessions} 1638")]);
    // A weekend is 65 rows of the coin, far more than 24.
    assert_eq!(number(&path, "SELECT count(*) FROM trade WHERE exit_reason = 'delisted'"), 0);
    let closed = "SELECT count(*) FROM fill WHERE symbol <> 'COIN' AND reason <> 'end_of_data'
                  AND (isodow(ts) > 5 OR hour(ts) NOT BETWEEN 14 AND 20)";
    assert_eq!(number(&path, closed), 0);
    assert!(number(&path, "SELECT count(*) FROM fill WHERE symbol = 'SHARE'") > 0);
}

#[test]
fn the_benchmark_holds_the_combination_on_the_axis_of_the_job_at_its_costs() {
    let coin = walk(5, HOURS);
    let share = followed(&coin, HOURS);
    let all = [
        series("COIN", ALWAYS, HOUR, &coin, |_, _| true),
        series("SHARE", EXCHANGE, HOUR, &share, |_, ts| session(ts)),
    ];
    let (_folder, path) = store(Interval::HOUR, &all, true);
    execute(&path, &Request { costs: Costs::default(), ..mixed(30) });
    let always: Vec<usize> = (720..HOURS).collect();
    let open = |row: &usize| session(START + i64::try_from(*row).expect("few") * HOUR);
    let sessions: Vec<usize> = always.iter().copied().filter(open).collect();
    // Half the capital, decided at the first close of the rows, bought at the next open (a
    // thousandth below its close), sold at the last close.
    let earned = |logs: &[f64], rows: &[usize]| {
        let (slippage, commission) = (5e-4, 1e-3);
        let paid = logs[rows[1]].exp() * 0.999 * (1.0 + slippage) * (1.0 + commission);
        let last = rows[rows.len() - 1];
        let received = logs[last].exp() * (1.0 - slippage) * (1.0 - commission);
        (received - paid) / logs[rows[0]].exp() / 2.0
    };
    let of_share = earned(&share, &sessions);
    for (strategy, rows) in [("cointegration", &sessions), ("equal-weight", &always)] {
        let told = format!("SELECT benchmark_return FROM job_result WHERE strategy = '{strategy}'");
        let found: f64 = lines(&path, &told)[0].parse().expect("a number");
        let expected = earned(&coin, rows) + of_share;
        assert!((found - expected).abs() < 1e-9, "{strategy}: {found}, by hand {expected}");
    }
}

#[test]
fn daily_bars_of_two_calendars_share_their_weekdays() {
    let rows = 365 * 2;
    let coin = walk(5, rows);
    let share = followed(&coin, rows);
    // Closed for ten days in autumn: longer than any weekend, shorter than 24 sessions.
    let open = |row: usize, ts: i64| weekday(ts) && !(600..610).contains(&row);
    let all = [
        series("COIN", ALWAYS, DAY, &coin, |_, _| true),
        series("SHARE", EXCHANGE, DAY, &share, open),
    ];
    let sessions = (rows - 365..rows)
        .filter(|&row| open(row, START + i64::try_from(row).expect("few") * DAY))
        .count();
    for (silent, delisted) in [(24, 0), (3, 1)] {
        let (_folder, path) = store(Interval::DAY, &all, true);
        execute(&path, &Request { max_stale_bars: silent, ..mixed(365) });
        assert_eq!(measured(&path, "COIN,SHARE", "equal-weight"), ["365 365"]);
        assert_eq!(measured(&path, "COIN,SHARE", "cointegration"), [format!("{sessions} 252")]);
        // 3 sessions are 5 days: the closure is a delisting, a weekend is none.
        let closed = "SELECT count(*) FROM trade JOIN job USING (job_id)
                      WHERE strategy = 'equal-weight' AND exit_reason = 'delisted'";
        assert_eq!(number(&path, closed), delisted, "{silent} bars");
    }
}

#[test]
fn a_market_that_is_closed_when_the_window_begins_is_bought_when_it_opens() {
    // C has bars from 14:00 to 20:00 only; the window begins at midnight.
    let all = [
        hourly("A", 1, |_, _| true),
        hourly("B", 2, |_, _| true),
        hourly("C", 3, |row, _| (14..20).contains(&(row % 24))),
    ];
    let (_folder, path) = store(Interval::HOUR, &all, true);
    execute(&path, &request(30, &["equal-weight"], "all"));
    let first = "SELECT strftime(min(ts), '%d %H') FROM fill WHERE symbol = 'C'";
    assert_eq!(lines(&path, first), ["31 15"]);
    assert_eq!(number(&path, "SELECT count(*) FROM trade WHERE exit_reason = 'delisted'"), 0);
}
