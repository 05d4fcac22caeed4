//! Time under water.

use super::drawdowns::drawdowns;

/// Longest run of bars that close below the maximum so far.
pub fn longest_under_water(equity: &[f64], capital: f64) -> usize {
    let (mut run, mut longest) = (0, 0);
    for depth in drawdowns(equity, capital) {
        run = if depth < 0.0 { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Share of bars that close below the maximum so far.
///
/// # None
/// Without bars.
pub fn share_under_water(equity: &[f64], capital: f64) -> Option<f64> {
    let below = drawdowns(equity, capital).iter().filter(|depth| **depth < 0.0).count();
    (!equity.is_empty()).then(|| below as f64 / equity.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::{longest_under_water, share_under_water};

    #[test]
    fn runs_end_at_a_new_maximum() {
        let equity = [90.0, 110.0, 100.0, 105.0, 110.0, 120.0, 119.0, 130.0];
        assert_eq!(longest_under_water(&equity, 100.0), 2);
        assert_eq!(share_under_water(&equity, 100.0), Some(0.5));
        assert_eq!((longest_under_water(&[], 1.0), share_under_water(&[], 1.0)), (0, None));
    }
}
