//! What a run on other bars says about the run that knew everything.

use super::{
    compare::{self, After, Compared, Reach},
    rows::{JobName, JobRows, PAIR_FITS, Row, Rows},
    trial::Left,
};
use crate::{
    domain::{Horizon, Interval},
    store::Cell,
};

/// The outcome of one run beside the one that knew everything.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Every job, compared.
    Compared(Vec<(JobName, Compared)>),
    /// It left nothing: a strategy panicked before its jobs, or a statement was refused.
    Nothing(String),
}

/// What two runs are, beside their rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind<'a> {
    pub(super) interval: Interval,
    /// The one job of a horizon is of the symbols that signals happen to name.
    pub(super) signals: bool,
    /// Horizons of the second run: the jobs and fits of others are not compared.
    pub(super) horizons: &'a [Horizon],
}

impl Kind<'_> {
    fn has(&self, horizon_days: i64) -> bool {
        self.horizons.iter().any(|horizon| i64::from(horizon.days()) == horizon_days)
    }
}

/// Compares every job and the pair fits of two runs.
pub(super) fn verdict(known: &Rows, left: &Left, reach: Reach, kind: Kind<'_>) -> Verdict {
    let nothing = Rows::default();
    let changed = match left {
        Left::Rows(changed) => changed,
        Left::Panicked => {
            return Verdict::Nothing("a strategy panicked before its jobs began".to_owned());
        }
        // One bad row later on refuses the whole answer: that says nothing of the earlier ones,
        // unless it is that bars are missing.
        Left::Refused(error) if reach.cut.is_some() && reach.after != After::None => {
            return Verdict::Nothing(format!("refused: {error}"));
        }
        Left::Refused(_) => &nothing,
    };
    let mut compared: Vec<(JobName, Compared)> = (known.jobs.iter())
        .filter(|(name, _)| kind.has(name.horizon_days))
        .map(|(name, job)| {
            let compared = match same_job(name, changed, kind) {
                Some((other, rows)) => compare::jobs(job, rows, reach.with_equity(other == name)),
                None => compare::jobs(job, &JobRows::default(), reach.with_equity(false)),
            };
            (name.clone(), compared)
        })
        .collect();
    if !known.fits.is_empty() {
        let of = |row: &&Row| matches!(row.1.first(), Some(Cell::Int(days)) if kind.has(*days));
        let fits: Vec<Row> = known.fits.iter().filter(of).cloned().collect();
        let fits = compare::fits(&fits, &changed.fits, reach, kind.interval);
        let name =
            JobName { strategy: PAIR_FITS.to_owned(), horizon_days: 0, symbols: String::new() };
        compared.push((name, fits));
    }
    Verdict::Compared(compared)
}

/// The job of another run that is `name`; for signals, whose combination is made of the symbols
/// they happen to name, the one of the same horizon.
fn same_job<'r>(
    name: &'r JobName,
    changed: &'r Rows,
    kind: Kind<'_>,
) -> Option<(&'r JobName, &'r JobRows)> {
    if !kind.signals {
        return changed.jobs.get_key_value(name);
    }
    changed.jobs.iter().find(|(other, _)| other.horizon_days == name.horizon_days)
}
