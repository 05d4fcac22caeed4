//! Every term of a job by a hand-computed example, and through a run: what it changes, and that its
//! job is another one.

use std::{collections::BTreeSet, fs, path::Path};

use barline::{
    domain::{
        CalendarClass, EventHistory, EventKind, Field, Instrument, InstrumentEvent, Interval,
        Panel, Timestamp, Universe,
    },
    run::Request,
    sim::{
        Costs, FillRule, InstrumentTerms, KeepDetail, Limits, Particulars, Rules, SimOptions,
        Simulation,
    },
    store::{
        Store,
        import::{ImportTerms, SourceFile, Stamp},
        source::{RowKind, SourceOptions},
    },
};

use crate::{
    demo_store::{self, execute},
    scripted::{Case, Line},
    small_store::{DAY, HOUR, START, lines, number, request, series, store, walk},
};

/// Daily bars of these closes (opens equal closes) per leg, filled at the next close.
fn case(closes: &[&[f64]], script: Vec<(usize, Vec<Line>)>) -> Case {
    let instrument = |at: usize| Instrument {
        market: "test".into(),
        symbol: format!("A{at}"),
        id: u32::try_from(at).expect("small"),
    };
    let universe = Universe::new((0..closes.len()).map(instrument).collect()).expect("legs");
    let rows = u32::try_from(closes[0].len()).expect("few");
    let ts = (0..i64::from(rows)).map(|row| row * DAY).collect();
    let mut panel = Panel::with_fields(universe, ts, &[Field::Volume]);
    for (asset, column) in closes.iter().enumerate() {
        panel.column_mut(asset, Field::Open).copy_from_slice(column);
        panel.column_mut(asset, Field::Close).copy_from_slice(column);
        panel.column_mut(asset, Field::Volume).fill(8.0);
    }
    let options = SimOptions {
        capital: 1_000.0,
        costs: Costs::NONE,
        limits: Limits::default(),
        rules: Rules::default(),
        fill: FillRule::NextClose,
        max_stale_bars: 9,
        keep: KeepDetail { fills: true, equity: true, weights: true },
    };
    Case {
        panel,
        assets: (0..).take(closes.len()).collect(),
        rows: (0..rows).collect(),
        script,
        options,
        particulars: Vec::new(),
        stale_rows: Vec::new(),
        on_delisted: 0.0,
    }
}

fn buy(quantity: f64) -> Vec<(usize, Vec<Line>)> {
    vec![(0, vec![Line::Each(0, quantity, 0)])]
}

fn quantities(simulation: &Simulation) -> Vec<(u32, f64)> {
    simulation.fills.iter().map(|fill| (fill.row, fill.quantity)).collect()
}

fn events(list: &[(i64, EventKind, f64)]) -> Vec<Particulars> {
    let event = |&(day, kind, value): &(i64, EventKind, f64)| InstrumentEvent {
        ts: Timestamp(day * DAY),
        kind,
        value,
    };
    let events = EventHistory::new(list.iter().map(event));
    vec![Particulars { terms: InstrumentTerms::default(), events }]
}

#[test]
fn what_a_bar_cannot_take_waits_for_the_next_one() {
    let mut capped = case(&[&[10.0; 6]], buy(5.0));
    capped.options.limits.volume_cap = Some(0.25);
    assert_eq!(quantities(&capped.simulate()), [(1, 2.0), (2, 2.0), (3, 1.0), (5, -5.0)]);
    // A newer order alone of the same leg takes the place of the rest.
    capped.script.push((1, vec![Line::Each(0, 1.0, 0)]));
    assert_eq!(quantities(&capped.simulate()), [(1, 2.0), (2, 1.0), (5, -3.0)]);
    capped.script.pop();
    capped.panel.column_mut(0, Field::Volume)[1] = f64::NAN;
    let simulation = capped.simulate();
    assert_eq!(quantities(&simulation), [(2, 2.0), (3, 2.0), (4, 1.0), (5, -5.0)]);
    assert_eq!((simulation.tickets, simulation.filled), (1, 1));
}

#[test]
fn quantities_are_cut_to_whole_lots_of_the_day() {
    let mut lots = case(&[&[10.0; 4]], buy(7.9));
    lots.options.limits.lot = Some(2.0);
    assert_eq!(quantities(&lots.simulate()), [(1, 6.0), (3, -6.0)]);
    lots.particulars = events(&[(0, EventKind::Split, 4.0)]);
    assert_eq!(quantities(&lots.simulate()), [(1, 7.5), (3, -7.5)], "30 units of the day");
    lots.particulars[0].terms.lot = Some(100.0);
    assert!(quantities(&lots.simulate()).is_empty(), "not one lot");
}

#[test]
fn what_closes_a_position_is_not_cut_to_lots() {
    let mut odd = case(&[&[10.0; 5]], buy(7.9));
    odd.options.limits.lot = Some(2.0);
    odd.script.push((2, vec![Line::Each(0, -6.0, 0)]));
    // 6 units are 3 of the day by then: a lot and a half.
    odd.particulars = events(&[(2, EventKind::Split, 0.5)]);
    assert_eq!(quantities(&odd.simulate()), [(1, 6.0), (3, -6.0)]);
}

/// Quantity, price and commission of the one purchase of an instrument with these terms of its own.
fn bought(own: InstrumentTerms) -> (f64, f64, f64) {
    let flat: &[f64] = &[10.0; 3];
    let mut second = case(&[flat, flat], buy(4.0));
    second.assets = vec![1];
    let (costs, limits) = (&mut second.options.costs, &mut second.options.limits);
    (costs.commission_minimum, costs.commission_per_unit, costs.half_spread_bps) = (1.0, 0.5, 0.0);
    (limits.lot, limits.tick) = (Some(2.0), Some(0.25));
    second.particulars = vec![Particulars::default(); 2];
    second.particulars[1].terms = own;
    let fill = second.simulate().fills[0];
    (fill.quantity, fill.price, fill.commission)
}

#[test]
fn terms_of_an_instrument_take_the_place_of_those_of_the_job() {
    let none = InstrumentTerms::default();
    assert_eq!(bought(none), (4.0, 10.0, 2.0));
    let minimum = InstrumentTerms { commission_minimum: Some(3.0), ..none };
    assert_eq!(bought(minimum), (4.0, 10.0, 3.0));
    let per_unit = InstrumentTerms { commission_per_unit: Some(0.75), ..none };
    assert_eq!(bought(per_unit), (4.0, 10.0, 3.0));
    let spread = InstrumentTerms { half_spread_bps: Some(100.0), ..none };
    assert_eq!(bought(spread), (4.0, 10.25, 2.0), "10.1 on a tick of a quarter");
    let tick = InstrumentTerms { tick: Some(4.0), ..none };
    assert_eq!(bought(tick), (4.0, 12.0, 2.0));
    let lot = InstrumentTerms { lot: Some(3.0), ..none };
    assert_eq!(bought(lot), (3.0, 10.0, 1.5));
}

#[test]
fn cash_below_zero_pays_interest_from_the_next_row_on() {
    let mut borrowed = case(&[&[10.0; 4]], buy(200.0));
    borrowed.options.costs.financing_bps = 3_650.0;
    let simulation = borrowed.simulate();
    // 1,000 are owed: a tenth of a percent a day, on what is owed by then.
    let fees: Vec<f64> = simulation.paid_by_row.iter().map(|paid| paid.financing).collect();
    let expected = [0.0, 0.0, 1.0, 1.001];
    assert!(fees.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{fees:?}");
    assert!((simulation.equity[3] - 997.999).abs() < 1e-9, "{:?}", simulation.equity);
}

#[test]
fn interest_is_due_on_the_borrow_fees_of_the_row_too() {
    let flat: &[f64] = &[10.0; 3];
    let script = vec![(0, vec![Line::Each(0, 300.0, 0), Line::Each(1, -100.0, 0)])];
    let mut both = case(&[flat, flat], script);
    (both.options.costs.borrow_bps, both.options.costs.financing_bps) = (3_650.0, 3_650.0);
    // 1,000 are short and 1,000 owed: a tenth of a percent each, of what is owed after the first.
    let paid = both.simulate().paid_by_row[2];
    assert!((paid.borrow - 1.0).abs() < 1e-12, "{paid:?}");
    assert!((paid.financing - 1.001).abs() < 1e-12, "{paid:?}");
}

#[test]
fn events_are_due_in_the_first_row_at_or_after_them_on_what_was_held_before() {
    let mut held = case(&[&[10.0, 10.0, 20.0, 20.0, 20.0]], buy(3.0));
    held.particulars = events(&[
        (0, EventKind::Dividend, 100.0),
        (1, EventKind::Dividend, 100.0),
        (2, EventKind::Dividend, 0.5),
        (3, EventKind::Funding, 0.01),
    ]);
    let paid = held.simulate().paid_by_row;
    let dividends: Vec<f64> = paid.iter().map(|paid| paid.dividend).collect();
    let funding: Vec<f64> = paid.iter().map(|paid| paid.funding).collect();
    assert_eq!(dividends, [0.0, 0.0, 1.5, 0.0, 0.0], "nothing was held before row 1's fills");
    assert_eq!(funding, [0.0, 0.0, 0.0, 3.0 * 20.0 * 0.01, 0.0]);
    // Two units of the day for each: a dividend is money for each of them.
    held.particulars = events(&[(2, EventKind::Dividend, 0.5), (2, EventKind::Split, 2.0)]);
    assert!((held.simulate().paid.dividend - 3.0).abs() < 1e-12);
}

#[test]
fn a_stored_borrow_rate_takes_the_place_of_the_terms_from_its_date_on() {
    let mut short = case(&[&[10.0; 6]], buy(-100.0));
    short.options.costs.borrow_bps = 3_650.0;
    short.particulars = events(&[(3, EventKind::Borrow, 7_300.0)]);
    let fees: Vec<f64> = short.simulate().paid_by_row.iter().map(|paid| paid.borrow).collect();
    let expected = [0.0, 0.0, 1.0, 1.0, 2.0, 2.0];
    assert!(fees.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{fees:?}");
    short.particulars[0].terms.borrow_bps = Some(0.0);
    let fees = short.simulate().paid.borrow;
    assert!((fees - 4.0).abs() < 1e-12, "only the stored rate: {fees}");
}

#[test]
fn a_margin_call_sells_everything_with_costs_and_ends_the_job() {
    let mut called = case(&[&[10.0, 10.0, 8.0, 20.0, 30.0]], buy(200.0));
    called.options.limits.maintenance_margin = Some(0.4);
    called.options.costs.slippage_bps = 100.0;
    let simulation = called.simulate();
    // Bought at 10.1; at 8: cash -1,020, positions 1,600, equity 580 below 640.
    let call = simulation.margin_call.expect("a call");
    assert_eq!(call.row, 2);
    assert!((call.equity - 580.0).abs() < 1e-9 && (call.gross - 1_600.0).abs() < 1e-9);
    let last = simulation.fills[1];
    assert_eq!((last.row, last.quantity, last.reason), (2, -200.0, "margin_call"));
    let left = 580.0 - 16.0;
    assert!(simulation.equity[2..].iter().all(|equity| (equity - left).abs() < 1e-9));
}

#[test]
fn a_margin_is_held_against_positions_at_the_close_that_is_judged() {
    // 700 of equity on 1,700 of positions, four tenths of which are 680; they were 2,000 before.
    let mut long = case(&[&[10.0, 10.0, 8.5, 8.5]], buy(200.0));
    long.options.limits.maintenance_margin = Some(0.4);
    assert_eq!(long.simulate().margin_call, None);
    // 500 of equity on 1,500 of positions, four tenths of which are 600; they were 1,000 before.
    let mut short = case(&[&[10.0, 10.0, 15.0, 15.0]], buy(-100.0));
    short.options.limits.maintenance_margin = Some(0.4);
    let call = short.simulate().margin_call.expect("a call");
    assert_eq!((call.row, call.equity, call.gross), (2, 500.0, 1_500.0));
}

#[test]
fn a_group_is_scaled_to_the_cap_and_leaves_what_it_entered() {
    let flat: &[f64] = &[10.0; 5];
    let enter = Line::Together(vec![(0, 150.0), (1, -50.0)], 7);
    let leave = Line::Together(vec![(0, -150.0), (1, 50.0)], 7);
    let mut pair = case(&[flat, flat], vec![(0, vec![enter]), (2, vec![leave])]);
    pair.options.limits.gross_leverage_cap = Some(1.0);
    let scaled = [(1, 75.0), (1, -25.0), (3, -75.0), (3, 25.0)];
    assert_eq!(quantities(&pair.simulate()), scaled);
    pair.options.limits = Limits { net_leverage_cap: Some(0.5), ..Limits::default() };
    assert_eq!(quantities(&pair.simulate()), scaled);
}

#[test]
fn a_cap_is_a_multiple_of_equity_and_counts_what_still_waits() {
    let mut doubled = case(&[&[10.0, 10.0, 20.0, 20.0, 20.0]], buy(50.0));
    doubled.script.push((2, vec![Line::Each(0, 100.0, 1)]));
    doubled.options.limits.gross_leverage_cap = Some(1.0);
    // 1,500 of equity and 1,000 of positions: 25 more at 20.
    assert_eq!(quantities(&doubled.simulate()), [(1, 50.0), (3, 25.0), (4, -75.0)]);
    let (flat, late): (&[f64], &[f64]) = (&[10.0; 5], &[10.0, f64::NAN, f64::NAN, 10.0, 10.0]);
    let script = vec![(0, vec![Line::Each(1, 60.0, 0)]), (1, vec![Line::Each(0, 100.0, 1)])];
    let mut waits = case(&[flat, late], script);
    waits.options.limits.gross_leverage_cap = Some(1.0);
    // 600 of 1,000 are on their way.
    assert_eq!(quantities(&waits.simulate()), [(2, 40.0), (3, 60.0), (4, -40.0), (4, -60.0)]);
}

const CALENDAR: CalendarClass = CalendarClass::Continuous;

fn two_walks(names: [&'static str; 2]) -> (tempfile::TempDir, std::path::PathBuf) {
    let one = |symbol, seed| series(symbol, CALENDAR, HOUR, &walk(seed, 24 * 60), |_, _| true);
    store(Interval::HOUR, &[one(names[0], 1), one(names[1], 2)], true)
}

/// Imports events of a kind, written as a file would have them.
pub(crate) fn import(
    path: &Path,
    kind: EventKind,
    text: &str,
) -> barline::store::import::EventReport {
    let file = path.with_extension(format!("{kind}.csv"));
    fs::write(&file, text).expect("a file");
    let terms = ImportTerms {
        market: "test".into(),
        interval: None,
        calendar: None,
        stamp: Stamp::Open,
        max_rejects: None,
        source: SourceOptions { rows: RowKind::Events(kind), ..SourceOptions::default() },
    };
    let store = Store::open(path, &demo_store::options()).expect("the store");
    let file = SourceFile::look_at(&file).expect("a file");
    let report = store.import_events(&file, kind, &terms, false, &mut |_| Ok(())).expect("read");
    store.close().expect("closed");
    report
}

fn plain() -> Request {
    request(30, &["equal-weight"], "2")
}

/// The key of the one job of a request.
fn key(path: &Path, request: &Request) -> String {
    let summary = execute(path, request);
    let sql = format!(
        "SELECT job_key FROM job_result WHERE run_id = {} AND size = 2 AND outcome = 'done'",
        summary.run_id
    );
    lines(path, &sql)[0].clone()
}

#[test]
fn every_term_and_every_event_makes_another_job() {
    let (_folder, path) = two_walks(["A", "B"]);
    let mut requests = vec![plain()];
    for at in 0..8 {
        let mut costs = Costs::NONE;
        let all = [
            &mut costs.commission_bps,
            &mut costs.slippage_bps,
            &mut costs.borrow_bps,
            &mut costs.commission_per_unit,
            &mut costs.commission_minimum,
            &mut costs.half_spread_bps,
            &mut costs.impact,
            &mut costs.financing_bps,
        ];
        *all.into_iter().nth(at).expect("a cost") = 0.25;
        requests.push(Request { costs, ..plain() });
    }
    let limits = Limits::default();
    for limits in [
        Limits { lot: Some(0.25), ..limits },
        Limits { tick: Some(0.25), ..limits },
        Limits { volume_cap: Some(0.25), ..limits },
        Limits { gross_leverage_cap: Some(0.25), ..limits },
        Limits { net_leverage_cap: Some(0.25), ..limits },
        Limits { maintenance_margin: Some(0.25), ..limits },
    ] {
        requests.push(Request { limits, ..plain() });
    }
    for at in 0..6 {
        let mut own = InstrumentTerms::default();
        let all = [
            &mut own.half_spread_bps,
            &mut own.borrow_bps,
            &mut own.commission_per_unit,
            &mut own.commission_minimum,
            &mut own.lot,
            &mut own.tick,
        ];
        *all.into_iter().nth(at).expect("a term") = Some(0.5);
        requests.push(Request { instruments: [("A".to_owned(), own)].into(), ..plain() });
    }
    let mut keys: BTreeSet<String> = requests.iter().map(|request| key(&path, request)).collect();
    assert_eq!(keys.len(), requests.len());
    assert!(keys.contains(&key(&path, &requests[0])), "the same question has the same key");
    let within = "2024-02-15T06:30:00Z";
    for kind in EventKind::ALL {
        let text = format!("TS,{},Symbol\n{within},0.5,B\n", kind.column().to_uppercase());
        assert_eq!(import(&path, kind, &text).counts.stored, 1);
        assert!(keys.insert(key(&path, &requests[0])), "{kind}");
    }
    let after = "ts,symbol,amount\n2030-01-01,B,9\n";
    import(&path, EventKind::Dividend, after);
    assert!(!keys.insert(key(&path, &requests[0])), "after the window, of no concern");
}

#[test]
fn a_run_with_every_cost_tells_them_apart_and_is_not_done_twice() {
    let (_folder, path) = two_walks(["A", "B"]);
    import(&path, EventKind::Dividend, "ts,symbol,amount\n2024-02-10,A,0.5\n");
    import(&path, EventKind::Funding, "ts,symbol,rate\n2024-02-10,B,0.001\n2024-02-11,B,-0.0001\n");
    let costs = Costs { commission_minimum: 1.0, half_spread_bps: 4.0, ..Costs::default() };
    let asked = Request { costs, ..plain() };
    let first = execute(&path, &asked);
    let again = execute(&path, &asked);
    assert_eq!((again.computed, again.cached), (0, first.planned));
    let off = "SELECT count(*) FROM job_result JOIN (
                 SELECT job_key, sum(commission) AS commission, sum(spread) AS spread,
                        sum(dividend) AS dividend, sum(funding) AS funding
                 FROM ledger GROUP BY job_key
               ) AS row USING (job_key)
               WHERE abs(job_result.commission - row.commission) > 1e-9
                  OR abs(job_result.spread - row.spread) > 1e-9
                  OR abs(job_result.dividend - row.dividend) > 1e-9
                  OR abs(job_result.funding - row.funding) > 1e-9";
    assert_eq!(number(&path, off), 0);
    let paid = "SELECT count(*) FROM job_result
                WHERE size = 2 AND commission > 0 AND spread > 0 AND slippage > 0 AND dividend > 0
                  AND funding > 0";
    assert!(number(&path, paid) > 0);
}

#[test]
fn a_table_of_splits_gives_what_adjusted_bars_give() {
    let whole = walk(1, 24 * 60);
    let at = START + 45 * DAY;
    let rows = whole.len();
    let split: Vec<f64> = (0..rows)
        .map(|row| {
            let ts = START + i64::try_from(row).expect("few") * HOUR;
            if ts >= at { whole[row] - 4.0_f64.ln() } else { whole[row] }
        })
        .collect();
    let other = series("B", CALENDAR, HOUR, &walk(2, rows), |_, _| true);
    let bars = |logs: &[f64]| series("A", CALENDAR, HOUR, logs, |_, _| true);
    let (_one, adjusted) = store(Interval::HOUR, &[bars(&whole), other.clone()], true);
    let (_two, raw) = store(Interval::HOUR, &[bars(&split), other], true);
    import(&raw, EventKind::Split, "ts,symbol,ratio\n2024-02-15,A,4\n");
    let sql = "SELECT equity FROM ledger WHERE size = 2 ORDER BY ts";
    let equity = |path: &Path| -> Vec<f64> {
        execute(path, &plain());
        lines(path, sql).iter().map(|line| line.parse().expect("a number")).collect()
    };
    let (one, two) = (equity(&adjusted), equity(&raw));
    assert_eq!(one.len(), 24 * 30);
    assert!(one.iter().zip(&two).all(|(a, b)| (a - b).abs() <= 1e-9 * a), "off");
    let last =
        "SELECT quantity FROM fill WHERE symbol = 'A' ORDER BY job_id DESC, seq DESC LIMIT 1";
    let sold = |path: &Path| -> f64 { lines(path, last)[0].parse().expect("a number") };
    assert!((sold(&raw) / sold(&adjusted) - 4.0).abs() < 1e-9, "stored in units of the day");
    let fill = "SELECT price FROM fill WHERE symbol = 'A' ORDER BY job_id DESC, seq DESC LIMIT 1";
    let price = |path: &Path| -> f64 { lines(path, fill)[0].parse().expect("a number") };
    assert!((price(&adjusted) / price(&raw) - 4.0).abs() < 1e-9, "stored in prices of the day");
    // Opened before the split, closed after it: a trade is told in the units of its entry.
    let told = "SELECT quantity, entry_price, exit_price FROM trade JOIN job USING (job_id)
                WHERE symbol = 'A' AND size = 2";
    let trade = |path: &Path| -> Vec<f64> {
        let line = &lines(path, told)[0];
        line.split(' ').map(|part| part.parse().expect("a number")).collect()
    };
    let off = |(a, b): (&f64, &f64)| (a / b - 1.0).abs() > 1e-9;
    let (one, two) = (trade(&adjusted), trade(&raw));
    assert!(!one.iter().zip(&two).any(off), "{one:?} {two:?}");
}

#[test]
fn orders_that_nothing_fills_are_not_a_job_without_entries() {
    let (_folder, path) = two_walks(["A", "B"]);
    let limits = Limits { lot: Some(1e9), ..Limits::default() };
    execute(&path, &Request { limits, ..plain() });
    let told = "SELECT outcome, trades, total_return FROM job_result WHERE size = 2";
    assert_eq!(lines(&path, told), ["done 0 0"]);
}

#[test]
fn an_import_of_events_accounts_for_every_row() {
    let (_folder, path) = two_walks(["A", "B"]);
    let text = "symbol;RATE;Timestamp\nA;0.1;2024-01-05\nA;-0.1;2024-01-06\nA;0.2;2024-01-05\n\
                A;x;2024-01-07\n\nB;inf;2024-01-07\nNEW;1e-4;2024-01-07\n";
    let report = import(&path, EventKind::Funding, text);
    let counts = report.counts;
    assert_eq!((counts.read, counts.stored, counts.duplicate), (7, 3, 1));
    assert_eq!((counts.rejected, counts.blank, counts.differing), (2, 1, 1));
    assert!(report.rejects().expect("two").contains("line 5, rate: "), "{:?}", report.rejects());
    let rejects = lines(&path, "SELECT line, field, reason FROM import_reject ORDER BY line");
    assert_eq!(rejects, ["5 rate not_a_number", "7 rate not_finite"]);
    let again = import(&path, EventKind::Funding, &format!("{text}B;0.5;2024-01-09\n"));
    assert_eq!((again.counts.stored, again.counts.duplicate), (1, 4));
    let negative = import(&path, EventKind::Dividend, "ts,symbol,amount\n2024-01-07,A,-1\n");
    assert_eq!((negative.counts.stored, negative.counts.rejected), (0, 1));
    let kinds = lines(&path, "SELECT DISTINCT kind FROM import ORDER BY kind");
    assert_eq!(kinds, ["bars", "dividends", "funding"]);
}
