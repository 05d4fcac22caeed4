//! Instruments and the universe they form.

use std::fmt;

use crate::error::{Error, Result};

/// What can be held: a symbol on a market. `BTCUSDT` spot and perpetual are two instruments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instrument {
    /// Where it trades, as the import said.
    pub market: String,
    /// Its name there.
    pub symbol: String,
    /// Its number in the store; never part of a result.
    pub id: u32,
}

impl fmt::Display for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.symbol)
    }
}

/// The instruments of a request in canonical order (market, symbol).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Universe {
    instruments: Vec<Instrument>,
}

/// Most instruments a universe may hold; asset indices are 16 bits wide.
const MAX_INSTRUMENTS: usize = 50_000;

impl Universe {
    /// A universe of `instruments`, sorted into canonical order.
    ///
    /// # Errors
    /// Usage, if there is none, too many, or one is named twice.
    pub fn new(mut instruments: Vec<Instrument>) -> Result<Self> {
        instruments.sort();
        if instruments.is_empty() {
            return Err(Error::usage("no symbol to work on"));
        }
        if instruments.len() > MAX_INSTRUMENTS {
            return Err(Error::usage(format!(
                "{} symbols are more than the {MAX_INSTRUMENTS} one run can hold",
                instruments.len()
            )));
        }
        let same = |a: &Instrument, b: &Instrument| a.market == b.market && a.symbol == b.symbol;
        if let Some([twice, _]) = instruments.array_windows().find(|[a, b]| same(a, b)) {
            return Err(Error::usage(format!("symbol {twice} is named twice")));
        }
        Ok(Self { instruments })
    }

    /// The instruments in canonical order.
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.instruments.len()
    }

    /// Never true: an empty universe cannot be made.
    pub fn is_empty(&self) -> bool {
        self.instruments.is_empty()
    }
}
