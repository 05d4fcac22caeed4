//! Strategies that look ahead, each in a way in which it has been done, and honest ones beside them.

use barline::domain::Field;

use super::peeking::{Peeking, Sight};

/// One that sees `ahead` bars ahead; all there are, if 0.
const fn single(name: &'static str, ahead: usize, wanted: super::peeking::Wanted) -> Peeking {
    Peeking { name, legs: 1, ahead: if ahead == 0 { None } else { Some(ahead) }, wanted }
}

const fn pair(name: &'static str, ahead: usize, wanted: super::peeking::Wanted) -> Peeking {
    Peeking { name, legs: 2, ahead: if ahead == 0 { None } else { Some(ahead) }, wanted }
}

/// Follows another symbol; honest, unless the bars of that one bear a wrong time.
pub(super) const FOLLOWER: Peeking =
    pair("follower", 0, |s, row| -0.8 * change(s, 0, row, 1).unwrap_or(0.0).signum());

/// Twenty-nine ways to know too much.
pub(super) const LEAKS: &[Peeking] = &[
    single("shift-minus-one", 1, |s, row| 0.5 * sign(ahead(s, 0, row, 1))),
    single("bar-that-just-opened", 1, |s, row| {
        // The bar whose time is now is taken for the one that is over.
        let next = row + 1;
        let value = |field| s.column(0, field).get(next).copied().unwrap_or(f64::NAN);
        if value(Field::Close) > value(Field::Open) { 0.4 } else { 0.0 }
    }),
    single("centred-window", 6, |s, row| {
        let around = s.within(0, row.saturating_sub(6)..row + 7);
        0.5 * sign(Some(mean(&around) - here(s, row)))
    }),
    single("full-sample-z-score", 0, |s, row| {
        let all = s.within(0, s.scored());
        (-0.3 * (here(s, row) - mean(&all)) / deviation(&all)).clamp(-0.5, 0.5)
    }),
    single("forward-fill-from-the-future", 4, |s, row| {
        // A missing bar is given the next close there is.
        let before = row.saturating_sub(4);
        let filled = |at: usize| s.closes(0)[at..].iter().find(|close| !close.is_nan()).copied();
        let value = filled(before).zip(filled(row.saturating_sub(1)));
        let gap = s.closes(0).get(row + 1).is_some_and(|close| close.is_nan());
        let next = if gap { filled(row + 1) } else { Some(here(s, row)) };
        let level = value.map(|(a, b)| f64::midpoint(a, b));
        next.zip(level).map_or(0.0, |(next, level)| if next > level { 0.3 } else { 0.0 })
    }),
    single("resample-label-left", 23, |s, row| {
        // The close of a day bears the time of its beginning.
        let day = s.panel.ts()[row] / 86_400_000_000;
        let same = (row..s.panel.rows()).take_while(|&r| s.panel.ts()[r] / 86_400_000_000 == day);
        let last = same.filter(|&r| !s.closes(0)[r].is_nan()).last();
        last.map_or(0.0, |last| if s.closes(0)[last] > here(s, row) { 0.5 } else { -0.5 })
    }),
    single("future-split-factor", 0, |s, row| {
        // Prices are divided by every split there will be: what looks like one, at any later bar.
        let later = s.within(0, row..s.scored.1);
        let factor: f64 =
            later.windows(2).map(|two| two[1] / two[0]).filter(|r| *r < 0.6 || *r > 1.7).product();
        0.2 * (1.0 + 1.0 / (1.0 + factor))
    }),
    single("survivors-list", 0, |s, _| {
        let last = s.scored.1 - 1;
        let alive = s.closes(0)[last.saturating_sub(24)..=last].iter().any(|close| !close.is_nan());
        if alive { 0.5 } else { 0.0 }
    }),
    single("size-by-the-highest-price", 0, |s, row| {
        let highest = s.within(0, s.scored()).into_iter().fold(0.0, f64::max);
        if trend(s, row) > 0.0 { 0.6 * here(s, row) / highest } else { 0.0 }
    }),
    single("smoothed-forth-and-back", 39, |s, row| {
        // An indicator computed once for all rows, smoothed in both directions.
        let mut level = f64::NAN;
        for close in s.within(0, row..row + 40).into_iter().rev() {
            level = if level.is_nan() { close } else { 0.8 * level + 0.2 * close };
        }
        if level > here(s, row) { 0.5 } else { -0.5 }
    }),
    pair("sorted-by-future-return", 24, |s, row| {
        let [a, b] = [0, 1].map(|leg| ahead(s, leg, row, 24).unwrap_or(0.0));
        if a > b { 0.4 } else { -0.4 }
    }),
    single("scaled-to-the-full-range", 0, |s, row| {
        let all = s.within(0, s.scored());
        let low = all.iter().copied().fold(f64::INFINITY, f64::min);
        let high = all.iter().copied().fold(0.0, f64::max);
        0.5 * (here(s, row) - low) / (high - low)
    }),
    pair("full-sample-covariance", 0, |s, _| {
        let [a, b] = [0, 1].map(|leg| deviation(&returns(&s.within(leg, s.scored()))));
        0.8 * b / (a + b)
    }),
    pair("full-sample-hedge-ratio", 0, |s, row| {
        let [y, x] = [0, 1].map(|leg| s.within(leg, s.scored()));
        let beta = mean(&y) / mean(&x);
        let spread = s.close(0, row, 0).unwrap_or(0.0) - beta * s.close(1, row, 0).unwrap_or(0.0);
        if spread > 0.0 { -0.4 } else { 0.4 }
    }),
    single("threshold-from-the-full-sample", 0, |s, row| {
        let mut moves: Vec<f64> =
            returns(&s.within(0, s.scored())).iter().map(|r| r.abs()).collect();
        moves.sort_by(f64::total_cmp);
        let limit = moves.get(moves.len() * 9 / 10).copied().unwrap_or(0.0);
        let now = change(s, 0, row, 1).unwrap_or(0.0);
        if now < -limit {
            0.5
        } else if now > limit {
            -0.5
        } else {
            0.0
        }
    }),
    single("sized-at-the-next-open", 1, |s, row| {
        let open = s.column(0, Field::Open).get(row + 1).copied().filter(|open| !open.is_nan());
        if trend(s, row) > 0.0 { 0.5 * open.map_or(1.0, |open| here(s, row) / open) } else { 0.0 }
    }),
    single("leaves-before-the-end", 0, |s, row| if row + 12 >= s.scored.1 { 0.0 } else { 0.5 }),
    single("limit-at-the-next-low", 1, |s, row| {
        let low = s.column(0, Field::Low).get(row + 1).copied().unwrap_or(f64::NAN);
        if low < 0.995 * here(s, row) { 0.5 } else { 0.0 }
    }),
    single("volume-of-the-next-bar", 1, |s, row| {
        let volume = s.column(0, Field::Volume);
        let next = volume.get(row + 1).copied().unwrap_or(f64::NAN);
        if next > 90.0 { 0.3 } else { 0.0 }
    }),
    pair("later-bar-of-the-other-leg", 1, |s, row| 0.4 * sign(ahead(s, 1, row, 1))),
    single("later-bar-of-a-symbol-outside", 1, |s, row| {
        // Not one of its own legs: the next bar of the first symbol of the universe.
        let leader = s.panel.column(0, Field::Close);
        let [now, next] = [row, row + 1].map(|r| leader.get(r).copied().unwrap_or(f64::NAN));
        if next > now { 0.4 } else { 0.0 }
    }),
    single("best-window-in-hindsight", 0, |s, row| {
        let all = s.within(0, s.scored());
        let gain = |length: usize| -> f64 {
            let signal = |at: usize| sign(Some(all[at] - mean(&all[at - length..at])));
            (length..all.len() - 1).map(|at| signal(at) * (all[at + 1] / all[at] - 1.0)).sum()
        };
        let lengths = [5, 8, 12, 18, 24, 36].into_iter().filter(|length| length + 2 < all.len());
        let best = lengths.max_by(|a, b| gain(*a).total_cmp(&gain(*b))).unwrap_or(5);
        0.5 * sign(Some(here(s, row) - mean(&s.within(0, row.saturating_sub(best)..row))))
    }),
    single("stop-that-sees-the-fall", 24, |s, row| {
        let later = s.within(0, row..row + 25);
        let least = later.iter().copied().fold(f64::INFINITY, f64::min);
        if least < 0.98 * here(s, row) { 0.0 } else { 0.5 }
    }),
    single("direction-of-the-whole-run", 0, |s, _| {
        let all = s.within(0, s.scored());
        let change = all.last().zip(all.first()).map(|(last, first)| last - first);
        0.5 * sign(change)
    }),
    single("full-sample-volatility-target", 0, |s, row| {
        let risk = deviation(&returns(&s.within(0, s.scored())));
        if trend(s, row) > 0.0 { (0.004 / risk).min(0.9) } else { 0.0 }
    }),
    single("rare-warning", 1, |s, row| {
        // Acts a few times a month only, when the next move is extreme.
        if ahead(s, 0, row, 1).is_some_and(|next| next < -0.016) { -0.5 } else { 0.1 }
    }),
    single("knows-the-gap", 23, |s, row| {
        // As many rows as a day has: a gap ahead is seen before it is there.
        let day = s.panel.ts()[row] + 86_400_000_000;
        let ahead = (row..s.panel.rows()).take_while(|&r| s.panel.ts()[r] < day);
        if ahead.filter(|&r| !s.closes(0)[r].is_nan()).count() >= 24 { 0.5 } else { 0.2 }
    }),
    single("rebalanced-to-the-final-price", 0, |s, row| {
        let last = s.within(0, s.scored()).last().copied().unwrap_or(1.0);
        if row.is_multiple_of(24) { 0.4 * (last / here(s, row)).min(2.0) } else { 0.4 }
    }),
    single("two-bars-ahead-in-size-only", 2, |s, row| {
        let size = 0.5 + 0.01 * sign(ahead(s, 0, row, 2));
        if trend(s, row) > 0.0 { size } else { 0.0 }
    }),
];

/// The same manners with what may be known.
pub(super) const HONEST: &[Peeking] =
    &[
        single("trend", 0, |s, row| 0.5 * sign(Some(trend(s, row)))),
        single("reversal", 0, |s, row| -0.5 * sign(change(s, 0, row, 1))),
        single("trailing-z-score", 0, |s, row| {
            let past = s.within(0, row.saturating_sub(30)..row + 1);
            (-0.3 * (here(s, row) - mean(&past)) / deviation(&past)).clamp(-0.5, 0.5)
        }),
        single("trailing-range", 0, |s, row| {
            let past = s.within(0, row.saturating_sub(24)..row + 1);
            let low = past.iter().copied().fold(f64::INFINITY, f64::min);
            let high = past.iter().copied().fold(0.0, f64::max);
            if high > low { 0.5 * (here(s, row) - low) / (high - low) } else { 0.0 }
        }),
        single("trailing-volatility", 0, |s, row| {
            let risk = deviation(&returns(&s.within(0, row.saturating_sub(40)..row + 1)));
            if trend(s, row) > 0.0 { (0.004 / risk).min(0.9) } else { 0.0 }
        }),
        single("volume-of-this-bar", 0, |s, row| {
            if s.column(0, Field::Volume)[row] > 90.0 { 0.3 } else { 0.0 }
        }),
        single("low-of-this-bar", 0, |s, row| {
            if s.column(0, Field::Low)[row] < 0.995 * here(s, row) { 0.5 } else { 0.0 }
        }),
        single("hour-of-the-day", 0, |s, row| {
            if s.panel.ts()[row] / 3_600_000_000 % 24 < 8 { 0.4 } else { -0.2 }
        }),
        pair("trailing-hedge-ratio", 0, |s, row| {
            let rows = row.saturating_sub(40)..row + 1;
            let [y, x] = [0, 1].map(|leg| mean(&s.within(leg, rows.clone())));
            let spread =
                s.close(0, row, 0).unwrap_or(0.0) - y / x * s.close(1, row, 0).unwrap_or(0.0);
            if spread > 0.0 { -0.4 } else { 0.4 }
        }),
        pair("relative-strength", 0, |s, row| {
            let [a, b] = [0, 1].map(|leg| change(s, leg, row, 24).unwrap_or(0.0));
            if a > b { 0.4 } else { -0.4 }
        }),
    ];

fn here(s: &Sight<'_>, row: usize) -> f64 {
    s.close(0, row, 0).unwrap_or(f64::NAN)
}

/// Relative change of a leg over the last `bars` bars.
fn change(s: &Sight<'_>, leg: usize, row: usize, bars: isize) -> Option<f64> {
    Some(s.close(leg, row, 0)? / s.close(leg, row, -bars)? - 1.0)
}

/// Relative change of a leg over the next `bars` bars.
fn ahead(s: &Sight<'_>, leg: usize, row: usize, bars: isize) -> Option<f64> {
    Some(s.close(leg, row, bars)? / s.close(leg, row, 0)? - 1.0)
}

/// The close less the mean of the closes before it.
fn trend(s: &Sight<'_>, row: usize) -> f64 {
    here(s, row) - mean(&s.within(0, row.saturating_sub(20)..row))
}

fn sign(value: Option<f64>) -> f64 {
    value.filter(|value| !value.is_nan()).map_or(0.0, f64::signum)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

fn returns(closes: &[f64]) -> Vec<f64> {
    closes.windows(2).map(|two| two[1] / two[0] - 1.0).collect()
}
