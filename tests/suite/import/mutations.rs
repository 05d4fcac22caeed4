//! Files spoilt at random: no panic, no lost row, nothing stored that was not counted.

use std::{fs, path::Path};

use barline::{
    error::{Error, ErrorKind},
    store::{
        Store, StoreOptions,
        import::{FileBars, FileReading, ImportTerms, OnConflict, SourceFile, Stamp},
        source::SourceOptions,
    },
};
use proptest::prelude::*;

use super::csv;

fn terms() -> ImportTerms {
    ImportTerms {
        market: "m".into(),
        interval: None,
        calendar: None,
        stamp: Stamp::Open,
        max_rejects: None,
        on_conflict: OnConflict::Keep,
        source: SourceOptions::default(),
    }
}

fn store(folder: &Path) -> Store {
    let options = StoreOptions { memory_limit_bytes: 64_000_000, threads: 1 };
    Store::create(&folder.join("s.duckdb"), &options).expect("a store")
}

/// A change of a file: at a share of its length, bytes removed, bytes put in.
#[derive(Debug, Clone)]
struct Change {
    at: prop::sample::Index,
    removed: usize,
    put: Vec<u8>,
}

fn change() -> impl Strategy<Value = Change> {
    let pieces = prop::sample::select(vec![
        &b","[..],
        b"\n",
        b"\r",
        b"\"",
        b"\0",
        b"\xff",
        b";",
        b"-",
        b"NaN",
        b"inf",
        b"1e999",
        b"0",
        b"2024-01-01T00:00:00Z",
        b"ts,symbol,close\n",
        b"\n\n \n",
        b"\xef\xbb\xbf",
        b"99999999999999999999",
    ]);
    (any::<prop::sample::Index>(), 0_usize..40, prop::collection::vec(pieces, 0..3))
        .prop_map(|(at, removed, put)| Change { at, removed, put: put.concat() })
}

fn spoilt(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let at = change.at.index(bytes.len() + 1);
        let end = bytes.len().min(at + change.removed);
        bytes.splice(at..end, change.put.iter().copied());
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_every_row_of_a_spoilt_file_is_accounted_for(
        changes in prop::collection::vec(change(), 1..12),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bars.csv");
        let bytes = spoilt(csv(&["A", "B"], 60).into_bytes(), &changes);
        fs::write(&path, &bytes).expect("written");
        let said = |error: Error| {
            assert!(!error.to_string().contains('\n'), "{error}");
            assert!(error.is_data(), "{error}");
        };
        let file = match SourceFile::look_at(&path) {
            Ok(file) => file,
            Err(error) => { said(error); return Ok(()); }
        };
        match FileBars::read(&file, &terms(), &mut |_| Ok(())) {
            Ok(FileReading::Bars(bars)) => {
                let alone = bars.try_alone().counts;
                prop_assert!(alone.adds_up(), "{alone:?}");
                let store = store(folder.path());
                let stored = store.import_file(*bars, &mut |_| Ok(())).expect("stored").counts;
                prop_assert_eq!(stored.stored, alone.stored);
                prop_assert_eq!(stored.rejected, alone.rejected);
                prop_assert!(stored.adds_up());
                let lines = "SELECT (SELECT count(*) FROM bar), (SELECT count(*) FROM import_reject)";
                let row = format!("{:?}", store.sql(lines).expect("counted").rows[0]);
                prop_assert_eq!(row, format!("[Int({}), Int({})]", stored.stored, stored.rejected));
            }
            Ok(FileReading::GivenUp(error)) => panic!("no limit was set: {error}"),
            Err(error) => said(error),
        }
    }
}

#[test]
fn an_import_that_is_stopped_anywhere_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bars.csv");
    fs::write(&path, csv(&["A", "B", "C"], 400)).expect("written");
    let store = store(folder.path());
    let stop = || Error::new(ErrorKind::Interrupted, "stopped");
    let mut told = 0;
    for last in 0.. {
        let file = SourceFile::look_at(&path).expect("a file");
        let mut left = last;
        let mut watch = |_: u64| {
            if left == 0 {
                return Err(stop());
            }
            left -= 1;
            Ok(())
        };
        let ended = FileBars::read(&file, &terms(), &mut watch).and_then(|read| match read {
            FileReading::Bars(bars) => store.import_file(*bars, &mut watch),
            FileReading::GivenUp(error) => Err(error),
        });
        let bars = format!("{:?}", store.sql("SELECT count(*) FROM bar").expect("counted").rows);
        match ended {
            Ok(report) => {
                assert_eq!(report.counts.stored, 1_200);
                break;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Interrupted);
                assert_eq!(bars, "[[Int(0)]]", "stopped at {last}");
                told += 1;
            }
        }
    }
    assert!(told >= 5, "asked only {told} times");
}
