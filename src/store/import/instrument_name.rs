//! What a symbol or a market may be called.

use crate::error::{Error, Result};

/// Longest symbol or market, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// Refuses a name that is empty, too long, or holds a comma or a control character: symbols of a
/// combination are joined by commas. `what` says whether it is a symbol or a market.
pub(super) fn check_name(what: &str, name: &str) -> Result<()> {
    let refuse =
        |why: &str| Err(Error::data(format!("the {what} '{}' {why}", name.escape_debug())));
    if name.trim().is_empty() {
        refuse("is empty")
    } else if name.len() > MAX_NAME_BYTES {
        Err(Error::data(format!("a {what} of {} bytes is too long", name.len()))
            .with_hint(format!("at most {MAX_NAME_BYTES} bytes")))
    } else if name.contains(',') {
        refuse("holds a comma")
    } else if name.chars().any(char::is_control) {
        refuse("holds a control character")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn names_that_would_blur_a_combination_are_refused() {
        for wrong in ["", "  ", "A,B", "A\0", "A\nB", &"x".repeat(257)] {
            assert!(check_name("symbol", wrong).is_err(), "{wrong}");
        }
        for right in ["BTCUSDT", "'; DROP TABLE bar;--", "000001", "<script>", "ÄÖ ü"] {
            check_name("symbol", right).expect(right);
        }
    }
}
