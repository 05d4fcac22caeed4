//! The guard of measures: numbers that can be measured at all.

/// The values, if there are any and all are finite.
pub(super) fn finite(values: &[f64]) -> Option<&[f64]> {
    (!values.is_empty() && values.iter().all(|value| value.is_finite())).then_some(values)
}

/// `value`, if it is finite.
pub(super) fn defined(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::{defined, finite};

    #[test]
    fn nothing_and_no_number_are_refused() {
        assert_eq!(finite(&[]), None);
        assert_eq!(finite(&[1.0, f64::NAN]), None);
        assert_eq!(finite(&[1.0]), Some([1.0].as_slice()));
        assert_eq!(defined(f64::INFINITY), None);
    }
}
