//! What was found so far, by strategy and check.

use std::collections::BTreeMap;

use super::{
    Checked, Decay, Findings, Leak,
    compare::{Compared, Difference},
    rows::{JobName, Rows},
};
use crate::{domain::Timestamp, store::Cell};

/// The first job of every strategy.
pub(super) fn first_jobs(rows: &Rows) -> Vec<&JobName> {
    let mut names: Vec<&JobName> = rows.jobs.keys().collect();
    names.dedup_by_key(|name| name.strategy.as_str());
    names
}

/// Every check that was begun.
#[derive(Debug, Default)]
pub(super) struct Found {
    checked: BTreeMap<(String, &'static str), Checked>,
    /// Runs that a statement refused, and what the first one said.
    refused: Option<(u64, String)>,
}

impl Found {
    pub(super) fn of(&mut self, strategy: &str, check: &'static str) -> &mut Checked {
        self.checked.entry((strategy.to_owned(), check)).or_insert_with(|| Checked {
            strategy: strategy.to_owned(),
            check,
            runs: 0,
            rows: 0,
            differing: 0,
            first: None,
            remark: String::new(),
        })
    }

    pub(super) fn begin(&mut self, check: &'static str, known: &Rows) {
        for name in first_jobs(known) {
            self.of(&name.strategy, check).runs += 1;
        }
    }

    pub(super) fn decay(&mut self, strategy: &str, decay: &Decay) {
        let checked = self.of(strategy, "delay");
        checked.runs += decay.total_returns.len() as u64;
        checked.rows += decay.total_returns.iter().flatten().count() as u64;
        let shown = |value: &Option<f64>| match value {
            Some(value) => format!("{:.2} %", 100.0 * value),
            None => "-".to_owned(),
        };
        let returns: Vec<_> = decay.total_returns.iter().map(shown).collect();
        let errors = decay.lost_errors.map_or(String::new(), |errors| {
            format!("; the first bar costs {errors:.1} standard errors")
        });
        checked.remark = format!("return by bars of delay: {}{errors}", returns.join(", "));
        if decay.is_cliff {
            let of = |at: usize| match decay.total_returns.get(at) {
                Some(Some(value)) => Cell::Float(*value),
                _ => Cell::Null,
            };
            checked.differing += 1;
            checked.first = Some(Leak {
                symbols: String::new(),
                horizon_days: 0,
                at: None,
                cut: None,
                column: "measure.total_return".to_owned(),
                known: of(0),
                changed: of(1),
            });
        }
    }

    pub(super) fn broken(&mut self, check: &'static str, known: &Rows, cut: Option<Timestamp>) {
        self.begin(check, known);
        let difference = Difference {
            table: "run",
            column: "session",
            at: None,
            known: Cell::Text("opened".to_owned()),
            changed: Cell::Text("panicked".to_owned()),
        };
        let compared = Compared { rows: 1, differences: vec![difference] };
        for name in first_jobs(known) {
            self.add(check, name, &compared, cut);
        }
    }

    pub(super) fn add(
        &mut self,
        check: &'static str,
        name: &JobName,
        compared: &Compared,
        cut: Option<Timestamp>,
    ) {
        let checked = self.of(&name.strategy, check);
        checked.rows += compared.rows;
        checked.differing += compared.differences.len() as u64;
        for difference in &compared.differences {
            let earlier = match &checked.first {
                None => true,
                Some(first) => {
                    difference.at.is_some() && (first.at.is_none() || difference.at < first.at)
                }
            };
            if earlier {
                checked.first = Some(Leak {
                    symbols: name.symbols.clone(),
                    horizon_days: name.horizon_days,
                    at: difference.at,
                    cut,
                    column: format!("{}.{}", difference.table, difference.column),
                    known: difference.known.clone(),
                    changed: difference.changed.clone(),
                });
            }
        }
    }

    /// A statement answered something on other bars that no run can use.
    pub(super) fn refused(&mut self, check: &'static str, why: &str) {
        let refused = self.refused.get_or_insert_with(|| (0, format!("{check}: {why}")));
        refused.0 += 1;
    }

    pub(super) fn findings(self, mut notes: Vec<String>) -> Findings {
        if let Some((runs, first)) = self.refused {
            notes.push(format!("{runs} runs were refused and not compared; the first, {first}"));
        }
        Findings { checked: self.checked.into_values().collect(), notes }
    }
}
