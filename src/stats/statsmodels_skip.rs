//! What statsmodels' `RollingOLS(missing="skip")` returns, for comparison only.
//!
//! Version 0.15.0 is meant to leave every window with a gap undefined. It deviates twice. It looks
//! for gaps in the last `window - 1` rows of a window, so one in its oldest row does not count. And
//! it skips the update of its running sums together with the window, so that after a gap they
//! describe rows that belong to no window, until the last row of the series, where they are made
//! anew. The slopes in between are not those of any window: do not trade on them. The definition is
//! [`rolling_ols`](super::rolling_ols) with [`Gaps::Skip`](super::Gaps::Skip).

use super::{refusal::Result, rolling_ols::check_gapped};

/// Slope of `y` on `[1, x]` at every row as statsmodels 0.15.0 reports it under `missing="skip"`,
/// and under `missing="drop"` where nothing is missing.
///
/// # None
/// Before the first full window, where one of the last `window - 1` rows is a gap, and where the
/// running sums hold fewer rows than `least` (at least 2) or do not determine a slope.
///
/// # Errors
/// Those of [`rolling_ols`](super::rolling_ols).
///
/// # References
/// `RollingOLS` of statsmodels 0.15.0 (`regression/rolling.py`).
///
/// ```
/// use barline::stats::rolling_slope_statsmodels_skip;
/// let found = rolling_slope_statsmodels_skip(&[1.0, 3.0, 5.0, 9.0], &[0.0, 1.0, 2.0, 3.0], 3, 2)?;
/// assert_eq!(found, [None, None, Some(2.0), Some(3.0)]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn rolling_slope_statsmodels_skip(
    y: &[f64],
    x: &[f64],
    window: usize,
    least: usize,
) -> Result<Vec<Option<f64>>> {
    check_gapped(y, x, window, least)?;
    let rows: Vec<Option<[f64; 2]>> = shifted_rows(y, x);
    let mut slopes = vec![None; rows.len()];
    let mut sums = Sums::default();
    let mut last_gap = None;
    for end in 1..=rows.len() {
        if rows[end - 1].is_none() {
            last_gap = Some(end - 1);
        }
        let Some(start) = end.checked_sub(window) else { continue };
        let inside = start..end;
        let seen = end == window || end == rows.len();
        // The peer's count of gaps starts one row late.
        if last_gap.is_some_and(|gap| gap > start) {
            if end == window {
                sums = Sums::of(&rows[inside]);
            }
            continue;
        }
        if seen {
            sums = Sums::of(&rows[inside]);
        } else {
            sums.add(rows[inside.start - 1], -1.0);
            sums.add(rows[end - 1], 1.0);
        }
        slopes[end - 1] = sums.slope(least.max(2));
    }
    Ok(slopes)
}

/// Rows with both values, measured from the first of them: signed sums stay small.
fn shifted_rows(y: &[f64], x: &[f64]) -> Vec<Option<[f64; 2]>> {
    let mut rows: Vec<Option<[f64; 2]>> =
        y.iter().zip(x).map(|(y, x)| (!y.is_nan() && !x.is_nan()).then_some([*y, *x])).collect();
    if let Some(origin) = rows.iter().flatten().next().copied() {
        for row in rows.iter_mut().flatten() {
            *row = [row[0] - origin[0], row[1] - origin[1]];
        }
    }
    rows
}

/// Sums over rows with signs.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f64,
    y: f64,
    x: f64,
    xy: f64,
    xx: f64,
}

impl Sums {
    fn of(rows: &[Option<[f64; 2]>]) -> Self {
        let mut sums = Self::default();
        for row in rows {
            sums.add(*row, 1.0);
        }
        sums
    }

    fn add(&mut self, row: Option<[f64; 2]>, sign: f64) {
        if let Some([y, x]) = row {
            self.count += sign;
            self.y += sign * y;
            self.x += sign * x;
            self.xy += sign * x * y;
            self.xx += sign * x * x;
        }
    }

    fn slope(&self, least: usize) -> Option<f64> {
        let determinant = self.count * self.xx - self.x * self.x;
        let slope = (self.count * self.xy - self.x * self.y) / determinant;
        (self.count >= least as f64 && slope.is_finite()).then_some(slope)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::{RollingWindow, rolling_ols};

    #[test]
    fn a_gap_in_the_oldest_row_does_not_count() {
        let y = [1.0, f64::NAN, 3.0, 4.0, 7.0];
        let x = [0.0, 1.0, 2.0, 3.0, 4.0];
        let found = rolling_slope_statsmodels_skip(&y, &x, 3, 2).expect("finite");
        assert_eq!(
            found.iter().map(Option::is_some).collect::<Vec<_>>(),
            [false, false, false, true, true]
        );
    }

    proptest! {
        #[test]
        fn law_without_gaps_it_is_the_rolling_fit(
            points in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 0..60), window in 3..20_usize,
        ) {
            let (y, x): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            let found = rolling_slope_statsmodels_skip(&y, &x, window, 2).expect("finite");
            let fits = rolling_ols(&y, &x, RollingWindow::new(window)).expect("finite");
            for (slope, fit) in found.iter().zip(&fits) {
                prop_assert_eq!(slope.is_some(), fit.is_some());
                if let (Some(slope), Some(fit)) = (slope, fit) {
                    prop_assert!((slope - fit.slope).abs() < 1e-7 * (1.0 + slope.abs()));
                }
            }
        }
    }
}
