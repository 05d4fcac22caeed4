//! Block bootstraps of a time series: rows drawn with their neighbours, so that dependence stays.
//!
//! [`Blocks::Stationary`] draws blocks of geometric length, [`Blocks::Circular`] blocks of one length;
//! both wrap around the end of the sample. [`block_length`](super::block_length()) chooses the length.
//!
//! # Random numbers
//! xoshiro256++, seeded from a `u64` through SplitMix64: the same seed gives the same rows on every
//! machine. A uniform number takes the upper 53 bits of a word, a row the upper half of the product
//! of a word and the number of rows. A stationary row draws the uniform number first, and a start
//! only where a block begins; a circular block draws its start. Replications share one stream.
//!
//! # References
//! D. N. Politis and J. P. Romano (1994), The stationary bootstrap, JASA 89, 1303-1313. D. N. Politis
//! and J. P. Romano (1992), A circular block-resampling procedure, in Exploring the Limits of
//! Bootstrap. D. Blackman and S. Vigna (2021), Scrambled linear pseudorandom number generators.

use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{Rng, SeedableRng},
};

use super::refusal::{Refusal, Result, check_range};

/// How blocks are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Blocks {
    /// Geometric length of this mean, at least 1.
    Stationary(f64),
    /// This length, at least 1; the last block is cut.
    Circular(usize),
}

/// An endless source of resampled rows.
#[derive(Debug, Clone)]
pub struct BlockBootstrap {
    generator: Xoshiro256PlusPlus,
    blocks: Blocks,
    rows: usize,
}

impl BlockBootstrap {
    /// The source of `seed` for a sample of `rows` rows.
    ///
    /// # Errors
    /// `TooShort` without a row, `OutOfRange` for a block under 1 row or not finite.
    ///
    /// ```
    /// use barline::stats::{BlockBootstrap, Blocks};
    /// let mut one = BlockBootstrap::new(7, Blocks::Stationary(3.0), 10)?;
    /// let mut two = BlockBootstrap::new(7, Blocks::Stationary(3.0), 10)?;
    /// assert_eq!(one.draw(), two.draw());
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn new(seed: u64, blocks: Blocks, rows: usize) -> Result<Self> {
        if rows == 0 {
            return Err(Refusal::TooShort { needed: 1, given: 0 });
        }
        let length = match blocks {
            Blocks::Stationary(mean) => mean,
            Blocks::Circular(length) => length as f64,
        };
        check_range("block length", length, 1.0..=f64::MAX)?;
        Ok(Self { generator: Xoshiro256PlusPlus::seed_from_u64(seed), blocks, rows })
    }

    /// The rows of the next replication, as many as the sample has.
    ///
    /// ```
    /// use barline::stats::{BlockBootstrap, Blocks};
    /// let mut source = BlockBootstrap::new(20, Blocks::Circular(4), 10)?;
    /// assert_eq!(source.draw(), [3, 4, 5, 6, 6, 7, 8, 9, 4, 5]);
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn draw(&mut self) -> Vec<usize> {
        let mut drawn: Vec<usize> = Vec::with_capacity(self.rows);
        while let Some(place) = self.rows.checked_sub(drawn.len() + 1) {
            let next = drawn.last().map(|row| (row + 1) % self.rows);
            let begins = match self.blocks {
                Blocks::Stationary(mean) => self.uniform() * mean < 1.0,
                Blocks::Circular(length) => (self.rows - 1 - place).is_multiple_of(length),
            };
            let row = next.filter(|_| !begins).unwrap_or_else(|| self.below(self.rows));
            drawn.push(row);
        }
        drawn
    }

    /// A uniform number in `[0, 1)` with 53 random bits.
    fn uniform(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// A row below `bound`; the bias of at most `bound / 2^64` is of no consequence here.
    fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.generator.next_u64()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wrong_blocks_are_refused() {
        let none = BlockBootstrap::new(1, Blocks::Circular(2), 0);
        assert_eq!(none.err(), Some(Refusal::TooShort { needed: 1, given: 0 }));
        for (blocks, value) in [
            (Blocks::Circular(0), 0.0),
            (Blocks::Stationary(0.5), 0.5),
            (Blocks::Stationary(f64::NAN), f64::NAN),
            (Blocks::Stationary(f64::INFINITY), f64::INFINITY),
        ] {
            let refusal = BlockBootstrap::new(1, blocks, 5).err();
            assert_eq!(refusal, Some(Refusal::out_of_range("block length", value)));
        }
    }

    #[test]
    fn the_stream_of_a_seed_is_fixed() {
        let mut source = BlockBootstrap::new(20, Blocks::Circular(4), 10).expect("valid");
        assert_eq!(source.draw(), FIRST_DRAW);
    }

    const FIRST_DRAW: [usize; 10] = [3, 4, 5, 6, 6, 7, 8, 9, 4, 5];

    #[test]
    fn stationary_blocks_have_their_mean_length() {
        let mut source = BlockBootstrap::new(3, Blocks::Stationary(8.0), 1000).expect("valid");
        let starts: usize = (0..50)
            .map(|_| source.draw().windows(2).filter(|w| w[1] != (w[0] + 1) % 1000).count())
            .sum();
        // 50,000 rows begin a block with probability 1/8: 6,250 with a deviation of 74.
        assert!((5950..6550).contains(&starts), "{starts}");
    }

    proptest! {
        #[test]
        fn law_circular_blocks_run_on(seed in any::<u64>(), rows in 1..60_usize, length in 1..80_usize) {
            let mut source = BlockBootstrap::new(seed, Blocks::Circular(length), rows).expect("valid");
            let drawn = source.draw();
            prop_assert_eq!(drawn.len(), rows);
            for (at, pair) in drawn.windows(2).enumerate() {
                prop_assert!((at + 1) % length == 0 || pair[1] == (pair[0] + 1) % rows);
                prop_assert!(pair[0] < rows && pair[1] < rows);
            }
        }
    }
}
