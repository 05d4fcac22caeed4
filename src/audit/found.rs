//! What was found so far, by strategy and check.

use std::collections::BTreeMap;

use super::{
    Checked, Findings, Leak,
    compare::Compared,
    decay::Profile,
    first_bar::FirstBars,
    rows::{Detail, FORCED, JobName, Rows},
    verdict::Verdict,
    world::World,
};
use crate::{domain::Timestamp, store::Cell};

/// The first job of every strategy.
fn first_jobs(rows: &Rows) -> Vec<&JobName> {
    let mut names: Vec<&JobName> = rows.jobs.keys().collect();
    names.dedup_by_key(|name| name.strategy.as_str());
    names
}

/// Every check that was begun.
#[derive(Debug, Default)]
pub(super) struct Found {
    checked: BTreeMap<(String, &'static str), Checked>,
    /// Jobs that broke, by strategy and check, and what the first one said.
    broke: BTreeMap<(String, &'static str), (u64, String)>,
    /// Runs that left nothing, by check, and what the first one said.
    nothing: BTreeMap<&'static str, (u64, String)>,
}

impl Found {
    fn of(&mut self, strategy: &str, check: &'static str) -> &mut Checked {
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

    /// Fills of decisions: none may be in the bar that decided it, or before.
    pub(super) fn fills(&mut self, known: &Rows, world: &World) {
        for name in first_jobs(known) {
            let checked = self.of(&name.strategy, "fill");
            checked.runs += 1;
            let mut jobs = known.jobs.iter().filter(|(other, _)| other.strategy == name.strategy);
            if jobs.clone().all(|(_, job)| !job.is_simulated())
                && let Some((_, job)) = jobs.next()
            {
                checked.remark = format!("no job was simulated: {}; ", job.told());
            }
        }
        for (name, job) in &known.jobs {
            let checked = self.of(&name.strategy, "fill");
            for (ts, cells) in job.of(Detail::Fill) {
                let [Cell::Time(decided), Cell::Text(symbol), _, Cell::Text(reason), ..] =
                    cells.as_slice()
                else {
                    continue;
                };
                if FORCED.contains(&reason.as_str()) {
                    continue;
                }
                checked.rows += 1;
                if ts.micros() > *decided {
                    continue;
                }
                checked.differing += 1;
                if checked.first.as_ref().is_none_or(|first| Some(*ts) < first.at) {
                    let bars = world.series_of(symbol).map_or(&[][..], |series| &series.bars);
                    let next = bars.get(bars.partition_point(|bar| bar.ts.micros() <= *decided));
                    checked.first = Some(Leak {
                        symbols: symbol.clone(),
                        horizon_days: name.horizon_days,
                        at: Some(*ts),
                        cut: Some(Timestamp(*decided)),
                        column: "fill.ts".to_owned(),
                        symbol: Some(symbol.clone()),
                        known: Cell::Time(ts.micros()),
                        changed: next.map_or(Cell::Null, |bar| Cell::Time(bar.ts.micros())),
                    });
                }
            }
        }
    }

    /// The profile of a strategy, and whether it knew the bars it traded in.
    pub(super) fn delay(&mut self, strategy: &str, first: &FirstBars, profiles: &[Profile]) {
        let checked = self.of(strategy, "delay");
        checked.runs += profiles.len() as u64;
        let shown = |profile: &Profile| match profile.get(strategy) {
            Some(Some(value)) => format!("{:.2} %", 100.0 * value),
            _ => "-".to_owned(),
        };
        let returns: Vec<_> = profiles.iter().map(shown).collect();
        let (bars, share) = (first.all.bars(), first.all.share());
        let share = share.map_or(String::new(), |share| format!("{:+.0} % of ", 100.0 * share));
        let few = if first.all.is_tested() { "" } else { ", too few to tell" };
        checked.remark = format!(
            "return by bars of delay: {}; the first bar: {share}{bars} moves{few}",
            returns.join(", ")
        );
        if first.all.is_tested() {
            checked.rows = bars as u64;
        }
        let together = first.all.is_known().then_some(("", &first.all));
        let alone = first.by_symbol.iter().filter(|(_, one)| one.is_known());
        let known: Vec<_> =
            alone.map(|(symbol, one)| (symbol.as_str(), one)).chain(together).collect();
        checked.differing += known.len() as u64;
        checked.first = known.first().and_then(|(symbol, one)| {
            let largest = one.largest()?;
            Some(Leak {
                symbols: (*symbol).to_owned(),
                horizon_days: 0,
                at: Some(largest.ts),
                cut: None,
                column: "fill.price".to_owned(),
                symbol: None,
                known: Cell::Float(largest.filled),
                changed: Cell::Float(largest.later),
            })
        });
        if let (Some((symbol, one)), Some(_)) = (known.first(), &checked.first) {
            checked.rows = one.bars() as u64;
            let share = 100.0 * one.share().unwrap_or(0.0);
            let of = if symbol.is_empty() { String::new() } else { format!(" of {symbol}") };
            let known = format!("; {share:+.0} % of {} moves{of}: known", one.bars());
            checked.remark.push_str(&known);
        }
    }

    /// What one run said.
    pub(super) fn take(
        &mut self,
        check: &'static str,
        known: &Rows,
        cut: Option<Timestamp>,
        verdict: Verdict,
    ) {
        match verdict {
            Verdict::Nothing(why) => {
                for name in first_jobs(known) {
                    self.of(&name.strategy, check).runs += 1;
                }
                self.nothing.entry(check).or_insert((0, why)).0 += 1;
            }
            Verdict::Compared(jobs) => {
                for of_strategy in jobs.chunk_by(|a, b| a.0.strategy == b.0.strategy) {
                    self.of(&of_strategy[0].0.strategy, check).runs += 1;
                }
                for (name, compared) in jobs {
                    self.add(check, &name, compared, cut);
                }
            }
        }
    }

    /// What a run with a longer history said of a strategy that declares no warmup: a difference is
    /// worth knowing and no leak, for it is made of earlier bars.
    pub(super) fn begins(&mut self, known: &Rows, verdict: Verdict) {
        let mut longer = Self::default();
        longer.take("warmup", known, None, verdict);
        for (check, (runs, first)) in longer.nothing {
            self.nothing.entry(check).or_insert((0, first)).0 += runs;
        }
        for of in longer.checked.into_values() {
            let checked = self.of(&of.strategy, of.check);
            checked.runs += of.runs;
            checked.rows += of.rows;
            if let (Some(leak), true) = (of.first, checked.remark.is_empty()) {
                let at = leak.at.map_or(String::new(), |at| format!(" at {at}"));
                checked.remark = format!(
                    "{} of {}{at} depends on where the bars begin; ",
                    leak.column, leak.symbols
                );
            }
        }
    }

    fn add(
        &mut self,
        check: &'static str,
        name: &JobName,
        compared: Compared,
        cut: Option<Timestamp>,
    ) {
        if let Some(why) = compared.broke {
            let at = (name.strategy.clone(), check);
            self.broke.entry(at).or_insert_with(|| (0, why)).0 += 1;
        }
        let checked = self.of(&name.strategy, check);
        checked.rows += compared.rows;
        checked.differing += compared.differences.len() as u64;
        for difference in compared.differences {
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
                    symbol: difference.symbol,
                    known: difference.known,
                    changed: difference.changed,
                });
            }
        }
    }

    pub(super) fn findings(mut self, mut notes: Vec<String>) -> Findings {
        for ((strategy, check), (jobs, why)) in std::mem::take(&mut self.broke) {
            let remark = &mut self.of(&strategy, check).remark;
            let broke = format!("{jobs} jobs broke and were not compared, the first as {why}");
            remark.push_str(&broke);
        }
        for (check, (runs, first)) in self.nothing {
            notes.push(format!("{check}: {runs} runs left nothing to compare; the first {first}"));
        }
        Findings { checked: self.checked.into_values().collect(), notes }
    }
}
