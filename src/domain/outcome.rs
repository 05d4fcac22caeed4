//! How a job ended: a closed list, of which exactly one holds for every job.

use std::fmt;

/// How a job ended. The first that applies, in the order of this list; the last three are
/// failures of ours and are never cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A member of the combination has no bar in the scored window with all that the strategy reads;
    /// volumes of 0 throughout are none.
    NoBars,
    /// The formation window or the lookback holds too few bars.
    InsufficientHistory,
    /// A price in the window is zero or negative.
    NonPositivePrice,
    /// Returns that do not move, or move exactly together, leave the covariance without inverse.
    SingularCovariance,
    /// No pair of the combination, or no relation of the basket, was accepted at any refit: by the
    /// test of cointegration or, for a copula, that of dependence; the reason says which.
    NotCointegrated,
    /// A pair or a relation was accepted but no entry was ever signalled.
    NoTrade,
    /// Equity fell to zero or below.
    Ruined,
    /// A margin requirement was broken.
    MarginCall,
    /// The job ran to the end of its scored window.
    Done,
    /// The job ended in an error; the reason says which.
    Failed,
    /// The job panicked; the reason holds the message.
    Panicked,
    /// The job passed its time limit.
    TimedOut,
}

impl Outcome {
    /// Every outcome, in order.
    pub const ALL: [Self; 12] = [
        Self::NoBars,
        Self::InsufficientHistory,
        Self::NonPositivePrice,
        Self::SingularCovariance,
        Self::NotCointegrated,
        Self::NoTrade,
        Self::Ruined,
        Self::MarginCall,
        Self::Done,
        Self::Failed,
        Self::Panicked,
        Self::TimedOut,
    ];

    /// The name stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoBars => "no_bars",
            Self::InsufficientHistory => "insufficient_history",
            Self::NonPositivePrice => "non_positive_price",
            Self::SingularCovariance => "singular_covariance",
            Self::NotCointegrated => "not_cointegrated",
            Self::NoTrade => "no_trade",
            Self::Ruined => "ruined",
            Self::MarginCall => "margin_call",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed_out",
        }
    }

    /// What it means, in one line.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NoBars => {
                "a member has no bar in the scored window with all that the strategy reads"
            }
            Self::InsufficientHistory => "the formation window or the lookback holds too few bars",
            Self::NonPositivePrice => "a price that the job may use is zero or negative",
            Self::SingularCovariance => {
                "returns that do not move, or move exactly together, leave no portfolio"
            }
            Self::NotCointegrated => {
                "no pair or relation of the combination was accepted at any refit"
            }
            Self::NoTrade => "a pair or a relation was accepted, but no entry was ever signalled",
            Self::Ruined => "equity fell to zero or below, and the job ended there",
            Self::MarginCall => "a margin requirement was broken, and everything was closed there",
            Self::Done => "the job ran to the end of its scored window",
            Self::Failed => "the job ended in an error; a failure, computed again by the next run",
            Self::Panicked => "the job panicked; a failure, computed again by the next run",
            Self::TimedOut => {
                "the job passed its time limit; a failure, computed again by the next run"
            }
        }
    }

    /// True for the three that are failures: never cached, and they make exit code 1.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Panicked | Self::TimedOut)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
