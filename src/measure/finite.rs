//! The guard of measures: numbers that can be measured, and denominators that are more than noise.

/// What rounding leaves of a few operations on numbers of size one: 16 times the unit roundoff.
pub(super) const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// The values, if there are any and all are finite.
pub(super) fn finite(values: &[f64]) -> Option<&[f64]> {
    (!values.is_empty() && values.iter().all(|value| value.is_finite())).then_some(values)
}

/// `value`, if it is finite.
pub(super) fn defined(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// `value`, if it can be a capital or a number of bars per year.
pub(super) fn positive(value: f64) -> Option<f64> {
    defined(value).filter(|value| *value > 0.0)
}

/// `numerator / denominator`, if the denominator is more than rounding leaves of numbers of this
/// `size`.
pub(super) fn ratio(numerator: f64, denominator: f64, size: f64) -> Option<f64> {
    if denominator.abs() > ROUNDING * size { defined(numerator / denominator) } else { None }
}

#[cfg(test)]
mod tests {
    use super::{defined, finite, positive, ratio};

    #[test]
    fn nothing_and_no_number_are_refused() {
        assert_eq!(finite(&[]), None);
        assert_eq!(finite(&[1.0, f64::NAN]), None);
        assert_eq!(finite(&[1.0]), Some([1.0].as_slice()));
        assert_eq!(defined(f64::INFINITY), None);
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(positive(value), None);
        }
    }

    #[test]
    fn a_denominator_of_rounding_is_none() {
        assert_eq!(ratio(1.0, -0.5, 1.0), Some(-2.0));
        assert_eq!(ratio(1.0, 0.1 + 0.2 - 0.3, 1.0), None);
        assert_eq!(ratio(1.0, f64::NAN, 1.0), None);
        assert_eq!(ratio(1.0, 1.0, f64::NAN), None);
        assert_eq!(ratio(0.0, 0.0, 0.0), None);
        assert_eq!(ratio(1e200, 1e-200, 0.0), None);
    }
}
