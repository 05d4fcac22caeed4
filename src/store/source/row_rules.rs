//! What a row must satisfy to become a bar. The same rules for every kind of file.

use super::{
    RowKind, SourceColumn,
    raw_bars::{Fault, RejectReason},
};
use crate::domain::{Bar, EventKind};

/// Longest symbol, bytes.
const SYMBOL_BYTES: usize = 64;

/// True if the row's open or close lies outside its low and high: kept, but counted. Vendors that
/// adjust or round fields separately produce such rows.
pub(super) fn is_outside_range(bar: &Bar) -> bool {
    // Comparisons with a missing (NaN) price are false.
    [bar.open, bar.close].into_iter().any(|price| price > bar.high || price < bar.low)
}

/// Checks a bar whose prices are present where the file gives them, NaN where it has no such
/// column.
pub(super) fn check(bar: &Bar, kind: RowKind) -> Result<(), Fault> {
    match kind {
        RowKind::Bars => {}
        RowKind::Events(kind) => return check_event(kind, bar.close),
        RowKind::Weights if bar.close.is_finite() => return Ok(()),
        RowKind::Weights => {
            return Err(Fault::at(SourceColumn::Close, RejectReason::NotFinite));
        }
    }
    for (column, price) in [
        (SourceColumn::Open, bar.open),
        (SourceColumn::High, bar.high),
        (SourceColumn::Low, bar.low),
        (SourceColumn::Close, bar.close),
    ] {
        if price.is_infinite() {
            return Err(Fault::at(column, RejectReason::NotFinite));
        }
        if price <= 0.0 {
            return Err(Fault::at(column, RejectReason::NotPositive));
        }
    }
    if bar.volume.is_infinite() {
        return Err(Fault::at(SourceColumn::Volume, RejectReason::NotFinite));
    }
    if bar.volume < 0.0 {
        return Err(Fault::at(SourceColumn::Volume, RejectReason::Negative));
    }
    if bar.high < bar.low {
        return Err(Fault::at(SourceColumn::High, RejectReason::HighBelowLow));
    }
    Ok(())
}

/// Checks the value of an event.
fn check_event(kind: EventKind, value: f64) -> Result<(), Fault> {
    let reason = if kind.allows(value) {
        return Ok(());
    } else if !value.is_finite() {
        RejectReason::NotFinite
    } else if kind == EventKind::Split {
        RejectReason::NotPositive
    } else if value > 0.0 {
        RejectReason::TooLarge
    } else {
        RejectReason::Negative
    };
    Err(Fault::at(SourceColumn::Close, reason))
}

/// Prices that a bar may lack, all three of them: what `export` writes of bars of closes alone. A file in
/// Barline's own layout has such rows among others; one price that is missing is a fault everywhere.
pub(super) const BESIDE_CLOSE: [SourceColumn; 3] =
    [SourceColumn::Open, SourceColumn::High, SourceColumn::Low];

/// Checks a price that the file should give: NaN is a missing value.
pub(super) fn given(column: SourceColumn, value: f64) -> Result<f64, Fault> {
    if value.is_nan() && column != SourceColumn::Volume {
        return Err(Fault::at(column, RejectReason::Missing));
    }
    Ok(value)
}

/// A number as files write it. Words for "nothing" are a missing value: NaN for a volume, a fault
/// for a price.
pub(super) fn number(column: SourceColumn, text: &str) -> Result<f64, Fault> {
    let text = text.trim();
    let nothing = ["", "null", "nan", "na", "n/a", "none", "-"];
    if nothing.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return given(column, f64::NAN);
    }
    let value: f64 = text.parse().map_err(|_| Fault::at(column, RejectReason::NotANumber))?;
    // -0.0 and 0.0 are one volume; a price of either is refused.
    given(column, value + 0.0)
}

/// A symbol: trimmed, not empty, of bounded length, without control characters and without commas,
/// which join the symbols of a combination.
pub(super) fn symbol(text: &str) -> Result<&str, Fault> {
    let text = text.trim();
    let fault = |reason| Err(Fault::at(SourceColumn::Symbol, reason));
    if text.is_empty() {
        return fault(RejectReason::Missing);
    }
    if text.len() > SYMBOL_BYTES {
        return fault(RejectReason::LongSymbol);
    }
    if text.chars().any(char::is_control) {
        return fault(RejectReason::NotText);
    }
    if text.contains(',') {
        return fault(RejectReason::CommaInSymbol);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{check, is_outside_range, number, symbol};
    use crate::{
        domain::{Bar, Timestamp},
        store::source::{RowKind, SourceColumn, raw_bars::RejectReason},
    };

    fn bar(open: f64, high: f64, low: f64, close: f64, volume: f64) -> Bar {
        Bar { ts: Timestamp(0), open, high, low, close, volume }
    }

    fn reason(bar: &Bar) -> Option<(Option<SourceColumn>, RejectReason)> {
        check(bar, RowKind::Bars).err().map(|fault| (fault.column, fault.reason))
    }

    #[test]
    fn a_bar_must_make_sense() {
        use {RejectReason as R, SourceColumn as C};
        let nan = f64::NAN;
        for (bar, wrong) in [
            (bar(1.0, 2.0, 0.5, 1.5, 3.0), None),
            (bar(nan, nan, nan, 1.5, nan), None),
            (bar(1.0, 2.0, 0.5, 0.0, 3.0), Some((Some(C::Close), R::NotPositive))),
            (bar(-1.0, 2.0, 0.5, 1.0, 3.0), Some((Some(C::Open), R::NotPositive))),
            (bar(1.0, f64::INFINITY, 0.5, 1.0, 3.0), Some((Some(C::High), R::NotFinite))),
            (bar(1.0, 2.0, 0.5, 1.5, -3.0), Some((Some(C::Volume), R::Negative))),
            (bar(1.0, 0.4, 0.5, 0.4, 0.0), Some((Some(C::High), R::HighBelowLow))),
        ] {
            assert_eq!(reason(&bar), wrong, "{bar:?}");
        }
    }

    #[test]
    fn a_close_outside_the_range_is_told_apart() {
        assert!(is_outside_range(&bar(1.0, 2.0, 0.5, 2.5, 0.0)));
        assert!(is_outside_range(&bar(0.4, 2.0, 0.5, 1.5, 0.0)));
        assert!(!is_outside_range(&bar(1.0, 2.0, 0.5, 1.5, 0.0)));
        assert!(!is_outside_range(&bar(f64::NAN, f64::NAN, f64::NAN, 1.5, 0.0)));
    }

    #[test]
    fn numbers_keep_their_bits_or_say_why_not() {
        let close = |text| number(SourceColumn::Close, text).map_err(|fault| fault.reason);
        for text in ["0.1", " 1e3 ", "+1.5", "123456789.123456789"] {
            let plain: f64 = text.trim().parse().expect("a number");
            assert_eq!(close(text).map(f64::to_bits), Ok(plain.to_bits()));
        }
        for text in ["1,5", "$1", "5%", "1 000", "0x10", "abc", "1.\u{0}0"] {
            assert_eq!(close(text), Err(RejectReason::NotANumber), "{text}");
        }
        for text in ["", "null", "NaN", "N/A"] {
            assert_eq!(close(text), Err(RejectReason::Missing), "{text}");
        }
        assert!(number(SourceColumn::Volume, "").expect("no volume").is_nan());
        let zero = number(SourceColumn::Volume, "-0.0").expect("no volume");
        assert_eq!(zero.to_bits(), 0.0f64.to_bits());
    }

    #[test]
    fn symbols_are_trimmed_and_bounded() {
        assert_eq!(symbol(" BRK.B "), Ok("BRK.B"));
        assert!(symbol("A,B").is_err() && symbol("A;B").is_ok());
        assert!(symbol("  ").is_err() && symbol("a\u{7}b").is_err());
        assert!(symbol(&"A".repeat(65)).is_err() && symbol(&"A".repeat(64)).is_ok());
    }
}
