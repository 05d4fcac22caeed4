//! Amounts of memory as typed: `1GiB`, `512MiB`, `800MB`.

use crate::error::{Error, Result};

/// Units with their bytes; the first that ends the text decides, so longer names come first.
const UNITS: [(&str, u64); 7] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

/// Bytes in `text`: a number and a unit, MB = 10^6 and MiB = 2^20.
///
/// # Errors
/// Usage, if there is no unit, the number is not positive, or the amount exceeds 64 bits.
pub(super) fn parse(text: &str) -> Result<u64> {
    let refuse = || {
        Error::usage(format!("'{text}' is not an amount of memory"))
            .with_hint("give a number and a unit: 512MiB, 1GiB, 800MB")
    };
    let (digits, unit) = UNITS
        .iter()
        .find_map(|(name, bytes)| text.strip_suffix(name).map(|digits| (digits.trim(), *bytes)))
        .ok_or_else(refuse)?;
    if let Ok(whole) = digits.parse::<u64>() {
        return whole.checked_mul(unit).filter(|bytes| *bytes > 0).ok_or_else(refuse);
    }
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let bytes = digits.parse::<f64>().ok().filter(|_| is_decimal).ok_or_else(refuse)? * unit as f64;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked here")]
    if (1.0..9.0e18).contains(&bytes) { Ok(bytes as u64) } else { Err(refuse()) }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_are_decimal_or_binary_by_their_name() {
        for (text, bytes) in [
            ("1GiB", 1 << 30),
            ("512MiB", 512 << 20),
            ("800MB", 800_000_000),
            ("1.5GiB", 3 << 29),
            ("64 KiB", 65_536),
            ("10B", 10),
        ] {
            assert_eq!(parse(text).expect("an amount"), bytes, "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in [
            "",
            "1",
            "GiB",
            "-1GiB",
            "0MB",
            "1e3MB",
            "1TB",
            "NaNGiB",
            "infGiB",
            "99999999999999GiB",
            "0.1B",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
