//! Probability of backtest overfitting by combinatorially symmetric cross-validation.
//!
//! The bars are cut into `S` blocks in time order. For every choice of half of them the trial with
//! the best Sharpe ratio in sample is looked up out of sample, on the other half; overfitting is
//! when it falls to the lower half of all trials there.
//!
//! # Formula
//! `lambda = ln(w / (1 - w))`, `w = rank / (N + 1)` with the rank of the chosen trial out of sample, 1
//! for the worst of `N`, ties averaged. The probability is the share of choices with
//! `lambda <= 0`. The Sharpe ratio is mean over standard deviation per bar, divisor `n - 1`; the
//! first of equal trials is chosen. A trial that does not move has no ratio and ranks last.
//!
//! # Null
//! Trials without any difference in skill give about one half; well above is worse than chance.
//!
//! # References
//! D. H. Bailey, J. M. Borwein, M. Lopez de Prado, Q. J. Zhu (2017), The probability of backtest
//! overfitting, Journal of Computational Finance 20(4), 39-69. The R package `pbo` has `w = rank / N`
//! ([`Overfitting::probability_r_package`]) and prints the intercept of in sample on out of sample
//! as its slope.

use super::{
    dispersion::moves,
    moments::{centered_dot, is_rounding, largest, mean, sum},
    refusal::{Refusal, Result, check_finite, check_range},
};

/// Most blocks: 184,756 choices.
const MOST_BLOCKS: usize = 20;

/// One choice of blocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// The trial that is best in sample.
    pub chosen: usize,
    /// Its Sharpe ratio per bar in sample.
    pub in_sample: f64,
    /// Its Sharpe ratio per bar out of sample; minus infinity where it does not move there.
    pub out_of_sample: f64,
    /// Its rank out of sample among all trials, 1 for the worst.
    pub rank: f64,
    /// `ln(w / (1 - w))`, `w = rank / (N + 1)`.
    pub logit: f64,
}

/// The regression of the chosen trials' ratios out of sample on those in sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Degradation {
    /// Slope; below zero where a better backtest means a worse future.
    pub slope: f64,
    /// Intercept.
    pub intercept: f64,
    /// Squared correlation.
    pub r_squared: f64,
}

/// All choices of half the blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Overfitting {
    /// Number of trials, `N`.
    pub trials: usize,
    /// Choices in lexical order of the blocks in sample.
    pub splits: Vec<Split>,
}

/// Cross-validates `trials`, a column of returns each, on `blocks` blocks; `risk_free` is taken off
/// every return.
///
/// # Errors
/// Those of length and finiteness, `Empty` without a trial; `OutOfRange` unless `blocks` is even,
/// 2 to 20, and divides the rows, and for a `risk_free` that is not finite; `TooShort` where half of
/// the rows are fewer than 2; `Constant` (series: the trial ranked first) where no trial moves in
/// sample.
///
/// ```
/// use barline::stats::overfitting;
/// // The first trial gains in every block, the second loses: the choice holds out of sample.
/// let (up, down) = ([0.02, 0.01].repeat(8), [-0.01, -0.02].repeat(8));
/// let found = overfitting(&[&up, &down], 4, 0.0)?;
/// assert_eq!((found.splits.len(), found.probability()), (6, 0.0));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn overfitting(trials: &[&[f64]], blocks: usize, risk_free: f64) -> Result<Overfitting> {
    let rows = check_finite(trials)?;
    check_range("risk-free rate", risk_free, f64::MIN..=f64::MAX)?;
    let fits = (2..=MOST_BLOCKS).contains(&blocks) && blocks.is_multiple_of(2);
    if !fits || !rows.is_multiple_of(blocks) {
        return Err(Refusal::out_of_range("number of blocks", blocks as f64));
    }
    if rows < 4 {
        return Err(Refusal::TooShort { needed: 4, given: rows });
    }
    let parts: Vec<Vec<Moments>> =
        trials.iter().map(|trial| Moments::of_blocks(trial, rows / blocks, risk_free)).collect();
    let ratios = |choice: &[usize], inside: bool| -> Vec<f64> {
        let member = |block: &usize| choice.contains(block) == inside;
        let own = |trial: &Vec<Moments>| {
            let chosen = (0..blocks).filter(member).map(|block| trial[block]);
            chosen.fold(Moments::default(), Moments::merged).sharpe()
        };
        parts.iter().map(own).collect()
    };
    let mut splits = Vec::new();
    let mut choice: Vec<usize> = (0..blocks / 2).collect();
    loop {
        splits.push(split(&ratios(&choice, true), &ratios(&choice, false))?);
        if !advance(&mut choice, blocks) {
            return Ok(Overfitting { trials: trials.len(), splits });
        }
    }
}

fn split(inside: &[f64], outside: &[f64]) -> Result<Split> {
    let mut chosen = 0;
    for (trial, ratio) in inside.iter().enumerate() {
        if *ratio > inside[chosen] {
            chosen = trial;
        }
    }
    if inside[chosen] == f64::NEG_INFINITY {
        return Err(Refusal::Constant { series: chosen });
    }
    let own = outside[chosen];
    let below = outside.iter().filter(|ratio| **ratio < own).count() as f64;
    let above = outside.iter().filter(|ratio| **ratio > own).count() as f64;
    let trials = outside.len() as f64;
    let rank = below + 0.5 * (trials - below - above) + 0.5;
    let share = rank / (trials + 1.0);
    let logit = libm::log(share / (1.0 - share));
    Ok(Split { chosen, in_sample: inside[chosen], out_of_sample: own, rank, logit })
}

/// The next choice in lexical order.
fn advance(choice: &mut [usize], blocks: usize) -> bool {
    let size = choice.len();
    let Some(at) = (0..size).rev().find(|at| choice[*at] < blocks - size + at) else {
        return false;
    };
    choice[at] += 1;
    for later in at + 1..size {
        choice[later] = choice[later - 1] + 1;
    }
    true
}

impl Overfitting {
    /// Probability of backtest overfitting: the share of choices with a logit of at most zero.
    ///
    /// ```
    /// use barline::stats::overfitting;
    /// // Each trial gains in its own half and loses in the other.
    /// let (a, b) = ([0.02, 0.01, -0.02, -0.01], [-0.02, -0.01, 0.02, 0.01]);
    /// let found = overfitting(&[&a, &b], 2, 0.0)?;
    /// assert_eq!((found.probability(), found.probability_of_loss()), (1.0, 1.0));
    /// assert_eq!(found.probability_r_package(), 1.0);
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn probability(&self) -> f64 {
        self.share(|split| split.logit <= 0.0)
    }

    /// The same with `w = rank / N`, as the R package `pbo` has it.
    pub fn probability_r_package(&self) -> f64 {
        let trials = self.trials as f64;
        self.share(|split| split.rank / trials <= 0.5)
    }

    /// Share of choices whose trial loses out of sample.
    pub fn probability_of_loss(&self) -> f64 {
        self.share(|split| split.out_of_sample < 0.0)
    }

    fn share(&self, holds: impl Fn(&Split) -> bool) -> f64 {
        self.splits.iter().filter(|split| holds(split)).count() as f64 / self.splits.len() as f64
    }

    /// How the ratio out of sample depends on that in sample.
    ///
    /// # None
    /// Where a chosen trial has no ratio out of sample, or all choices have one ratio, in sample or
    /// out of it.
    ///
    /// ```
    /// use barline::stats::overfitting;
    /// let bar = |t: u32, k: u32| f64::from((t * t * (7 + 2 * k) + 13 * t) % 101) / 101.0 - 0.5;
    /// let trials: Vec<Vec<f64>> = (0..4).map(|k| (0..48).map(|t| bar(t, k)).collect()).collect();
    /// let slices: Vec<&[f64]> = trials.iter().map(Vec::as_slice).collect();
    /// let line = overfitting(&slices, 6, 0.0)?.degradation().unwrap();
    /// assert!((0.0..=1.0).contains(&line.r_squared));
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn degradation(&self) -> Option<Degradation> {
        let inside: Vec<f64> = self.splits.iter().map(|split| split.in_sample).collect();
        let outside: Vec<f64> = self.splits.iter().map(|split| split.out_of_sample).collect();
        let (x, y) = (mean(&inside)?, mean(&outside)?);
        let s_xy = centered_dot(&inside, x, &outside, y);
        let s_xx = centered_dot(&inside, x, &inside, x);
        let s_yy = centered_dot(&outside, y, &outside, y);
        let slope = s_xy / s_xx;
        let found =
            Degradation { slope, intercept: y - slope * x, r_squared: slope * (s_xy / s_yy) };
        let moving = moves(&inside) && moves(&outside);
        (moving && found.slope.is_finite() && found.r_squared.is_finite()).then_some(found)
    }
}

/// Count, mean and centered squares of a trial's returns in some blocks.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
    /// The largest magnitude, against which squares are rounding.
    level: f64,
}

impl Moments {
    fn of_blocks(trial: &[f64], rows: usize, risk_free: f64) -> Vec<Self> {
        let of_block = |block: &[f64]| {
            let excess: Vec<f64> = block.iter().map(|value| value - risk_free).collect();
            let count = excess.len() as f64;
            let mean = sum(&excess) / count;
            let squares = centered_dot(&excess, mean, &excess, mean);
            Self { count, mean, squares, level: largest(&excess).max(largest(block)) }
        };
        trial.chunks_exact(rows).map(of_block).collect()
    }

    fn merged(self, other: Self) -> Self {
        let count = self.count + other.count;
        let share = other.count / count;
        let gap = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + gap * share,
            squares: self.squares + other.squares + gap * gap * (self.count * share),
            level: self.level.max(other.level),
        }
    }

    /// Mean over standard deviation; minus infinity without a deviation beyond rounding.
    fn sharpe(self) -> f64 {
        let still = is_rounding(self.squares, self.count, self.level);
        let deviation = (self.squares / (self.count - 1.0)).sqrt();
        let ratio = self.mean / deviation;
        if !still && ratio.is_finite() { ratio } else { f64::NEG_INFINITY }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn choices_come_in_lexical_order() {
        let mut choice = vec![0, 1];
        let mut seen = vec![choice.clone()];
        while advance(&mut choice, 4) {
            seen.push(choice.clone());
        }
        assert_eq!(seen, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
    }

    #[test]
    fn five_trials_agree_with_numpy() {
        let bar = |t: u32, k: u32| {
            f64::from((t * t * (7 + 2 * k) + 13 * t) % 101) / 101.0 - 0.48 - 0.005 * f64::from(k)
        };
        let trials: Vec<Vec<f64>> = (0..5).map(|k| (0..48).map(|t| bar(t, k)).collect()).collect();
        let slices: Vec<&[f64]> = trials.iter().map(Vec::as_slice).collect();
        let found = overfitting(&slices, 6, 0.0).expect("they move");
        let line = found.degradation().expect("they differ");
        let logits: Vec<f64> = found.splits.iter().map(|split| split.logit).collect();
        let values = [
            found.probability(),
            found.probability_of_loss(),
            line.slope,
            line.intercept,
            line.r_squared,
            mean(&logits).expect("splits"),
        ];
        for (found, numpy) in values.iter().zip(NUMPY) {
            assert!((found / numpy - 1.0).abs() < 1e-10, "{found} {numpy}");
        }
    }

    /// numpy 2.4.6 and scipy 1.17.1 on the same numbers.
    const NUMPY: [f64; 6] = [
        0.4,
        0.5,
        -0.378_466_521_874_777_2,
        0.046_036_030_884_841_31,
        0.156_550_227_347_520_55,
        0.506_331_555_192_516_9,
    ];

    #[test]
    fn wrong_input_is_refused() {
        let returns = [0.01, -0.02, 0.03, 0.01, 0.02, -0.01];
        for blocks in [0, 1, 3, 4, 22] {
            let number = Err(Refusal::out_of_range("number of blocks", blocks as f64));
            assert_eq!(overfitting(&[&returns], blocks, 0.0), number, "{blocks}");
        }
        let rate = overfitting(&[&returns], 2, f64::NAN);
        assert_eq!(rate, Err(Refusal::out_of_range("risk-free rate", f64::NAN)));
        assert_eq!(overfitting(&[], 2, 0.0), Err(Refusal::Empty));
        let short = overfitting(&[&returns[..2]], 2, 0.0);
        assert_eq!(short, Err(Refusal::TooShort { needed: 4, given: 2 }));
        assert_eq!(overfitting(&[&[0.0; 8]], 2, 0.0), Err(Refusal::Constant { series: 0 }));
    }

    #[test]
    fn a_trial_that_stops_ranks_last() {
        let stops = [0.05, 0.04, 0.0, 0.0];
        let other = [0.01, -0.01, 0.01, -0.02];
        let found = overfitting(&[&stops, &other], 2, 0.0).expect("defined");
        assert_eq!((found.splits[0].chosen, found.splits[0].rank), (0, 1.0));
        assert_eq!(found.degradation(), None);
    }

    proptest! {
        #[test]
        fn law_equal_trials_rank_in_the_middle(
            returns in prop::collection::vec(-0.1..0.1_f64, 24), trials in 2..8_usize,
        ) {
            let found = overfitting(&vec![returns.as_slice(); trials], 6, 0.0).expect("it moves");
            prop_assert_eq!(found.splits.len(), 20);
            for split in &found.splits {
                prop_assert_eq!(split.chosen, 0);
                prop_assert!((2.0 * split.rank - (trials as f64 + 1.0)).abs() < 1e-12);
            }
            prop_assert!((found.probability() - 1.0).abs() < 1e-12);
        }
    }
}
