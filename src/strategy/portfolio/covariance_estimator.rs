//! How the covariance of a portfolio's members is estimated from their trailing closes.

use serde::{Deserialize, Serialize};

use crate::stats::{
    Decay, EwmaRules, Refusal, SymmetricMatrix, complete_returns, ewma_covariance, ledoit_wolf_of,
    oracle_approximating_of, sample_covariance,
};

/// Estimator of a covariance matrix of simple returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CovarianceEstimator {
    /// Sample covariance (ddof 1), each pair of members over its own consecutive common bars.
    #[default]
    Sample,
    /// Shrunk to a multiple of the identity, over the bars common to all members.
    LedoitWolf,
    /// Shrunk to the same target by the oracle approximating intensity, over the same bars.
    Oas,
    /// Exponentially weighted around the weighted mean, over the bars common to all members.
    Ewma,
}

impl CovarianceEstimator {
    /// Every estimator, the default first.
    pub const ALL: [Self; 4] = [Self::Sample, Self::LedoitWolf, Self::Oas, Self::Ewma];

    /// Its name in flags and parameters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::LedoitWolf => "ledoit-wolf",
            Self::Oas => "oas",
            Self::Ewma => "ewma",
        }
    }
}

/// An estimator that needs complete rows: simple returns between consecutive bars common to all
/// members. It belongs to a combination and cannot be gathered from pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum CompleteRows {
    /// [`ledoit_wolf`](crate::stats::ledoit_wolf).
    LedoitWolf,
    /// [`oracle_approximating`](crate::stats::oracle_approximating).
    Oas,
    /// [`ewma_covariance`], weights a geometric series that halves every so many bars.
    Ewma {
        /// Common bars in which a weight halves.
        half_life_bars: f64,
    },
}

impl CompleteRows {
    /// The covariance of closes with gaps (NaN), one column per member, from at least
    /// `least_returns` complete returns.
    ///
    /// # Errors
    /// `TooShort` with fewer; as the estimator for what it cannot use.
    pub(super) fn estimate(
        self,
        closes: &[&[f64]],
        least_returns: usize,
    ) -> Result<SymmetricMatrix, Refusal> {
        self.estimate_by(closes, least_returns, |columns| sample_covariance(columns, 0))
    }

    /// The same, where `sample` computes sample covariances (divisor `T`).
    pub(super) fn estimate_by(
        self,
        closes: &[&[f64]],
        least_returns: usize,
        sample: impl Fn(&[&[f64]]) -> Result<SymmetricMatrix, Refusal>,
    ) -> Result<SymmetricMatrix, Refusal> {
        let returns = complete_returns(closes)?;
        let given = returns.first().map_or(0, Vec::len);
        if given < least_returns {
            return Err(Refusal::TooShort { needed: least_returns, given });
        }
        let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
        match self {
            Self::LedoitWolf => Ok(ledoit_wolf_of(&sample(&columns)?, &columns)?.covariance),
            Self::Oas => Ok(oracle_approximating_of(&sample(&columns)?, given)?.covariance),
            Self::Ewma { half_life_bars } => {
                let decay = Decay::from_half_life(half_life_bars)
                    .ok_or(Refusal::TooShort { needed: 2, given: 1 })?;
                ewma_covariance(&columns, decay, EwmaRules::default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CompleteRows, Refusal};
    use crate::stats::{ledoit_wolf, simple_returns};

    const GAP: f64 = f64::NAN;

    #[test]
    fn rows_with_a_gap_are_joined_for_every_member() {
        let with_gap: [&[f64]; 2] = [&[1.0, 2.0, 9.0, 1.0, 2.0], &[4.0, 2.0, GAP, 3.0, 6.0]];
        let joined = [&[1.0, 2.0, 1.0, 2.0][..], &[4.0, 2.0, 3.0, 6.0]];
        let returns = joined.map(simple_returns);
        let expected = ledoit_wolf(&[&returns[0], &returns[1]]).expect("complete").covariance;
        assert_eq!(CompleteRows::LedoitWolf.estimate(&with_gap, 3), Ok(expected));
        let short = Err(Refusal::TooShort { needed: 4, given: 3 });
        assert_eq!(CompleteRows::LedoitWolf.estimate(&with_gap, 4), short);
    }

    #[test]
    fn a_shorter_half_life_listens_to_the_newest_bars() {
        // Calm at first, wild at the end.
        let closes: Vec<f64> = (0..80_i32)
            .map(|row| {
                if row < 70 { 100.0 + f64::from(row % 2) } else { 100.0 + 9.0 * f64::from(row % 2) }
            })
            .collect();
        let variance = |half_life_bars| {
            let matrix = CompleteRows::Ewma { half_life_bars }.estimate(&[&closes], 60);
            matrix.expect("complete").get(0, 0)
        };
        assert!(variance(5.0) > 2.0 * variance(40.0));
    }
}
