//! The standard normal distribution: density, distribution function, quantile.
//!
//! Everything goes through `libm`, so that all machines return the same bits.
//!
//! # References
//! M. J. Wichura (1988), Algorithm AS 241: the percentage points of the normal distribution,
//! Applied Statistics 37(3), 477-484 (routine PPND16, relative accuracy about 1e-16).

#![allow(clippy::unreadable_literal, reason = "coefficients as printed")]

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Coefficients of `|p - 1/2| <= 0.425`, ascending.
const CENTRE_NUMERATOR: [f64; 8] = [
    3.3871328727963665,
    133.14166789178438,
    1971.5909503065513,
    13731.69376550946,
    45921.95393154987,
    67265.7709270087,
    33430.57558358813,
    2509.0809287301227,
];
const CENTRE_DENOMINATOR: [f64; 8] = [
    1.0,
    42.31333070160091,
    687.1870074920579,
    5394.196021424751,
    21213.794301586597,
    39307.89580009271,
    28729.085735721943,
    5226.495278852854,
];
/// Coefficients between the centre and `min(p, 1 - p) = e^-25`, ascending.
const FLANK_NUMERATOR: [f64; 8] = [
    1.4234371107496835,
    4.630337846156546,
    5.769497221460691,
    3.6478483247632045,
    1.2704582524523684,
    0.2417807251774506,
    0.022723844989269184,
    0.0007745450142783414,
];
const FLANK_DENOMINATOR: [f64; 8] = [
    1.0,
    2.053191626637759,
    1.6763848301838038,
    0.6897673349851,
    0.14810397642748008,
    0.015198666563616457,
    0.0005475938084995345,
    1.0507500716444169e-9,
];
/// Coefficients beyond, ascending.
const TAIL_NUMERATOR: [f64; 8] = [
    6.657904643501103,
    5.463784911164114,
    1.7848265399172913,
    0.29656057182850487,
    0.026532189526576124,
    0.0012426609473880784,
    2.7115555687434876e-5,
    2.0103343992922881e-7,
];
const TAIL_DENOMINATOR: [f64; 8] = [
    1.0,
    0.599832206555888,
    0.1369298809227358,
    0.014875361290850615,
    0.0007868691311456133,
    1.8463183175100548e-5,
    1.421511758316446e-7,
    2.0442631033899397e-15,
];

/// Density `exp(-x^2 / 2) / sqrt(2 pi)`. NaN for NaN.
///
/// ```
/// assert!((barline::stats::normal_density(0.0) - 0.3989422804014327).abs() < 1e-16);
/// ```
pub fn normal_density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / (2.0 * PI).sqrt()
}

/// Distribution function `Phi(x)`; both tails keep their relative precision. NaN for NaN.
///
/// ```
/// use barline::stats::normal_probability;
/// assert!((normal_probability(1.959963984540054) - 0.975).abs() < 1e-15);
/// ```
pub fn normal_probability(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The `x` with `Phi(x) = p`.
///
/// # None
/// Unless `0 < p < 1`.
///
/// ```
/// use barline::stats::normal_quantile;
/// assert!((normal_quantile(0.95).unwrap() - 1.6448536269514722).abs() < 1e-15);
/// assert_eq!(normal_quantile(1.0), None);
/// ```
pub fn normal_quantile(p: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return Some(q * ratio(&CENTRE_NUMERATOR, &CENTRE_DENOMINATOR, r));
    }
    let r = (-libm::log(p.min(1.0 - p))).sqrt();
    let size = if r <= 5.0 {
        ratio(&FLANK_NUMERATOR, &FLANK_DENOMINATOR, r - 1.6)
    } else {
        ratio(&TAIL_NUMERATOR, &TAIL_DENOMINATOR, r - 5.0)
    };
    Some(if q < 0.0 { -size } else { size })
}

fn ratio(numerator: &[f64; 8], denominator: &[f64; 8], x: f64) -> f64 {
    let horner = |terms: &[f64; 8]| terms.iter().rev().fold(0.0, |value, a| value * x + a);
    horner(numerator) / horner(denominator)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_agree_with_printed_tables() {
        // The two checks printed with the algorithm, and the far tail (scipy 1.17.1).
        for (p, x) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_813_6),
            (1e-20, -9.262_340_089_798_408),
        ] {
            let found = normal_quantile(p).expect("a probability");
            assert!((found / x - 1.0).abs() < 1e-15, "{p}: {found}");
        }
        for p in [0.0, 1.0, -0.1, f64::NAN, f64::INFINITY] {
            assert_eq!(normal_quantile(p), None);
        }
        assert!((normal_density(0.0) - 0.398_942_280_401_432_7).abs() < 1e-16);
    }

    proptest! {
        #[test]
        fn law_the_quantile_undoes_the_probability(x in -6.0..6.0_f64) {
            let found = normal_quantile(normal_probability(x)).expect("a probability");
            // Near 1 a probability holds few digits of its tail.
            prop_assert!((found - x).abs() <= 1e-14 + 1e-16 / normal_density(x));
        }
    }
}
