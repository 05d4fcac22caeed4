//! The bars of an import that the store does not have yet.

use crate::domain::Bar;

/// The bars whose moment is neither in `stored` (increasing) nor that of the bar before, and how
/// many of the others differ from the bar that is kept.
pub(super) fn without_duplicates(bars: &[Bar], stored: &[Bar]) -> (Vec<Bar>, u64) {
    let mut at = 0;
    let mut kept: Option<Bar> = None;
    let mut new = Vec::with_capacity(bars.len());
    let mut differing = 0;
    for bar in bars {
        while stored.get(at).is_some_and(|old| old.ts < bar.ts) {
            at += 1;
        }
        let old = stored.get(at).filter(|old| old.ts == bar.ts).copied();
        if let Some(first) = old.or(kept.filter(|kept| kept.ts == bar.ts)) {
            differing += u64::from(!first.is_same(bar));
        } else {
            new.push(*bar);
            kept = Some(*bar);
        }
    }
    (new, differing)
}

#[cfg(test)]
mod tests {
    use super::{Bar, without_duplicates};
    use crate::domain::Timestamp;

    fn bar(ts: i64, close: f64) -> Bar {
        let nan = f64::NAN;
        Bar { ts: Timestamp(ts), open: nan, high: nan, low: nan, close, volume: nan }
    }

    #[test]
    fn the_first_of_two_bars_at_a_moment_and_the_stored_one_are_kept() {
        let bars = [bar(1, 1.0), bar(2, 2.0), bar(2, 2.5), bar(3, 3.0), bar(5, 5.0)];
        let stored = [bar(0, 0.0), bar(3, 3.0), bar(4, 4.0)];
        let (new, differing) = without_duplicates(&bars, &stored);
        let kept: Vec<i64> = new.iter().map(|bar| bar.ts.micros()).collect();
        assert_eq!(kept, [1, 2, 5]);
        assert_eq!(differing, 1, "2.5 after 2.0; 3.0 equals what is stored");
        assert!((new[1].close - 2.0).abs() < 1e-15);
    }
}
