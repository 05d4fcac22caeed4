//! The rows of a comparison with the reason of each.

use std::io;

use super::{Causes, causes::RowFacts};
use crate::store::{Answer, Cell, CellKind, Rows};

/// Columns in which a change is judged by a tolerance.
const CHANGES: [&str; 5] =
    ["return_change", "sharpe_change", "drawdown_change", "p_change", "statistic_change"];
/// What stands in the column `found` of a row that is a cause.
const CAUSE: &str = "cause";
const IN_BOTH: &str = "in both";

/// An answer of `compare` or `compare-screens`, with a column `why`.
#[derive(Debug)]
pub struct Reasoned<'a> {
    answer: &'a Answer,
    causes: &'a Causes,
    columns: Vec<String>,
    places: Places,
    /// Changes up to here are none.
    tolerance: Option<f64>,
    /// True to put a row per cause in front.
    with_causes: bool,
    /// At most this many rows of the answer.
    most: u64,
    /// Most columns that are named as differing in a row.
    most_named: usize,
}

/// Where columns stand; a column that the answer does not have is nowhere.
#[derive(Debug)]
struct Places {
    found: Option<usize>,
    strategy: Option<usize>,
    horizon: Option<usize>,
    symbols: Option<usize>,
    differs: Option<usize>,
    outcomes: Option<(usize, usize)>,
    changes: Vec<usize>,
}

/// How many rows of a comparison are what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rows that differ, beyond the tolerance where there is one.
    pub differing: u64,
    /// Rows that differ within the tolerance.
    pub within: u64,
    /// Those of the differing rows that nothing explains.
    pub unexplained: u64,
}

impl<'a> Reasoned<'a> {
    /// The rows of `answer`, with `causes` in front if a program reads them.
    pub fn new(answer: &'a Answer, causes: &'a Causes, with_causes: bool) -> Self {
        let place = |name: &str| answer.columns().iter().position(|column| column == name);
        let places = Places {
            found: place("found"),
            strategy: place("strategy"),
            horizon: place("horizon_days"),
            symbols: place("symbols"),
            differs: place("differs"),
            outcomes: place("outcome").zip(place("other_outcome")),
            changes: CHANGES.iter().filter_map(|name| place(name)).collect(),
        };
        let mut columns = answer.columns().to_vec();
        columns.push("why".to_owned());
        let (tolerance, most, most_named) = (None, u64::MAX, usize::MAX);
        Self { answer, causes, columns, places, tolerance, with_causes, most, most_named }
    }

    /// The same without rows in which nothing changed by more than `tolerance`.
    #[must_use]
    pub fn beyond(self, tolerance: Option<f64>) -> Self {
        Self { tolerance, ..self }
    }

    /// At most `most` rows beside the causes.
    #[must_use]
    pub fn at_most(self, most: u64) -> Self {
        Self { most, ..self }
    }

    /// The same for the eye: at most `most` columns are named in a row.
    #[must_use]
    pub fn naming(self, most: usize) -> Self {
        Self { most_named: most, ..self }
    }

    /// How many rows differ, all of them.
    ///
    /// # Errors
    /// What reading the answer reports.
    pub fn counts(&self) -> io::Result<Counts> {
        let mut counts = Counts::default();
        self.answer.each(&mut |row| {
            if self.is_beyond(row) {
                counts.differing += 1;
                counts.unexplained += u64::from(self.why(row).starts_with("unexplained"));
            } else {
                counts.within += 1;
            }
            Ok(())
        })?;
        Ok(counts)
    }

    fn is_beyond(&self, row: &[Cell]) -> bool {
        let Some(tolerance) = self.tolerance else { return true };
        let has_other_outcome =
            self.places.outcomes.is_some_and(|(outcome, other)| row[outcome] != row[other]);
        let is_larger = |at: &usize| match row[*at] {
            Cell::Float(change) => change.abs() > tolerance,
            _ => false,
        };
        text(row, self.places.found) != IN_BOTH
            || has_other_outcome
            || self.places.changes.iter().any(is_larger)
    }

    fn why(&self, row: &[Cell]) -> String {
        let days = match self.places.horizon.map(|at| &row[at]) {
            Some(Cell::Int(days)) => u32::try_from(*days).ok(),
            _ => None,
        };
        self.causes.why(RowFacts {
            strategy: text(row, self.places.strategy),
            horizon_days: days,
            symbols: text(row, self.places.symbols),
            in_both: text(row, self.places.found) == IN_BOTH,
            differs: text(row, self.places.differs),
        })
    }
}

fn text(row: &[Cell], at: Option<usize>) -> &str {
    match at.map(|at| &row[at]) {
        Some(Cell::Text(text)) => text,
        _ => "",
    }
}

impl Rows for Reasoned<'_> {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn kinds(&self) -> Vec<CellKind> {
        let mut kinds = self.answer.kinds();
        kinds.push(CellKind::Text);
        kinds
    }

    fn each(&self, take: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        let Causes { run_id, other_id, all } = self.causes;
        for cause in all.iter().filter(|_| self.with_causes) {
            let mut row = vec![Cell::Null; self.columns.len()];
            let cells = [(self.places.found, CAUSE), (self.places.differs, cause.what.as_str())];
            for (at, text) in cells {
                if let Some(at) = at {
                    row[at] = Cell::Text(text.to_owned());
                }
            }
            row[self.columns.len() - 1] = Cell::Text(cause.values(*run_id, *other_id));
            take(&row)?;
        }
        let mut told = 0;
        self.answer.each(&mut |row| {
            if told >= self.most || !self.is_beyond(row) {
                return Ok(());
            }
            told += 1;
            let mut reasoned = row.to_vec();
            let names: Vec<&str> = text(row, self.places.differs).split(',').collect();
            if let (Some(at), true) = (self.places.differs, names.len() > self.most_named) {
                let more = names.len() - self.most_named;
                let named = names[..self.most_named].join(", ");
                reasoned[at] = Cell::Text(format!("{named}, {more} more"));
            }
            reasoned.push(Cell::Text(self.why(row)));
            take(&reasoned)
        })
    }
}
