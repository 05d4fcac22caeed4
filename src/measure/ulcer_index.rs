//! Ulcer index.

use super::{drawdowns::drawdowns, finite::defined, returns::sum};

/// Root mean square of drawdowns, divisor `n`: the definition of its author. No annualization.
///
/// # Formula
/// `sqrt(sum(drawdown[t]^2) / n)` as a fraction, not in percent; the capital is the first maximum.
///
/// # None
/// Without bars, and where [`drawdowns`](super::drawdowns()) is.
///
/// # Example
/// ```
/// use barline::measure::ulcer_index;
/// // Depths of a half, nothing, nothing, nothing: sqrt(0.25 / 4).
/// assert_eq!(ulcer_index(&[50.0, 100.0, 100.0, 100.0], 100.0), Some(0.25));
/// ```
///
/// # References
/// P. Martin and B. `McCann` (1989), The Investor's Guide to Fidelity Funds.
pub fn ulcer_index(equity: &[f64], capital: f64) -> Option<f64> {
    root(equity, capital, 0)
}

/// The same with divisor `n - 1`, as quantstats has it.
///
/// # Formula
/// `sqrt(sum(drawdown[t]^2) / (n - 1))`.
///
/// # None
/// For fewer than two bars, and where [`drawdowns`](super::drawdowns()) is.
///
/// # Example
/// ```
/// use barline::measure::ulcer_index_quantstats;
/// assert_eq!(ulcer_index_quantstats(&[50.0, 100.0], 100.0), Some(0.5));
/// ```
///
/// # References
/// quantstats 0.0.86 `ulcer_index`.
pub fn ulcer_index_quantstats(equity: &[f64], capital: f64) -> Option<f64> {
    root(equity, capital, 1)
}

fn root(equity: &[f64], capital: f64, ddof: usize) -> Option<f64> {
    let free = equity.len().checked_sub(ddof).filter(|free| *free > 0)?;
    let squares = sum(&drawdowns(equity, capital)?, |depth| depth * depth);
    defined((squares / free as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::{ulcer_index, ulcer_index_quantstats};

    #[test]
    fn the_two_divisors() {
        let equity = [50.0, 100.0, 50.0, 100.0];
        assert_eq!(ulcer_index(&equity, 100.0), Some(0.125_f64.sqrt()));
        assert_eq!(ulcer_index_quantstats(&equity, 100.0), Some((0.5_f64 / 3.0).sqrt()));
        assert_eq!(ulcer_index(&[], 100.0), None);
        assert_eq!(ulcer_index_quantstats(&[90.0], 100.0), None);
    }
}
