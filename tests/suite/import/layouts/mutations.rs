//! A thousand files spoilt by seed: no panic, and every record is one of the things that it can be.

use std::{fs, path::Path};

use barline::{
    error::Error,
    store::{
        Store, StoreOptions,
        import::{FileBars, FileReading, ImportTerms, OnConflict, SourceFile, Stamp},
        source::{Layout, SourceFormat, SourceOptions},
    },
};
use jiff::tz::{Offset, TimeZone};

use super::fixtures::{self, Fixture};

/// Number of spoilt files.
const FILES: u64 = 1_000;

/// Numbers by seed: SplitMix64.
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (most as u64).max(1)).expect("small")
    }
}

const PIECES: [&[u8]; 18] = [
    b",",
    b"\n",
    b"\r",
    b"\r\n",
    b"\"",
    b"\0",
    b"\xff",
    b"-",
    b"NaN",
    b"1e999",
    b"0",
    b"# x\n",
    b"\n\n \n",
    b"\xef\xbb\xbf",
    b"99999999999999999999",
    b"]",
    b"{",
    b"2024-01-01",
];

fn spoil(bytes: &mut Vec<u8>, draws: &mut Draws) {
    for _ in 0..=draws.below(3) {
        let at = draws.below(bytes.len() + 1);
        match draws.below(4) {
            0 => {
                let end = bytes.len().min(at + draws.below(40));
                bytes.drain(at..end);
            }
            1 => bytes.truncate(at.max(1)),
            2 => {
                let end = bytes.len().min(at + draws.below(80));
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            _ => {
                let piece = PIECES[draws.below(PIECES.len())];
                let end = bytes.len().min(at + draws.below(piece.len() + 1));
                bytes.splice(at..end, piece.iter().copied());
            }
        }
    }
}

fn terms(fixture: &Fixture, is_said: bool) -> ImportTerms {
    let zone = match fixture.flags {
        [] => None,
        ["--timezone", "+02:00"] => Some(TimeZone::fixed(Offset::constant(2))),
        ["--timezone", name] => Some(TimeZone::get(name).expect("a zone")),
        other => panic!("{other:?}"),
    };
    let source = SourceOptions {
        layout: is_said.then(|| fixture.layout.parse().expect("a layout")),
        zone_given: zone.is_some(),
        zone: zone.unwrap_or(TimeZone::UTC),
        ..SourceOptions::default()
    };
    ImportTerms {
        market: "m".into(),
        interval: Some("1h".parse().expect("an interval")),
        calendar: None,
        stamp: Stamp::Open,
        max_rejects: None,
        on_conflict: OnConflict::Keep,
        source,
    }
}

/// Lines of a text, whatever ends them.
fn lines(bytes: &[u8]) -> u64 {
    let text: Vec<u8> = bytes.to_vec();
    let (mut count, mut at) = (0, 0);
    while at < text.len() {
        let end = text[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let Some(end) = end.map(|end| at + end) else { return count + 1 };
        at = end + 1;
        if text[end] == b'\r' && text.get(at) == Some(&b'\n') {
            at += 1;
        }
        count += 1;
    }
    count
}

#[test]
fn a_thousand_spoilt_files_are_accounted_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let (fixtures, mut imported, mut refused) = (fixtures::all(), 0, 0);
    for seed in 0..FILES {
        let draws = &mut Draws(seed);
        let fixture = fixtures[draws.below(fixtures.len())];
        let mut bytes = fixture.text.as_bytes().to_vec();
        let mut name = fixture.file.to_owned();
        match draws.below(6) {
            0 => {
                bytes = super::packed::gz(&String::from_utf8(bytes).expect("text"));
                name += ".gz";
            }
            1 => {
                bytes = super::packed::zip(&[(fixture.file, fixture.text)]);
                name += ".zip";
            }
            _ => {}
        }
        spoil(&mut bytes, draws);
        let path = folder.path().join(name);
        fs::write(&path, &bytes).expect("written");
        match counted(&path, &bytes, &terms(fixture, draws.below(2) == 0), seed) {
            Ok(()) => imported += 1,
            Err(error) => {
                assert!(!error.to_string().contains('\n'), "seed {seed}: {error}");
                assert!(error.is_data() || error.is_usage(), "seed {seed}: {error}");
                refused += 1;
            }
        }
        fs::remove_file(&path).expect("removed");
    }
    assert!(imported > FILES / 5 && refused > FILES / 10, "{imported} imported, {refused} refused");
}

/// Reads a spoilt file and holds its account against the lines that are there.
fn counted(path: &Path, bytes: &[u8], terms: &ImportTerms, seed: u64) -> Result<(), Error> {
    let file = SourceFile::look_at(path)?;
    let FileReading::Bars(bars) = FileBars::read(&file, terms, &mut |_| Ok(()))? else {
        panic!("no limit was set")
    };
    let report = bars.try_alone();
    let counts = report.counts;
    assert!(counts.adds_up(), "seed {seed}: {counts:?}");
    let is_by_line = !matches!(report.layout, Layout::Wide | Layout::YfinanceDownload);
    if report.format == SourceFormat::Csv && report.packing.is_none() && is_by_line {
        assert_eq!(counts.read, lines(bytes), "seed {seed}: {counts:?}");
    }
    // A store for some of them: making one takes longer than reading a hundred files.
    if seed.is_multiple_of(50) {
        let folder = tempfile::tempdir().expect("a folder");
        let options = StoreOptions { memory_limit_bytes: 64_000_000, threads: 1 };
        let store = Store::create(&folder.path().join("s.duckdb"), &options).expect("a store");
        let stored = store.import_file(*bars, &mut |_| Ok(())).expect("stored").counts;
        assert!(stored.adds_up(), "seed {seed}: {stored:?}");
        assert_eq!((stored.read, stored.stored), (counts.read, counts.stored), "seed {seed}");
    }
    Ok(())
}
