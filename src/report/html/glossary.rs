//! What every number of the page means.
//!
//! Meaning and unit of what is stored are the comments of the schema, as in the data dictionary; formula
//! and undefined cases of the measures stand here beside one another, as in `measure`, and so does what
//! the page alone computes.

use crate::store::meaning;

/// A word of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) name: &'static str,
    /// How it is computed; empty where it is a count or an amount.
    pub(super) formula: &'static str,
    /// When it is undefined; empty where it never is.
    pub(super) undefined: &'static str,
    /// What it means; empty where the schema says it.
    meaning: &'static str,
}

const fn measure(name: &'static str, formula: &'static str, undefined: &'static str) -> Term {
    Term { name, formula, undefined, meaning: "" }
}

const fn word(name: &'static str, meaning: &'static str, formula: &'static str) -> Term {
    Term { name, formula, undefined: "", meaning }
}

/// Measures of a job, in the order of table `measure`. `r` are returns per bar, `A` bars per year, `n`
/// scored bars.
pub(super) const MEASURES: [Term; 27] = [
    measure("bars", "", ""),
    measure("periods_per_year", "", ""),
    measure("final_equity", "", ""),
    measure("total_return", "final equity / capital - 1", ""),
    measure("cagr", "(final equity / capital)^(A / n) - 1", "a gain beyond the range of a number"),
    measure("volatility", "sd(r) sqrt(A), divisor n - 1", "fewer than two returns"),
    measure(
        "sharpe",
        "mean(r) / sd(r) sqrt(A), divisor n - 1, risk-free rate 0",
        "fewer than two returns, or returns that never differ",
    ),
    measure("sortino", "mean(r) / sqrt(mean(min(r, 0)^2)) sqrt(A)", "no bar with a loss"),
    measure("max_drawdown", "min of equity / max(capital, equity so far) - 1", ""),
    measure("calmar", "cagr / |max_drawdown|", "no drawdown, or no growth rate"),
    measure("exposure", "bars with a position / n", ""),
    measure(
        "turnover_annual",
        "traded notional / mean(equity) / (n / A)",
        "mean equity not positive",
    ),
    measure("traded_notional", "", ""),
    measure("trades", "", ""),
    measure("win_rate", "trades with a positive net profit / trades", "no trades"),
    measure("profit_factor", "sum of net profits / |sum of net losses|", "no trade with a loss"),
    measure("commission", "", ""),
    measure("slippage", "", ""),
    measure("spread", "", ""),
    measure("impact", "", ""),
    measure("borrow", "", ""),
    measure("financing", "", ""),
    measure("dividend", "", ""),
    measure("funding", "", ""),
    measure(
        "benchmark_return",
        "as total_return, of the benchmark",
        "a benchmark without measures",
    ),
    measure("benchmark_sharpe", "as sharpe, of the benchmark", "as sharpe, of the benchmark"),
    measure(
        "benchmark_drawdown",
        "as max_drawdown, of the benchmark",
        "a benchmark without measures",
    ),
];

/// What the page says beside measures.
pub(super) const WORDS: [Term; 19] = [
    word(
        "benchmark",
        "the same combination bought in equal parts at the first fill and held, at the same costs, over the same bars",
        "",
    ),
    word(
        "excess_return",
        "return beyond the benchmark's [fraction]",
        "total_return - benchmark_return",
    ),
    word(
        "rank",
        "place by Sharpe ratio among the jobs of the run that have measures; undefined ones last",
        "",
    ),
    word(
        "warmup",
        "bars before the scored window, from which fits and indicators begin; never scored",
        "",
    ),
    word(
        "drawdown",
        "how far equity stands below its running maximum, which begins at the capital [fraction]",
        "equity / max(capital, equity so far) - 1",
    ),
    word(
        "rolling_sharpe",
        "the Sharpe ratio of the last bars alone; undefined until there are so many",
        "mean(r) / sd(r) sqrt(A) over the window",
    ),
    word(
        "monthly_return",
        "return of a calendar month in UTC, of the bars that open in it; the first and the last may be incomplete [fraction]",
        "equity at its last close / equity before its first bar - 1",
    ),
    word(
        "z_score",
        "distance of the spread from its mean in standard deviations, both of the formation window; undefined in windows whose fit was not accepted",
        "(ln y - alpha - beta ln x - mean) / sd",
    ),
    word(
        "entry, exit and stop",
        "bands of the z-score: enter at or beyond entry, leave at or within exit, give up at or beyond stop",
        "",
    ),
    word(
        "p_value",
        "chance of a test statistic at least as extreme if the pair is not cointegrated",
        "min(1, 2 min(p1, p2)) over both directions (Engle-Granger)",
    ),
    word(
        "q_value",
        "p-value adjusted for the number of tests: accepting all pairs with q at most 0.05 makes one in twenty of them a false discovery, on average",
        "Benjamini-Hochberg: min over j >= i of tests p(j) / j",
    ),
    word(
        "half_life_bars",
        "bars in which half of a deviation of the spread is expected to be gone [bars]",
        "-ln 2 / ln(1 + lambda)",
    ),
    word(
        "distance",
        "how unlike two symbols are: 0 if their returns move alike, 1 if against each other",
        "sqrt((1 - correlation) / 2)",
    ),
    word(
        "weight",
        "share of equity that a symbol is set to at a rebalance; it drifts with prices until the next [fraction of equity]",
        "",
    ),
    word(
        "cost",
        "everything paid between gross and net profit [quote]",
        "commission + slippage + spread + impact + borrow + financing + funding - dividend",
    ),
    word("budget_bytes", "memory that the run was allowed [bytes]", ""),
    word(
        "planned_peak_bytes",
        "peak that the plan predicted before the run, each part a formula [bytes]",
        "",
    ),
    word(
        "measured_peak_bytes",
        "highest sample of anonymous and shared memory, without page cache [bytes]",
        "",
    ),
    word(
        "stale",
        "jobs that bars or events imported since the run may change; the same command computes them again",
        "",
    ),
];

impl Term {
    /// What it means, with its unit.
    pub(super) fn told(&self) -> (String, String) {
        let stored = meaning("measure", self.name).filter(|_| self.meaning.is_empty());
        if let Some(stored) = stored {
            return (stored.text.to_owned(), stored.unit.to_owned());
        }
        match self.meaning.strip_suffix(']').and_then(|rest| rest.split_once(" [")) {
            Some((text, unit)) => (text.to_owned(), unit.to_owned()),
            None => (self.meaning.to_owned(), String::new()),
        }
    }

    /// Where it stands on the page.
    pub(super) fn place(&self) -> String {
        format!("term-{}", self.name.replace([' ', ','], "-"))
    }
}

/// Where the page says what a column means, if it does.
pub(super) fn place_of(column: &str) -> Option<String> {
    MEASURES.iter().chain(&WORDS).find(|term| term.name == column).map(Term::place)
}

#[cfg(test)]
mod tests {
    use super::{MEASURES, WORDS};
    use crate::store::{Store, StoreOptions};

    #[test]
    fn every_measure_that_is_stored_is_explained_in_its_order() {
        let store = Store::in_memory(&StoreOptions::default()).expect("a store");
        let columns = store.sql("SELECT * EXCLUDE (job_id) FROM measure").expect("columns").columns;
        assert_eq!(columns, MEASURES.map(|term| term.name));
    }

    #[test]
    fn every_word_means_something_and_stands_in_one_place() {
        let all: Vec<_> = MEASURES.iter().chain(&WORDS).collect();
        for (at, term) in all.iter().enumerate() {
            assert!(!term.told().0.is_empty(), "{}", term.name);
            assert!(all[..at].iter().all(|other| other.place() != term.place()), "{}", term.name);
        }
        assert_eq!(MEASURES[3].told().1, "fraction");
        assert_eq!(WORDS[1].told().1, "fraction");
    }
}
