//! A named stream of random numbers: the same on every machine, independent of every other.
//!
//! A stream is known by the seed of the universe and a label such as `BOLERO/path`. Label and
//! seed are folded into one word by the finalizer of SplitMix64, which then seeds xoshiro256++.
//! How many numbers one purpose draws can therefore not shift the numbers of another.
//!
//! # References
//! Steele, Lea, Flood (2014), *Fast splittable pseudorandom number generators* (SplitMix64).
//! Marsaglia, Bray (1964), *A convenient method for generating normal variables*.

use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{Rng, SeedableRng},
};

/// Increment of SplitMix64: the golden ratio in 64 bits.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of uniform and normal numbers.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    generator: Xoshiro256PlusPlus,
    spare: Option<f64>,
}

impl Stream {
    /// The stream of `purpose` for `owner` in the universe of `seed`.
    pub(super) fn new(seed: u64, owner: &str, purpose: &str) -> Self {
        let label = owner.bytes().chain([b'/']).chain(purpose.bytes());
        let word = label.fold(mix(seed), |word, byte| mix(word ^ u64::from(byte)));
        Self { generator: Xoshiro256PlusPlus::seed_from_u64(word), spare: None }
    }

    /// A uniform number in `[0, 1)` with 53 random bits.
    fn uniform(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// A whole number in `[0, bound)`; 0 for an empty range. The bias of at most `bound / 2^64` is
    /// of no consequence here.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.generator.next_u64()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A standard normal number by the polar method: only exact arithmetic, a square root and the
    /// software logarithm of `libm`, none of which differs between machines.
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let u = 2.0 * self.uniform() - 1.0;
            let v = 2.0 * self.uniform() - 1.0;
            let s = u * u + v * v;
            if s < 1.0 && s > 0.0 {
                let scale = (-2.0 * libm::log(s) / s).sqrt();
                self.spare = Some(v * scale);
                return u * scale;
            }
        }
    }
}

/// One step of SplitMix64.
fn mix(word: u64) -> u64 {
    let mut z = word.wrapping_add(GOLDEN_GAMMA);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Stream, mix};

    #[test]
    fn the_finalizer_is_that_of_splitmix() {
        // First outputs of SplitMix64 from state 0, as published with the generator.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(super::GOLDEN_GAMMA), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn normals_have_the_moments_of_a_normal() {
        let mut stream = Stream::new(1, "TEST", "moments");
        let draws: Vec<f64> = (0..200_000).map(|_| stream.normal()).collect();
        let moment = |power: i32| {
            draws.iter().map(|draw| draw.powi(power)).sum::<f64>() / draws.len() as f64
        };
        assert!(moment(1).abs() < 0.01, "mean {}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.015, "variance {}", moment(2));
        assert!(moment(3).abs() < 0.03, "skewness {}", moment(3));
        assert!((moment(4) - 3.0).abs() < 0.1, "kurtosis {}", moment(4));
    }

    #[test]
    fn owners_purposes_and_seeds_have_their_own_numbers() {
        let first = |seed, owner, purpose| Stream::new(seed, owner, purpose).generator;
        let base = first(1, "AB", "C");
        assert_eq!(base, first(1, "AB", "C"));
        for other in [first(2, "AB", "C"), first(1, "A", "C"), first(1, "A", "BC")] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn whole_numbers_stay_below_their_bound() {
        let mut stream = Stream::new(1, "TEST", "below");
        let mut seen = [0_u32; 5];
        for _ in 0..5_000 {
            seen[stream.below(5)] += 1;
        }
        assert!(seen.iter().all(|&count| (850..1_150).contains(&count)), "{seen:?}");
        assert_eq!(stream.below(0), 0);
    }
}
