//! Open, high, low and volume around a path of closes.
//!
//! The open lies a small gap from the previous close, as in a market that never shuts. High and
//! low lie beyond open and close by a half-normal distance in units of the current volatility, an
//! exponentially weighted mean of squared closes-to-close returns, so that wide bars come in
//! clusters too. Volume is the member's typical traded value, more of it in wild hours, over the
//! close. Every number is rounded to 1e-6; rounding keeps order, so that high and low stay bounds.

use super::{BARS, opening, roster::Member, stream::Stream};
use crate::domain::Bar;

/// Standard deviation of the gap between a close and the next open, in units of volatility.
const GAP: f64 = 0.05;
/// Scale of the distance of high and low from the body, in units of volatility.
const WICK: f64 = 0.5;
/// Standard deviation of log volume around its mean.
const VOLUME_SD: f64 = 0.35;
/// Weight of the past in the volatility.
const DECAY: f64 = 0.97;
/// Volatility per bar that counts as usual, log points: also the first bar's.
const USUAL_SD: f64 = 0.005;

/// The bars around the log closes `path` of `member`, one per row.
pub(super) fn bars(seed: u64, member: &Member, path: &[f64]) -> Vec<Bar> {
    debug_assert_eq!(path.len(), BARS);
    let mut stream = Stream::new(seed, member.symbol, "candle");
    let mut variance = USUAL_SD * USUAL_SD;
    let mut last = path.first().copied().unwrap_or(0.0);
    let mut bars = Vec::with_capacity(path.len());
    for (row, &close) in path.iter().enumerate() {
        let step = close - last;
        variance = DECAY * variance + (1.0 - DECAY) * step * step;
        let volatility = variance.sqrt();
        let open = last + GAP * volatility * stream.normal();
        let high = open.max(close) + WICK * volatility * stream.normal().abs();
        let low = open.min(close) - WICK * volatility * stream.normal().abs();
        let activity = 0.5 + 0.5 * volatility / USUAL_SD;
        let value = member.turnover * activity * libm::exp(VOLUME_SD * stream.normal());
        bars.push(Bar {
            ts: opening(row),
            open: price(open),
            high: price(high),
            low: price(low),
            close: price(close),
            volume: rounded(value / libm::exp(close)),
        });
        last = close;
    }
    bars
}

/// The price of a log price, rounded.
fn price(log_price: f64) -> f64 {
    rounded(libm::exp(log_price))
}

/// `value` to the nearest multiple of 1e-6.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::{BARS, bars, rounded};
    use crate::demo::roster::ROSTER;

    #[test]
    fn wide_bars_come_with_volatile_closes() {
        let calm: Vec<f64> = (0..BARS).map(|row| 3.0 + 0.001 * f64::from(row % 2 == 0)).collect();
        let wild: Vec<f64> = (0..BARS).map(|row| 3.0 + 0.02 * f64::from(row % 2 == 0)).collect();
        let [narrow, wide] = [calm, wild].map(|path| {
            let bars = bars(1, &ROSTER[0], &path);
            let span: f64 = bars.iter().map(|bar| bar.high / bar.low - 1.0).sum();
            let volume: f64 = bars.iter().map(|bar| bar.volume).sum();
            (span / BARS as f64, volume)
        });
        assert!(wide.0 > 10.0 * narrow.0, "{wide:?} against {narrow:?}");
        assert!(wide.1 > 2.0 * narrow.1, "{wide:?} against {narrow:?}");
    }

    #[test]
    fn rounding_keeps_six_decimals() {
        assert_eq!(rounded(12.345_678_9).to_bits(), 12.345_679_f64.to_bits());
    }
}
