//! The covariance recursion of `RiskMetrics` (1996): mean zero and a stated start.
//!
//! # References
//! J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th ed., section 5.2.

use super::{
    matrix::SymmetricMatrix,
    refusal::{Refusal, Result, check_finite, check_range},
};

/// Where the `RiskMetrics` recursion starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// `S = r_0 r_0'`, then rows 1 and later.
    FirstRow,
    /// `S = R'R / n`, then every row.
    SecondMoment,
}

/// `S <- lambda S + (1 - lambda) r_t r_t'`, mean zero; the document takes `lambda` 0.94 for days and 0.97
/// for months.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`, `TooShort` without rows, `OutOfRange` unless
/// `0 <= lambda < 1`, `Overflow`.
///
/// ```
/// use barline::stats::{Start, riskmetrics_covariance};
/// let found = riskmetrics_covariance(&[&[1.0, 3.0]], 0.75, Start::FirstRow)?;
/// assert_eq!(found.get(0, 0), 0.75 * 1.0 + 0.25 * 9.0);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn riskmetrics_covariance(
    columns: &[&[f64]],
    lambda: f64,
    start: Start,
) -> Result<SymmetricMatrix> {
    let rows = check_finite(columns)?;
    if rows == 0 {
        return Err(Refusal::TooShort { needed: 1, given: 0 });
    }
    check_range("decay factor", lambda, 0.0..1.0)?;
    SymmetricMatrix::from_upper(columns.len(), |i, j| {
        let products = || columns[i].iter().zip(columns[j]).map(|(x, y)| x * y);
        let (first, skipped) = match start {
            Start::FirstRow => (columns[i][0] * columns[j][0], 1),
            Start::SecondMoment => (super::dot(columns[i], columns[j]) / rows as f64, 0),
        };
        products().skip(skipped).fold(first, |s, product| lambda * s + (1.0 - lambda) * product)
    })
    .finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_the_whole_of_one_row() {
        let none = riskmetrics_covariance(&[&[]], 0.94, Start::FirstRow);
        assert_eq!(none, Err(Refusal::TooShort { needed: 1, given: 0 }));
        for start in [Start::FirstRow, Start::SecondMoment] {
            let one = riskmetrics_covariance(&[&[3.0]], 0.5, start).expect("complete");
            assert_eq!(one.values(), [9.0]);
        }
    }

    #[test]
    fn the_recursion_by_hand() {
        let found = riskmetrics_covariance(&[&[2.0, 4.0]], 0.75, Start::FirstRow);
        assert_eq!(found.expect("complete").values(), [7.0]);
        let found = riskmetrics_covariance(&[&[2.0, 4.0]], 0.5, Start::SecondMoment);
        assert_eq!(found.expect("complete").values(), [11.5]);
    }
}
