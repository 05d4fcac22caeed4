//! Dates of the maximum drawdown.

use super::drawdowns::drawdowns;

/// Where the deepest fall began, ended, and was made good. Row 0 is the capital before the first
/// bar; row `t` is the close of bar `t`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawdownDates {
    /// First row with the maximum it fell from.
    pub peak: usize,
    /// First row at the deepest.
    pub trough: usize,
    /// First row after the trough that is at the maximum again; `None` where the record ends first.
    pub recovery: Option<usize>,
}

/// Rows of the deepest fall, the first of equal ones; its depth is
/// [`max_drawdown`](super::max_drawdown()).
///
/// # Formula
/// The trough is the first row of the lowest [`drawdowns`], the peak the first row before it with
/// the highest equity, the recovery the first row after it at least as high.
///
/// # None
/// Without a fall, and where [`drawdowns`] is.
///
/// # Example
/// ```
/// use barline::measure::{DrawdownDates, drawdown_dates};
/// let found = drawdown_dates(&[120.0, 90.0, 110.0, 125.0], 100.0);
/// assert_eq!(found, Some(DrawdownDates { peak: 1, trough: 2, recovery: Some(4) }));
/// ```
///
/// # References
/// quantstats 0.0.86 `drawdown_details` and R's PerformanceAnalytics `table.Drawdowns` name the same
/// three dates.
pub fn drawdown_dates(equity: &[f64], capital: f64) -> Option<DrawdownDates> {
    let depths = drawdowns(equity, capital)?;
    let mut trough = None;
    let mut deepest = 0.0;
    for (at, depth) in depths.iter().enumerate() {
        if *depth < deepest {
            (deepest, trough) = (*depth, Some(at));
        }
    }
    let trough = trough?;
    let (mut peak, mut highest) = (0, capital);
    for (at, value) in equity[..trough].iter().enumerate() {
        if *value > highest {
            (highest, peak) = (*value, at + 1);
        }
    }
    let back = equity[trough..].iter().position(|value| *value >= highest);
    Some(DrawdownDates { peak, trough: trough + 1, recovery: back.map(|bars| trough + 1 + bars) })
}

#[cfg(test)]
mod tests {
    use super::{DrawdownDates, drawdown_dates};

    #[test]
    fn rows_count_from_the_capital() {
        let found = drawdown_dates(&[75.0, 90.0, 100.0], 100.0);
        assert_eq!(found, Some(DrawdownDates { peak: 0, trough: 1, recovery: Some(3) }));
        let open = drawdown_dates(&[120.0, 120.0, 60.0, 60.0, 90.0], 100.0);
        assert_eq!(open, Some(DrawdownDates { peak: 1, trough: 3, recovery: None }));
        assert_eq!(drawdown_dates(&[110.0, 120.0], 100.0), None);
        assert_eq!(drawdown_dates(&[], 100.0), None);
        assert_eq!(drawdown_dates(&[90.0, f64::NAN], 100.0), None);
    }
}
