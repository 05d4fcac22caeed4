//! The sections of the page, one file each; what a run has nothing of is left out.

mod bars_of_job;
mod conventions;
mod costs;
mod glossary;
mod job;
mod leaderboard;
mod memory;
mod months;
mod outcomes;
mod pairs;
mod q_map;
mod screen;
mod spread;
mod summary;
mod terms;
mod weights;

pub(super) use summary::lead;

use super::markup::Markup;
use crate::run::Account;

/// A section of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) body: Markup,
}

/// What there is to say, in the order in which it is read.
pub(super) fn all(account: &Account) -> Vec<Section> {
    let of = |id, title, body: Option<Markup>| body.map(|body| Section { id, title, body });
    [
        of("summary", "Summary", Some(summary::summary(account))),
        of("conventions", "Conventions", Some(conventions::conventions(account))),
        of("screen", "Cointegration", screen::screen(account)),
        of("outcomes", "Outcomes", outcomes::outcomes(account)),
        of("leaderboard", "Leaderboard", leaderboard::leaderboard(account)),
        of("job", "Job in detail", job::job(account)),
        of("equity", "Equity, drawdown, rolling Sharpe", bars_of_job::bars_of_job(account)),
        of("months", "Monthly returns", months::months(account)),
        of("spread", "Spread and trades", spread::spread(account)),
        of("weights", "Clusters and weights", weights::weights(account)),
        of("pairs", "Pairs", pairs::pairs(account)),
        of("costs", "Costs", costs::costs(account)),
        of("memory", "Memory", Some(memory::memory(account))),
        of("glossary", "What every number means", Some(glossary::glossary(account))),
    ]
    .into_iter()
    .flatten()
    .collect()
}
