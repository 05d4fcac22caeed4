//! Capture ratios.

use super::{
    cagr::cagr,
    finite::{ROUNDING, defined, finite, ratio},
};

/// Annual return over that of the benchmark, on the bars where the benchmark rose. empyrical's
/// `up_capture`; 1 is the benchmark itself.
///
/// # Formula
/// With `k` chosen bars: `(prod(1 + r)^(A / k) - 1) / (prod(1 + b)^(A / k) - 1)`, `A` bars per year.
///
/// # None
/// Without such a bar, for series of different length, bars per year that are not positive, a
/// benchmark whose chosen bars compound to nothing but rounding, and where a value or the ratio is
/// not finite.
///
/// # Example
/// ```
/// use barline::measure::up_capture;
/// // Only the first bar counts: 0.5 where the benchmark made 0.25.
/// assert_eq!(up_capture(&[0.5, -0.5], &[0.25, -0.25], 1.0), Some(2.0));
/// ```
///
/// # References
/// C. Bacon (2004), Practical Portfolio Performance Measurement and Attribution, p. 47;
/// empyrical-reloaded 0.7.1 for the annualization over the chosen bars.
pub fn up_capture(returns: &[f64], benchmark: &[f64], periods_per_year: f64) -> Option<f64> {
    capture(returns, benchmark, periods_per_year, |market| market > 0.0)
}

/// The same on the bars where the benchmark fell: the lower the better. empyrical's `down_capture`.
///
/// # Formula
/// As [`up_capture`], over the bars with `b < 0`.
///
/// # None
/// As [`up_capture`].
///
/// # Example
/// ```
/// use barline::measure::down_capture;
/// assert_eq!(down_capture(&[0.5, -0.125], &[0.25, -0.25], 1.0), Some(0.5));
/// ```
///
/// # References
/// As [`up_capture`].
pub fn down_capture(returns: &[f64], benchmark: &[f64], periods_per_year: f64) -> Option<f64> {
    capture(returns, benchmark, periods_per_year, |market| market < 0.0)
}

/// What is kept of rises over what is taken of falls. empyrical's `up_down_capture`.
///
/// # Formula
/// [`up_capture`] `/` [`down_capture`].
///
/// # None
/// Where one of the two is, and where the lower one is nothing but rounding.
///
/// # Example
/// ```
/// use barline::measure::up_down_capture;
/// assert_eq!(up_down_capture(&[0.5, -0.125], &[0.25, -0.25], 1.0), Some(4.0));
/// ```
///
/// # References
/// As [`up_capture`].
pub fn up_down_capture(returns: &[f64], benchmark: &[f64], periods_per_year: f64) -> Option<f64> {
    let up = up_capture(returns, benchmark, periods_per_year)?;
    ratio(up, down_capture(returns, benchmark, periods_per_year)?, up.abs())
}

fn capture(
    returns: &[f64],
    benchmark: &[f64],
    periods_per_year: f64,
    counts: impl Fn(f64) -> bool,
) -> Option<f64> {
    if returns.len() != benchmark.len() {
        return None;
    }
    let bars = finite(returns)?.iter().zip(finite(benchmark)?);
    let mut growth = (1.0, 1.0);
    let path: Vec<(f64, f64)> = bars
        .filter(|(_, market)| counts(**market))
        .map(|(own, market)| {
            growth = (growth.0 * (1.0 + own), growth.1 * (1.0 + market));
            growth
        })
        .collect();
    // Every factor is rounded once when it is made and once when it is multiplied.
    if (growth.1 - 1.0).abs() <= ROUNDING * path.len() as f64 {
        return None;
    }
    let (own, market): (Vec<f64>, Vec<f64>) = path.into_iter().unzip();
    let rate = |equity: &[f64]| cagr(equity, 1.0, periods_per_year);
    defined(rate(&own)? / rate(&market)?)
}

#[cfg(test)]
mod tests {
    use super::{down_capture, up_capture, up_down_capture};
    use crate::measure::{alpha_beta, information_ratio};

    #[test]
    fn only_bars_of_the_side_count() {
        let (own, market) = ([0.5, -0.5, 0.0], [0.25, -0.25, 0.0]);
        assert_eq!(up_capture(&own, &market, 1.0), Some(2.0));
        assert_eq!(down_capture(&own, &market, 1.0), Some(2.0));
        assert_eq!(down_capture(&own[..1], &market[..1], 1.0), None);
        assert_eq!(up_capture(&own, &market[..2], 1.0), None);
        assert_eq!(up_capture(&[], &[], 1.0), None);
        assert_eq!(up_capture(&own, &market, f64::NAN), None);
        assert_eq!(up_capture(&[0.5; 2], &[1e-16; 2], 1.0), None);
        assert_eq!(up_down_capture(&own, &market, 1.0), Some(1.0));
        assert_eq!(up_down_capture(&[0.5, 0.0], &[0.25, -0.25], 1.0), None);
    }

    #[test]
    fn measures_beside_a_benchmark_agree_with_their_peers() {
        let bar = |t: u32, k: u32| f64::from((t * t * k + 13 * t) % 101) / 2525.0 - 0.019;
        let own: Vec<f64> = (0..60).map(|t| 0.6 * bar(t, 7) + 0.5 * bar(t, 29)).collect();
        let market: Vec<f64> = (0..60).map(|t| bar(t, 7)).collect();
        let greeks = alpha_beta(&own, &market, 252.0).expect("it moves");
        let found = [
            up_capture(&own, &market, 252.0).expect("rises"),
            down_capture(&own, &market, 252.0).expect("falls"),
            greeks.beta,
            greeks.alpha_compounded,
            greeks.alpha_annual,
            information_ratio(&own, &market).expect("differs"),
        ];
        for (found, peer) in found.iter().zip(PEERS) {
            assert!((found / peer - 1.0).abs() < 1e-9, "{found} {peer}");
        }
    }

    /// empyrical-reloaded 0.7.1 up and down capture, beta, alpha; quantstats 0.0.86 alpha of
    /// `greeks` and `information_ratio`.
    const PEERS: [f64; 6] = [
        0.549_309_072_362_628_6,
        0.933_070_271_372_952_8,
        0.733_735_579_273_799_1,
        -0.016_699_565_385_782_322,
        -0.016_840_012_504_842_6,
        0.007_481_143_150_394_998_5,
    ];
}
