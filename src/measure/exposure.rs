//! Exposure.

/// Share of scored bars with a position at the close; not how large the position is.
///
/// # Formula
/// `exposed bars / scored bars`; zero for a job without bars, which has no position. Never
/// undefined.
///
/// # Example
/// ```
/// use barline::measure::exposure;
/// assert_eq!(exposure(3, 4), 0.75);
/// ```
///
/// # References
/// quantstats 0.0.86 `exposure` (time in market), there the share of returns that are not zero,
/// which misses a bar that closes where it opened.
pub fn exposure(exposed_rows: u64, bars: usize) -> f64 {
    if bars == 0 { 0.0 } else { exposed_rows as f64 / bars as f64 }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::exposure;

    #[test]
    fn is_a_share_of_bars() {
        assert_eq!(exposure(3, 4), 0.75);
        assert_eq!(exposure(0, 0), 0.0);
    }
}
