//! Laws of all indicators on numbers the world may send.

use proptest::prelude::*;

use super::{
    AverageTrueRange, BollingerBands, ExponentialMovingAverage, Ichimoku, Macd, RelativeStrength,
    RollingVwap, SimpleMovingAverage, Supertrend, WilderAverage,
};
use crate::stats::Refusal;

/// High, low, close and volume.
type Row = [f64; 4];

/// Every indicator at once, its values in a row; NaN where one is undefined.
struct All {
    simple: SimpleMovingAverage,
    exponential: ExponentialMovingAverage,
    wilder: WilderAverage,
    strength: RelativeStrength,
    macd: Macd,
    bands: BollingerBands,
    range: AverageTrueRange,
    trend: Supertrend,
    ichimoku: Ichimoku,
    vwap: RollingVwap,
}

impl All {
    fn new(window: usize) -> Result<Self, Refusal> {
        Ok(Self {
            simple: SimpleMovingAverage::new(window)?,
            exponential: ExponentialMovingAverage::new(window)?,
            wilder: WilderAverage::new(window)?,
            strength: RelativeStrength::new(window)?,
            macd: Macd::new(window, window + 3, 2)?,
            bands: BollingerBands::new(window, 2.0)?,
            range: AverageTrueRange::new(window)?,
            trend: Supertrend::new(window, 1.5)?,
            ichimoku: Ichimoku::new(window, window + 2, window + 5, 3)?,
            vwap: RollingVwap::new(window)?,
        })
    }

    fn update(&mut self, row: Row) -> Vec<Option<f64>> {
        let [high, low, close, volume] = row;
        let bands = self.bands.update(close);
        let trend = self.trend.update(high, low, close);
        let cloud = self.ichimoku.update(high, low);
        let vwap = self.vwap.update(high, low, close, volume);
        vec![
            self.simple.update(close),
            self.exponential.update(close),
            self.wilder.update(close),
            self.strength.update(close),
            self.macd.update(close).map(|value| value.histogram()),
            bands.map(|value| value.lower),
            bands.map(|value| value.middle),
            bands.map(|value| value.upper),
            self.range.update(high, low, close),
            trend.map(|value| value.upper),
            trend.map(|value| value.lower),
            cloud.map(|value| value.conversion),
            cloud.map(|value| value.top()),
            cloud.map(|value| value.bottom()),
            vwap.map(|value| value.vwap),
            vwap.map(|value| value.standard_deviation),
            vwap.and_then(|value| value.z_score(close)),
        ]
    }
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        12 => 1.0..200.0_f64,
        2 => Just(50.0),
        2 => prop_oneof![Just(0.0), Just(-3.0), Just(1e9), Just(1e-6), Just(f64::MAX), Just(f64::MIN)],
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)],
    ]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec([number(), number(), number(), number()], 0..60)
}

/// Rows of a market: low <= close <= high, volume at least 0.
fn market() -> impl Strategy<Value = Vec<Row>> {
    let row = (1.0..200.0_f64, 0.0..5.0_f64, 0.0..5.0_f64, 0.0..100.0_f64);
    let row = row.prop_map(|(close, up, down, volume)| [close + up, close - down, close, volume]);
    prop::collection::vec(row, 0..60)
}

fn window_of(rows: &[Row], last: usize, window: usize) -> Option<&[Row]> {
    (last + 1 >= window).then(|| &rows[last + 1 - window..=last])
}

proptest! {
    #[test]
    fn law_what_is_given_is_finite(rows in rows(), window in 1..9_usize) {
        let mut all = All::new(window).expect("windows");
        for row in rows {
            for (at, value) in all.update(row).into_iter().enumerate() {
                prop_assert!(value.is_none_or(f64::is_finite), "{at}: {value:?}");
            }
        }
    }

    #[test]
    fn law_a_bar_without_numbers_does_not_exist(
        rows in market(),
        gaps in prop::collection::vec(0..60_usize, 0..20),
        window in 1..9_usize,
    ) {
        let (mut whole, mut holed) =
            (All::new(window).expect("windows"), All::new(window).expect("windows"));
        for (at, row) in rows.into_iter().enumerate() {
            for _ in gaps.iter().filter(|gap| **gap == at) {
                prop_assert!(holed.update([f64::NAN; 4]).iter().all(Option::is_none));
            }
            prop_assert_eq!(whole.update(row), holed.update(row));
        }
    }

    #[test]
    fn law_windows_agree_with_their_definition(rows in market(), window in 1..9_usize) {
        let mut all = All::new(window).expect("windows");
        for (last, row) in rows.iter().enumerate() {
            let found = all.update(*row);
            let Some(seen) = window_of(&rows, last, window) else {
                prop_assert!(found[0].is_none() && found[6].is_none() && found[14].is_none());
                continue;
            };
            let bars = window as f64;
            let mean = seen.iter().map(|row| row[2]).sum::<f64>() / bars;
            let squares = seen.iter().map(|row| (row[2] - mean).powi(2)).sum::<f64>();
            let lower = mean - 2.0 * (squares / bars).sqrt();
            let close_to = |a: Option<f64>, b: f64| a.is_some_and(|a| (a - b).abs() < 1e-6);
            prop_assert!(close_to(found[0], mean), "{found:?} {mean}");
            prop_assert!(close_to(found[5], lower), "{found:?} {lower}");
            let volume: f64 = seen.iter().map(|row| row[3]).sum();
            if volume > 1e-3 {
                let paid: f64 = seen.iter().map(|row| row[3] * (row[0] + row[1] + row[2]) / 3.0).sum();
                prop_assert!(close_to(found[14], paid / volume), "{found:?}");
            }
            let highest = seen.iter().fold(f64::MIN, |top, row| top.max(row[0]));
            let lowest = seen.iter().fold(f64::MAX, |bottom, row| bottom.min(row[1]));
            if let Some(conversion) = found[11] {
                prop_assert!(close_to(Some(conversion), f64::midpoint(highest, lowest)));
            }
        }
    }

    #[test]
    fn law_prices_scale_by_powers_of_two_bit_for_bit(rows in market(), power in -8..8_i32) {
        let factor = 2.0_f64.powi(power);
        let (mut plain, mut scaled) = (All::new(5).expect("windows"), All::new(5).expect("windows"));
        for [high, low, close, volume] in rows {
            let plain = plain.update([high, low, close, volume]);
            let scaled = scaled.update([high * factor, low * factor, close * factor, volume]);
            for (at, (a, b)) in plain.into_iter().zip(scaled).enumerate() {
                // Strength and z-score have no unit.
                let unit = if at == 3 || at == 16 { 1.0 } else { factor };
                prop_assert_eq!(a.map(|a| a * unit), b, "{}", at);
            }
        }
    }
}

#[test]
fn empty_windows_and_odd_factors_are_refused() {
    assert!(All::new(0).is_err());
    let odd = [0.0, -1.0, f64::NAN, f64::INFINITY];
    for factor in odd {
        assert!(BollingerBands::new(5, factor).is_err(), "{factor}");
        assert!(Supertrend::new(5, factor).is_err(), "{factor}");
    }
    assert!(Macd::new(3, 5, 0).is_err() && Ichimoku::new(1, 2, 0, 4).is_err());
    assert!(Ichimoku::new(1, 2, 3, 0).is_ok(), "a cloud that is not drawn ahead");
}
