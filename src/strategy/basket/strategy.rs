//! The basket strategy: one combination, one relation, fitted again and again.

use super::{
    BasketDecider, BasketParameters,
    fit::Rejection,
    script::{Fitted, make},
};
use crate::{
    domain::{HorizonWindow, Outcome, Size},
    error::Result,
    sim::Decider,
    stats::Refusal,
    strategy::{Alignment, Declined, HorizonBars, Session, Strategy, pairs::SpreadParameters},
};

/// Johansen baskets of three and four instruments with z-score entries.
///
/// It stands on the same rows as the pairs of its combination, those in which two or more members
/// have a bar, and trades in those in which all have one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Basket {
    parameters: BasketParameters,
}

impl Basket {
    /// A strategy with these parameters.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    pub fn new(parameters: BasketParameters) -> Result<Self> {
        parameters.check()?;
        Ok(Self { parameters })
    }
}

impl Strategy for Basket {
    fn name(&self) -> &'static str {
        BasketParameters::NAME
    }

    fn parameters(&self) -> String {
        serde_json::to_string(&self.parameters).unwrap_or_default()
    }

    fn accepts(&self, _size: Size, members: usize) -> bool {
        matches!(members, 3 | 4)
    }

    fn alignment(&self) -> Alignment {
        Alignment::Common
    }

    fn history_micros(&self, window: &HorizonWindow) -> i64 {
        self.parameters.refits().formation_micros(window)
    }

    /// As those of pairs.
    fn bars_per_trade(&self) -> u64 {
        1_024
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        Box::new(BasketSession { parameters: &self.parameters, bars })
    }
}

struct BasketSession<'a> {
    parameters: &'a BasketParameters,
    bars: &'a HorizonBars<'a>,
}

impl Session for BasketSession<'_> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        let Fitted { script, rejections } = make(self.bars, assets, self.parameters);
        if script.fits.iter().all(Option::is_none) {
            let reason = self.why_none(assets, &rejections);
            return Err(Declined { outcome: Outcome::NotCointegrated, reason });
        }
        Ok(Box::new(BasketDecider::new(script, self.parameters.gross_leverage)))
    }
}

impl BasketSession<'_> {
    /// The rejection that came nearest to a relation, for all refits.
    fn why_none(&self, assets: &[u16], rejections: &[Rejection]) -> String {
        let nearer = |a: &&Rejection, b: &&Rejection| {
            let ((a, near_a), (b, near_b)) = (a.nearness(), b.nearness());
            a.cmp(&b).then(near_a.total_cmp(&near_b))
        };
        let Some(&nearest) = rejections.iter().max_by(nearer) else {
            return "no bar common to all members in the scored window".to_owned();
        };
        let what = match nearest {
            Rejection::Refused(Refusal::Constant { series } | Refusal::NonFinite { series })
                if series < assets.len() =>
            {
                format!("{} does not move", self.bars.symbol(assets[series]))
            }
            other => other.to_string(),
        };
        match rejections.len() {
            1 => format!("{what} at the only refit"),
            refits => format!("{what} at the best of {refits} refits"),
        }
    }
}
