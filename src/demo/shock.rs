//! Shocks with clustered volatility: quiet days follow quiet days, wild ones wild ones.
//!
//! # Formula
//! `e_t = sqrt(v_t) z_t` with `v_{t+1} = (1 - a - b) + a e_t^2 + b v_t`, a GARCH(1,1) of
//! unconditional variance 1, started there. With `a = 0.06, b = 0.92` a burst of volatility halves
//! in about 34 bars and the shocks have kurtosis 3.7.
//!
//! # References
//! Bollerslev (1986), *Generalized autoregressive conditional heteroskedasticity*.

use super::stream::Stream;

/// Weight of the last squared shock.
const ALPHA: f64 = 0.06;
/// Weight of the last variance.
const BETA: f64 = 0.92;

/// An endless sequence of shocks of unconditional variance 1.
#[derive(Debug)]
pub(super) struct Shocks {
    stream: Stream,
    variance: f64,
}

impl Shocks {
    /// The shocks drawn from `stream`.
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, variance: 1.0 }
    }

    /// The next shock.
    pub(super) fn draw(&mut self) -> f64 {
        let shock = self.variance.sqrt() * self.stream.normal();
        self.variance = (1.0 - ALPHA - BETA) + ALPHA * shock * shock + BETA * self.variance;
        shock
    }
}

#[cfg(test)]
mod tests {
    use super::{Shocks, Stream};

    #[test]
    fn shocks_have_unit_variance_no_memory_and_clustered_squares() {
        let mut shocks = Shocks::new(Stream::new(1, "TEST", "shock"));
        let draws: Vec<f64> = (0..200_000).map(|_| shocks.draw()).collect();
        let n = draws.len() as f64;
        let variance = draws.iter().map(|e| e * e).sum::<f64>() / n;
        assert!((variance - 1.0).abs() < 0.05, "variance {variance}");
        let memory = draws.windows(2).map(|e| e[0] * e[1]).sum::<f64>() / n / variance;
        assert!(memory.abs() < 0.02, "autocorrelation {memory}");
        let centred: Vec<f64> = draws.iter().map(|e| e * e - variance).collect();
        let spread = centred.iter().map(|s| s * s).sum::<f64>();
        let cluster = centred.windows(2).map(|s| s[0] * s[1]).sum::<f64>() / spread;
        assert!(cluster > 0.08, "autocorrelation of squares {cluster}");
    }
}
