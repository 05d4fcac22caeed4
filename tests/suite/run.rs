//! Runs end to end: what must not change a row, what must be counted, what is never done twice.

use std::{path::Path, sync::Mutex};

use barline::{
    domain::{
        EquityRecord, FillRecord, NUMERIC_VERSION, Outcome, TradeRecord, WarmupMultiplier,
        WeightRecord,
    },
    run::{
        self, Keep, Request, Stop, WorkerRequest,
        progress::{Event, Progress},
    },
    store::{Cell, Store},
    strategy::{by_name, catalogue},
};

use crate::{
    alone::alone,
    demo_store::{copy, execute, options, query, request},
    small_store::{lines, number},
};

/// The `results` view after a run in a fresh store.
fn results(request: &Request) -> Vec<Vec<Cell>> {
    let (_folder, path) = copy();
    execute(&path, request);
    query(&path, "results", &[]).rows
}

fn outcomes(summary: &barline::run::Summary) -> u64 {
    summary.outcomes.iter().flat_map(|(_, counts)| counts).map(|(_, jobs)| jobs).sum()
}

#[test]
fn no_setting_changes_a_row() {
    alone("run::no_setting_changes_a_row", settings_change_no_row);
}

fn settings_change_no_row() {
    let plain = results(&request());
    assert!(plain.len() > 100, "{} rows", plain.len());
    let one_worker = WorkerRequest { asked: Some(1), cap: None, sequential: false };
    let four_workers = WorkerRequest { asked: Some(4), cap: Some(4), sequential: false };
    let wide = WarmupMultiplier::new(4.0).expect("a multiplier");
    for (what, changed) in [
        ("one worker", Request { workers: one_worker, ..request() }),
        ("four workers", Request { workers: four_workers, ..request() }),
        ("multiplier 4", Request { multiplier: wide, ..request() }),
        ("small batches", Request { batch_jobs: 3, ..request() }),
        ("small budget", Request { budget_bytes: 400 << 20, ..request() }),
        ("everything kept", Request { keep: Keep::All, ..request() }),
    ] {
        assert_eq!(results(&changed), plain, "{what}");
    }
}

#[test]
fn every_job_is_accounted_for() {
    let (_folder, path) = copy();
    let summary = execute(&path, &request());
    assert_eq!(summary.pending, 0);
    assert_eq!(summary.cached, 0);
    assert_eq!(outcomes(&summary), summary.planned);
    assert_eq!(summary.computed, summary.planned);
    let stored = query(&path, "outcomes", &[]);
    let jobs = stored.columns.iter().position(|name| name == "jobs").expect("a count");
    let total: i64 = stored
        .rows
        .iter()
        .map(|row| match row[jobs] {
            Cell::Int(count) => count,
            ref other => panic!("{other:?} is no count"),
        })
        .sum();
    assert_eq!(total.unsigned_abs(), summary.planned);
}

#[test]
fn a_stored_job_is_not_run_again() {
    let (_folder, path) = copy();
    let first = execute(&path, &request());
    let again = execute(&path, &request());
    assert_eq!((again.computed, again.cached), (0, first.planned));
    assert_eq!(again.pair_fits, 0);
    assert_eq!(outcomes(&again), again.planned);
    let wider = Request { sizes: "2..4,all".parse().expect("sizes"), ..request() };
    let more = execute(&path, &wider);
    assert_eq!(more.cached, first.planned);
    assert!(more.computed > 0);
}

/// Everything that is kept of all jobs, by their keys, in a total order.
fn details(path: &Path) -> Vec<Vec<String>> {
    ["trade", "equity", "fill", "weight"]
        .map(|table| {
            let sql = format!(
                "SELECT job.job_key::VARCHAR, detail.* EXCLUDE (job_id)
                 FROM {table} AS detail JOIN job ON job.job_id = detail.job_id
                 ORDER BY ALL"
            );
            lines(path, &sql)
        })
        .to_vec()
}

#[test]
fn details_that_are_not_stored_are_computed_and_added() {
    let at = |keep| Request { keep, ..request() };
    let (_folder, path) = copy();
    let first = execute(&path, &at(Keep::Measures));
    let results = || query(&path, "results", &[]).rows;
    let before = results();
    assert!(details(&path).iter().all(Vec::is_empty));
    for (keep, fresh) in [(Keep::Equity, false), (Keep::All, true)] {
        let more = execute(&path, &Request { fresh, ..at(keep) });
        // Jobs that were never simulated have nothing to add.
        let simulated = number(&path, "SELECT count(*) FROM measure").unsigned_abs();
        assert!(simulated > 50);
        assert_eq!((more.computed, more.cached), (simulated, first.planned - simulated));
        assert_eq!((more.differing, more.pending), (0, 0));
        assert_eq!(results(), before, "{keep}");
    }
    let (_other_folder, other) = copy();
    execute(&other, &at(Keep::All));
    let whole = details(&other);
    assert!(whole.iter().all(|rows| !rows.is_empty()));
    assert!(details(&path) == whole, "details differ from those of a run that kept them at once");
    for keep in [Keep::All, Keep::Trades] {
        let third = execute(&path, &at(keep));
        assert_eq!((third.computed, third.cached), (0, first.planned), "{keep}");
    }
    assert!(details(&path) == whole);
}

/// Jobs that were stored when each commit was told.
#[derive(Default)]
struct Commits(Mutex<Vec<u64>>);

impl Progress for Commits {
    fn event(&self, event: &Event) {
        if let Event::Advanced { computed, .. } = event {
            self.0.lock().expect("no panic").push(*computed);
        }
    }
}

/// Bytes that the rows of each stored job took in memory, in order of storing.
fn bytes_by_job(path: &Path) -> Vec<u64> {
    let rows = [
        ("equity", size_of::<EquityRecord>()),
        ("fill", size_of::<FillRecord>()),
        ("trade", size_of::<TradeRecord>()),
        ("weight", size_of::<WeightRecord>()),
    ];
    let counted = rows.map(|(table, bytes)| {
        format!("{bytes} * (SELECT count(*) FROM {table} WHERE {table}.job_id = job.job_id)")
    });
    let sql = format!("SELECT {} FROM job ORDER BY job_id", counted.join(" + "));
    lines(path, &sql).iter().map(|bytes| bytes.parse().expect("a whole number")).collect()
}

#[test]
fn a_batch_is_bounded_in_bytes_whatever_is_kept_of_a_job() {
    let (_folder, path) = copy();
    let horizons = ["90", "365"].map(|days| days.parse().expect("days")).to_vec();
    let request = Request { keep: Keep::All, batch_jobs: 1_000_000, horizons, ..request() };
    let store = Store::open(&path, &options()).expect("the store");
    let plan = run::prepare(&store, &request).expect("a plan");
    let commits = Commits::default();
    run::execute(&store, &request, &commits, &Stop::new()).expect("a run");
    store.close().expect("closed");
    let jobs = bytes_by_job(&path);
    assert!(jobs.iter().sum::<u64>() > 4 * plan.batch_bytes, "more than a few batches");
    let (mut stored, mut largest) = (0, 0);
    for computed in commits.0.into_inner().expect("no panic") {
        let computed = usize::try_from(computed).expect("few");
        largest = largest.max(jobs[stored..computed].iter().sum());
        stored = computed;
    }
    assert_eq!(stored, jobs.len());
    // What was admitted while a batch was being stored, and one message above the limit.
    assert!(largest <= 3 * plan.batch_bytes, "{largest} bytes of {}", plan.batch_bytes);
}

#[test]
fn recomputed_jobs_agree_with_the_stored_ones() {
    let (_folder, path) = copy();
    let first = execute(&path, &request());
    let fresh = execute(&path, &Request { fresh: true, ..request() });
    assert_eq!((fresh.differing, fresh.computed), (0, 0));
    assert_eq!(fresh.cached, first.planned);
    assert!(fresh.pair_fits > 0, "nothing was recomputed");
}

#[test]
fn a_shard_and_its_complement_make_the_whole() {
    let (_folder, path) = copy();
    let whole = results(&request());
    let low = execute(&path, &Request { ranks: Some(0..7), ..request() });
    let high = execute(&path, &Request { ranks: Some(7..u64::MAX), ..request() });
    assert_eq!(low.computed + high.computed, u64::try_from(whole.len()).expect("a count"));
    let all = execute(&path, &request());
    assert_eq!(all.computed, 0);
}

#[test]
fn a_pair_is_fitted_once_however_many_combinations_hold_it() {
    let (_folder, path) = copy();
    for strategy in ["cointegration", "copula"] {
        let strategies = vec![strategy.to_owned()];
        let summary = execute(&path, &Request { strategies, ..request() });
        // 15 pairs of 6 symbols, 2 horizons, 4 refits each: a formation window of half the
        // horizon, refitted every half of it.
        assert_eq!(summary.pair_fits, 15 * 2 * 4, "{strategy}");
    }
}

#[test]
fn too_little_warmup_is_said_with_what_was_needed() {
    let (_folder, path) = copy();
    let thin = WarmupMultiplier::new(1.2).expect("a multiplier");
    let request = Request { multiplier: thin, ..request() };
    let summary = execute(&path, &request);
    // A fifth of 30 days are 144 hourly bars: who needs more does not find them.
    let long = |name: &str| {
        let strategy = by_name(name, &request.parameters).expect(name);
        let card = catalogue().iter().find(|card| card.name == name).expect("a card");
        let looks_back = card.kind == "multi" && name != "equal-weight";
        looks_back || strategy.lookback_bars() > 144
    };
    for (strategy, counts) in &summary.outcomes {
        let short = counts.iter().find(|(outcome, _)| *outcome == Outcome::InsufficientHistory);
        assert_eq!(short.is_some(), long(strategy), "{strategy}");
    }
    let rows = query(&path, "results", &[]);
    let reason = rows.columns.iter().position(|name| name == "reason").expect("a reason");
    let said = rows.rows.iter().any(|row| {
        matches!(&row[reason], Cell::Text(text)
            if text.contains("needed") && text.contains("given") && text.contains("--warmup-multiplier"))
    });
    assert!(said);
}

#[test]
fn a_sample_of_combinations_says_what_it_left_out() {
    let (_folder, path) = copy();
    let summary = execute(&path, &Request { max_combinations: Some(5), ..request() });
    // Sizes 1 (6), 2 (15), 3 (20) and all (1).
    assert_eq!((summary.combinations, summary.left_out), (5 + 5 + 5 + 1, 1 + 10 + 15));
}

/// The numeric version and the hash of the rows it stands for. A change of the hash is a change of
/// results: raise `NUMERIC_VERSION`, say it under "Changed results" in the change log, and only
/// then write the new pair here.
const FIXED_ROWS: (u32, &str) = (2, "6ed278358c754fe93151914aeedce286");

/// The hash of the texts of the parameters of these jobs, which are part of their keys. It stands
/// apart: a parameter or a term that is new changes every text and no result, and is then written
/// here without a numeric version; that a text has changed is never a surprise.
const FIXED_PARAMETERS: &str = "9f912095776e85a151fdac49450a9823";

/// The strategies of the fixed rows: a new strategy changes no result.
const FIXED_STRATEGIES: [&str; 4] = ["cointegration", "hrp", "equal-weight", "buy-and-hold"];

#[test]
fn results_change_only_with_the_numeric_version() {
    let (_folder, path) = copy();
    let symbols = ["BOLERO", "DIVISI", "OSTINATO", "PRELUDE", "TOCCATA"];
    let request = Request {
        symbols: Some(symbols.map(str::to_owned).to_vec()),
        sizes: "2,all".parse().expect("sizes"),
        strategies: FIXED_STRATEGIES.map(str::to_owned).to_vec(),
        ..request()
    };
    execute(&path, &request);
    let table = query(&path, "results", &[]);
    assert!(table.rows.len() >= 40, "{} rows", table.rows.len());
    // The keys are made of the parameters, the bars and the numeric version.
    let named = ["job_key", "parameters"];
    assert!(named.iter().all(|name| table.columns.iter().any(|column| column == name)));
    let (mut hasher, mut texts) = (blake3::Hasher::new(), blake3::Hasher::new());
    for row in &table.rows {
        for (name, cell) in table.columns.iter().zip(row) {
            if name == "parameters" {
                texts.update(format!("{cell:?};").as_bytes());
            }
            if named.contains(&name.as_str()) {
                continue;
            }
            let text = match cell {
                Cell::Float(number) => format!("{name}={:016x};", number.to_bits()),
                other => format!("{name}={other:?};"),
            };
            hasher.update(text.as_bytes());
        }
    }
    let short = |hasher: blake3::Hasher| hasher.finalize().to_hex()[..32].to_owned();
    assert_eq!((NUMERIC_VERSION, short(hasher).as_str()), FIXED_ROWS);
    assert_eq!(short(texts), FIXED_PARAMETERS);
}
