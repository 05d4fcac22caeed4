//! Strategies of pairs: every pair of a combination is fitted, sized and traded.

use super::{
    PairLegs, PairsDecider, SpreadPath,
    book::PairBook,
    candidates::{PAIR_BYTES, tile_bytes},
    method::PairMethod,
};
use crate::{
    domain::{FitRecord, HorizonWindow, Interval, Outcome, Size},
    error::Result,
    sim::Decider,
    strategy::{Alignment, Declined, HorizonBars, Session, Strategy},
};

/// A method over every pair inside a combination.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pairs<M> {
    method: M,
}

#[allow(private_bounds, reason = "a method is a strategy's own business")]
impl<M: PairMethod> Pairs<M> {
    /// A strategy with these parameters.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    pub fn new(method: M) -> Result<Self> {
        method.check()?;
        Ok(Self { method })
    }
}

impl<M: PairMethod> Strategy for Pairs<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn parameters(&self) -> String {
        serde_json::to_string(&self.method).unwrap_or_default()
    }

    fn accepts(&self, _size: Size, members: usize) -> bool {
        members >= 2
    }

    fn alignment(&self) -> Alignment {
        Alignment::Common
    }

    fn history_micros(&self, window: &HorizonWindow) -> i64 {
        self.method.refits().formation_micros(window)
    }

    /// The script of a pair: its fits and its signals; and whether it is ruled out.
    fn pair_bytes(&self, scored_bars: u64) -> u64 {
        1_024 + PAIR_BYTES as u64 + M::SIGNAL_BYTES_PER_BAR * scored_bars
    }

    /// One at every refit of a pair whose bars go on without a break.
    fn fits_of_pair(&self, window: &HorizonWindow, interval: Interval) -> u64 {
        if M::HANDS_ON_FITS { self.method.refits().most(window, interval) } else { 0 }
    }

    fn bars_per_trade(&self) -> u64 {
        M::BARS_PER_TRADE
    }

    /// A tile of pairs that the kernel tests.
    fn worker_bytes(&self, window: &HorizonWindow, interval: Interval, symbols: usize) -> u64 {
        let rows = self.method.refits().formation_micros(window) / interval.micros().max(1);
        let rows = usize::try_from(rows).unwrap_or(0);
        self.method.screen().map_or(0, |screen| tile_bytes(symbols, rows, screen.rule))
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        let book = PairBook::new(bars, &self.method);
        Box::new(PairsSession { method: &self.method, book })
    }
}

struct PairsSession<'a, M> {
    method: &'a M,
    book: PairBook<'a, M>,
}

impl<M: PairMethod> Session for PairsSession<'_, M> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        let pairs = PairLegs::all_of(assets, |first, second| self.book.script(first, second));
        if pairs.iter().all(|pair| pair.script.fits.iter().all(Option::is_none)) {
            let why = self.method.why_none(&pairs);
            let reason = format!("none of {} pairs was accepted at any refit{why}", pairs.len());
            return Err(Declined { outcome: Outcome::NotCointegrated, reason });
        }
        Ok(Box::new(PairsDecider::new(pairs, self.method.sizing())))
    }

    fn spread_path(&self, first: u16, second: u16) -> Option<SpreadPath> {
        self.book.path(first, second)
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
