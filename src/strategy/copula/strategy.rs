//! The copula strategy: every pair of a combination, fitted by its ranks and traded.

use super::CopulaParameters;
use crate::{
    domain::{HorizonWindow, Outcome, Size},
    error::Result,
    sim::Decider,
    strategy::{
        Alignment, Declined, HorizonBars, Session, Strategy,
        pairs::{PairBook, PairLegs, PairsDecider},
    },
};

/// Pairs traded on the cumulative mispricing indices of a copula, over every pair inside a
/// combination.
#[derive(Debug, Clone, Copy, Default)]
pub struct CopulaPairs {
    parameters: CopulaParameters,
}

impl CopulaPairs {
    /// A strategy with these parameters.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    pub fn new(parameters: CopulaParameters) -> Result<Self> {
        Ok(Self { parameters: parameters.checked()? })
    }
}

impl Strategy for CopulaPairs {
    fn name(&self) -> &'static str {
        "copula"
    }

    fn parameters(&self) -> String {
        serde_json::to_string(&self.parameters).unwrap_or_default()
    }

    fn accepts(&self, _size: Size, members: usize) -> bool {
        members >= 2
    }

    fn alignment(&self) -> Alignment {
        Alignment::Common
    }

    fn history_micros(&self, window: &HorizonWindow) -> i64 {
        self.parameters.formation_micros(window)
    }

    /// The script of a pair: its fits, and a signal of 56 bytes every 28 bars.
    fn pair_bytes(&self, scored_bars: u64) -> u64 {
        1_024 + 2 * scored_bars
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        let book = PairBook::new(bars, &self.parameters);
        Box::new(CopulaSession { parameters: &self.parameters, book })
    }
}

struct CopulaSession<'a> {
    parameters: &'a CopulaParameters,
    book: PairBook<'a, CopulaParameters>,
}

impl Session for CopulaSession<'_> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        let pairs = PairLegs::all_of(assets, |first, second| self.book.script(first, second));
        if pairs.iter().all(|pair| pair.script.fits.iter().all(Option::is_none)) {
            let tau = pairs.iter().filter_map(|pair| pair.script.tau).reduce(f64::max);
            return Err(Declined {
                outcome: Outcome::NotCointegrated,
                reason: self.reason(pairs.len(), tau),
            });
        }
        Ok(Box::new(PairsDecider::new(pairs, self.parameters.sizing())))
    }

    fn fits_made(&self) -> u64 {
        self.book.fits_made()
    }

    fn bound(&self, pairs: usize) {
        self.book.bound(pairs);
    }

    fn release(&self) {
        self.book.release();
    }
}

impl CopulaSession<'_> {
    /// Why no pair was accepted at any refit; `tau` is the largest one met.
    fn reason(&self, pairs: usize, tau: Option<f64>) -> String {
        let least = self.parameters.min_tau;
        let why = match tau {
            None => "no formation window could be fitted".to_owned(),
            Some(tau) if tau < least => format!("tau {tau:.2} below {least:.2}"),
            Some(_) => "rank_bars above the returns of the formation window".to_owned(),
        };
        format!("none of {pairs} pairs was accepted at any refit: {why}")
    }
}
