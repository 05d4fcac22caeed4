//! Ulcer index.

use super::{drawdowns::drawdowns, finite::defined, returns::sum};

/// Root mean square of drawdowns, divisor `n`: the definition of its author.
///
/// # None
/// Without bars, or where a drawdown is not finite.
///
/// # References
/// P. Martin and B. `McCann` (1989), The Investor's Guide to Fidelity Funds.
pub fn ulcer_index(equity: &[f64], capital: f64) -> Option<f64> {
    root(equity, capital, 0)
}

/// The same with divisor `n - 1`, as quantstats has it.
///
/// # None
/// For fewer than two bars, or where a drawdown is not finite.
pub fn ulcer_index_quantstats(equity: &[f64], capital: f64) -> Option<f64> {
    root(equity, capital, 1)
}

fn root(equity: &[f64], capital: f64, ddof: usize) -> Option<f64> {
    let free = equity.len().checked_sub(ddof).filter(|free| *free > 0)?;
    let squares = sum(&drawdowns(equity, capital), |depth| depth * depth);
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
