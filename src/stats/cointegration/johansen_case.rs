//! Johansen's five cases of deterministic terms, and the quantiles that belong to them.

use crate::stats::{
    critical_values::johansen::{JohansenQuantiles, TabulatedCase, quantiles},
    trend::Trend,
};

/// Deterministic terms, Johansen's five cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JohansenCase {
    /// I: no terms (`det_order` -1).
    None,
    /// II: a constant inside the relations only; the level gains a component 1.
    RestrictedConstant,
    /// III: an unrestricted constant (`det_order` 0).
    Constant,
    /// IV: an unrestricted constant, a linear trend inside the relations only; the level gains a
    /// component `t`.
    RestrictedTrend,
    /// V: an unrestricted constant and linear trend (`det_order` 1).
    Linear,
}

impl JohansenCase {
    /// Terms outside the relations.
    pub(super) fn unrestricted(self) -> Trend {
        match self {
            Self::None | Self::RestrictedConstant => Trend::None,
            Self::Constant | Self::RestrictedTrend => Trend::Constant,
            Self::Linear => Trend::Linear,
        }
    }

    /// The component that the level gains.
    pub(super) fn restricted(self, rows: usize) -> Option<Vec<f64>> {
        match self {
            Self::RestrictedConstant => Some(vec![1.0; rows]),
            Self::RestrictedTrend => Some((1..=rows).map(|t| t as f64).collect()),
            Self::None | Self::Constant | Self::Linear => None,
        }
    }

    fn tabulated(self) -> Option<TabulatedCase> {
        match self {
            Self::None => Some(TabulatedCase::None),
            Self::Constant => Some(TabulatedCase::Constant),
            Self::Linear => Some(TabulatedCase::Linear),
            Self::RestrictedConstant | Self::RestrictedTrend => None,
        }
    }
}

/// Quantiles of Johansen's statistics at 90, 95 and 99 % for `trends` common trends (`n - r`).
///
/// # None
/// For 0 and more than 12 common trends, and for the restricted cases II and IV.
///
/// ```
/// use barline::stats::{JohansenCase, johansen_critical_values};
/// let two = johansen_critical_values(JohansenCase::Constant, 2).unwrap();
/// assert_eq!(two.trace, [13.4294, 15.4943, 19.9349]);
/// ```
pub fn johansen_critical_values(case: JohansenCase, trends: usize) -> Option<JohansenQuantiles> {
    quantiles(case.tabulated()?, trends)
}
