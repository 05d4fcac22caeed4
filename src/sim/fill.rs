//! Where a decision is filled, and the fill itself.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The bar and the price at which a decision at the close of bar `t` is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FillRule {
    /// Open of the next bar: the default.
    NextOpen,
    /// Close of the next bar: the rule for close-only bars.
    NextClose,
    /// Close of the decision bar itself. Optimistic: the decision used the price it trades at.
    SameClose,
}

impl FillRule {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::NextOpen, Self::NextClose, Self::SameClose];

    /// The name used in flags, in the store and in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::NextOpen => "next-open",
            Self::NextClose => "next-close",
            Self::SameClose => "same-close",
        }
    }
}

impl fmt::Display for FillRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FillRule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == text).ok_or_else(|| {
            Error::usage(format!("'{text}' is not a fill rule"))
                .with_hint("one of next-open, next-close, same-close")
        })
    }
}

/// One fill of one leg: everything that was decided for it in one row, netted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fill {
    /// Panel row of the fill.
    pub row: u32,
    /// Panel row whose close decided it; the row itself for forced closes.
    pub decided_row: u32,
    /// Leg of the combination.
    pub leg: u16,
    /// Signed quantity.
    pub quantity: f64,
    /// Price paid or received; slippage, spread and impact are in it.
    pub price: f64,
    /// Commission.
    pub commission: f64,
    /// Slippage within the price.
    pub slippage: f64,
    /// Half the spread within the price.
    pub spread: f64,
    /// Market impact within the price.
    pub impact: f64,
    /// Why; where tickets were netted, the reason of the largest one in the fill's direction.
    pub reason: &'static str,
}

#[cfg(test)]
mod tests {
    use super::FillRule;

    #[test]
    fn names_read_back() {
        for rule in FillRule::ALL {
            assert_eq!(rule.to_string().parse::<FillRule>().expect("a rule"), rule);
        }
        assert!("open".parse::<FillRule>().is_err_and(|error| error.is_usage()));
    }
}
