//! A job bar by bar: equity beside its benchmark, drawdowns, rolling Sharpe ratio, months.

use crate::{
    domain::{JobRecord, Timestamp},
    measure,
};

/// Windows of the rolling Sharpe ratio in the scored window, and fewest bars of one.
const WINDOWS: usize = 4;
const LEAST_WINDOW: usize = 20;

/// What a job and its benchmark were worth at the close of every scored bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// Equity before the first bar.
    pub capital: f64,
    /// Opening times of the scored bars.
    pub ts: Vec<i64>,
    /// Equity of the job.
    pub equity: Vec<f64>,
    /// Equity of its benchmark; empty where it has none.
    pub benchmark: Vec<f64>,
    /// Equity over its running maximum, less 1.
    pub drawdown: Vec<f64>,
    /// The same of the benchmark.
    pub benchmark_drawdown: Vec<f64>,
    /// Bars that each rolling Sharpe ratio looks back on.
    pub window_bars: usize,
    /// Sharpe ratio of the last `window_bars` returns, annualized; NaN where it is undefined.
    pub rolling_sharpe: Vec<f64>,
    /// Returns by calendar month.
    pub months: Vec<Month>,
}

/// The return of one calendar month, in UTC.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Month {
    /// Year.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
    /// Bars of the job that opened in it.
    pub bars: usize,
    /// Equity at its last close over that before its first bar, less 1; `None` after ruin.
    pub value: Option<f64>,
}

impl Curves {
    /// The curves of a record that keeps its equity, and of its benchmark.
    pub(super) fn of(record: &JobRecord, benchmark: &[f64], capital: f64) -> Self {
        let ts: Vec<i64> = record.equity.iter().map(|row| row.ts.micros()).collect();
        let equity: Vec<f64> = record.equity.iter().map(|row| row.equity).collect();
        let periods = record.measures.map_or(f64::NAN, |measures| measures.periods_per_year);
        let window_bars = (equity.len() / WINDOWS).max(LEAST_WINDOW);
        Self {
            capital,
            drawdown: measure::drawdowns(&equity, capital).unwrap_or_default(),
            benchmark_drawdown: measure::drawdowns(benchmark, capital).unwrap_or_default(),
            window_bars,
            rolling_sharpe: rolling(&measure::returns(&equity, capital), window_bars, periods),
            months: months(&ts, &equity, capital),
            benchmark: benchmark.to_vec(),
            ts,
            equity,
        }
    }
}

/// The Sharpe ratio of the last `window` returns at every bar that has so many.
fn rolling(returns: &[f64], window: usize, periods_per_year: f64) -> Vec<f64> {
    let at = |end: usize| {
        let start = end.checked_sub(window)?;
        measure::sharpe(&returns[start..end], periods_per_year)
    };
    (1..=returns.len()).map(|end| at(end).unwrap_or(f64::NAN)).collect()
}

fn months(ts: &[i64], equity: &[f64], capital: f64) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    let mut before = capital;
    for (at, (&ts, &value)) in ts.iter().zip(equity).enumerate() {
        let Some((year, month)) = Timestamp(ts).month() else { continue };
        if months.last().is_none_or(|last| (last.year, last.month) != (year, month)) {
            before = at.checked_sub(1).map_or(capital, |last| equity[last]);
            months.push(Month { year, month, bars: 0, value: None });
        }
        if let Some(last) = months.last_mut() {
            last.bars += 1;
            last.value = (before > 0.0).then(|| value / before - 1.0);
        }
    }
    months
}

#[cfg(test)]
mod tests {
    use super::{months, rolling};
    use crate::measure::sharpe;

    const DAY: i64 = 86_400_000_000;

    #[test]
    fn months_follow_one_another_and_multiply_to_the_whole() {
        let ts: Vec<i64> = (0..70).map(|day| day * DAY).collect();
        let equity: Vec<f64> = (1..=70).map(|day| 100.0 + f64::from(day)).collect();
        let found = months(&ts, &equity, 100.0);
        let named: Vec<_> = found.iter().map(|month| (month.month, month.bars)).collect();
        assert_eq!(named, [(1, 31), (2, 28), (3, 11)]);
        let whole =
            found.iter().fold(1.0, |whole, month| whole * (1.0 + month.value.expect("one")));
        assert!((whole - 1.7).abs() < 1e-12);
    }

    #[test]
    fn a_month_after_ruin_has_no_return() {
        let found = months(&[0, 40 * DAY], &[0.0, 0.0], 100.0);
        assert_eq!((found[0].value, found[1].value), (Some(-1.0), None));
    }

    #[test]
    fn a_rolling_ratio_is_that_of_its_own_bars() {
        let returns: Vec<f64> = (0..50).map(|bar| 0.01 * libm::sin(f64::from(bar))).collect();
        let found = rolling(&returns, 20, 252.0);
        assert!(found[18].is_nan());
        assert_eq!(Some(found[19]), sharpe(&returns[..20], 252.0));
        assert_eq!(Some(found[49]), sharpe(&returns[30..], 252.0));
        assert!(rolling(&[0.0; 30], 20, 252.0).iter().all(|value| value.is_nan()));
    }
}
