//! Strategies that only look as if they looked ahead.

use barline::{domain::Field, sim::Wake, strategy::HorizonBars};

use super::{DAY, Idea, Plan, closes};

/// HONEST: averages made of the whole panel at once, as one writes it in a language of vectors;
/// they are recursive, and a decision reads only its own row. Sized by the expanding share of bars
/// that rose and by the number of bars so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vectorised;

impl Idea for Vectorised {
    const NAME: &'static str = "vectorised";
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let (first, close) = (bars.scored_rows().start, closes(bars, assets[0]));
        let smooth = |share: f64| {
            let mut level = f64::NAN;
            let next = |&now: &f64| {
                let moved = level + share * (now - level);
                level = if level.is_nan() { now } else { moved };
                level
            };
            close[first..].iter().filter(|close| !close.is_nan()).map(next).collect::<Vec<_>>()
        };
        let (fast, slow) = (smooth(0.2), smooth(0.02));
        let (mut at, mut rose) = (0, 0);
        Some(Box::new(move |view, _, wanted| {
            if !view.column(0, Field::Close)[view.ts().len() - 1].is_nan() {
                rose += usize::from(at > 0 && fast[at] > fast[at - 1]);
                at += 1;
                let size = rose as f64 / at as f64 * (at as f64 / 200.0).min(1.0);
                let turned = (fast[at - 1] > slow[at - 1]) != (wanted[0] > 0.0);
                wanted[0] = match (turned, wanted[0] > 0.0) {
                    (true, true) => 0.0,
                    (true, false) => size,
                    (false, _) => wanted[0],
                };
            }
            Wake::AfterBars(1)
        }))
    }
}

/// HONEST: a side by the hash of the moment, the symbol and all bits of the close; doubled after
/// every loss, asked again after 1 to 37 bars, as the hash says. One different bit of the past
/// changes everything after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gambler;

impl Idea for Gambler {
    const NAME: &'static str = "gambler";
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let symbol = bars.symbol(assets[0]).bytes();
        let seed = symbol.fold(17_u64, |hash, byte| hash.wrapping_mul(31) + u64::from(byte));
        let (mut state, mut stake, mut before) = (seed, 0.05, f64::NAN);
        Some(Box::new(move |view, account, wanted| {
            let ts = view.ts()[view.ts().len() - 1].unsigned_abs();
            for word in [ts, account.marks[0].to_bits(), account.equity.to_bits()] {
                state = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
            }
            stake = if account.equity < before { f64::min(stake * 2.0, 0.8) } else { 0.05 };
            before = account.equity;
            wanted[0] = if state.is_multiple_of(2) { stake } else { -stake };
            Wake::AfterBars(1 + usize::try_from(state % 37).unwrap_or(0))
        }))
    }
}

/// HONEST: in on Friday at 20:00, out on Monday at 08:00 UTC, by the calendar alone; it sleeps until
/// the panel row of the next such moment, which is looked for among rows that are not yet there. An
/// own weight per weekday that depends on what this very trade brought so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct WeekendHolder;

impl Idea for WeekendHolder {
    const NAME: &'static str = "weekend-holder";
    const MULTI: bool = true;
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let (week, hour) = (7 * DAY, DAY / 24);
        // 1970-01-01 was a Thursday; the week here begins on Monday, 1970-01-05.
        let monday = 4 * DAY;
        let (mut earned, mut entered) = (0.0, None);
        Some(Box::new(move |view, account, wanted| {
            let now = view.ts()[view.ts().len() - 1];
            let since = (now - monday).rem_euclid(week);
            let held = since >= 4 * DAY + 20 * hour || since < 8 * hour;
            let next = now - since
                + if held && since >= DAY { week } else { 0 }
                + if held { 8 * hour } else { 4 * DAY + 20 * hour };
            if held {
                entered.get_or_insert(account.equity);
            } else if let Some(before) = entered.take() {
                earned += account.equity / before - 1.0;
            }
            let share = if earned < 0.0 { 0.4 } else { 0.8 } / assets.len() as f64;
            wanted.fill(if held { share } else { 0.0 });
            Wake::AtRow(bars.panel.row_at(next))
        }))
    }
}
