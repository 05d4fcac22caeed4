//! Why a statistic cannot be computed.
//!
//! A refusal is a value, not a failure: the caller turns it into a job's outcome. It is different
//! from a wrong argument of ours, which is an assertion.

use std::fmt;

/// `Result` of a definition in this floor.
pub type Result<T> = std::result::Result<T, Refusal>;

/// The typed reasons for which a statistic does not exist for the given numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Too few observations.
    TooShort {
        /// Observations needed.
        needed: usize,
        /// Observations given.
        given: usize,
    },
    /// Series of different length.
    UnequalLengths {
        /// Length of the first series.
        first: usize,
        /// The length that differs from it.
        other: usize,
    },
    /// A lag order above `n / 2 - 1 - deterministics`.
    LagTooLarge {
        /// Lag order asked for.
        asked: usize,
        /// Largest lag order this many observations allow.
        allowed: usize,
    },
    /// A NaN or an infinity.
    NonFinite {
        /// Position of the series in the argument order, the dependent one first.
        series: usize,
    },
    /// A series without any movement.
    Constant {
        /// Position of the series in the argument order, the dependent one first.
        series: usize,
    },
    /// The dependent series is, but for rounding, a linear combination of the others.
    Collinear,
    /// Regressors that depend on each other linearly.
    Singular {
        /// First column that adds nothing to those before it.
        column: usize,
    },
    /// A regression whose residuals are rounding noise, so that no statistic can be read from it.
    PerfectFit,
    /// More relations asked for than there are series.
    RankOutOfRange {
        /// Relations asked for.
        rank: usize,
        /// Series given.
        series: usize,
    },
    /// A variance that is zero or below.
    ZeroVariance {
        /// Position of the asset.
        index: usize,
    },
    /// A matrix with a negative eigenvalue where a covariance is needed.
    Indefinite,
    /// Weight bounds that cross, or that no portfolio of total weight one can keep.
    Bounds,
    /// An iteration that has not settled.
    Unsettled {
        /// Rounds after which it was given up.
        rounds: usize,
    },
    /// No series at all.
    Empty,
    /// An argument for which the statistic is not defined.
    OutOfRange {
        /// Name of the argument.
        argument: &'static str,
        /// What was given.
        value: Given,
    },
    /// Finite numbers whose statistic is larger than an `f64` can hold.
    Overflow,
}

/// The value of a refused argument, in a form that a refusal can be compared by: two are equal when
/// they print alike, a NaN included.
#[derive(Debug, Clone, Copy)]
pub struct Given(f64);

impl Given {
    /// The number that was given.
    ///
    /// ```
    /// use barline::stats::{Refusal, semi_covariance};
    /// let refusal = semi_covariance(&[&[0.01, -0.02]], f64::NAN).unwrap_err();
    /// assert_eq!(refusal.to_string(), "the benchmark is out of range: NaN");
    /// assert!(matches!(refusal, Refusal::OutOfRange { value, .. } if value.number().is_nan()));
    /// ```
    pub fn number(self) -> f64 {
        self.0
    }
}

impl PartialEq for Given {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits() || (self.0.is_nan() && other.0.is_nan())
    }
}

impl Eq for Given {}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Refusal {
    /// The refusal of `value` for the argument of that name.
    pub(crate) fn out_of_range(argument: &'static str, value: f64) -> Self {
        Self::OutOfRange { argument, value: Given(value) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooShort { needed, given } => {
                write!(f, "too few observations: needed {needed}, given {given}")
            }
            Self::UnequalLengths { first, other } => {
                write!(f, "series of different length: {first} and {other}")
            }
            Self::LagTooLarge { asked, allowed } => {
                write!(f, "lag order {asked} is above {allowed}, the most this sample allows")
            }
            Self::NonFinite { series } => {
                write!(f, "series {series} holds a missing or infinite value")
            }
            Self::Constant { series } => write!(f, "series {series} does not move"),
            Self::Collinear => f.write_str("the series are collinear up to rounding"),
            Self::Singular { column } => {
                write!(f, "regressor {column} depends linearly on those before it")
            }
            Self::PerfectFit => f.write_str("the regression leaves only rounding noise"),
            Self::RankOutOfRange { rank, series } => {
                write!(f, "{rank} relations asked of {series} series")
            }
            Self::ZeroVariance { index } => write!(f, "asset {index} has no variance"),
            Self::Indefinite => f.write_str("the matrix has a negative eigenvalue"),
            Self::Bounds => f.write_str("no weights that sum to one keep the bounds"),
            Self::Unsettled { rounds } => write!(f, "not settled after {rounds} rounds"),
            Self::Empty => f.write_str("no series given"),
            Self::OutOfRange { argument, value } => {
                write!(f, "the {argument} is out of range: {value}")
            }
            Self::Overflow => f.write_str("the numbers are too large for the statistic"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Refuses series of different length, none at all, and values that are not finite.
///
/// Returns the common length.
pub(crate) fn check_finite(series: &[&[f64]]) -> Result<usize> {
    let first = series.first().ok_or(Refusal::Empty)?.len();
    for (position, values) in series.iter().enumerate() {
        if values.len() != first {
            return Err(Refusal::UnequalLengths { first, other: values.len() });
        }
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Refusal::NonFinite { series: position });
        }
    }
    Ok(first)
}

/// Refuses a `value` outside `range`, a NaN included.
pub(crate) fn check_range(
    argument: &'static str,
    value: f64,
    range: impl std::ops::RangeBounds<f64>,
) -> Result<()> {
    if range.contains(&value) { Ok(()) } else { Err(Refusal::out_of_range(argument, value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_one_line_with_its_values() {
        let line = Refusal::TooShort { needed: 60, given: 12 }.to_string();
        assert_eq!(line, "too few observations: needed 60, given 12");
        let all = [
            Refusal::UnequalLengths { first: 3, other: 4 },
            Refusal::LagTooLarge { asked: 9, allowed: 2 },
            Refusal::NonFinite { series: 1 },
            Refusal::Constant { series: 0 },
            Refusal::Collinear,
            Refusal::Singular { column: 2 },
            Refusal::PerfectFit,
            Refusal::RankOutOfRange { rank: 3, series: 2 },
            Refusal::ZeroVariance { index: 5 },
            Refusal::Indefinite,
            Refusal::Bounds,
            Refusal::Unsettled { rounds: 100 },
            Refusal::Empty,
            Refusal::out_of_range("window", 1.0),
            Refusal::Overflow,
        ];
        for refusal in all {
            let line = refusal.to_string();
            assert!(!line.is_empty() && !line.contains('\n'), "{refusal:?}: {line}");
        }
    }

    #[test]
    fn a_value_out_of_range_is_said_and_compared() {
        let nan = check_range("level", f64::NAN, 0.0..=1.0);
        assert_eq!(nan, Err(Refusal::out_of_range("level", f64::NAN)));
        assert_ne!(nan, Err(Refusal::out_of_range("level", 2.0)));
        assert_eq!(check_range("level", 1.0, 0.0..=1.0), Ok(()));
        let line = check_range("level", -0.5, 0.0..).map_err(|refusal| refusal.to_string());
        assert_eq!(line, Err("the level is out of range: -0.5".to_owned()));
    }

    #[test]
    fn the_first_bad_series_is_named() {
        assert_eq!(check_finite(&[&[1.0, 2.0], &[3.0, 4.0]]), Ok(2));
        assert_eq!(check_finite(&[&[1.0], &[f64::NAN]]), Err(Refusal::NonFinite { series: 1 }));
        assert_eq!(check_finite(&[&[f64::INFINITY]]), Err(Refusal::NonFinite { series: 0 }));
        let unequal = Refusal::UnequalLengths { first: 1, other: 2 };
        assert_eq!(check_finite(&[&[1.0], &[1.0, 2.0]]), Err(unequal));
        assert_eq!(check_finite(&[]), Err(Refusal::Empty));
    }
}
