//! SHA-256 of files, and the files that publish it.

use std::{
    fmt::Write,
    fs::File,
    io::{self, Read},
    path::Path,
};

use sha2::{Digest, Sha256};

/// What is read of a file at a time.
const CHUNK_BYTES: usize = 1 << 16;

/// The checksum of a file, 64 hexadecimal digits.
///
/// # Errors
/// What the system says.
pub(super) fn of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hasher, mut chunk) = (Sha256::new(), vec![0; CHUNK_BYTES]);
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            read => hasher.update(&chunk[..read]),
        }
    }
    let mut text = String::new();
    for byte in hasher.finalize() {
        // A String takes everything.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// The checksum that `text` publishes for the file called `name`: `<64 digits>  <name>`, as sha256sum
/// writes it; `None` if it publishes none.
pub(super) fn published(text: &str, name: &str) -> Option<String> {
    let (sum, of) = text.trim().split_once(char::is_whitespace)?;
    let is_sum = sum.len() == 64 && sum.chars().all(|c| c.is_ascii_hexdigit());
    let is_named = of.trim().trim_start_matches('*') == name;
    (is_sum && is_named).then(|| sum.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{of_file, published};

    #[test]
    fn checksums_are_those_of_the_standard_and_belong_to_a_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").expect("written");
        let sum = of_file(&path).expect("read");
        // FIPS 180-2, appendix B.1.
        assert_eq!(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        for text in [format!("{sum}  a.zip\n"), format!("{} *a.zip", sum.to_uppercase())] {
            assert_eq!(published(&text, "a.zip"), Some(sum.clone()), "{text}");
        }
        for text in ["", "<html>", "abc  a.zip", &sum, &format!("{sum}  b.zip")] {
            assert_eq!(published(text, "a.zip"), None, "{text}");
        }
    }
}
