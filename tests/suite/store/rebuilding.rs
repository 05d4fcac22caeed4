//! What a damaged store has lost and what brings it back: no file is named that is not needed, and
//! what a repair leaves out stays said until it is there again.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

use barline::{
    domain::Outcome,
    store::{Batch, ImportSource, Repair, Store, examine, repair},
};
use tempfile::TempDir;

use super::{bar, empty, job, options, run_start, source};

/// More than a row group of bars from one file; a few from another.
const FILES: [(&str, &str, Range<i64>); 2] = [("a.csv", "A", 0..125_000), ("b.csv", "B", 0..5_000)];
const JOBS: u32 = 6;
const BLOCK: usize = 256 * 1024;

fn import(store: &Store, (file, symbol, hours): &(&str, &str, Range<i64>)) {
    let content = blake3::hash(file.as_bytes()).to_hex().to_string();
    let source = ImportSource { name: (*file).to_owned(), content, ..source() };
    let mut import = store.begin_import(source).expect("an import");
    let id = import.instrument("demo", symbol).expect("an instrument");
    let bars: Vec<_> = hours.clone().map(|hour| bar(hour, 1.0 + hour as f64)).collect();
    import.append(id, &bars).expect("bars");
    import.finish().expect("a finished import");
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

fn batches(store: &Store) {
    let mut writer = store.writer().expect("a writer");
    writer.begin_run(&run_start("one")).expect("begun");
    for days in 1..=JOBS {
        let jobs = [job("A,B", days, Outcome::Done)];
        writer.write_batch(&Batch { jobs: &jobs, ..Batch::default() }).expect("written");
    }
}

/// What a kill leaves of a store with the bars of both files and a run: the log was brought into the
/// file when it was opened again, the mark is there still.
fn killed() -> (TempDir, PathBuf) {
    let (_folder, path, store) = empty();
    for file in &FILES {
        import(&store, file);
    }
    batches(&store);
    let left = tempfile::tempdir().expect("a folder");
    let copy = left.path().join("test.duckdb");
    for suffix in ["", ".wal", ".highwater"] {
        fs::copy(beside(&path, suffix), beside(&copy, suffix)).expect("a copy");
    }
    drop(Store::open(&copy, &options()).expect("whole"));
    assert!(!beside(&copy, ".wal").exists() && beside(&copy, ".highwater").exists());
    (left, copy)
}

/// Copies of the store with a bit of one block flipped, as long as that leaves some of its bars
/// unread, with what a repair of them did.
fn damaged(path: &Path, mut see: impl FnMut(&Path, &Repair)) {
    let whole = fs::read(path).expect("bytes");
    for at in (12_288 + 4_096..whole.len()).step_by(BLOCK) {
        let folder = tempfile::tempdir().expect("a folder");
        let copy = folder.path().join("test.duckdb");
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        fs::write(&copy, &bytes).expect("written");
        fs::copy(beside(path, ".highwater"), beside(&copy, ".highwater")).expect("a copy");
        let found = examine(&copy, &options()).expect("examined");
        let bars_lost = found.tables.iter().any(|table| table.name == "bar" && table.unread > 0);
        let others = found.tables.iter().filter(|table| table.unread > 0).count() > 1;
        if !bars_lost || others {
            continue;
        }
        let files = found.rebuild.files.clone();
        let done = repair(&copy, &options()).expect("repaired");
        assert_eq!(done.rebuild.files, files, "known before");
        see(&copy, &done);
    }
}

#[test]
fn files_are_named_whose_bars_are_lost_and_no_others() {
    let (_folder, path) = killed();
    let mut named = Vec::new();
    damaged(&path, |_, done| {
        assert_eq!(done.rebuild.made, Vec::<String>::new());
        assert!(done.rebuild.results && done.rebuild.unnamed.is_none(), "{:?}", done.rebuild);
        named.push(done.rebuild.files.clone());
    });
    // The first row group is of one file, the second of both.
    assert!(named.iter().any(|files| files[..] == ["a.csv"]), "{named:?}");
    assert!(named.iter().any(|files| files[..] == ["a.csv", "b.csv"]), "{named:?}");
}

#[test]
fn a_repaired_store_says_what_it_lacks_until_it_is_back() {
    let (_folder, path) = killed();
    let mut seen = 0;
    damaged(&path, |damaged, done| {
        seen += 1;
        // The jobs are there, in batches that are counted anew: nothing of them is lost.
        assert!(!done.steps.iter().any(|step| step.starts_with("lost: ")), "{:?}", done.steps);
        let store = Store::open(&done.copy, &options()).expect("opened");
        let missing = store.missing_rows().expect("asked");
        assert_eq!(missing, done.missing);
        let names: Vec<&str> = missing.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, done.rebuild.files);
        let lost: u64 = missing.iter().map(|one| one.rows).sum();
        let bars = store.sql("SELECT 130000 - count(*) FROM bar").expect("counted");
        assert_eq!(format!("Int({lost})"), format!("{:?}", bars.rows[0][0]));
        // One file of two brings its own back.
        for (file, _, _) in FILES.iter().filter(|file| names.contains(&file.0)) {
            let file = FILES.iter().find(|one| one.0 == *file).expect("a file");
            import(&store, file);
            let left = store.missing_rows().expect("asked");
            assert!(left.iter().all(|one| one.name != file.0), "{left:?}");
        }
        assert_eq!(store.missing_rows().expect("asked"), []);
        store.close().expect("closed");
        // In the place of the store, whose mark is still there, the copy is no loss.
        fs::rename(&done.copy, damaged).expect("moved");
        let store = Store::open(damaged, &options()).expect("its loss was said");
        batches(&store);
        store.close().expect("closed");
        assert_eq!(examine(damaged, &options()).expect("examined").troubles, Vec::<String>::new());
    });
    assert!(seen > 1, "{seen}");
}

#[test]
fn a_log_that_is_gone_names_no_file_unless_imports_went_with_it() {
    let (_folder, path, store) = empty();
    import(&store, &FILES[1]);
    batches(&store);
    let left = tempfile::tempdir().expect("a folder");
    let copy = left.path().join("test.duckdb");
    for suffix in ["", ".highwater"] {
        fs::copy(beside(&path, suffix), beside(&copy, suffix)).expect("a copy");
    }
    let found = examine(&copy, &options()).expect("examined");
    let jobs = "the same backtests and screens make the results that are missing";
    assert_eq!(found.rebuild.to_string(), jobs);
    assert_eq!(repair(&copy, &options()).expect("repaired").rebuild.to_string(), jobs);
    // A mark of imports that are not there.
    import(&store, &("c.csv", "C", 0..50));
    import(&store, &("d.csv", "D", 0..50));
    fs::copy(beside(&path, ".highwater"), beside(&copy, ".highwater")).expect("a copy");
    let told = examine(&copy, &options()).expect("examined").rebuild.to_string();
    assert!(told.starts_with("import the files of imports 2 to 3, whose names are lost"), "{told}");
}

#[test]
fn a_store_that_is_cut_off_sends_to_the_doctor_whatever_is_asked() {
    let (_folder, path) = killed();
    let whole = fs::read(&path).expect("bytes");
    let mut refused = 0;
    for part in 1..20 {
        let folder = tempfile::tempdir().expect("a folder");
        let copy = folder.path().join("test.duckdb");
        fs::write(&copy, &whole[..whole.len() * part / 20]).expect("written");
        let asked = Store::open_to_read(&copy, &options()).and_then(|store| {
            store.instruments()?;
            store.sql(
                "SELECT (SELECT sum(close) FROM bar), (SELECT max(symbols) FROM job),
                        (SELECT max(bars) FROM measure), (SELECT max(name) FROM import)",
            )
        });
        let found = examine(&copy, &options()).expect("examined");
        assert!(!found.troubles.is_empty(), "{part}: {found:?}");
        let Err(error) = asked else { continue };
        assert!(!error.to_string().contains('\n'), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("doctor")), "{part}: {error:?}");
        assert!(!found.rebuild.is_empty(), "{part}: {found:?}");
        refused += 1;
    }
    assert!(refused > 15, "{refused}");
}
