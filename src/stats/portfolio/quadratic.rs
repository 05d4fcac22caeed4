//! The quadratic program of the minimum variance portfolio, by an active set.
//!
//! `min x'Qx / 2` with `sum x = 1` and `lower <= x <= upper`.
//!
//! # The way
//! From the feasible corner that fills the assets of least variance first, the free weights (those
//! not at a bound) are moved to their common minimum; the first bound met on the way fixes its
//! weight. At the minimum the bound whose gradient promises most is released. Only free weights
//! enter a factorization, and few are free; where many are, the factor of the step before gains or
//! loses a row.
//!
//! # Ties
//! Where the minimum is not unique, as with duplicate assets, a ridge of `1e-7` of each variance
//! picks the shortest solution: duplicates share evenly, to nine digits. The ridge is then moved
//! along with the solution (proximal steps) until the steps stop shrinking, so that a unique
//! minimum is met to rounding.
//!
//! # Why no crate
//! The solver of the field, clarabel 0.11, pulls features of crates that the store and the frame are
//! built on (`serde_json` among them), so that adding it would recompile both; and an interior point
//! answers to a tolerance, while the minimum here must have the same bits on every machine. Against
//! it stand three checks: Clarabel's own answers at a tolerance of 1e-13 on a fixed panel, the
//! Karush-Kuhn-Tucker conditions of random problems with bounds, duplicates and fewer rows than assets
//! (below), and the portfolios of Riskfolio-Lib among the reference cases.
//!
//! # References
//! Nocedal & Wright (2006), Numerical Optimization, 2nd ed., section 16.5. Rockafellar (1976), SIAM
//! Journal on Control and Optimization 14, 877-898 (proximal steps).

use super::{cholesky::Cholesky, grown_factor::GrownFactor, weight_bounds::WeightBounds};
use crate::stats::{
    correlation::finite_weights,
    matrix::SymmetricMatrix,
    moments::{dot_at, dots_at},
    refusal::{Refusal, Result},
};

/// Ridge as a fraction of each variance.
const RIDGE: f64 = 1e-7;

/// Proximal steps at most.
const STEPS: usize = 50;

/// Free weights up to which every step factors anew.
const FEW: usize = 64;

/// A gradient this much off, relative to the terms it adds up, counts as equal.
const ROUNDING: f64 = 1e-13;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Lower,
    Free,
    Upper,
}

/// The minimizer, for a matrix with positive diagonal and as many bounds as rows.
///
/// # Errors
/// `Indefinite` where the matrix has no minimum on the free weights, `Unsettled`, `Overflow`.
pub(super) fn least_quadratic(matrix: &SymmetricMatrix, bounds: &WeightBounds) -> Result<Vec<f64>> {
    let mut search = Search::new(matrix, bounds);
    search.minimize()?;
    let mut last = f64::INFINITY;
    for _ in 0..STEPS {
        let before = search.x.clone();
        search.pull.clone_from(&before);
        search.minimize()?;
        let moved = search.x.iter().zip(&before).fold(0.0, |far, (a, b)| (a - b).abs().max(far));
        if moved <= f64::EPSILON || moved > 0.9 * last {
            break;
        }
        last = moved;
    }
    finite_weights(search.x)
}

/// A weight at a bound, and the gradient there.
#[derive(Clone, Copy)]
struct Bound {
    gradient: f64,
    at: usize,
}

struct Search<'a> {
    /// `Q` plus the ridge.
    ridged: SymmetricMatrix,
    ridge: Vec<f64>,
    bounds: &'a WeightBounds,
    /// What the ridge pulls towards.
    pull: Vec<f64>,
    x: Vec<f64>,
    place: Vec<Place>,
    /// Weights that met their bound again at once: rounding had freed them. They stay until others
    /// have moved.
    held: Vec<bool>,
    factor: Factor,
}

/// The factor of the last step.
enum Factor {
    /// That of few free weights, in their order.
    Few(Vec<usize>, Cholesky),
    /// That of many, in the order in which they were freed.
    Many(GrownFactor),
}

impl Factor {
    /// That of the free weights, made of this one.
    fn of(self, free: &[usize], matrix: &SymmetricMatrix) -> Option<Self> {
        if free.len() <= FEW {
            if let Self::Few(places, _) = &self
                && places == free
            {
                return Some(self);
            }
            return Some(Self::Few(free.to_vec(), Cholesky::new(&matrix.select(free))?));
        }
        let mut grown = if let Self::Many(grown) = self { grown } else { GrownFactor::default() };
        grown.become_of(free, |i, j| matrix.get(i, j))?;
        Some(Self::Many(grown))
    }

    /// The free weights, in the order of what is solved.
    fn places(&self) -> &[usize] {
        match self {
            Self::Few(places, _) => places,
            Self::Many(grown) => grown.places(),
        }
    }

    fn solve(&self, b: &[f64]) -> Vec<f64> {
        match self {
            Self::Few(_, factor) => factor.solve(b),
            Self::Many(grown) => grown.solve(b),
        }
    }
}

impl<'a> Search<'a> {
    fn new(matrix: &SymmetricMatrix, bounds: &'a WeightBounds) -> Self {
        let order = matrix.order();
        let ridge: Vec<f64> = matrix.diagonal().map(|variance| RIDGE * variance).collect();
        let ridged = SymmetricMatrix::from_upper(order, |i, j| {
            matrix.get(i, j) + if i == j { ridge[i] } else { 0.0 }
        });
        let mut by_variance: Vec<usize> = (0..order).collect();
        by_variance.sort_by(|a, b| matrix.get(*a, *a).total_cmp(&matrix.get(*b, *b)));
        let mut x = bounds.lower().to_vec();
        let mut place = vec![Place::Lower; order];
        let mut left = (1.0 - x.iter().fold(0.0, |sum, weight| sum + weight)).max(0.0);
        for i in by_variance {
            let room = bounds.upper()[i] - x[i];
            if left > 0.0 && room > 0.0 {
                place[i] = if left < room { Place::Free } else { Place::Upper };
                x[i] = if left < room { x[i] + left } else { bounds.upper()[i] };
                left = (left - room).max(0.0);
            }
        }
        let (held, factor) = (vec![false; order], Factor::Many(GrownFactor::default()));
        Self { ridged, ridge, bounds, pull: vec![0.0; order], x, place, held, factor }
    }

    /// Moves to the minimum of `x'(Q + D)x / 2 - pull'D x`.
    fn minimize(&mut self) -> Result<()> {
        let rounds = 100 + 50 * self.x.len();
        for _ in 0..rounds {
            if self.step()? && !self.release() {
                return Ok(());
            }
        }
        Err(Refusal::Unsettled { rounds })
    }

    /// Places of the weights that are not zero: few of many.
    fn support(&self) -> Vec<usize> {
        (0..self.x.len()).filter(|at| self.x[*at].abs() > 0.0).collect()
    }

    /// Gradient of a weight; those outside of the `support` are zero.
    fn gradient(&self, i: usize, support: &[usize]) -> f64 {
        dot_at(support, self.ridged.row(i), &self.x) - self.ridge[i] * self.pull[i]
    }

    /// The size of the terms that the gradient of a weight adds up.
    fn size(&self, i: usize, support: &[usize]) -> f64 {
        let row = self.ridged.row(i);
        support.iter().fold(0.0, |sum, at| sum + (row[*at] * self.x[*at]).abs())
    }

    /// Moves the free weights towards their minimum; whether no bound was met.
    fn step(&mut self) -> Result<bool> {
        let free: Vec<usize> =
            (0..self.x.len()).filter(|i| self.place[*i] == Place::Free).collect();
        if free.len() < 2 {
            return Ok(true);
        }
        let last = std::mem::replace(&mut self.factor, Factor::Many(GrownFactor::default()));
        let factor = last.of(&free, &self.ridged).ok_or(Refusal::Indefinite)?;
        let free = factor.places().to_vec();
        let support = self.support();
        let gradient: Vec<f64> = free.iter().map(|i| self.gradient(*i, &support)).collect();
        let total = |x: &[f64]| x.iter().fold(0.0, |sum, value| sum + value);
        let (level, down) = (factor.solve(&vec![1.0; free.len()]), factor.solve(&gradient));
        let price = total(&down) / total(&level);
        self.factor = factor;
        let direction: Vec<f64> = level.iter().zip(&down).map(|(a, b)| price * a - b).collect();
        let mut share = 1.0;
        let mut met = None;
        for (i, p) in free.iter().zip(&direction) {
            let (room, place) = if *p < 0.0 {
                (self.x[*i] - self.bounds.lower()[*i], Place::Lower)
            } else {
                (self.bounds.upper()[*i] - self.x[*i], Place::Upper)
            };
            if room < share * p.abs() {
                share = (room / p.abs()).max(0.0);
                met = Some((*i, place));
            }
        }
        let mut moved: f64 = 0.0;
        for (i, p) in free.iter().zip(&direction) {
            let target = self.x[*i] + share * p;
            let kept = target.clamp(self.bounds.lower()[*i], self.bounds.upper()[*i]);
            moved = moved.max((kept - self.x[*i]).abs());
            self.x[*i] = kept;
        }
        if moved > f64::EPSILON {
            self.held.fill(false);
        }
        if let Some((i, place)) = met {
            let bounds =
                if place == Place::Lower { self.bounds.lower() } else { self.bounds.upper() };
            self.x[i] = bounds[i];
            self.place[i] = place;
            self.held[i] = moved <= f64::EPSILON;
        }
        Ok(met.is_none())
    }

    /// Frees the weight at a bound that would gain most by leaving it, or two where none is free;
    /// whether there was one.
    fn release(&mut self) -> bool {
        let (mut count, mut price) = (0.0, 0.0);
        let (mut rise, mut fall): (Option<Bound>, Option<Bound>) = (None, None);
        let support = self.support();
        let products = dots_at(&support, |at| self.ridged.row(at), &self.x);
        for (at, product) in products.into_iter().enumerate() {
            let gradient = product - self.ridge[at] * self.pull[at];
            let here = Bound { gradient, at };
            let fixed = self.held[at] || self.bounds.lower()[at] >= self.bounds.upper()[at];
            match self.place[at] {
                Place::Free => {
                    count += 1.0;
                    price += gradient;
                }
                Place::Lower if !fixed && rise.is_none_or(|best| gradient < best.gradient) => {
                    rise = Some(here);
                }
                Place::Upper if !fixed && fall.is_none_or(|best| gradient > best.gradient) => {
                    fall = Some(here);
                }
                _ => {}
            }
        }
        let freed: Vec<usize> = if count > 0.0 {
            price /= count;
            let slack = |bound: &Bound| ROUNDING * (self.size(bound.at, &support) + price.abs());
            let up = rise.filter(|bound| price - bound.gradient > slack(bound));
            let down = fall.filter(|bound| bound.gradient - price > slack(bound));
            up.or(down).into_iter().map(|bound| bound.at).collect()
        } else {
            // Without a free weight one can only rise as another falls.
            let pair = rise.zip(fall).filter(|(up, down)| {
                let sizes = self.size(down.at, &support) + self.size(up.at, &support);
                down.gradient - up.gradient > ROUNDING * sizes
            });
            pair.into_iter().flat_map(|(up, down)| [up.at, down.at]).collect()
        };
        for at in &freed {
            self.place[*at] = Place::Free;
        }
        !freed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::{covariance::sample_covariance, moments::dot};

    fn variance(matrix: &SymmetricMatrix, x: &[f64]) -> f64 {
        (0..x.len()).fold(0.0, |sum, i| sum + x[i] * dot(matrix.row(i), x))
    }

    #[test]
    fn an_indefinite_matrix_is_refused() {
        let bad = SymmetricMatrix::from_upper(2, |i, j| if i == j { 1.0 } else { -2.0 });
        let found = least_quadratic(&bad, &WeightBounds::long_only(2));
        assert_eq!(found, Err(Refusal::Indefinite));
    }

    /// How far `x` is from the conditions of Karush, Kuhn and Tucker, relative to the largest variance:
    /// one price on all free weights, gradients no lower at lower bounds and no higher at upper ones.
    fn stationarity_gap(matrix: &SymmetricMatrix, bounds: &WeightBounds, x: &[f64]) -> f64 {
        let largest = matrix.diagonal().fold(0.0, f64::max);
        let (mut least_price, mut most_price) = (f64::NEG_INFINITY, f64::INFINITY);
        for (i, weight) in x.iter().enumerate() {
            let gradient = dot(matrix.row(i), x);
            // A weight that can fall bounds the price from below, one that can rise from above.
            if *weight > bounds.lower()[i] {
                least_price = least_price.max(gradient);
            }
            if *weight < bounds.upper()[i] {
                most_price = most_price.min(gradient);
            }
        }
        ((least_price - most_price) / largest).max(0.0)
    }

    #[test]
    fn the_gap_of_a_portfolio_that_is_not_the_minimum_shows() {
        let matrix =
            SymmetricMatrix::from_upper(2, |i, j| if i == j { [1.0, 3.0][i] } else { 0.0 });
        let bounds = WeightBounds::long_only(2);
        assert!(stationarity_gap(&matrix, &bounds, &[0.75, 0.25]) < 1e-15);
        assert!(stationarity_gap(&matrix, &bounds, &[0.7, 0.3]) > 0.05);
        assert!(stationarity_gap(&matrix, &bounds, &[1.0, 0.0]) > 0.3);
    }

    proptest! {
        #[test]
        fn law_the_conditions_of_karush_kuhn_and_tucker_hold(
            rows in prop::collection::vec(prop::array::uniform8(-1.0..1.0_f64), 3..40),
            scales in prop::array::uniform8(-3..4_i32),
            limits in prop::array::uniform8((-0.3..0.12_f64, 0.13..1.0_f64)),
            twin in any::<bool>(),
        ) {
            let column = |k: usize| -> Vec<f64> {
                rows.iter().map(|row| row[k] * 2.0_f64.powi(scales[k])).collect()
            };
            let mut columns: Vec<Vec<f64>> = (0..8).map(column).collect();
            if twin {
                columns[5] = columns[2].clone();
            }
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let matrix = sample_covariance(&slices, 1).expect("complete");
            let (lower, upper) = limits.into_iter().unzip();
            let bounds = WeightBounds::new(lower, upper).expect("keepable");
            let x = least_quadratic(&matrix, &bounds).expect("positive semi-definite");
            prop_assert!((x.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for (i, weight) in x.iter().enumerate() {
                prop_assert!((bounds.lower()[i]..=bounds.upper()[i]).contains(weight));
            }
            let gap = stationarity_gap(&matrix, &bounds, &x);
            prop_assert!(gap <= 1e-9, "{}", gap);
        }

        #[test]
        fn law_no_feasible_exchange_lowers_the_variance(
            rows in prop::collection::vec(prop::array::uniform6(-1.0..1.0_f64), 3..40),
            lower in 0.0..0.16_f64, upper in 0.17..1.0_f64, exponent in -20..30_i32,
        ) {
            let scale = 2.0_f64.powi(exponent);
            let column = |k: usize| -> Vec<f64> { rows.iter().map(|row| row[k] * scale).collect() };
            let columns: Vec<Vec<f64>> = (0..6).map(column).collect();
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let matrix = sample_covariance(&slices, 1).expect("complete");
            let bounds = WeightBounds::uniform(6, lower, upper).expect("keepable");
            let x = least_quadratic(&matrix, &bounds).expect("positive semi-definite");
            prop_assert!((x.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(x.iter().all(|weight| (lower..=upper).contains(weight)));
            let least = variance(&matrix, &x);
            for i in 0..6 {
                for j in 0..6 {
                    let step = 1e-4_f64.min(x[i] - lower).min(upper - x[j]);
                    if i != j && step > 0.0 {
                        let mut other = x.clone();
                        other[i] -= step;
                        other[j] += step;
                        let largest = matrix.diagonal().fold(0.0, f64::max);
                        prop_assert!(variance(&matrix, &other) >= least - 1e-14 * largest);
                    }
                }
            }
        }
    }
}
