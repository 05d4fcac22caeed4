//! The Gaussian and Student's t copula of two series: density and conditional distribution.
//!
//! # Formula
//! With `x = F^-1(u)`, `y = F^-1(v)` (`F` the normal distribution, or t with `nu` degrees of freedom):
//! - Gaussian: `c = exp(-(rho^2 (x^2 + y^2) - 2 rho x y) / (2 (1 - rho^2))) / sqrt(1 - rho^2)`,
//!   `h(u | v) = Phi((x - rho y) / sqrt(1 - rho^2))`;
//! - Student's t: `c = (1 + (x^2 + y^2 - 2 rho x y) / (nu (1 - rho^2)))^(-(nu + 2) / 2) / (2 pi
//!   sqrt(1 - rho^2) f(x) f(y))` with `f` the t density, `h(u | v) = T_(nu + 1)((x - rho y)
//!   sqrt((nu + 1) / ((nu + y^2) (1 - rho^2))))`.
//!
//! `h(u | v) = dC(u, v) / dv` is the probability that the first leg stands at `u` or below, given the
//! second at `v`. Both copulas are symmetric: `h(v | u)` is the same function.
//!
//! # References
//! R. B. Nelsen (2006), An Introduction to Copulas, 2nd ed. K. Aas, C. Czado, A. Frigessi, H. Bakken
//! (2009), Pair-copula constructions of multiple dependence, Insurance: Mathematics and Economics
//! 44(2), 182-198, appendices B.1 and B.2 (the h-functions).

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::stats::{
    normal::{normal_probability, normal_quantile},
    refusal::{Refusal, Result},
    student_t::StudentT,
};

/// A family of copulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CopulaFamily {
    /// That of two normal variables: no dependence in the tails.
    Gaussian,
    /// That of two t variables: extremes come together.
    StudentT,
}

/// A copula of two series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Copula {
    rho: f64,
    /// The t distributions with `nu` and `nu + 1` degrees of freedom; `None` for the Gaussian.
    t: Option<[StudentT; 2]>,
}

impl Copula {
    /// The Gaussian copula with correlation `rho`.
    ///
    /// # Errors
    /// `OutOfRange` unless `-1 < rho < 1`.
    pub fn gaussian(rho: f64) -> Result<Self> {
        if rho.abs() < 1.0 {
            Ok(Self { rho, t: None })
        } else {
            Err(Refusal::out_of_range("correlation", rho))
        }
    }

    /// The t copula with correlation `rho` and `nu` degrees of freedom.
    ///
    /// # Errors
    /// `OutOfRange` unless `-1 < rho < 1` and `0 < nu < 1e6`.
    ///
    /// ```
    /// use barline::stats::Copula;
    /// let copula = Copula::student_t(0.5, 4.0)?;
    /// assert!((copula.conditional(0.5, 0.5).unwrap() - 0.5).abs() < 1e-15);
    /// assert!(copula.conditional(0.9, 0.2).unwrap() > 0.9, "high, and the other leg is low");
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn student_t(rho: f64, nu: f64) -> Result<Self> {
        let t = [StudentT::new(nu)?, StudentT::new(nu + 1.0)?];
        Ok(Self { t: Some(t), ..Self::gaussian(rho)? })
    }

    /// Correlation.
    pub fn correlation(&self) -> f64 {
        self.rho
    }

    /// Degrees of freedom; `None` for the Gaussian.
    pub fn freedom(&self) -> Option<f64> {
        self.t.map(|[t, _]| t.freedom())
    }

    /// Density at `(u, v)`.
    ///
    /// # None
    /// Unless both lie between 0 and 1, and where a quantile leaves the range of an `f64`.
    pub fn density(&self, u: f64, v: f64) -> Option<f64> {
        self.log_density(u, v).map(libm::exp)
    }

    /// Logarithm of [`Self::density`]; `None` where it is.
    pub fn log_density(&self, u: f64, v: f64) -> Option<f64> {
        Some(self.log_density_at(self.quantile(u)?, self.quantile(v)?))
    }

    /// `h(u | v)`: the probability of `u` or less given `v`.
    ///
    /// # None
    /// That of [`Self::density`].
    pub fn conditional(&self, u: f64, v: f64) -> Option<f64> {
        let (x, y) = (self.quantile(u)?, self.quantile(v)?);
        let free = (1.0 - self.rho) * (1.0 + self.rho);
        let distance = x - self.rho * y;
        Some(match &self.t {
            None => normal_probability(distance / free.sqrt()),
            Some([t, next]) => {
                // The square of a far quantile may leave the range; its root does not.
                let spread = libm::hypot(t.freedom().sqrt(), y) * free.sqrt();
                next.probability(distance / spread * (t.freedom() + 1.0).sqrt())
            }
        })
    }

    /// Quantile of the margins' distribution; a symmetric one, so half of a table of ranks does.
    pub(super) fn quantile(&self, p: f64) -> Option<f64> {
        match &self.t {
            None => normal_quantile(p),
            Some([t, _]) => t.quantile(p),
        }
    }

    /// Logarithm of the density where the margins' quantiles are `x` and `y`.
    pub(super) fn log_density_at(&self, x: f64, y: f64) -> f64 {
        let rho = self.rho;
        let free = (1.0 - rho) * (1.0 + rho);
        match &self.t {
            None => {
                let form = rho * (rho * (x * x + y * y) - 2.0 * x * y);
                -0.5 * (libm::log(free) + form / free)
            }
            Some([t, _]) => {
                let nu = t.freedom();
                let form = (x * x + y * y - 2.0 * rho * x * y) / (nu * free);
                let joint =
                    -libm::log(2.0 * PI * free.sqrt()) - 0.5 * (nu + 2.0) * libm::log1p(form);
                joint - t.log_density(x) - t.log_density(y)
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "values as they were printed")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    use CopulaFamily as Family;

    /// `(family, rho, nu, u, v, density, h(u | v))`: density by `GaussianCopula(corr).pdf` and
    /// `StudentTCopula(corr, df).pdf` of statsmodels 0.15.0, the conditional by the formula with
    /// `norm` and `t` of scipy 1.17.1.
    const PEERS: [(Family, f64, f64, f64, f64, f64, f64); 72] = [
        (Family::Gaussian, -0.6, 0.0, 0.5, 0.5, 1.25, 0.5),
        (Family::Gaussian, -0.6, 0.0, 0.1, 0.2, 0.23476724054593834, 0.012769349745212414),
        (Family::Gaussian, -0.6, 0.0, 0.9, 0.3, 1.3687892024385058, 0.8865992307527086),
        (Family::Gaussian, -0.6, 0.0, 0.01, 0.99, 9.512473743365303, 0.1223794693459026),
        (Family::Gaussian, -0.6, 0.0, 0.001, 0.002, 1.9832216333042944e-06, 8.64511771010114e-10),
        (Family::Gaussian, -0.6, 0.0, 0.7, 0.71, 0.8086528464906299, 0.8578116585807902),
        (Family::StudentT, -0.6, 2.0, 0.5, 0.5, 1.591549430918953, 0.5),
        (Family::StudentT, -0.6, 2.0, 0.1, 0.2, 0.33732310138801297, 0.02688155409657662),
        (Family::StudentT, -0.6, 2.0, 0.9, 0.3, 1.0746334316735278, 0.9382689038541123),
        (Family::StudentT, -0.6, 2.0, 0.01, 0.99, 26.134339631471807, 0.22919943096840567),
        (Family::StudentT, -0.6, 2.0, 0.001, 0.002, 10.559092403456598, 0.011232467220411088),
        (Family::StudentT, -0.6, 2.0, 0.7, 0.71, 0.6839203852910565, 0.8724158789580299),
        (Family::StudentT, -0.6, 5.0, 0.5, 0.5, 1.3805827090970773, 0.5),
        (Family::StudentT, -0.6, 5.0, 0.1, 0.2, 0.2820313993400863, 0.021230958557208756),
        (Family::StudentT, -0.6, 5.0, 0.9, 0.3, 1.2760115581302645, 0.9096802587335706),
        (Family::StudentT, -0.6, 5.0, 0.01, 0.99, 15.18917121314935, 0.1735278114405312),
        (Family::StudentT, -0.6, 5.0, 0.001, 0.002, 0.9426909075237446, 0.0012803177611720783),
        (Family::StudentT, -0.6, 5.0, 0.7, 0.71, 0.7455137991496615, 0.8641577756064699),
        (Family::StudentT, -0.6, 30.0, 0.5, 0.5, 1.2710039953378938, 0.5),
        (Family::StudentT, -0.6, 30.0, 0.1, 0.2, 0.24492962745316643, 0.014545622063317104),
        (Family::StudentT, -0.6, 30.0, 0.9, 0.3, 1.3563229171149078, 0.8905974889584325),
        (Family::StudentT, -0.6, 30.0, 0.01, 0.99, 10.318864064980515, 0.1316079968777714),
        (Family::StudentT, -0.6, 30.0, 0.001, 0.002, 0.0012876930369368621, 1.0728646930732085e-06),
        (Family::StudentT, -0.6, 30.0, 0.7, 0.71, 0.7966398781254214, 0.8588761571012755),
        (Family::Gaussian, 0.3, 0.0, 0.5, 0.5, 1.0482848367219182, 0.5),
        (Family::Gaussian, 0.3, 0.0, 0.1, 0.2, 1.3317422597514366, 0.1403488277854677),
        (Family::Gaussian, 0.3, 0.0, 0.9, 0.3, 0.76398020459843, 0.9342671818212597),
        (Family::Gaussian, 0.3, 0.0, 0.01, 0.99, 0.10308225802706274, 0.0007614664048435337),
        (Family::Gaussian, 0.3, 0.0, 0.001, 0.002, 8.145261663111407, 0.009789913200648601),
        (Family::Gaussian, 0.3, 0.0, 0.7, 0.71, 1.1208439487966109, 0.6464261880903359),
        (Family::StudentT, 0.3, 2.0, 0.5, 0.5, 1.3347177082605894, 0.5),
        (Family::StudentT, 0.3, 2.0, 0.1, 0.2, 1.4228715794491744, 0.10289847202319831),
        (Family::StudentT, 0.3, 2.0, 0.9, 0.3, 0.638106604687678, 0.9536127487940592),
        (Family::StudentT, 0.3, 2.0, 0.01, 0.99, 4.349913099395979, 0.051864405015956606),
        (Family::StudentT, 0.3, 2.0, 0.001, 0.002, 84.87385936982477, 0.06840610829847084),
        (Family::StudentT, 0.3, 2.0, 0.7, 0.71, 1.348517261207473, 0.671251897353168),
        (Family::StudentT, 0.3, 5.0, 0.5, 0.5, 1.1577951358295466, 0.5),
        (Family::StudentT, 0.3, 5.0, 0.1, 0.2, 1.369870594911869, 0.12481392903995667),
        (Family::StudentT, 0.3, 5.0, 0.9, 0.3, 0.7027531912883247, 0.9415951959392208),
        (Family::StudentT, 0.3, 5.0, 0.01, 0.99, 1.2300440437817244, 0.015994068473929934),
        (Family::StudentT, 0.3, 5.0, 0.001, 0.002, 37.06344338362791, 0.04341430499941418),
        (Family::StudentT, 0.3, 5.0, 0.7, 0.71, 1.2110267676504436, 0.656864477659736),
        (Family::StudentT, 0.3, 30.0, 0.5, 0.5, 1.0658993725805517, 0.5),
        (Family::StudentT, 0.3, 30.0, 0.1, 0.2, 1.337624789296006, 0.13775603407645806),
        (Family::StudentT, 0.3, 30.0, 0.9, 0.3, 0.7519250029195864, 0.9353730894496056),
        (Family::StudentT, 0.3, 30.0, 0.01, 0.99, 0.21869212649383896, 0.0020185860383253574),
        (Family::StudentT, 0.3, 30.0, 0.001, 0.002, 11.942229779032393, 0.015195031524282256),
        (Family::StudentT, 0.3, 30.0, 0.7, 0.71, 1.1356341854176817, 0.6481805000715267),
        (Family::Gaussian, 0.9, 0.0, 0.5, 0.5, 2.294157338705619, 0.5),
        (Family::Gaussian, 0.9, 0.0, 0.1, 0.2, 2.5312908382525845, 0.1146138692470759),
        (Family::Gaussian, 0.9, 0.0, 0.9, 0.3, 0.0015963463518827439, 0.9999712488022253),
        (Family::Gaussian, 0.9, 0.0, 0.01, 0.99, 1.6122047897393828e-21, 1.8295831851936973e-24),
        (Family::Gaussian, 0.9, 0.0, 0.001, 0.002, 140.82764065128723, 0.12572825149146732),
        (Family::Gaussian, 0.9, 0.0, 0.7, 0.71, 2.627507810206492, 0.5241056943392406),
        (Family::StudentT, 0.9, 2.0, 0.5, 0.5, 2.921011845484374, 0.5),
        (Family::StudentT, 0.9, 2.0, 0.1, 0.2, 1.7878893493891619, 0.06372050661101457),
        (Family::StudentT, 0.9, 2.0, 0.9, 0.3, 0.061705251730049364, 0.9959351957154828),
        (Family::StudentT, 0.9, 2.0, 0.01, 0.99, 0.19910628211066747, 0.002553305655483834),
        (Family::StudentT, 0.9, 2.0, 0.001, 0.002, 180.583620312062, 0.06679574310614775),
        (Family::StudentT, 0.9, 2.0, 0.7, 0.71, 3.431469440784104, 0.526369871687745),
        (Family::StudentT, 0.9, 5.0, 0.5, 0.5, 2.533819163012115, 0.5),
        (Family::StudentT, 0.9, 5.0, 0.1, 0.2, 2.2550878205300235, 0.0912891710784589),
        (Family::StudentT, 0.9, 5.0, 0.9, 0.3, 0.028307240375424567, 0.9985384365861397),
        (Family::StudentT, 0.9, 5.0, 0.01, 0.99, 0.004544412074668469, 5.631627237644814e-05),
        (Family::StudentT, 0.9, 5.0, 0.001, 0.002, 193.29704648165938, 0.10628201801433772),
        (Family::StudentT, 0.9, 5.0, 0.7, 0.71, 2.931495337974359, 0.5252761527353302),
        (Family::StudentT, 0.9, 30.0, 0.5, 0.5, 2.3327065147428727, 0.5),
        (Family::StudentT, 0.9, 30.0, 0.1, 0.2, 2.4899561218079937, 0.11051411758020423),
        (Family::StudentT, 0.9, 30.0, 0.9, 0.3, 0.004692964164914396, 0.999879505710621),
        (Family::StudentT, 0.9, 30.0, 0.01, 0.99, 4.1492605702983835e-09, 1.876121290719553e-11),
        (Family::StudentT, 0.9, 30.0, 0.001, 0.002, 152.20015539118089, 0.12466054953037231),
        (Family::StudentT, 0.9, 30.0, 0.7, 0.71, 2.676085381671244, 0.5243175140301981),
    ];

    fn copula(family: Family, rho: f64, nu: f64) -> Copula {
        match family {
            Family::Gaussian => Copula::gaussian(rho),
            Family::StudentT => Copula::student_t(rho, nu),
        }
        .expect("in range")
    }

    #[test]
    fn densities_and_conditionals_are_those_of_statsmodels_and_scipy() {
        for (family, rho, nu, u, v, density, conditional) in PEERS {
            let copula = copula(family, rho, nu);
            let found = copula.density(u, v).expect("inside");
            assert!((found / density - 1.0).abs() < 1e-9, "{family:?} {rho} {nu} {u} {v}: {found}");
            let found = copula.conditional(u, v).expect("inside");
            let near = (found / conditional - 1.0).abs() < 1e-9;
            assert!(near, "{family:?} {rho} {nu} {u} {v}: {found}");
        }
    }

    #[test]
    fn arguments_out_of_range_are_refused() {
        for rho in [-1.0, 1.0, f64::NAN] {
            assert!(Copula::gaussian(rho).is_err() && Copula::student_t(rho, 3.0).is_err());
        }
        assert!(Copula::student_t(0.5, 0.0).is_err());
        let copula = Copula::gaussian(0.5).expect("in range");
        for (u, v) in [(0.0, 0.5), (0.5, 1.0), (f64::NAN, 0.5)] {
            assert_eq!((copula.density(u, v), copula.conditional(u, v)), (None, None));
        }
        assert_eq!((copula.correlation(), copula.freedom()), (0.5, None));
    }

    /// Any copula of the two families.
    fn any() -> impl Strategy<Value = Copula> {
        (-0.99..0.99_f64, prop::option::of(1.0..50.0_f64)).prop_map(|(rho, nu)| {
            let made = nu.map_or_else(|| Copula::gaussian(rho), |nu| Copula::student_t(rho, nu));
            made.expect("in range")
        })
    }

    proptest! {
        // The conditional is the integral of the density over u.
        #[test]
        fn law_the_density_is_the_slope_of_the_conditional(
            copula in any(), u in 0.05..0.95_f64, v in 0.05..0.95_f64,
        ) {
            let h = |u: f64| copula.conditional(u, v).expect("inside");
            let step = 1e-4;
            let slope = (h(u + step) - h(u - step)) / (2.0 * step);
            let density = copula.density(u, v).expect("inside");
            prop_assert!((slope - density).abs() < 2e-3 * (1.0 + density));
            prop_assert!((0.0..=1.0).contains(&h(u)));
        }

        #[test]
        fn law_both_copulas_are_symmetric(copula in any(), u in 0.01..0.99_f64, v in 0.01..0.99_f64) {
            let density = copula.density(u, v).expect("inside");
            prop_assert!((copula.density(v, u).expect("inside") - density).abs() <= 1e-12 * density);
            // Turned upside down.
            let (h, other) = (copula.conditional(u, v), copula.conditional(1.0 - u, 1.0 - v));
            prop_assert!((h.expect("inside") + other.expect("inside") - 1.0).abs() < 1e-9);
        }
    }
}
