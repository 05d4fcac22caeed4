//! Every term of a job through a run: what it changes, and that its job is another one.

use std::{collections::BTreeSet, fs, path::Path};

use barline::{
    domain::{CalendarClass, EventKind, Interval},
    run::Request,
    sim::{Costs, InstrumentTerms, Limits},
    store::{
        Store,
        import::{EventReading, ImportTerms, OnConflict, SourceFile, Stamp},
        source::{RowKind, SourceOptions},
    },
};

use crate::{
    demo_store::{self, execute},
    small_store::{DAY, HOUR, START, lines, number, request, series, store, walk},
};

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
        on_conflict: OnConflict::Keep,
        source: SourceOptions { rows: RowKind::Events(kind), ..SourceOptions::default() },
    };
    let store = Store::open(path, &demo_store::options()).expect("the store");
    let file = SourceFile::look_at(&file).expect("a file");
    let report = store.import_events(&file, kind, &terms, false, &mut |_| Ok(())).expect("read");
    store.close().expect("closed");
    match report {
        EventReading::Events(report) => report,
        EventReading::GivenUp(error) => panic!("{error}"),
    }
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
    assert_eq!((counts.read, counts.stored, counts.duplicate), (8, 3, 1));
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
