//! Performance against extra bars of delay, and whether it falls off a cliff at the first one.

use std::collections::BTreeMap;

use super::rows::{Detail, JobRows, Rows};
use crate::{domain::Timestamp, store::Cell};

/// Extra bars of delay, from none on.
pub(super) const MOST_DELAY: usize = 5;

/// Standard errors by which the first bar of delay must cost more than nothing to be a cliff. Far
/// out: returns have fat tails, and many strategies are looked at.
const CLIFF_ERRORS: f64 = 5.0;
/// Share of the mean return that it must cost: nearly all. An edge that fades, as that of a spread
/// which reverts over some bars, keeps a part of it.
const CLIFF_SHARE: f64 = 0.9;

/// A strategy's performance by delay.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decay {
    /// Mean total return of its jobs, by bars of delay; `None` where no job was simulated.
    pub total_returns: Vec<Option<f64>>,
    /// Mean return per bar lost by the first bar of delay, in standard errors; `None` where the
    /// returns do not differ, or there are fewer than two bars.
    pub lost_errors: Option<f64>,
    /// True if the first bar of delay takes most of the profit, far beyond chance.
    pub is_cliff: bool,
}

/// The decay of every strategy; `by_delay` holds the runs, without delay first.
///
/// # Formula
/// `d_t` is the mean over jobs of the simple return of bar `t` without delay less that with one bar;
/// the loss in standard errors is `mean(d) / (sd(d) / sqrt(n))` over the `n` bars, `sd` with ddof 1.
/// Jobs are averaged first, since jobs of one bar are not independent.
pub(super) fn decay(by_delay: &[Rows]) -> BTreeMap<String, Decay> {
    let mut all: BTreeMap<String, Decay> = BTreeMap::new();
    for rows in by_delay {
        for (strategy, jobs) in by_strategy(rows) {
            let returns: Vec<f64> = jobs.iter().filter_map(|job| total_return(job)).collect();
            let decay = all.entry(strategy).or_default();
            decay.total_returns.push(mean(&returns));
        }
    }
    let [prompt, late, ..] = by_delay else { return all };
    let (prompt, late) = (by_strategy(prompt), by_strategy(late));
    for (strategy, decay) in &mut all {
        let (Some(prompt), Some(late)) = (prompt.get(strategy), late.get(strategy)) else {
            continue;
        };
        let (prompt, late) = (mean_returns(prompt), mean_returns(late));
        let lost: Vec<f64> =
            prompt.iter().filter_map(|(ts, value)| Some(value - late.get(ts)?)).collect();
        decay.lost_errors = errors(&lost);
        let values = |returns: &BTreeMap<Timestamp, f64>| {
            mean(&returns.values().copied().collect::<Vec<_>>()).unwrap_or(0.0)
        };
        let (gain, kept) = (values(&prompt), values(&late));
        decay.is_cliff = decay.lost_errors.is_some_and(|errors| errors >= CLIFF_ERRORS)
            && gain > 0.0
            && kept <= (1.0 - CLIFF_SHARE) * gain;
    }
    all
}

fn by_strategy(rows: &Rows) -> BTreeMap<String, Vec<&JobRows>> {
    let mut jobs: BTreeMap<String, Vec<&JobRows>> = BTreeMap::new();
    for (name, job) in &rows.jobs {
        jobs.entry(name.strategy.clone()).or_default().push(job);
    }
    jobs
}

/// Equity by bar.
fn equity(job: &JobRows) -> impl DoubleEndedIterator<Item = (Timestamp, f64)> + '_ {
    job.of(Detail::Equity).iter().filter_map(|(ts, cells)| match cells.first() {
        Some(Cell::Float(equity)) => Some((*ts, *equity)),
        _ => None,
    })
}

fn total_return(job: &JobRows) -> Option<f64> {
    let (first, last) = (equity(job).next()?.1, equity(job).next_back()?.1);
    Some(last / first - 1.0)
}

/// Mean return of the jobs in every bar; a job that is ruined has none any more.
fn mean_returns(jobs: &[&JobRows]) -> BTreeMap<Timestamp, f64> {
    let mut sums: BTreeMap<Timestamp, (f64, f64)> = BTreeMap::new();
    for job in jobs {
        let mut before: Option<f64> = None;
        for (ts, equity) in equity(job) {
            if let Some(before) = before.filter(|before| *before > 0.0) {
                let sum = sums.entry(ts).or_default();
                *sum = (sum.0 + (equity / before - 1.0), sum.1 + 1.0);
            }
            before = Some(equity);
        }
    }
    sums.into_iter().map(|(ts, (sum, jobs))| (ts, sum / jobs)).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The mean in standard errors.
fn errors(values: &[f64]) -> Option<f64> {
    let (mean, count) = (mean(values)?, values.len() as f64);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let error = (squares / (count - 1.0) / count).sqrt();
    (values.len() > 1 && error > 0.0).then(|| mean / error)
}

#[cfg(test)]
mod tests {
    use super::errors;

    #[test]
    fn a_mean_is_measured_in_its_standard_error() {
        // Mean 2, variance 1 (ddof 1), standard error 1 / sqrt 3.
        let found = errors(&[1.0, 2.0, 3.0]).expect("defined");
        assert!((found - 2.0 * 3.0_f64.sqrt()).abs() < 1e-12, "{found}");
        assert_eq!(errors(&[1.0]), None);
        assert_eq!(errors(&[2.0, 2.0]), None);
        assert_eq!(errors(&[]), None);
    }
}
