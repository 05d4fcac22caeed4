//! The cointegration strategy: every pair of a combination, tested, sized and traded.

use super::{CointegrationParameters, PairLegs, PairsDecider, book::PairBook};
use crate::{
    domain::{FitRecord, HorizonWindow, Outcome, Size},
    error::Result,
    sim::Decider,
    strategy::{Alignment, Declined, HorizonBars, Session, Strategy},
};

/// Engle-Granger pairs with z-score entries (PZ-1), over every pair inside a combination.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cointegration {
    parameters: CointegrationParameters,
}

impl Cointegration {
    /// A strategy with these parameters.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    pub fn new(parameters: CointegrationParameters) -> Result<Self> {
        Ok(Self { parameters: parameters.checked()? })
    }
}

impl Strategy for Cointegration {
    fn name(&self) -> &'static str {
        "cointegration"
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

    /// The script of a pair: its fits, and a signal of 56 bytes every 56 bars.
    fn pair_bytes(&self, scored_bars: u64) -> u64 {
        1_024 + scored_bars
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        Box::new(PairsSession {
            parameters: &self.parameters,
            book: PairBook::new(bars, &self.parameters),
        })
    }
}

struct PairsSession<'a> {
    parameters: &'a CointegrationParameters,
    book: PairBook<'a, CointegrationParameters>,
}

impl Session for PairsSession<'_> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        let pairs = PairLegs::all_of(assets, |first, second| self.book.script(first, second));
        if pairs.iter().all(|pair| pair.script.fits.iter().all(Option::is_none)) {
            return Err(Declined {
                outcome: Outcome::NotCointegrated,
                reason: format!("none of {} pairs was accepted at any refit", pairs.len()),
            });
        }
        Ok(Box::new(PairsDecider::new(pairs, self.parameters.sizing())))
    }

    fn take_fits(&self) -> Vec<FitRecord> {
        self.book.take_fits()
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
