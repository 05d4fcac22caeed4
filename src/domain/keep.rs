//! How much of a job is stored.

use std::{fmt, str::FromStr};

use crate::error::{Error, Result};

/// What is stored per job, from least to most; each level holds the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keep {
    /// Outcome and measures.
    Measures,
    /// And trades.
    Trades,
    /// And equity at every scored bar.
    Equity,
    /// And fills and target weights.
    All,
}

impl Keep {
    /// Every level, from least to most.
    pub const ALL: [Self; 4] = [Self::Measures, Self::Trades, Self::Equity, Self::All];

    /// The name used in flags and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Measures => "measures",
            Self::Trades => "trades",
            Self::Equity => "equity",
            Self::All => "all",
        }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Keep {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|level| level.name() == text).ok_or_else(|| {
            Error::usage(format!("'{text}' is not a level"))
                .with_hint("one of measures, trades, equity, all")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Keep;

    #[test]
    fn levels_are_ordered_and_read_back() {
        assert!(Keep::ALL.is_sorted());
        for level in Keep::ALL {
            assert_eq!(level.to_string().parse::<Keep>().expect("a level"), level);
        }
        assert!("some".parse::<Keep>().is_err_and(|error| error.is_usage()));
    }
}
