//! The vector error correction model of a chosen number of relations.
//!
//! # Formula
//! `dx_t = alpha beta' x_{t-1} + sum_{j=1..k} Gamma_j dx_{t-j} + terms + e_t`, by maximum likelihood given the
//! rank `r`: `beta` are the first `r` relations of Johansen's eigenproblem, `alpha = S_0k beta (beta' S_kk
//! beta)^-1`, the rest follows by least squares. `beta` is given with the identity as its first `r` rows,
//! which is one choice among many that span the same relations.
//!
//! # References
//! Johansen (1995), chapter 6. Conventions: `VECM` of statsmodels 0.15.0.

use super::{johansen::Johansen, johansen_triangle::Triangle};
use crate::stats::{
    householder::Reduction,
    refusal::{Refusal, Result},
};

/// A vector error correction model of `n` series and `r` relations.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorCorrection {
    /// Relation `k`: the weights of the series (and of the restricted term); the first `r` are the
    /// unit vector `k`. Shape: `r x n`, one component more in the restricted cases.
    pub beta: Vec<Vec<f64>>,
    /// How fast series `i` answers to relation `k`, per bar. Shape: `n x r`.
    pub alpha: Vec<Vec<f64>>,
    /// Unrestricted constant and slope of each series' equation, the sample's first bar at `t = 1`.
    /// Shape: `n x terms`.
    pub terms: Vec<Vec<f64>>,
    /// Coefficients of each equation on the lagged differences, lag by lag, then on the further
    /// regressors. Shape: `n x (k n + regressors)`.
    pub short_run: Vec<Vec<f64>>,
    /// Log-likelihood: `-T/2 (n (ln 2 pi + 1) + ln|S_00| + sum_{i <= r} ln(1 - lambda_i))`.
    pub log_likelihood: f64,
}

/// The error correction model with `rank` relations behind Johansen's tests.
///
/// # Errors
/// `RankOutOfRange` above the number of series; `Singular` where the first `rank` series are not part
/// of the relations, so that no identity can stand there (the column counts the relations).
///
/// ```
/// use barline::stats::{JohansenCase, error_correction, johansen};
/// let x: Vec<f64> = (0..120).scan(0.0, |level, t| {
///     *level += f64::from(t * t % 7) - 2.9;
///     Some(*level)
/// }).collect();
/// let y: Vec<f64> = x.iter().zip(0..).map(|(x, t)| 2.0 * x + f64::from(t * t * t % 11)).collect();
/// let model = error_correction(&johansen(&[&y, &x], JohansenCase::Constant, 1)?, 1)?;
/// assert!((model.beta[0][1] + 2.0).abs() < 0.1 && model.alpha[0][0] < 0.0);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn error_correction(test: &Johansen, rank: usize) -> Result<ErrorCorrection> {
    let series = test.eigenvalues.len();
    if rank > series {
        return Err(Refusal::RankOutOfRange { rank, series });
    }
    let relations = &test.vectors[..rank];
    let beta = with_identity(relations)?;
    let alpha = adjustment(test, relations);
    let (terms, short_run) = remaining(&test.triangle, &beta, &alpha);
    let log_likelihood = log_likelihood(test, rank);
    Ok(ErrorCorrection { beta, alpha, terms, short_run, log_likelihood })
}

/// The relations combined so that their first components are unit vectors.
fn with_identity(relations: &[Vec<f64>]) -> Result<Vec<Vec<f64>>> {
    let rank = relations.len();
    let components = relations.first().map_or(0, Vec::len);
    let heads: Vec<&[f64]> = relations.iter().map(|relation| &relation[..rank]).collect();
    // Component c of the new relations solves sum_k heads[k] w_k = unit vector, one column at a time.
    let mut beta = vec![vec![0.0; components]; rank];
    for (k, combined) in beta.iter_mut().enumerate() {
        let unit: Vec<f64> = (0..rank).map(|i| f64::from(u8::from(i == k))).collect();
        let weights = Reduction::new(&heads, &unit).solve()?;
        for (c, cell) in combined.iter_mut().enumerate() {
            // The identity is exact by definition, not up to rounding.
            *cell = unit.get(c).copied().unwrap_or_else(|| {
                weights.iter().zip(relations).fold(0.0, |sum, (w, v)| sum + w * v[c])
            });
        }
    }
    Ok(beta)
}

/// `alpha` for the relations with identity: `S_0k V` for `V' S_kk V = 1`, times the heads of `V`.
fn adjustment(test: &Johansen, relations: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let triangle = &test.triangle;
    let observations = test.observations as f64;
    let rank = relations.len();
    let whitened = relations.iter().map(|relation| along_differences(triangle, relation));
    let whitened: Vec<Vec<f64>> = whitened.collect();
    let row = |i: usize| {
        let loading = |k: usize| {
            let cells = (0..=i).map(|a| triangle.difference(a, i) * whitened[k][a]);
            cells.fold(0.0, |sum, cell| sum + cell) / observations
        };
        let loadings: Vec<f64> = (0..rank).map(loading).collect();
        (0..rank)
            .map(|c| loadings.iter().zip(relations).fold(0.0, |sum, (l, v)| sum + l * v[c]))
            .collect()
    };
    (0..triangle.series).map(row).collect()
}

/// A relation's values seen along the directions of the differences.
fn along_differences(triangle: &Triangle, relation: &[f64]) -> Vec<f64> {
    let cell = |a: usize| {
        let terms = relation.iter().enumerate();
        terms.fold(0.0, |sum, (j, weight)| sum + triangle.level(a, j) * weight)
    };
    (0..triangle.series).map(cell).collect()
}

/// Coefficients on everything that was partialled out, by back substitution: terms, then the rest.
fn remaining(
    triangle: &Triangle,
    beta: &[Vec<f64>],
    alpha: &[Vec<f64>],
) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let (first, levels) = (triangle.partialled, triangle.partialled + triangle.series);
    let equation = |i: usize| {
        let right: Vec<f64> = (0..first)
            .map(|row| {
                let explained = beta.iter().zip(&alpha[i]).fold(0.0, |sum, (relation, speed)| {
                    let value = relation.iter().enumerate().fold(0.0, |sum, (j, weight)| {
                        sum + weight * triangle.reduction.r(row, levels + j)
                    });
                    sum + speed * value
                });
                triangle.reduction.r(row, first + i) - explained
            })
            .collect();
        let mut solution = triangle.reduction.solve_leading(&right);
        let short_run = solution.split_off(triangle.terms);
        (solution, short_run)
    };
    (0..triangle.series).map(equation).unzip()
}

fn log_likelihood(test: &Johansen, rank: usize) -> f64 {
    let observations = test.observations as f64;
    let series = test.triangle.series as f64;
    let log_two_pi = libm::log(2.0 * std::f64::consts::PI);
    let determinant = (0..test.triangle.series).fold(0.0, |sum, i| {
        sum + 2.0 * libm::log(test.triangle.difference(i, i).abs()) - libm::log(observations)
    });
    let gained = test.eigenvalues[..rank].iter().fold(0.0, |sum, value| sum + libm::log1p(-value));
    -observations / 2.0 * (series * (log_two_pi + 1.0) + determinant + gained)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{
        JohansenCase, johansen,
        regression::{Center, ols},
    };

    fn system() -> [Vec<f64>; 3] {
        let mut walk = 0.0;
        let a: Vec<f64> = (0..200_u64)
            .map(|t| {
                walk += (t * t * t % 17) as f64 - 7.9;
                walk
            })
            .collect();
        let b: Vec<f64> = a.iter().zip(0_u64..).map(|(x, t)| x - (t * t % 23) as f64).collect();
        let c: Vec<f64> =
            a.iter().zip(0_u64..).map(|(x, t)| 0.5 * x + (t * t * t % 29) as f64).collect();
        [a, b, c]
    }

    #[test]
    fn a_model_of_full_rank_is_least_squares_on_the_levels() {
        let [a, b, c] = system();
        let test = johansen(&[&a, &b, &c], JohansenCase::Constant, 1).expect("regular");
        let model = error_correction(&test, 3).expect("full rank");
        let difference = |x: &[f64]| x.windows(2).map(|p| p[1] - p[0]).collect::<Vec<f64>>();
        let [da, db, dc] = [&a, &b, &c].map(|x| difference(x));
        let ones = vec![1.0; 198];
        let columns: [&[f64]; 7] =
            [&ones, &da[..198], &db[..198], &dc[..198], &a[1..199], &b[1..199], &c[1..199]];
        for (i, dx) in [&da, &db, &dc].iter().enumerate() {
            let fit = ols(&columns, &dx[1..], Center::Mean).expect("regular");
            let found = model.terms[i].iter().chain(&model.short_run[i]).chain(&model.alpha[i]);
            for (found, expected) in found.zip(&fit.params) {
                assert!((found - expected).abs() < 1e-8 * expected.abs().max(1.0));
            }
        }
    }

    #[test]
    fn the_likelihood_rises_with_the_rank_by_half_the_statistic() {
        let [a, b, c] = system();
        let test = johansen(&[&a, &b, &c], JohansenCase::Constant, 2).expect("regular");
        let models: Vec<_> = (0..4).map(|r| error_correction(&test, r).expect("regular")).collect();
        for r in 0..3 {
            let gained = models[r + 1].log_likelihood - models[r].log_likelihood;
            assert!((gained - test.max_eigenvalue[r] / 2.0).abs() < 1e-8);
        }
        assert!(models[0].beta.is_empty() && models[0].alpha == vec![Vec::<f64>::new(); 3]);
        let above = error_correction(&test, 4);
        assert_eq!(above, Err(Refusal::RankOutOfRange { rank: 4, series: 3 }));
    }
}
