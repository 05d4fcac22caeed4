//! Where the history is cut: bars drawn at random, evenly, and bars at which a strategy traded.

use std::collections::{BTreeMap, BTreeSet};

use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{Rng, SeedableRng},
};

use super::rows::{Detail, PAIR_FITS, Rows};
use crate::{domain::Timestamp, store::Cell};

/// Chooses `random` bars of `axis` and up to `traded` decisions of the strategies in turn, the bar
/// before each of them included: a decision that knew the next bar shows there. Windows that pairs
/// are fitted on count as one more strategy, which decides at the bar after them.
pub(super) fn cuts(
    rows: &Rows,
    axis: &[Timestamp],
    (random, traded): (usize, usize),
    seed: u64,
) -> Vec<Timestamp> {
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut chosen = BTreeSet::new();
    // The last bar has nothing after it.
    let usable = &axis[..axis.len().saturating_sub(1)];
    chosen.extend(drawn(usable, random, &mut dice));
    let decisions = decisions(rows);
    let strategies = decisions.len().max(1);
    let mut at_decisions = BTreeSet::new();
    for (turn, decided) in decisions.values().enumerate() {
        let decided: Vec<Timestamp> = decided.iter().copied().collect();
        let each = traded / strategies + usize::from(turn < traded % strategies);
        at_decisions.extend(drawn(&decided, each, &mut dice));
    }
    for decided in at_decisions {
        let at = usable.partition_point(|ts| *ts < decided);
        chosen.extend(usable.get(at).filter(|ts| **ts == decided));
        chosen.extend(at.checked_sub(1).and_then(|before| usable.get(before)));
    }
    chosen.into_iter().collect()
}

/// The bars at which each strategy decided something, and those after which pairs were fitted.
fn decisions(rows: &Rows) -> BTreeMap<&str, BTreeSet<Timestamp>> {
    let mut decided: BTreeMap<&str, BTreeSet<Timestamp>> = BTreeMap::new();
    for (name, job) in &rows.jobs {
        let of = decided.entry(name.strategy.as_str()).or_default();
        for (_, cells) in job.of(Detail::Fill) {
            if let Some(Cell::Time(micros)) = cells.first() {
                of.insert(Timestamp(*micros));
            }
        }
    }
    decided.insert(PAIR_FITS, rows.fits.iter().map(|fit| fit.0).collect());
    decided.retain(|_, decided| !decided.is_empty());
    decided
}

/// `count` of `bars`, one of each of so many stretches of equal length; all of them where there are
/// no more. A leak that reaches over a stretch is met for certain, and a shorter one more often than
/// by bars that may stand anywhere.
fn drawn(bars: &[Timestamp], count: usize, dice: &mut Xoshiro256PlusPlus) -> Vec<Timestamp> {
    let count = count.min(bars.len());
    let mut one = |number: usize| {
        let stretch = &bars[number * bars.len() / count..(number + 1) * bars.len() / count];
        let wide = u128::from(dice.next_u64()) * stretch.len() as u128;
        stretch[usize::try_from(wide >> 64).unwrap_or(0)]
    };
    (0..count).map(&mut one).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::rows::Rows, cuts};
    use crate::domain::Timestamp;

    #[test]
    fn every_stretch_of_the_history_is_cut_once() {
        let axis: Vec<Timestamp> = (0..101).map(Timestamp).collect();
        for seed in 0..50 {
            let cuts = cuts(&Rows::default(), &axis, (20, 0), seed);
            let stretches: Vec<i64> = cuts.iter().map(|cut| cut.0 / 5).collect();
            assert_eq!(stretches, (0..20).collect::<Vec<_>>(), "{cuts:?}");
        }
    }

    #[test]
    fn the_last_bar_of_a_fitted_window_is_a_cut() {
        let axis: Vec<Timestamp> = (0..100).map(Timestamp).collect();
        let rows = Rows { fits: vec![(Timestamp(40), Vec::new())], ..Rows::default() };
        assert_eq!(cuts(&rows, &axis, (0, 1), 1), [Timestamp(39), Timestamp(40)]);
        assert_eq!(cuts(&Rows::default(), &axis, (7, 5), 1).len(), 7);
        // Nothing comes after the last bar.
        assert!(!cuts(&rows, &axis, (500, 1), 1).contains(&Timestamp(99)));
    }
}
