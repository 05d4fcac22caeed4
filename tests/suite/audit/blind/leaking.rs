//! Strategies that look ahead.

use barline::{domain::Field, sim::Wake, strategy::HorizonBars};

use super::{DAY, Idea, Plan, changes, closes, deviation, mean, past, rises};

/// LEAK: buys falls below a threshold, the standard deviation of the whole sample's returns; rounded
/// to two digits, so that a little more or less future mostly changes nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct RoundedThreshold;

impl Idea for RoundedThreshold {
    const NAME: &'static str = "rounded-threshold";
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let scored = bars.scored_rows();
        let all = deviation(&changes(closes(bars, assets[0]), scored.clone()));
        let threshold: f64 = format!("{all:.1e}").parse().ok()?;
        Some(Box::new(move |view, _, wanted| {
            let seen = changes(view.column(0, Field::Close), scored.start..view.ts().len());
            let last = past(&seen, 48);
            if let Some(&now) = last.first() {
                let away = (now - mean(&last)) / threshold;
                wanted[0] = if away < -1.0 { 0.8 } else { f64::from(away < 0.5) * wanted[0] };
            }
            Wake::AfterBars(1)
        }))
    }
}

/// LEAK: always half invested, but out before a bar that opens or closes 1.6 deviations lower; a
/// bar beyond 8 is taken for a bad tick and ignored.
#[derive(Debug, Clone, Copy)]
pub(super) struct GapShy;

impl Idea for GapShy {
    const NAME: &'static str = "gap-shy";
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let first = bars.scored_rows().start;
        let column = |field| bars.panel.column(usize::from(assets[0]), field);
        let (open, close) = (column(Field::Open), column(Field::Close));
        Some(Box::new(move |view, _, wanted| {
            let row = view.ts().len() - 1;
            let usual = deviation(&changes(close, row.saturating_sub(100).max(first)..row + 1));
            let lowest = open.get(row + 1).map(|&open| open.min(close[row + 1]));
            let gap = lowest.map_or(0.0, |low| low / close[row] - 1.0);
            wanted[0] = if gap < -1.6 * usual && gap > -8.0 * usual { 0.0 } else { 0.5 };
            Wake::AfterBars(1)
        }))
    }
}

/// LEAK: holds rising members once a day, of the more liquid half only: by the turnover of the
/// whole sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct LiquidUniverse;

impl Idea for LiquidUniverse {
    const NAME: &'static str = "liquid-universe";
    const MULTI: bool = true;
    const FIELDS: &'static [Field] = &[Field::Volume];
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let scored = bars.scored_rows();
        let turnover = |&asset: &u16| {
            let volumes = bars.panel.column(usize::from(asset), Field::Volume);
            let values = scored.clone().map(|row| volumes[row] * closes(bars, asset)[row]);
            values.filter(|value| !value.is_nan()).sum::<f64>()
        };
        let turnovers: Vec<f64> = assets.iter().map(turnover).collect();
        let mut sorted = turnovers.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted[assets.len() / 2];
        Some(Box::new(move |view, _, wanted| {
            for (leg, weight) in wanted.iter_mut().enumerate() {
                let seen = &view.column(leg, Field::Close)[scored.start..];
                let chosen = turnovers[leg] >= middle && rises(seen, 72);
                *weight = if chosen { 0.9 / turnovers.len() as f64 } else { 0.0 };
            }
            Wake::AfterBars(24)
        }))
    }
}

/// LEAK: a clock that ticks a hundred times in equal amounts of movement, so that its tick is a
/// hundredth of the whole sample's; what it decides at a tick looks back only.
#[derive(Debug, Clone, Copy)]
pub(super) struct MoveClock;

impl Idea for MoveClock {
    const NAME: &'static str = "move-clock";
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let (scored, logs) = (bars.scored_rows(), bars.logs.column(assets[0]));
        let (mut moved, mut last, mut sums) = (0.0, f64::NAN, Vec::new());
        for row in scored.clone() {
            if !logs[row].is_nan() {
                moved += if last.is_nan() { 0.0 } else { f64::abs(logs[row] - last) };
                last = logs[row];
            }
            sums.push(moved);
        }
        let tick = moved / 100.0;
        let due = move |&row: &usize| {
            (sums[row - scored.start] / tick).floor()
                > (sums[row - scored.start - 1] / tick).floor()
        };
        let mut ticks = (scored.start + 1..scored.end).filter(due).collect::<Vec<_>>().into_iter();
        let mut before = None;
        Some(Box::new(move |view, account, wanted| {
            let _ = view;
            let now = account.marks[0];
            let up = now > before.replace(now).unwrap_or(now);
            wanted[0] = if up { 0.7 } else { -0.3 };
            ticks.next().map_or(Wake::Never, Wake::AtRow)
        }))
    }
}

/// LEAK: rising bars are held on days on which the market rises: the mean daily return of all
/// OTHER instruments, of a day that is labelled by its beginning. Needs intraday bars and two symbols.
#[derive(Debug, Clone, Copy)]
pub(super) struct DailyFactor;

impl Idea for DailyFactor {
    const NAME: &'static str = "daily-factor";
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let scored = bars.scored_rows();
        let others: Vec<usize> = (0..bars.panel.universe().len())
            .filter(|asset| assets.iter().all(|own| usize::from(*own) != *asset))
            .collect();
        Some(Box::new(move |view, _, wanted| {
            let day = view.ts()[view.ts().len() - 1].div_euclid(DAY) * DAY;
            let last = |asset: usize, end: i64| {
                let rows = scored.start..bars.panel.row_at(end).max(scored.start);
                past(&bars.panel.column(asset, Field::Close)[rows], 1).first().copied()
            };
            let change = |&asset: &usize| Some(last(asset, day + DAY)? / last(asset, day)? - 1.0);
            let factor = mean(&others.iter().filter_map(change).collect::<Vec<_>>());
            let own = rises(&view.column(0, Field::Close)[scored.start..], 24);
            wanted[0] = if own && factor >= 0.0 { 1.0 } else { 0.0 };
            Wake::AfterBars(1)
        }))
    }
}

/// LEAK: above its mean it is long, else flat; but one bar in 500 knows where the price stands
/// five bars later.
#[derive(Debug, Clone, Copy)]
pub(super) struct OneInFiveHundred;

impl Idea for OneInFiveHundred {
    const NAME: &'static str = "one-in-five-hundred";
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let (first, close) = (bars.scored_rows().start, closes(bars, assets[0]));
        Some(Box::new(move |view, _, wanted| {
            let row = view.ts().len() - 1;
            let mut long = rises(&view.column(0, Field::Close)[first..], 24);
            if (row - first) % 500 == 100 {
                long = close.get(row + 5).map_or(long, |later| *later > close[row]);
            }
            wanted[0] = if long { 0.6 } else { 0.0 };
            Wake::AfterBars(1)
        }))
    }
}

/// LEAK: an honest crossing of the mean, on instruments that end higher than they began; the others
/// are declined. Only whether there is a job knows the future.
#[derive(Debug, Clone, Copy)]
pub(super) struct Winners;

impl Idea for Winners {
    const NAME: &'static str = "winners";
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let scored = bars.scored_rows();
        let known = past(&closes(bars, assets[0])[scored.clone()], usize::MAX);
        (known.first()? > known.last()?).then(|| -> Plan<'a> {
            Box::new(move |view, _, wanted| {
                let long = rises(&view.column(0, Field::Close)[scored.start..], 24);
                wanted[0] = if long { 1.0 } else { 0.0 };
                Wake::AfterBars(1)
            })
        })
    }
}

/// LEAK: reverts the spread of the first two members, where a missing close is the straight line
/// between its neighbours. Needs a member with a missing bar.
#[derive(Debug, Clone, Copy)]
pub(super) struct InterpolatedGap;

impl Idea for InterpolatedGap {
    const NAME: &'static str = "interpolated-gap";
    const MULTI: bool = true;
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let scored = bars.scored_rows();
        let filled = |asset: u16| {
            let mut logs = bars.logs.column(asset)[scored.clone()].to_vec();
            let known: Vec<usize> = (0..logs.len()).filter(|&row| !logs[row].is_nan()).collect();
            for two in known.windows(2) {
                for row in two[0] + 1..two[1] {
                    let share = (row - two[0]) as f64 / (two[1] - two[0]) as f64;
                    logs[row] = logs[two[0]] + share * (logs[two[1]] - logs[two[0]]);
                }
            }
            logs
        };
        let (y, x) = (filled(assets[0]), filled(assets[1]));
        Some(Box::new(move |view, _, wanted| {
            let now = view.ts().len() - scored.start;
            let spread: Vec<f64> = (0..now).map(|row| y[row] - x[row]).collect();
            let last = past(&spread, 48);
            if last.len() == 48 && !spread[now - 1].is_nan() {
                let z = (last[0] - mean(&last)) / deviation(&last);
                let side = (-10.0 * z).round().clamp(-20.0, 20.0) / 50.0;
                (wanted[0], wanted[1]) = (side, -side);
            }
            Wake::AfterBars(1)
        }))
    }
}

/// LEAK: momentum against the close 24 bars ago, in an array that is rolled, not shifted: the first
/// 24 scored bars are compared with the last 24.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rolled;

impl Idea for Rolled {
    const NAME: &'static str = "rolled";
    fn plan<'a>(self, bars: &'a HorizonBars<'a>, assets: &'a [u16]) -> Option<Plan<'a>> {
        let scored = bars.scored_rows();
        let mut before = closes(bars, assets[0])[scored.clone()].to_vec();
        let lag = 24.min(before.len());
        before.rotate_right(lag);
        Some(Box::new(move |view, account, wanted| {
            let rolled = before.get(view.ts().len() - 1 - scored.start);
            let up = rolled.is_some_and(|rolled| account.marks[0] > *rolled);
            wanted[0] = if up { 0.5 } else { 0.0 };
            Wake::AfterBars(1)
        }))
    }
}
