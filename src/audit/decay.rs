//! Performance against extra bars of delay: the profile a person looks at.

use std::collections::BTreeMap;

use super::rows::{JobRows, Rows};

/// Extra bars of delay, from none on.
pub(super) const MOST_DELAY: usize = 5;

/// Mean total return by strategy.
pub(super) type Profile = BTreeMap<String, Option<f64>>;

/// Mean total return of the jobs of every strategy; `None` where no job was simulated.
pub(super) fn total_returns(rows: &Rows) -> Profile {
    let mut returns: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (name, job) in &rows.jobs {
        returns.entry(&name.strategy).or_default().extend(total_return(job));
    }
    returns.into_iter().map(|(strategy, all)| (strategy.to_owned(), mean(&all))).collect()
}

fn total_return(job: &JobRows) -> Option<f64> {
    let ((_, first), (_, last)) = (job.equity.first()?, job.equity.last()?);
    Some(last[0] / first[0] - 1.0)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::{super::rows::JobRows, mean, total_return};
    use crate::domain::Timestamp;

    #[test]
    fn a_return_is_the_last_equity_over_the_first() {
        let row = |ts, equity| (Timestamp(ts), [equity, 0.0, 0.0]);
        let mut job = JobRows::default();
        job.equity = vec![row(0, 100.0), row(1, 90.0), row(2, 125.0)];
        assert_eq!(total_return(&job), Some(0.25));
        assert_eq!(total_return(&JobRows::default()), None);
        assert_eq!((mean(&[1.0, 2.0]), mean(&[])), (Some(1.5), None));
    }
}
