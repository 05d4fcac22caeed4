//! Zip archives: every member is a text of its own.
//!
//! Members are read where they lie and never written to the disk, so a name cannot lead anywhere;
//! one that tries is refused all the same, since symbols are taken from it.

use std::{fs::File, io::Read, path::Path};

use flate2::read::DeflateDecoder;
use rawzip::{
    CompressionMethod, Error as ZipError, RECOMMENDED_BUFFER_SIZE, ZipArchive,
    ZipArchiveEntryWayfinder,
};

use super::packed::{Counted, MOST_BYTES, Part, Spent, bounded};
use crate::error::{Error, Result};

/// Most members of an archive.
const MOST_MEMBERS: usize = 20_000;
/// Longest name of a member, bytes.
const NAME_BYTES: usize = 512;

/// A member before it is read.
struct Member {
    name: String,
    at: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    bytes: u64,
}

/// Hands every member of the archive `file` to `take`, in the order of its directory.
///
/// # Errors
/// Data, if the archive is damaged or breaks a limit, or a member is encrypted, packed in a way that
/// is not read, or named like a way out of a folder; whatever `take` reports.
pub(super) fn each_member(
    path: &Path,
    file: &File,
    take: &mut dyn FnMut(Part<'_>) -> Result<()>,
) -> Result<()> {
    let shown = super::shown_name(path);
    let damaged = |error: &ZipError| {
        Error::data(format!("{shown} cannot be unpacked: {error}"))
            .with_hint("it may be cut short or damaged; get it again")
    };
    let file = file.try_clone().map_err(|e| Error::io("open", path, &e))?;
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(|e| damaged(&e))?;
    let mut members: Vec<Member> = Vec::new();
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) = entries.next_entry().map_err(|e| damaged(&e))? {
        if entry.is_dir() {
            continue;
        }
        let name = checked_name(entry.file_path().as_bytes(), &shown)?;
        if is_of_packer(&name) {
            continue;
        }
        if members.len() == MOST_MEMBERS {
            return Err(Error::data(format!("{shown} has more than {MOST_MEMBERS} members"))
                .with_hint("unpack it, and import its files by a folder"));
        }
        if members.iter().any(|member| member.name == name) {
            return Err(Error::data(format!("{shown} has two members named {name}")));
        }
        if entry.flags().is_encrypted() {
            return Err(Error::data(format!("{shown}: {name} is encrypted"))
                .with_hint("unpack it with its password first"));
        }
        let (at, method) = (entry.wayfinder(), entry.compression_method());
        members.push(Member { name, at, method, bytes: entry.uncompressed_size_hint() });
    }
    let bytes = members.iter().fold(0_u64, |sum, member| sum.saturating_add(member.bytes));
    if bytes > MOST_BYTES {
        let limit = MOST_BYTES >> 30;
        return Err(Error::data(format!("{shown} unpacks to more than {limit} GiB"))
            .with_hint("unpack it, and import its files one by one"));
    }
    if members.is_empty() {
        return Err(Error::data(format!("{shown} holds no file")));
    }
    for member in &members {
        let entry = archive.get_entry(member.at).map_err(|e| damaged(&e))?;
        let (counted, spent) = Counted::new(entry.reader());
        let part =
            |input: &mut dyn Read, spent: Spent, take: &mut dyn FnMut(Part<'_>) -> Result<()>| {
                let mut input = bounded(entry.verifying_reader(input), spent);
                take(Part { name: &member.name, member: Some(&member.name), input: &mut input })
            };
        match member.method {
            CompressionMethod::STORE => part(&mut { counted }, spent, take)?,
            CompressionMethod::DEFLATE => part(&mut DeflateDecoder::new(counted), spent, take)?,
            method => {
                let what = format!("{shown}: {} is packed as {method:?}", member.name);
                return Err(Error::data(what).with_hint("pack it again with deflate"));
            }
        }
    }
    Ok(())
}

/// True for what the packer of a Mac puts in beside the files: it holds no rows of anybody.
fn is_of_packer(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    name.starts_with("__MACOSX/") || file == ".DS_Store" || file.starts_with("._")
}

/// The name of a member, if it names a file below the archive.
fn checked_name(name: &[u8], shown: &str) -> Result<String> {
    let refuse = |why: &str| {
        let name: String = String::from_utf8_lossy(name).chars().take(80).collect();
        Error::data(format!("{shown}: the member '{}' {why}", name.escape_debug()))
            .with_hint("pack the files again under plain names")
    };
    if name.len() > NAME_BYTES {
        return Err(refuse(&format!("has a name of more than {NAME_BYTES} bytes")));
    }
    let text = std::str::from_utf8(name).map_err(|_| refuse("has a name that is not UTF-8"))?;
    let leads_out = text.starts_with(['/', '\\'])
        || text.split(['/', '\\']).any(|part| part == ".." || part.contains(':'));
    if leads_out {
        return Err(refuse("is named like a way out of its folder"));
    }
    if text.chars().any(char::is_control) {
        return Err(refuse("has a control character in its name"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{checked_name, is_of_packer};

    #[test]
    fn what_a_mac_adds_is_passed_over() {
        for name in ["__MACOSX/._A.csv", "in/.DS_Store", "._A.csv"] {
            assert!(is_of_packer(name), "{name}");
        }
        for name in ["A.csv", "MACOSX/A.csv", "in/DS_Store.csv"] {
            assert!(!is_of_packer(name), "{name}");
        }
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        for name in ["../x.csv", "/etc/x", "a/../../x", "C:\\x", "..\\x", "a\nb"] {
            assert!(checked_name(name.as_bytes(), "a.zip").is_err(), "{name}");
        }
        assert!(checked_name(&[0xff], "a.zip").is_err());
        assert!(checked_name("x".repeat(513).as_bytes(), "a.zip").is_err());
        assert_eq!(
            checked_name(b"data/us/aapl.us.txt", "a.zip").expect("plain"),
            "data/us/aapl.us.txt"
        );
    }
}
