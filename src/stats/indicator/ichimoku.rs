//! Ichimoku kinko hyo: midpoints of three windows, two of which become a cloud ahead.

use std::collections::VecDeque;

use super::{Fold, Result, SlidingFold};

#[derive(Debug, Clone, Copy)]
struct Extremes {
    high: f64,
    low: f64,
}

impl Fold for Extremes {
    #[inline]
    fn join(self, later: Self) -> Self {
        // Both are finite: the care that `max` takes of NaN is not needed, and is felt here.
        Self {
            high: if later.high > self.high { later.high } else { self.high },
            low: if later.low < self.low { later.low } else { self.low },
        }
    }
}

impl Extremes {
    #[inline]
    fn midpoint(self) -> f64 {
        f64::midpoint(self.high, self.low)
    }
}

/// A value of [`Ichimoku`] at a bar, in quote currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cloud {
    /// Conversion line (tenkan-sen) of this bar.
    pub conversion: f64,
    /// Base line (kijun-sen) of this bar.
    pub base: f64,
    /// Leading span A that stands at this bar: made `displacement` bars ago.
    pub span_a: f64,
    /// Leading span B that stands at this bar: made `displacement` bars ago.
    pub span_b: f64,
}

impl Cloud {
    /// Upper edge of the cloud.
    pub fn top(&self) -> f64 {
        self.span_a.max(self.span_b)
    }

    /// Lower edge of the cloud.
    pub fn bottom(&self) -> f64 {
        self.span_a.min(self.span_b)
    }
}

/// Ichimoku lines and cloud of bars.
///
/// # Formula
/// `m_n = (highest high + lowest low) / 2` of the last `n` bars. Conversion line `m_9`, base line
/// `m_26`, leading span A `(m_9 + m_26) / 2`, leading span B `m_52`. The spans are drawn `d` bars
/// ahead: what stands at bar `t` was made at bar `t - d`. The lagging span, which is drawn back, is
/// not part of it: at its own place it would be a look ahead.
///
/// # None
/// Before the first bar at which everything stands, `longest window + d` bars; for a bar with a price
/// that is not finite, which changes nothing.
///
/// # References
/// Elliott (2007), "Ichimoku Charts: An Introduction to Ichimoku Kinko Clouds".
///
/// ```
/// use barline::stats::indicator::Ichimoku;
/// let mut ichimoku = Ichimoku::new(1, 1, 2, 1)?;
/// let bars = [(4.0, 2.0), (8.0, 4.0), (9.0, 9.0)];
/// let last = bars.map(|(high, low)| ichimoku.update(high, low))[2].expect("three bars");
/// assert_eq!((last.base, last.span_a, last.span_b), (9.0, 6.0, 5.0));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ichimoku {
    conversion: SlidingFold<Extremes>,
    base: SlidingFold<Extremes>,
    span_b: SlidingFold<Extremes>,
    displacement: usize,
    /// Spans that do not stand yet, oldest first.
    ahead: VecDeque<(f64, f64)>,
}

impl Ichimoku {
    /// With windows of so many bars, none seen yet.
    ///
    /// # Errors
    /// `OutOfRange` for an empty window.
    pub fn new(conversion: usize, base: usize, span_b: usize, displacement: usize) -> Result<Self> {
        Ok(Self {
            conversion: SlidingFold::new(conversion)?,
            base: SlidingFold::new(base)?,
            span_b: SlidingFold::new(span_b)?,
            displacement,
            ahead: VecDeque::new(),
        })
    }

    /// Lines and cloud with one more bar.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64) -> Option<Cloud> {
        if !(high.is_finite() && low.is_finite()) {
            return None;
        }
        let bar = Extremes { high, low };
        let conversion = self.conversion.push(bar).map(Extremes::midpoint);
        let base = self.base.push(bar).map(Extremes::midpoint);
        let span_b = self.span_b.push(bar).map(Extremes::midpoint);
        let (conversion, base) = (conversion?, base?);
        self.ahead.push_back((f64::midpoint(conversion, base), span_b?));
        if self.ahead.len() <= self.displacement {
            return None;
        }
        let (span_a, span_b) = self.ahead.pop_front()?;
        Some(Cloud { conversion, base, span_a, span_b })
    }
}
