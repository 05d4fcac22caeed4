//! The statistic at which a p-value reaches a level.

/// Statistics are looked for in this range; beyond it p-values are 0 and 1.
const RANGE: [f64; 2] = [-100.0, 100.0];
/// Halvings of that range: the answer is closer than 1e-13 then.
const HALVINGS: u32 = 52;

/// P-values fall with the statistic but for the seam of `MacKinnon`'s surfaces, at which they jump by
/// less than this factor.
pub(crate) const P_SEAM: f64 = 0.98;

/// The largest statistic whose p-value is at most `level`, for p-values that rise with the statistic;
/// infinity where every p-value is, or where there is none.
pub(crate) fn largest_statistic(level: f64, p_of: impl Fn(f64) -> Option<f64>) -> f64 {
    let reaches = |statistic: f64| p_of(statistic).is_none_or(|p| p <= level);
    let [mut low, mut high] = RANGE;
    if reaches(high) {
        return f64::INFINITY;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if reaches(middle) { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Trend, p_value};

    #[test]
    fn a_level_is_met_where_the_p_value_is() {
        let p_of = |statistic: f64| p_value(statistic, Trend::Constant, 2);
        for level in [0.01, 0.05, 0.1, 0.5] {
            let p = p_of(largest_statistic(level, p_of)).expect("a p-value");
            assert!((p / level - 1.0).abs() < 1e-9, "{level}: {p}");
        }
        assert!(largest_statistic(1.0, p_of).is_infinite());
        assert!(largest_statistic(0.5, |_| None).is_infinite());
    }
}
