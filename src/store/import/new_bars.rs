//! Bars that arrive, beside those that the store has at the same moments.

use super::OnConflict;
use crate::domain::Bar;

/// What becomes of the bars of one instrument.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// To be appended, increasing in time: those at new moments, and those that replace.
    pub(super) bars: Vec<Bar>,
    /// How many of these replace a stored bar.
    pub(super) replacing: u64,
    /// How many of the others differ from the bar that is kept.
    pub(super) differing: u64,
}

/// Sorts `bars` (not decreasing in time) by what `stored` (increasing) has at their moments. Of
/// equal moments among `bars` the first is taken; `meets` is told of each that is not what is
/// stored: the bar, then the stored one.
pub(super) fn arrivals(
    bars: &[Bar],
    stored: &[Bar],
    on_conflict: OnConflict,
    mut meets: impl FnMut(&Bar, &Bar),
) -> Arrivals {
    let mut at = 0;
    let mut taken: Option<Bar> = None;
    let mut arrivals = Arrivals { bars: Vec::with_capacity(bars.len()), ..Arrivals::default() };
    for bar in bars {
        while stored.get(at).is_some_and(|old| old.ts < bar.ts) {
            at += 1;
        }
        if let Some(first) = taken.filter(|first| first.ts == bar.ts) {
            arrivals.differing += u64::from(!first.is_same(bar));
            continue;
        }
        let mut kept = *bar;
        match stored.get(at).filter(|old| old.ts == bar.ts) {
            None => arrivals.bars.push(*bar),
            Some(old) if old.is_same(bar) => {}
            Some(old) => {
                meets(bar, old);
                if on_conflict == OnConflict::Replace {
                    arrivals.replacing += 1;
                    arrivals.bars.push(*bar);
                } else {
                    arrivals.differing += 1;
                    kept = *old;
                }
            }
        }
        taken = Some(kept);
    }
    arrivals
}

#[cfg(test)]
mod tests {
    use super::{Bar, OnConflict, arrivals};
    use crate::domain::Timestamp;

    fn bar(ts: i64, close: f64) -> Bar {
        let nan = f64::NAN;
        Bar { ts: Timestamp(ts), open: nan, high: nan, low: nan, close, volume: nan }
    }

    const BARS: [(i64, f64); 7] =
        [(1, 1.0), (2, 2.0), (2, 2.5), (3, 3.0), (4, 4.5), (4, 4.0), (5, 5.0)];
    const STORED: [(i64, f64); 3] = [(0, 0.0), (3, 3.0), (4, 4.0)];

    /// Moments and closes to be appended, how many replace, how many differ, how many were met.
    fn settled(on_conflict: OnConflict) -> (Vec<(i64, u64)>, u64, u64, usize) {
        let of = |rows: &[(i64, f64)]| rows.iter().map(|&(ts, c)| bar(ts, c)).collect::<Vec<_>>();
        let mut met = 0;
        let found = arrivals(&of(&BARS), &of(&STORED), on_conflict, |new, old| {
            assert!(new.ts == old.ts && !new.is_same(old));
            met += 1;
        });
        let shown = found.bars.iter().map(|bar| (bar.ts.micros(), bar.close.to_bits())).collect();
        (shown, found.replacing, found.differing, met)
    }

    #[test]
    fn the_first_of_two_bars_at_a_moment_and_the_stored_one_are_kept() {
        let expected = [(1, 1.0), (2, 2.0), (5, 5.0)].map(|(ts, c): (i64, f64)| (ts, c.to_bits()));
        for kept in [OnConflict::Keep, OnConflict::Refuse] {
            // 2.5 after 2.0, 4.5 against the stored 4.0, which the 4.0 after it equals.
            assert_eq!(settled(kept), (expected.to_vec(), 0, 2, 1));
        }
    }

    #[test]
    fn what_comes_takes_the_place_of_what_differs() {
        let expected =
            [(1, 1.0), (2, 2.0), (4, 4.5), (5, 5.0)].map(|(ts, c): (i64, f64)| (ts, c.to_bits()));
        // 2.5 after 2.0, 4.0 after the 4.5 that is taken.
        assert_eq!(settled(OnConflict::Replace), (expected.to_vec(), 1, 2, 1));
    }
}
