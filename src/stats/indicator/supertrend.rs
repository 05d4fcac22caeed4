//! Supertrend: a trailing band that flips when the close breaks it.

use super::{AverageTrueRange, Result, positive};

/// Which way a trend goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The close broke the upper band last.
    Up,
    /// The close broke the lower band last.
    Down,
}

/// A value of [`Supertrend`]; bands in quote currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SupertrendValue {
    /// Trailing upper band: falls, or starts anew after a close above it.
    pub upper: f64,
    /// Trailing lower band: rises, or starts anew after a close below it.
    pub lower: f64,
    /// Direction; `None` until a band was broken for the first time.
    pub direction: Option<Direction>,
}

/// Supertrend of bars.
///
/// # Formula
/// With `b = (high + low) / 2 +- k ATR_n` ([`AverageTrueRange`]): the upper band is `b_upper` if that
/// is below the band before or the close before was above it, else the band before; the lower band
/// is its mirror. A close above the upper band makes the direction up, one below the lower band
/// down. Charts that invent a first direction differ until the first break.
///
/// # None
/// Before the `n`-th bar; for a bar with a price that is not finite, which changes nothing.
///
/// # References
/// Seban (2008), "Tout le monde mérite d'être riche"; the trailing bands as in TradingView's
/// `ta.supertrend`.
///
/// ```
/// use barline::stats::indicator::{Direction, Supertrend};
/// let mut trend = Supertrend::new(1, 1.0)?;
/// assert_eq!(trend.update(11.0, 9.0, 10.0).expect("a bar").direction, None);
/// let broken = trend.update(15.0, 13.0, 14.0).expect("a bar");
/// assert_eq!((broken.upper, broken.direction), (12.0, Some(Direction::Up)));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct Supertrend {
    range: AverageTrueRange,
    multiplier: f64,
    /// The value before, and the close it was made with.
    last: Option<(SupertrendValue, f64)>,
}

impl Supertrend {
    /// Bands of `multiplier` average true ranges over `window` bars, none seen yet.
    ///
    /// # Errors
    /// `OutOfRange` for an empty window, or a multiplier that is not positive and finite.
    pub fn new(window: usize, multiplier: f64) -> Result<Self> {
        let multiplier = positive(multiplier, "multiplier")?;
        Ok(Self { range: AverageTrueRange::new(window)?, multiplier, last: None })
    }

    /// Bands and direction with one more bar.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64, close: f64) -> Option<SupertrendValue> {
        let half = self.multiplier * self.range.update(high, low, close)?;
        let middle = f64::midpoint(high, low);
        let (mut upper, mut lower) = (middle + half, middle - half);
        let mut direction = None;
        if let Some((before, last_close)) = self.last {
            if upper >= before.upper && last_close <= before.upper {
                upper = before.upper;
            }
            if lower <= before.lower && last_close >= before.lower {
                lower = before.lower;
            }
            direction = before.direction;
        }
        if close > upper {
            direction = Some(Direction::Up);
        } else if close < lower {
            direction = Some(Direction::Down);
        }
        let value = SupertrendValue { upper, lower, direction };
        self.last = Some((value, close));
        (upper.is_finite() && lower.is_finite()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::{Direction, Supertrend};

    #[test]
    fn bands_trail_and_flip() {
        let mut trend = Supertrend::new(1, 1.0).expect("a trend");
        // (high, low, close) -> upper, lower, direction, by hand.
        let table = [
            ((11.0, 9.0, 10.0), (12.0, 8.0, None)),
            // Range 1: 11.5 and 9.5; both are tighter.
            ((11.0, 10.0, 10.5), (11.5, 9.5, None)),
            // Range 2.5 (13 less 10.5): 14.75 and 9.75; the upper stays and is broken.
            ((13.0, 11.5, 12.5), (11.5, 9.75, Some(Direction::Up))),
            // Range 1.5: 13.25 and 10.25; the upper starts anew.
            ((12.5, 11.0, 11.0), (13.25, 10.25, Some(Direction::Up))),
            // Range 2: 12 and 8; the lower stays and is broken.
            ((11.0, 9.0, 9.0), (12.0, 10.25, Some(Direction::Down))),
        ];
        for ((high, low, close), expected) in table {
            let found = trend.update(high, low, close).expect("a value");
            assert_eq!((found.upper, found.lower, found.direction), expected);
        }
    }
}
