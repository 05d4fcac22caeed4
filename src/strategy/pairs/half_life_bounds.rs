//! How fast the spread of an accepted fit comes back: neither too fast to trade nor too slow.

use std::fmt;

use crate::error::{Error, Result};

/// Bounds of the half-life of a spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::strategy) struct HalfLifeBounds {
    /// Shortest half-life accepted, bars.
    pub(in crate::strategy) shortest_bars: f64,
    /// Longest half-life accepted, as a share of the bars of the formation window.
    pub(in crate::strategy) longest_frac: f64,
}

/// A half-life that is not accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::strategy) enum HalfLifeRefusal {
    /// The spread alternates: it has no half-life.
    Alternates,
    /// The half-life is shorter than the shortest.
    TooFast { bars: f64, shortest: f64 },
    /// The half-life is longer than the longest.
    TooSlow { bars: f64, longest: f64 },
}

impl fmt::Display for HalfLifeRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Alternates => f.write_str("the spread alternates: no half-life"),
            Self::TooFast { bars, shortest } => {
                write!(f, "half-life {bars:.1} bars below {shortest}")
            }
            Self::TooSlow { bars, longest } => {
                write!(f, "half-life {bars:.1} bars above {longest:.0}")
            }
        }
    }
}

impl HalfLifeBounds {
    /// Refuses the half-life of a spread over a formation window of so many bars; `None` is that of
    /// a spread that alternates.
    pub(in crate::strategy) fn admit(
        self,
        half_life: Option<f64>,
        formation_bars: usize,
    ) -> std::result::Result<(), HalfLifeRefusal> {
        let bars = half_life.ok_or(HalfLifeRefusal::Alternates)?;
        let shortest = self.shortest_bars;
        let longest = self.longest_frac * formation_bars as f64;
        if bars < shortest {
            Err(HalfLifeRefusal::TooFast { bars, shortest })
        } else if bars > longest {
            Err(HalfLifeRefusal::TooSlow { bars, longest })
        } else {
            Ok(())
        }
    }

    /// Checks what the types cannot, for the strategy of this name.
    pub(in crate::strategy) fn check(self, strategy: &str) -> Result<()> {
        if self.shortest_bars >= 0.0 && self.longest_frac > 0.0 {
            return Ok(());
        }
        Err(Error::usage(format!("{strategy}: half-life bounds must be positive")))
    }
}
