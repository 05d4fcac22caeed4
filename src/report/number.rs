//! Numbers rounded for the eye: as many digits as help, and no more.

/// `value` as a percentage with two decimals and no sign on zero: `0.0312` is `3.12`.
pub(super) fn percent(value: f64) -> String {
    fixed(value * 100.0, 2)
}

/// `value` with exactly `decimals` decimals; never `-0.00`.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text }
}

/// `value` with that many significant `digits`, trailing zeros dropped; scientific where plain
/// digits would be longer than the number deserves.
pub(super) fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs();
    if !(1e-4..1e15).contains(&magnitude) {
        return format!("{value:.2e}");
    }
    let whole_digits = format!("{magnitude:.0}").len();
    let decimals = if magnitude >= 1.0 {
        digits.saturating_sub(whole_digits)
    } else {
        leading_zeros(magnitude) + digits
    };
    let text = fixed(value, decimals);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Zeros between the point and the first digit of a magnitude below one.
fn leading_zeros(magnitude: f64) -> usize {
    let mut scaled = magnitude;
    let mut zeros = 0;
    while scaled < 0.1 {
        scaled *= 10.0;
        zeros += 1;
    }
    zeros
}

/// Bytes in MB of 10^6 with one decimal: `96.4 MB`.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// A count with thin grouping for the eye: `37,120`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{fixed, grouped, megabytes, percent, significant};

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(percent(-0.000_01), "0.00");
        assert_eq!(fixed(-0.004, 2), "0.00");
        assert_eq!(percent(-0.031_25), "-3.12");
    }

    #[test]
    fn as_many_digits_are_kept_whatever_the_size() {
        for (value, text) in [
            (1.234_567, "1.235"),
            (-12.5, "-12.5"),
            (12_345.678, "12346"),
            (0.012_345_6, "0.01235"),
            (0.000_123_45, "0.0001234"),
            (3.2e-9, "3.20e-9"),
            (0.0, "0"),
            (1e300, "1.00e300"),
            (2.0, "2"),
        ] {
            assert_eq!(significant(value, 4), text);
        }
        assert_eq!(significant(150.234_56, 6), "150.235");
    }

    #[test]
    fn counts_and_bytes_read_well() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_820), "1,820");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(megabytes(96_400_000), "96.4 MB");
    }
}
