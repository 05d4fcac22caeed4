//! A copula fitted to two columns: the correlation by Kendall's tau, the freedom by likelihood.
//!
//! # Formula
//! `rho = sin(pi tau / 2)` with tau-b of the columns. For Student's t the degrees of freedom maximize
//! `sum ln c(u_t, v_t; rho, nu)` over the pseudo-observations on [`FREEDOM_GRID`], climbed from its lowest
//! value to the first maximum: the profile has one, and far tails are dearer to compute than near.
//!
//! # References
//! C. Genest and L.-P. Rivest (1993), Statistical inference procedures for bivariate Archimedean
//! copulas, Journal of the American Statistical Association 88, 1034-1043 (inversion of tau). R.
//! Mashal and A. Zeevi (2002), Beyond correlation: extreme co-movements between financial assets
//! (tau for the correlation, then likelihood for the degrees of freedom).

use super::{
    family::{Copula, CopulaFamily},
    pseudo_observations::pseudo_observations,
    tau::correlation_from_tau,
};
use crate::stats::{
    rank_correlation::tau_b,
    refusal::{Refusal, Result, check_finite},
};

/// Degrees of freedom that [`fit_copula`] considers.
pub const FREEDOM_GRID: [f64; 16] =
    [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 60.0];

/// A fitted copula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CopulaFit {
    /// The copula.
    pub copula: Copula,
    /// Kendall's tau-b of the columns.
    pub tau: f64,
    /// Sum of the log densities of the pseudo-observations.
    pub log_likelihood: f64,
}

/// Fits a copula of `family` to two columns, one row per observation.
///
/// # Errors
/// `NonFinite` and `UnequalLengths`, `TooShort` under 2 rows, `Constant` for a column that does not
/// move, `Collinear` where the columns have the same or the opposite order throughout.
///
/// ```
/// use barline::stats::{CopulaFamily, fit_copula};
/// let x: Vec<f64> = (0..60).map(|t| f64::from(t * t % 17)).collect();
/// let y: Vec<f64> = (0..60).map(|t| f64::from(t * t % 17 + 7 * (t % 3))).collect();
/// let fit = fit_copula(CopulaFamily::Gaussian, &x, &y)?;
/// assert!(fit.tau > 0.4 && fit.copula.correlation() > fit.tau);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn fit_copula(family: CopulaFamily, x: &[f64], y: &[f64]) -> Result<CopulaFit> {
    let given = check_finite(&[x, y])?;
    if given < 2 {
        return Err(Refusal::TooShort { needed: 2, given });
    }
    // Adding zero takes the sign from a negative zero.
    let still = |column: &&[f64]| {
        column.iter().all(|value| (value + 0.0).total_cmp(&(column[0] + 0.0)).is_eq())
    };
    if let Some(series) = [x, y].iter().position(still) {
        return Err(Refusal::Constant { series });
    }
    let tau = tau_b(x, y).ok_or(Refusal::Collinear)?;
    let rho = correlation_from_tau(tau).filter(|rho| rho.abs() < 1.0).ok_or(Refusal::Collinear)?;
    let ranks = Ranks { u: pseudo_observations(x)?, v: pseudo_observations(y)? };
    let fitted = |copula: Copula| {
        let log_likelihood = ranks.log_likelihood(&copula);
        CopulaFit { copula, tau, log_likelihood }
    };
    match family {
        CopulaFamily::Gaussian => Ok(fitted(Copula::gaussian(rho)?)),
        CopulaFamily::StudentT => {
            let mut best = fitted(Copula::student_t(rho, FREEDOM_GRID[0])?);
            for nu in &FREEDOM_GRID[1..] {
                let next = fitted(Copula::student_t(rho, *nu)?);
                if next.log_likelihood <= best.log_likelihood {
                    break;
                }
                best = next;
            }
            Ok(best)
        }
    }
}

/// Pseudo-observations of two columns.
struct Ranks {
    u: Vec<f64>,
    v: Vec<f64>,
}

impl Ranks {
    /// Both columns hold multiples of `1 / (2 (n + 1))`, mostly the same ones: each quantile is
    /// computed once, for one side of the middle.
    fn log_likelihood(&self, copula: &Copula) -> f64 {
        let halves = 2 * (self.u.len() + 1);
        let mut table: Vec<Option<f64>> = vec![None; halves / 2 + 1];
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
        let mut quantile = |p: f64| {
            let place = (p * halves as f64).round() as usize;
            let near = place.min(halves - place);
            let size = *table[near].get_or_insert_with(|| {
                copula.quantile(near as f64 / halves as f64).unwrap_or(f64::NAN)
            });
            if place == near { size } else { -size }
        };
        let log_density = |(u, v): (&f64, &f64)| copula.log_density_at(quantile(*u), quantile(*v));
        self.u.iter().zip(&self.v).map(log_density).fold(0.0, |sum, one| sum + one)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wrong_input_is_refused() {
        let fit =
            |x: &[f64], y: &[f64]| fit_copula(CopulaFamily::StudentT, x, y).map(|fit| fit.tau);
        assert_eq!(fit(&[1.0], &[1.0]), Err(Refusal::TooShort { needed: 2, given: 1 }));
        assert_eq!(fit(&[1.0, 2.0], &[3.0, 3.0]), Err(Refusal::Constant { series: 1 }));
        assert_eq!(fit(&[0.0, -0.0], &[3.0, 4.0]), Err(Refusal::Constant { series: 0 }));
        assert_eq!(fit(&[1.0, f64::NAN], &[1.0, 2.0]), Err(Refusal::NonFinite { series: 0 }));
        assert_eq!(fit(&[1.0, 2.0, 3.0], &[1.0, 2.0, 4.0]), Err(Refusal::Collinear));
        assert_eq!(fit(&[1.0, 2.0, 3.0], &[4.0, 2.0, 1.0]), Err(Refusal::Collinear));
    }

    /// Columns whose pair of values is t distributed with `nu` degrees of freedom.
    fn drawn(nu: f64, rows: usize) -> [Vec<f64>; 2] {
        let mut state = 7_u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        let mut columns = [Vec::new(), Vec::new()];
        let t = StudentPair { rho: 0.6, nu };
        for _ in 0..rows {
            let (x, y) = t.draw(uniform(), uniform());
            columns[0].push(x);
            columns[1].push(y);
        }
        columns
    }

    struct StudentPair {
        rho: f64,
        nu: f64,
    }

    impl StudentPair {
        /// By inversion: the first leg, then the second given the first.
        fn draw(&self, p: f64, q: f64) -> (f64, f64) {
            let t = |nu| crate::stats::StudentT::new(nu).expect("freedom");
            let x = t(self.nu).quantile(p).expect("inside");
            let spread = (1.0 - self.rho * self.rho) * (self.nu + x * x) / (self.nu + 1.0);
            let y = self.rho * x + t(self.nu + 1.0).quantile(q).expect("inside") * spread.sqrt();
            (x, y)
        }
    }

    #[test]
    fn what_was_drawn_is_found_again() {
        let [x, y] = drawn(4.0, 6_000);
        let t = fit_copula(CopulaFamily::StudentT, &x, &y).expect("a fit");
        assert!((t.copula.correlation() - 0.6).abs() < 0.03, "{t:?}");
        let freedom = t.copula.freedom().expect("a t copula");
        assert!((3.0..=5.0).contains(&freedom), "{t:?}");
        let gaussian = fit_copula(CopulaFamily::Gaussian, &x, &y).expect("a fit");
        assert!(t.log_likelihood > gaussian.log_likelihood + 50.0, "{t:?} {gaussian:?}");
        let [x, y] = drawn(1e5, 6_000);
        let thin = fit_copula(CopulaFamily::StudentT, &x, &y).expect("a fit");
        assert!(thin.copula.freedom() >= Some(20.0), "{thin:?}");
    }

    proptest! {
        #[test]
        fn law_ranks_alone_decide(
            points in prop::collection::vec((-3.0..3.0_f64, -3.0..3.0_f64), 5..40), t in any::<bool>(),
        ) {
            let family = if t { CopulaFamily::StudentT } else { CopulaFamily::Gaussian };
            let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            let risen: Vec<f64> = x.iter().map(|x| x * x * x + 10.0).collect();
            let (plain, other) = (fit_copula(family, &x, &y), fit_copula(family, &risen, &y));
            prop_assert_eq!(plain, other);
            if let Ok(fit) = plain {
                let (u, v) = (pseudo_observations(&x).expect("finite"), pseudo_observations(&y).expect("finite"));
                let direct: f64 = u.iter().zip(&v).map(|(u, v)| fit.copula.log_density(*u, *v).expect("inside")).sum();
                prop_assert!((fit.log_likelihood - direct).abs() < 1e-9 * (1.0 + direct.abs()));
            }
        }
    }
}
