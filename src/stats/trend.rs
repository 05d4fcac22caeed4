//! Deterministic terms of a regression on time.
//!
//! # References
//! J. D. Hamilton (1994), Time Series Analysis, chapter 17; the names are those of `adfuller` of
//! statsmodels.

/// Which deterministic terms a regression holds; the names of the literature are `n`, `c`, `ct`,
/// `ctt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trend {
    /// No terms (`n`).
    None,
    /// A constant (`c`).
    Constant,
    /// A constant and `t` (`ct`).
    Linear,
    /// A constant, `t` and `t^2` (`ctt`).
    Quadratic,
}

impl Trend {
    /// Every trend, from fewest terms to most.
    pub const ALL: [Self; 4] = [Self::None, Self::Constant, Self::Linear, Self::Quadratic];

    /// The name used in the literature.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "n",
            Self::Constant => "c",
            Self::Linear => "ct",
            Self::Quadratic => "ctt",
        }
    }

    /// The trend of that name.
    ///
    /// ```
    /// use barline::stats::Trend;
    /// assert_eq!(Trend::from_name("ct"), Some(Trend::Linear));
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trend| trend.name() == name)
    }

    /// Number of terms.
    ///
    /// ```
    /// use barline::stats::Trend;
    /// assert_eq!(Trend::ALL.map(Trend::terms), [0, 1, 2, 3]);
    /// ```
    pub fn terms(self) -> usize {
        self as usize
    }

    /// The columns `1, t, t^2`, as many as the trend has, with `t = 1..=rows`.
    pub(crate) fn columns(self, rows: usize) -> Vec<Vec<f64>> {
        let t = || (1..=rows).map(|row| row as f64);
        let column = |power: usize| match power {
            0 => vec![1.0; rows],
            1 => t().collect(),
            _ => t().map(|time| time * time).collect(),
        };
        (0..self.terms()).map(column).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_powers_of_time_from_one() {
        assert!(Trend::None.columns(3).is_empty());
        let expected = [vec![1.0, 1.0, 1.0], vec![1.0, 2.0, 3.0], vec![1.0, 4.0, 9.0]];
        assert_eq!(Trend::Quadratic.columns(3), expected);
    }

    #[test]
    fn names_go_there_and_back() {
        for trend in Trend::ALL {
            assert_eq!(Trend::from_name(trend.name()), Some(trend));
        }
        assert_eq!(Trend::from_name("cttt"), None);
    }
}
