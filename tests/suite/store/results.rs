//! Results: batches, what is known, what a second attempt does.

use barline::{
    domain::{EquityRecord, JobRecord, Keep, Outcome},
    store::{Batch, Cell, KnownJob, MemorySample, RunInstrument, RunStatus, Store},
};

use super::{empty, fit, job, key, options, run_end, run_start};

fn count(store: &Store, table: &str) -> Cell {
    store.sql(&format!("SELECT count(*) FROM {table}")).expect("counted").rows[0][0].clone()
}

fn three_jobs() -> Vec<JobRecord> {
    vec![
        job("A,B", 30, Outcome::Done),
        job("A,C", 30, Outcome::NotCointegrated),
        job("B,C", 30, Outcome::Failed),
    ]
}

#[test]
fn a_batch_handed_in_again_stores_nothing_twice() {
    let (_folder, path, store) = empty();
    let jobs = three_jobs();
    let fits = [fit("A", "B", 30, 0, true), fit("A", "B", 30, 1, false)];
    let mut writer = store.writer().expect("a writer");
    let mut start = run_start("one");
    start.instruments.push(RunInstrument {
        horizon_days: 30,
        instrument_id: 1,
        content: "abc".into(),
        bars: 0,
        first_ts: None,
        last_ts: None,
    });
    assert_eq!(writer.begin_run(&start).expect("begun"), 1);
    let batch = Batch { jobs: &jobs, fits: &fits, ..Batch::default() };
    for _ in 0..3 {
        writer.write_batch(&batch).expect("written");
    }
    writer
        .write_memory(&[MemorySample { elapsed_micros: 5, stage: "panel".into(), bytes: 9 }])
        .expect("written");
    writer.finish_run(&run_end(RunStatus::Finished)).expect("finished");
    drop(writer);
    store.close().expect("closed");
    let store = Store::open(&path, &options()).expect("opened");
    for (table, rows) in [
        ("job", 3),
        ("run_job", 3),
        ("measure", 1),
        ("trade", 1),
        ("fit", 2),
        ("run_fit", 2),
        ("combination", 3),
        ("run_instrument", 1),
        ("memory_sample", 1),
    ] {
        assert_eq!(count(&store, table), Cell::Int(rows), "{table}");
    }
}

#[test]
fn known_jobs_are_those_that_need_not_be_computed_again() {
    let (_folder, _path, store) = empty();
    let jobs = three_jobs();
    let mut writer = store.writer().expect("a writer");
    writer.begin_run(&run_start("one")).expect("begun");
    writer.write_batch(&Batch { jobs: &jobs, ..Batch::default() }).expect("written");
    let keys = [jobs[1].key, key("never"), jobs[0].key, jobs[2].key];
    let known = store.known_jobs(&keys, 3).expect("looked up");
    let ended = |job_id, outcome, kept| Some(KnownJob { job_id, outcome, kept });
    let first = ended(1, Outcome::Done, Keep::Trades);
    let second = ended(2, Outcome::NotCointegrated, Keep::All);
    assert_eq!(known, [second, None, first, None], "not the failed one");
    assert_eq!(store.known_jobs(&keys, 1).expect("looked up"), [None, None, first, None]);
    assert!(store.known_jobs(&[], 3).expect("none").is_empty());
    let wanted = [(jobs[1].key, 2), (jobs[0].key, 1)];
    let stored = store.stored_jobs(&wanted).expect("looked up");
    assert_eq!(stored.iter().map(|job| (job.key, job.job_id)).collect::<Vec<_>>(), wanted);
    assert_eq!(stored[0].reason.as_deref(), Some("because"));
    assert_eq!(stored[0].measures, None);
    assert_eq!(stored[1].measures, jobs[0].measures);
    assert_eq!(stored[1].trades, 1);
}

#[test]
fn details_are_added_once_and_only_those_that_are_missing() {
    let (_folder, _path, store) = empty();
    let job = job("A,B", 30, Outcome::Done);
    let mut writer = store.writer().expect("a writer");
    writer.begin_run(&run_start("one")).expect("begun");
    let bare = [JobRecord { kept: Keep::Measures, trades: Vec::new(), ..job.clone() }];
    writer.write_batch(&Batch { jobs: &bare, ..Batch::default() }).expect("written");
    assert_eq!(count(&store, "trade"), Cell::Int(0));
    let equity = EquityRecord { cash: 1.0, equity: 2.0, gross: 1.0, ..EquityRecord::default() };
    let more = [(1, JobRecord { kept: Keep::Equity, equity: vec![equity], ..job.clone() })];
    let again = [(1, more[0].1.clone())];
    // With a link it is another batch, which finds its details there already.
    for (details, links) in [(&more, &[][..]), (&again, &[(1, false)][..])] {
        writer.write_batch(&Batch { details, links, ..Batch::default() }).expect("written");
        let rows = ["job", "measure", "trade", "equity", "fill"].map(|table| count(&store, table));
        assert_eq!(rows, [1, 1, 1, 1, 0].map(Cell::Int));
        let known = store.known_jobs(&[job.key], 1).expect("known");
        assert_eq!(known[0].map(|job| job.kept), Some(Keep::Equity));
    }
    let less = [(1, JobRecord { kept: Keep::Trades, ..job.clone() })];
    writer.write_batch(&Batch { details: &less, ..Batch::default() }).expect("written");
    assert_eq!(store.stored_jobs(&[(job.key, 1)]).expect("stored")[0].kept, Keep::Equity);
    let stranger = [(2, JobRecord { key: key("never"), ..job })];
    writer.write_batch(&Batch { details: &stranger, ..Batch::default() }).expect_err("no job");
}

#[test]
fn a_failed_job_is_computed_again_and_each_run_keeps_its_own() {
    let (_folder, _path, store) = empty();
    let mut writer = store.writer().expect("a writer");
    for outcome in [Outcome::Panicked, Outcome::Done] {
        let jobs = [job("A,B", 30, outcome)];
        writer.begin_run(&run_start("one")).expect("begun");
        writer.write_batch(&Batch { jobs: &jobs, ..Batch::default() }).expect("written");
        writer.finish_run(&run_end(RunStatus::Finished)).expect("finished");
    }
    let outcomes =
        store.sql("SELECT run_id, outcome FROM job_result ORDER BY run_id").expect("answered").rows;
    assert_eq!(outcomes[0][1], Cell::Text("panicked".into()));
    assert_eq!(outcomes[1][1], Cell::Text("done".into()));
    let results = store.query("results", &[]).expect("answered");
    assert_eq!(results.rows.len(), 1, "only the latest run of a configuration");
}

#[test]
fn a_link_to_a_job_that_is_not_there_rolls_the_batch_back() {
    let (_folder, _path, store) = empty();
    let jobs = three_jobs();
    let mut writer = store.writer().expect("a writer");
    assert!(writer.write_batch(&Batch::default()).is_err(), "no run has begun");
    writer.begin_run(&run_start("one")).expect("begun");
    let links = [(1, true)];
    writer
        .write_batch(&Batch { jobs: &jobs, links: &links, ..Batch::default() })
        .expect_err("no job was stored before");
    assert_eq!(count(&store, "job"), Cell::Int(0));
    let error = writer.write_batch(&Batch { jobs: &jobs, ..Batch::default() });
    assert!(error.expect_err("refused").to_string().contains("after one that failed"));
    assert!(store.writer().is_err(), "one writer at a time");
    drop(writer);
    store.writer().expect("free again");
}

#[test]
fn a_writer_that_is_dropped_in_the_middle_loses_only_what_was_not_written() {
    let (_folder, path, store) = empty();
    let jobs = three_jobs();
    let mut writer = store.writer().expect("a writer");
    writer.begin_run(&run_start("one")).expect("begun");
    writer.write_batch(&Batch { jobs: &jobs[..1], ..Batch::default() }).expect("written");
    drop((writer, store));
    let store = Store::open(&path, &options()).expect("opened");
    assert_eq!(store.reader().and_then(|reader| reader.newest_job()).expect("a number"), 1);
    assert!(store.known_jobs(&[jobs[0].key], 1).expect("known")[0].is_some());
    let runs = store.query("runs", &[]).expect("runs");
    assert_eq!(runs.rows[0][1], Cell::Text("running".into()));
}
