//! What is done to the bars after a cut: nothing of it may be felt up to the cut.

use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{Rng, SeedableRng},
};

use super::world::World;
use crate::domain::{Bar, EventHistory, EventKind, InstrumentEvent, Timestamp};

/// An attack on the bars after a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attack {
    /// They are removed: the history ends at the cut.
    Truncated,
    /// They are another market: a random walk from the last close, random volumes.
    Noise,
    /// Prices that no market has: a million times too high and as they are, in turns.
    Poison,
    /// Prices and volumes a thousandfold.
    Scaled,
    /// The same bars in the opposite order.
    Reversed,
    /// Noise in every second instrument only; the others keep theirs.
    Others,
    /// Every second instrument has no bar any more.
    Silenced,
    /// Some of them are gone, the next one among them: the others are what they are.
    Thinned,
}

/// Size of a random step of a price.
const STEP: f64 = 0.03;
/// How far poisoned prices are away. They come and go at a few bars only, so that what is earned
/// and lost by that stays a number.
const FAR: f64 = 1e6;
/// How far scaled ones are.
const SCALE: f64 = 1e3;

impl Attack {
    /// Every attack, in order.
    pub const ALL: [Self; 8] = [
        Self::Truncated,
        Self::Noise,
        Self::Poison,
        Self::Scaled,
        Self::Reversed,
        Self::Others,
        Self::Silenced,
        Self::Thinned,
    ];

    /// The name in findings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Noise => "noise",
            Self::Poison => "poison",
            Self::Scaled => "scaled",
            Self::Reversed => "reversed",
            Self::Others => "others",
            Self::Silenced => "silenced",
            Self::Thinned => "thinned",
        }
    }

    /// True if no bar is left after the cut, so that jobs end there.
    pub(super) fn ends_history(self) -> bool {
        matches!(self, Self::Truncated | Self::Silenced)
    }

    /// True if bars are missing after the cut.
    pub(super) fn removes_bars(self) -> bool {
        self.ends_history() || self == Self::Thinned
    }

    /// True if the instrument at `index` is attacked at all, at the cut number `at`.
    fn hits(self, index: usize, at: usize) -> bool {
        !matches!(self, Self::Others | Self::Silenced) || (index + at).is_multiple_of(2)
    }

    /// The world as it would be if the bars after `cut` were others; `at` counts the cuts.
    pub(super) fn on(self, world: &World, cut: Timestamp, at: usize, seed: u64) -> World {
        let mut changed = world.clone();
        let gone = if self == Self::Thinned { thinned(&world.axis(cut)) } else { Vec::new() };
        for (index, one) in changed.series.iter_mut().enumerate() {
            if !self.hits(index, at) {
                continue;
            }
            let first = one.bars.partition_point(|bar| bar.ts <= cut);
            if self.ends_history() {
                one.bars.truncate(first);
                one.events = events_until(&one.events, cut);
                continue;
            }
            let start = one.bars[..first].last().or(one.bars.first()).map_or(1.0, |bar| bar.close);
            let mut dice = dice(seed, index, cut);
            match self {
                Self::Noise | Self::Others => noise(&mut one.bars[first..], start, &mut dice),
                Self::Poison => poison(&mut one.bars[first..]),
                Self::Scaled => one.bars[first..].iter_mut().for_each(|bar| scale(bar, SCALE)),
                Self::Reversed => reverse(&mut one.bars[first..]),
                Self::Thinned => {
                    // The last bar says where the instrument ends, which no attack changes here.
                    let last = one.bars.last().map(|bar| bar.ts);
                    one.bars
                        .retain(|bar| Some(bar.ts) == last || gone.binary_search(&bar.ts).is_err());
                }
                Self::Truncated | Self::Silenced => {}
            }
        }
        changed
    }
}

/// The world with noise instead of every bar before `moment`; what came from it must not matter.
pub(super) fn forget_before(world: &World, moment: Timestamp, seed: u64) -> World {
    let mut changed = world.clone();
    for (index, one) in changed.series.iter_mut().enumerate() {
        let first = one.bars.partition_point(|bar| bar.ts < moment);
        let start = one.bars.get(first).map_or(1.0, |bar| bar.close);
        noise(&mut one.bars[..first], start, &mut dice(seed, index, moment));
    }
    changed
}

/// Random numbers of one instrument at one cut.
fn dice(seed: u64, index: usize, cut: Timestamp) -> Xoshiro256PlusPlus {
    let word = seed ^ (index as u64).rotate_left(48) ^ cut.micros().cast_unsigned();
    Xoshiro256PlusPlus::seed_from_u64(word)
}

/// A uniform number in `[-1, 1)`.
fn signed(dice: &mut Xoshiro256PlusPlus) -> f64 {
    (dice.next_u64() >> 11) as f64 / 4_503_599_627_370_496.0 - 1.0
}

/// A walk from `start`; a value that the bar does not have stays missing.
fn noise(bars: &mut [Bar], start: f64, dice: &mut Xoshiro256PlusPlus) {
    let mut price = start;
    for bar in bars {
        let open = price * (1.0 + 0.3 * STEP * signed(dice));
        price = open * (1.0 + STEP * signed(dice));
        let (high, low) = (open.max(price) * 1.004, open.min(price) * 0.996);
        let volume = if bar.volume.is_nan() { 1.0 } else { bar.volume } * (1.5 + signed(dice));
        let new = Bar { ts: bar.ts, open, high, low, close: price, volume };
        *bar = masked(&new, bar);
    }
}

/// Far from bar 0, back from bar 1, far from bar 2, back from bar 4, and so on at powers of two.
fn poison(bars: &mut [Bar]) {
    for (_, bar) in bars.iter_mut().enumerate().filter(|(index, _)| is_turned(*index)) {
        scale(bar, FAR);
    }
}

/// True for bar 0 after the cut, not for bar 1, for 2 and 3, not for 4 to 7, and so on.
fn is_turned(index: usize) -> bool {
    (usize::BITS - index.leading_zeros()).is_multiple_of(2)
}

/// The moments after the first of `axis`, the cut, at which no instrument has a bar any more.
fn thinned(axis: &[Timestamp]) -> Vec<Timestamp> {
    let after = axis.iter().skip(1).enumerate();
    after.filter(|(index, _)| is_turned(*index)).map(|(_, &ts)| ts).collect()
}

fn scale(bar: &mut Bar, factor: f64) {
    for value in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close, &mut bar.volume] {
        *value *= factor;
    }
}

/// Prices and volumes in the opposite order; times and missing values stay.
fn reverse(bars: &mut [Bar]) {
    let reversed: Vec<Bar> = bars.iter().rev().copied().collect();
    for (bar, other) in bars.iter_mut().zip(&reversed) {
        *bar = masked(&Bar { ts: bar.ts, ..*other }, bar);
    }
}

/// `new` without the values that `old` does not have; one that `new` lacks stays as it was.
fn masked(new: &Bar, old: &Bar) -> Bar {
    let of = |new: f64, old: f64| if old.is_nan() || new.is_nan() { old } else { new };
    Bar {
        ts: old.ts,
        open: of(new.open, old.open),
        high: of(new.high, old.high),
        low: of(new.low, old.low),
        close: of(new.close, old.close),
        volume: of(new.volume, old.volume),
    }
}

fn events_until(events: &EventHistory, cut: Timestamp) -> EventHistory {
    let known = EventKind::ALL.into_iter().flat_map(|kind| {
        let of_kind = events.of(kind).iter().filter(|(ts, _)| *ts <= cut.micros());
        of_kind.map(move |&(ts, value)| InstrumentEvent { ts: Timestamp(ts), kind, value })
    });
    EventHistory::new(known)
}
