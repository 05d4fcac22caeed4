//! From values to places: a linear scale with round marks.

use std::fmt::{self, Display};

/// Units of the inner, stretched drawing, along each side.
pub(super) const SPAN: f64 = 1000.0;

/// A position in percent of the plot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Percent(pub(super) f64);

impl Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", 100.0 * self.0);
        write!(f, "{}%", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A linear scale from a low to a high value, with marks at round values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Distance of the marks.
    pub(super) step: f64,
}

impl Scale {
    /// A scale that holds all finite `values`, ends at round ones, and has about `marks` marks.
    pub(super) fn of(values: impl Iterator<Item = f64>, marks: usize) -> Self {
        let finite = values.filter(|value| value.is_finite());
        let (mut low, mut high) =
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if high - low <= 1e-9 * low.abs().max(high.abs()) {
            let around = if low == 0.0 { 1.0 } else { 0.01 * low.abs() };
            (low, high) = (low - around, high + around);
        }
        let step = round_step((high - low) / marks.max(1) as f64);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// Where a value stands between low (0) and high (1).
    pub(super) fn place(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// The marks, from low to high.
    pub(super) fn marks(&self) -> impl Iterator<Item = f64> + '_ {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few marks")]
        let count = ((self.high - self.low) / self.step).round() as u32;
        // A mark of zero is zero, and not what is left of a subtraction.
        let whole = (self.low / self.step).round();
        (0..=count).map(move |at| (whole + f64::from(at)) * self.step)
    }
}

/// The round number (1, 2, 2.5 or 5 times a power of ten) that is nearest above.
fn round_step(raw: f64) -> f64 {
    let power = libm::pow(10.0, raw.log10().floor());
    let factor = raw / power;
    let round = [1.0, 2.0, 2.5, 5.0].into_iter().find(|round| factor <= round * (1.0 + 1e-9));
    round.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::{Percent, Scale};

    #[test]
    fn marks_are_round_and_hold_all_values() {
        let scale = Scale::of([9_713.0, 12_191.0].into_iter(), 5);
        assert_eq!(
            scale.marks().collect::<Vec<_>>(),
            [9_500.0, 10_000.0, 10_500.0, 11_000.0, 11_500.0, 12_000.0, 12_500.0]
        );
        let scale = Scale::of([-0.031, 0.0].into_iter(), 4);
        assert!(scale.low <= -0.031 && scale.marks().any(|mark| mark == 0.0), "{scale:?}");
    }

    #[test]
    fn no_values_and_equal_values_have_a_scale_too() {
        for values in [vec![], vec![f64::NAN], vec![0.0; 3], vec![1e-3], vec![-5e9, -5e9]] {
            let scale = Scale::of(values.iter().copied(), 4);
            assert!(scale.low < scale.high && scale.step > 0.0, "{values:?}: {scale:?}");
            assert!(scale.marks().count() < 20, "{values:?}: {scale:?}");
        }
    }

    #[test]
    fn percentages_are_short() {
        assert_eq!(Percent(0.5).to_string(), "50%");
        assert_eq!(Percent(1.0 / 3.0).to_string(), "33.33%");
    }
}
