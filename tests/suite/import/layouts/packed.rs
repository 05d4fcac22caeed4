//! Packed files, archives, patterns and standard input.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::{
    super::{cell, folder, import, run, write},
    stored,
};
use crate::binary::{command, said};

const HOURS: &str = "ts,open,high,low,close,volume\n\
    2024-01-01T00:00:00Z,1,2,0.5,1.5,10\n\
    2024-01-01T01:00:00Z,1.5,2,1,1.25,11\n\
    2024-01-01T02:00:00Z,1.25,2,1,1.75,12\n";

pub(super) fn gz(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

/// An archive with a name that no honest tool writes, as long as `plain`, in whose place it stands.
fn renamed(plain: &str, name: &str) -> Vec<u8> {
    let mut bytes = zip(&[(plain, HOURS)]);
    for at in 0..bytes.len() - plain.len() {
        if bytes[at..].starts_with(plain.as_bytes()) {
            bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
        }
    }
    bytes
}

/// An archive of members as they are.
pub(crate) fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, text) in members {
        let (mut entry, config) = archive
            .new_file(*name)
            .compression_method(rawzip::CompressionMethod::DEFLATE)
            .start()
            .expect("begun");
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, Compression::default());
        let mut writer = config.wrap(encoder);
        writer.write_all(text.as_bytes()).expect("memory");
        let (encoder, output) = writer.finish().expect("ended");
        encoder.finish().expect("memory");
        entry.finish(output).expect("a member");
    }
    archive.finish().expect("an archive");
    bytes
}

#[test]
fn what_is_packed_is_read_like_what_is_not() {
    for (name, bytes, format) in [
        ("A.csv", HOURS.as_bytes().to_vec(), "csv"),
        ("A.csv.gz", gz(HOURS), "csv (gzip)"),
        ("A.csv.zst", zstd::encode_all(HOURS.as_bytes(), 3).expect("packed"), "csv (zstd)"),
        ("x.zip", zip(&[("A.csv", HOURS)]), "csv (zip)"),
        ("m.zip", zip(&[("A.csv", HOURS), ("__MACOSX/._A.csv", "\0\u{5}")]), "csv (zip)"),
    ] {
        let folder = folder();
        write(&folder, name, bytes);
        let file = &import(folder.path(), 0, &[name])[0];
        assert_eq!((&file["format"], &file["read"]), (&format.into(), &4.into()), "{name}");
        assert_eq!(stored(folder.path())[2], "A 2024-01-01T02:00:00 1.25 2.0 1.0 1.75 12.0");
        let again = import(folder.path(), 0, &[name]);
        assert_eq!(again[0]["status"], "already imported", "{name}");
    }
}

#[test]
fn members_of_an_archive_are_named_for_their_symbols() {
    let folder = folder();
    write(&folder, "x.zip", zip(&[("in/A.csv", HOURS), ("in/B.csv", &HOURS.replace("1.75", "x"))]));
    let output = run(folder.path(), &["x.zip"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("line 4, close: not a number: in/B.csv: "), "{}", said(&output));
    assert_eq!(
        cell(folder.path(), "SELECT string_agg(symbol, ' ' ORDER BY symbol) FROM instrument"),
        "A B"
    );
    let counts = "SELECT read - stored - rejected - header FROM import";
    assert_eq!(cell(folder.path(), counts), "0");
}

#[test]
fn archives_of_strangers_are_refused_in_one_line() {
    let yahoo = "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,1,2,1,2,2,3\n";
    let bomb = "9".repeat(64 << 20);
    let whole = zip(&[("A.csv", HOURS)]);
    let mut crc = whole.clone();
    let at = crc.len() / 3;
    crc[at] ^= 0xff;
    for (bytes, says) in [
        (renamed("up/A.csv", "../A.csv"), "named like a way out of its folder"),
        (renamed("xA.csv", "/A.csv"), "named like a way out of its folder"),
        (zip(&[("A.csv", HOURS), ("A.csv", HOURS)]), "two members named A.csv"),
        (zip(&[("A.csv", HOURS), ("B.csv", yahoo)]), "files of different layouts"),
        (zip(&[("A.csv", &bomb)]), "more than 200 for one"),
        (whole[..whole.len() / 2].to_vec(), "cannot be unpacked"),
        (crc, "x.zip"),
    ] {
        let folder = folder();
        write(&folder, "x.zip", bytes);
        let output = run(folder.path(), &["x.zip"]);
        assert_eq!(output.status.code(), Some(2), "{says}: {}", said(&output));
        assert!(said(&output).contains(says), "{says}: {}", said(&output));
        assert!(!folder.path().join("barline.duckdb").exists(), "{says}");
    }
}

#[test]
fn a_pattern_is_expanded_by_us() {
    let folder = folder();
    for name in ["A1.csv", "A2.csv", "B.csv"] {
        write(&folder, name, HOURS);
    }
    let files = import(folder.path(), 0, &["A*.csv"]);
    assert_eq!(files.len(), 2, "{files:?}");
    assert_eq!(
        cell(folder.path(), "SELECT string_agg(symbol, ' ' ORDER BY symbol) FROM instrument"),
        "A1 A2"
    );
    let output = run(folder.path(), &["Z*.csv"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("the pattern matches no file"), "{}", said(&output));
}

/// Runs an import with `bytes` on its standard input.
fn piped(folder: &std::path::Path, bytes: &[u8], arguments: &[&str]) -> std::process::Output {
    let arguments = [&["import", "--format", "json"], arguments].concat();
    let mut child = command(folder, &arguments)
        .env("TMPDIR", folder)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("written");
    child.wait_with_output().expect("its end")
}

#[test]
fn standard_input_is_a_file_without_a_name() {
    let folder = folder();
    let output = piped(folder.path(), &gz(HOURS), &["-", "--symbol", "A"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(cell(folder.path(), "SELECT name FROM import"), "standard input");
    assert_eq!(stored(folder.path()).len(), 3);
    let output = piped(folder.path(), HOURS.as_bytes(), &["-"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("standard input has no name to take the symbol from"));
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("listed").collect();
    let is_ours = |name: &str| name.starts_with("barline-");
    let ours = left.iter().flatten().filter(|e| is_ours(&e.file_name().to_string_lossy())).count();
    assert_eq!(ours, 0, "what was set down is removed");
}
