//! Vendors' layouts: each a small file to the letter of the vendor's columns, the bars it must become,
//! and a twin off by its unit or zone that must be refused.

mod fixtures;
mod mutations;
pub(crate) mod packed;

use std::path::Path;

use serde_json::Value;

use super::{cell, folder, import, run, write};
use crate::binary::{answer, said};
use fixtures::Fixture;

/// The stored bars of a folder's store, a line each, as `symbol ts open high low close volume`.
fn stored(folder: &Path) -> Vec<String> {
    let sql =
        "SELECT symbol, strftime(ts, '%Y-%m-%dT%H:%M:%S') AS at, open, high, low, close, volume
               FROM bar JOIN instrument USING (instrument_id) ORDER BY symbol, ts";
    let text = answer(folder, &["sql", sql, "--format", "csv"]);
    text.lines().skip(1).map(|line| line.replace(',', " ")).collect()
}

fn arguments<'a>(fixture: &'a Fixture, more: &[&'a str]) -> Vec<&'a str> {
    [&[fixture.file], fixture.flags, more].concat()
}

#[test]
fn each_layout_is_recognised_and_becomes_its_bars() {
    for fixture in fixtures::all() {
        let folder = folder();
        write(&folder, fixture.file, fixture.text);
        let output = run(folder.path(), &arguments(fixture, &[]));
        let name = fixture.layout;
        assert_eq!(output.status.code(), Some(0), "{name}: {}", said(&output));
        let files: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(files[0]["layout"], name, "{}", said(&output));
        let told = format!("layout {name} (recognised): ");
        assert!(said(&output).contains(&told), "{}", said(&output));
        assert_eq!(stored(folder.path()), fixture.bars, "{name}");
        let detail = cell(folder.path(), "SELECT detail FROM import");
        assert!(detail.contains(&format!("; read as {name}: ")), "{detail}");
        let lines = fixture.text.lines().count() as u64;
        if !fixture.is_by_record {
            assert_eq!(files[0]["read"], lines, "{name}: every line is accounted for");
        }
    }
}

#[test]
fn each_layout_can_be_said_and_is_refused_for_another() {
    for fixture in fixtures::all() {
        let folder = folder();
        write(&folder, fixture.file, fixture.text);
        let name = fixture.layout;
        let files = import(folder.path(), 0, &arguments(fixture, &["--layout", name]));
        assert_eq!(files[0]["layout"], name);
        assert_eq!(stored(folder.path()), fixture.bars, "{name}");
        let again = import(folder.path(), 0, &arguments(fixture, &["--layout", name]));
        assert_eq!(again[0]["status"], "already imported", "{name}");
        let other = if name == "polygon" { "databento" } else { "polygon" };
        let output = run(folder.path(), &arguments(fixture, &["--layout", other]));
        assert_eq!(output.status.code(), Some(2), "{name} as {other}: {}", said(&output));
        assert!(said(&output).contains("layout"), "{}", said(&output));
    }
}

#[test]
fn a_twin_off_by_its_unit_or_zone_is_refused() {
    for fixture in fixtures::all() {
        for twin in fixture.twins {
            let folder = folder();
            write(&folder, fixture.file, twin.text);
            let flags: &[&str] = if twin.without_flags { &[] } else { fixture.flags };
            let said_layout = ["--layout", fixture.layout];
            for more in [&[][..], &said_layout[..]] {
                let output = run(folder.path(), &[&[fixture.file], flags, more].concat());
                let text = said(&output);
                assert_eq!(output.status.code(), Some(2), "{}: {text}", fixture.layout);
                assert!(text.contains(twin.says), "{}: {text}", fixture.layout);
                assert!(!folder.path().join("barline.duckdb").exists(), "{}", fixture.layout);
            }
        }
    }
}

#[test]
fn an_unchanged_file_of_a_vendor_is_not_imported_again() {
    for fixture in fixtures::all() {
        let folder = folder();
        write(&folder, fixture.file, fixture.text);
        import(folder.path(), 0, &arguments(fixture, &[]));
        let again = import(folder.path(), 0, &arguments(fixture, &[]));
        assert_eq!(again[0]["status"], "already imported", "{}", fixture.layout);
    }
}

#[test]
fn bars_of_a_layout_that_is_stamped_at_the_open_are_not_said_to_be_at_the_close() {
    let folder = folder();
    let spot = fixtures::all()[0];
    write(&folder, spot.file, spot.text);
    let output = run(folder.path(), &[spot.file, "--stamp", "close"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("stamped at their open"), "{}", said(&output));
}

#[test]
fn a_table_of_fields_is_no_panel_of_symbols() {
    let folder = folder();
    let text = "date,last,settle,volume\n2024-01-02,1,2,3\n2024-01-03,1,2,3\n";
    write(&folder, "x.csv", text);
    let output = run(folder.path(), &["x.csv"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("no column for 'close'"), "{}", said(&output));
}

#[test]
fn comments_headers_and_blank_lines_are_counted_apart() {
    let folder = folder();
    let text = "# from us\n\nts,close\n2024-01-02,1\n# in between\n2024-01-03,2\n2024-01-04,x\n";
    write(&folder, "x.csv", text);
    let file = &import(folder.path(), 0, &["x.csv"])[0];
    let counts = ["read", "stored", "rejected", "blank", "comment", "header"];
    assert_eq!(counts.map(|name| file[name].as_u64().expect(name)), [7, 2, 1, 1, 2, 1]);
    let sql = "SELECT read - stored - rejected - blank - comment - header FROM import";
    assert_eq!(cell(folder.path(), sql), "0");
}
