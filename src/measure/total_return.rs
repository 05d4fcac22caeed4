//! Total return.

/// Total return over the scored bars.
///
/// # Formula
/// `final equity / capital - 1`; zero for a job without bars.
pub fn total_return(equity: &[f64], capital: f64) -> f64 {
    equity.last().map_or(0.0, |last| last / capital - 1.0)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::total_return;

    #[test]
    fn is_the_growth_of_the_capital() {
        assert_eq!(total_return(&[90.0, 150.0], 100.0), 0.5);
        assert_eq!(total_return(&[], 100.0), 0.0);
    }
}
