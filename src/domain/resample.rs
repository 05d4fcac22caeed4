//! Longer bars from shorter ones.
//!
//! A bar of the longer interval is labelled by its open, like every bar here. Labels are multiples of
//! the interval since 1970-01-01 in UTC; weeks begin on Monday. The open is that of the first bar within,
//! the high the highest, the low the lowest, the close that of the last, the volume the sum, added in
//! order of time. A price or volume that one of the bars lacks is lacking.

use super::{Bar, Interval, Timestamp};
use crate::error::{Error, Result};

/// Monday, 1970-01-05.
const MONDAY: i64 = 4 * 86_400_000_000;
const DAY: i64 = 86_400_000_000;

/// How bars of one interval become bars of a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    from: Interval,
    to: Interval,
}

/// A longer bar, and how many shorter ones it was made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampled {
    /// The bar.
    pub bar: Bar,
    /// Bars within.
    pub bars: u64,
    /// True if the last of the bars within ends where it ends.
    pub is_ended: bool,
}

impl Resampling {
    /// From bars of one interval to bars of a longer one.
    ///
    /// # Errors
    /// Usage, unless `to` is a multiple of `from`, and either divides a day or is whole days.
    pub fn new(from: Interval, to: Interval) -> Result<Self> {
        let refuse =
            |why: &str| Err(Error::usage(format!("bars of {from} make none of {to}: {why}")));
        if to <= from {
            return refuse("they are not shorter");
        }
        if to.micros() % from.micros() != 0 {
            return refuse("it is no multiple");
        }
        if DAY % to.micros() != 0 && to.micros() % DAY != 0 {
            return refuse(
                "it neither divides a day nor is whole days, so its labels would wander",
            );
        }
        Ok(Self { from, to })
    }

    /// Bars within a whole one.
    pub fn bars_within(self) -> u64 {
        (self.to.micros() / self.from.micros()).unsigned_abs()
    }

    /// The label of the bar that holds a moment.
    pub fn label(self, ts: Timestamp) -> Timestamp {
        let anchor = if self.to.micros() % (7 * DAY) == 0 { MONDAY } else { 0 };
        let within = (ts.micros() - anchor).rem_euclid(self.to.micros());
        ts.plus_micros(-within)
    }

    /// The longer bars of `bars`, which must be strictly increasing in time.
    pub fn apply(self, bars: &[Bar]) -> Vec<Resampled> {
        let mut made: Vec<Resampled> = Vec::new();
        for bar in bars {
            let ts = self.label(bar.ts);
            let end = ts.plus_micros(self.to.micros());
            let is_ended = bar.ts.plus_micros(self.from.micros()) >= end;
            match made.last_mut().filter(|last| last.bar.ts == ts) {
                Some(last) => {
                    last.bar.high = highest(last.bar.high, bar.high);
                    last.bar.low = -highest(-last.bar.low, -bar.low);
                    last.bar.close = bar.close;
                    last.bar.volume += bar.volume;
                    last.bars += 1;
                    last.is_ended = is_ended;
                }
                None => made.push(Resampled { bar: Bar { ts, ..*bar }, bars: 1, is_ended }),
            }
        }
        made
    }
}

/// The larger of two, NaN if one of them is.
fn highest(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if b > a {
        b
    } else {
        a
    }
}

#[cfg(test)]
mod tests {
    use super::{Bar, Interval, Resampling, Timestamp};

    const HOUR: i64 = 3_600_000_000;

    fn interval(text: &str) -> Interval {
        text.parse().expect("an interval")
    }

    fn bar(hour: i64, close: f64) -> Bar {
        let ts = Timestamp(hour * HOUR);
        Bar { ts, open: close - 1.0, high: close + 2.0, low: close - 3.0, close, volume: close }
    }

    #[test]
    fn a_longer_bar_is_made_of_the_bars_within() {
        let four = Resampling::new(Interval::HOUR, interval("4h")).expect("a multiple");
        let bars = [bar(4, 10.0), bar(5, 20.0), bar(7, 5.0), bar(8, 7.0)];
        let made = four.apply(&bars);
        let first = Bar {
            ts: Timestamp(4 * HOUR),
            open: 9.0,
            high: 22.0,
            low: 2.0,
            close: 5.0,
            volume: 35.0,
        };
        assert_eq!((made.len(), made[0].bar, made[0].bars, made[0].is_ended), (2, first, 3, true));
        assert_eq!(
            (made[1].bar.ts, made[1].bars, made[1].is_ended),
            (Timestamp(8 * HOUR), 1, false)
        );
        assert!(four.apply(&[]).is_empty());
    }

    #[test]
    fn what_a_bar_lacks_the_longer_one_lacks() {
        let day = Resampling::new(Interval::HOUR, Interval::DAY).expect("a multiple");
        let lacking = Bar { high: f64::NAN, volume: f64::NAN, ..bar(1, 10.0) };
        let made = day.apply(&[bar(0, 10.0), lacking, bar(2, 10.0)]);
        assert!(made[0].bar.high.is_nan() && made[0].bar.volume.is_nan());
        assert!((made[0].bar.low - 7.0).abs() < 1e-12);
    }

    #[test]
    fn weeks_begin_on_monday_and_labels_do_not_wander() {
        let week = Resampling::new(Interval::DAY, interval("1w")).expect("a multiple");
        let label = |text: &str| week.label(text.parse().expect("a moment")).to_string();
        assert_eq!(label("2024-01-07"), "2024-01-01T00:00:00Z");
        assert_eq!(label("2024-01-08"), "2024-01-08T00:00:00Z");
        assert_eq!(label("1969-12-31"), "1969-12-29T00:00:00Z");
        for (from, to) in [("1h", "1h"), ("4h", "1h"), ("2h", "3h"), ("1h", "7h"), ("1h", "36h")] {
            let refused = Resampling::new(interval(from), interval(to)).expect_err(to);
            assert!(refused.is_usage(), "{refused}");
        }
    }
}
