//! Named queries: the files of `queries/report`, answered by name, and the user's own beside them.
//!
//! A file begins with five lines that say what it answers, its grain, what it reads, what it takes
//! and its order (`query_header`). What it takes are named parameters with defaults; values are checked
//! (`query_values`) and bound, never written into the statement but where it is explained.

use std::sync::LazyLock;

use duckdb::Connection;

use super::{
    RunKind,
    answer::{self, Question, Sink},
    cage,
    failure::Doing,
    query_header, query_text, query_values,
};
use crate::error::{Error, Result};

/// A parameter of a named query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What stands for it when it is not given.
    pub default: String,
}

/// A question with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedQuery {
    /// Its name.
    pub name: String,
    /// What it answers, in one line.
    pub answers: String,
    /// What a row is.
    pub grain: String,
    /// Tables and views it reads.
    pub reads: String,
    /// Its parameters, in order.
    pub takes: Vec<Parameter>,
    /// The order of its rows; always total in ours.
    pub order: String,
    /// One SELECT, with parameters as `$name`.
    pub(super) statement: String,
    /// False for one of the user's, which is asked from within the cage.
    pub(super) is_ours: bool,
}

const FILES: [(&str, &str); 34] = [
    ("leaderboard", include_str!("../../queries/report/leaderboard.sql")),
    ("best", include_str!("../../queries/report/best.sql")),
    ("score", include_str!("../../queries/report/score.sql")),
    ("by-strategy", include_str!("../../queries/report/by-strategy.sql")),
    ("by-horizon", include_str!("../../queries/report/by-horizon.sql")),
    ("by-combination", include_str!("../../queries/report/by-combination.sql")),
    ("outcomes", include_str!("../../queries/report/outcomes.sql")),
    ("reasons", include_str!("../../queries/report/reasons.sql")),
    ("beats-benchmark", include_str!("../../queries/report/beats-benchmark.sql")),
    ("worst-drawdowns", include_str!("../../queries/report/worst-drawdowns.sql")),
    ("cost-drag", include_str!("../../queries/report/cost-drag.sql")),
    ("turnover", include_str!("../../queries/report/turnover.sql")),
    ("exposure", include_str!("../../queries/report/exposure.sql")),
    ("strategy-correlation", include_str!("../../queries/report/strategy-correlation.sql")),
    ("compare", include_str!("../../queries/report/compare.sql")),
    ("compare-screens", include_str!("../../queries/report/compare-screens.sql")),
    ("pairs", include_str!("../../queries/report/pairs.sql")),
    ("pair-stability", include_str!("../../queries/report/pair-stability.sql")),
    ("hedge-drift", include_str!("../../queries/report/hedge-drift.sql")),
    ("screen", include_str!("../../queries/report/screen.sql")),
    ("screens", include_str!("../../queries/report/screens.sql")),
    ("job", include_str!("../../queries/report/job.sql")),
    ("trades", include_str!("../../queries/report/trades.sql")),
    ("truth", include_str!("../../queries/report/truth.sql")),
    ("results", include_str!("../../queries/report/results.sql")),
    ("stale", include_str!("../../queries/report/stale.sql")),
    ("runs", include_str!("../../queries/report/runs.sql")),
    ("run", include_str!("../../queries/report/run.sql")),
    ("memory", include_str!("../../queries/report/memory.sql")),
    ("memory-samples", include_str!("../../queries/report/memory-samples.sql")),
    ("imports", include_str!("../../queries/report/imports.sql")),
    ("import-health", include_str!("../../queries/report/import-health.sql")),
    ("event-health", include_str!("../../queries/report/event-health.sql")),
    ("rejects", include_str!("../../queries/report/rejects.sql")),
];

static QUERIES: LazyLock<Vec<NamedQuery>> = LazyLock::new(|| {
    let ours = |query: NamedQuery| NamedQuery { is_ours: true, ..query };
    // A unit test says that none of ours is wrong.
    FILES.iter().filter_map(|(name, text)| query_header::read(name, text).ok().map(ours)).collect()
});

/// Every named query of ours, in the order of a listing.
pub(super) fn all() -> &'static [NamedQuery] {
    &QUERIES
}

impl NamedQuery {
    /// The runs among which its `last` is looked for; `None` for all.
    pub(super) fn kind(&self) -> Option<RunKind> {
        if self.reads == "run" {
            None
        } else if self.reads.contains("screen_run") {
            Some(RunKind::Screen)
        } else {
            Some(RunKind::Backtest)
        }
    }

    /// The query without a store: runs stay as they are named.
    ///
    /// # Errors
    /// Usage, for an unknown parameter or value.
    pub fn explained(&self, given: &[(String, String)]) -> Result<Explained> {
        explained(None, self, given)
    }
}

/// A query with the values it would be asked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Its parameters with their values, as `run = 3, top = 20`.
    pub with: String,
    /// Its statement with the values in place of the parameters.
    pub statement: String,
}

/// `query` with the values it would be asked with; without a connection runs stay as they are named.
pub(super) fn explained(
    connection: Option<&Connection>,
    query: &NamedQuery,
    given: &[(String, String)],
) -> Result<Explained> {
    let settled = query_values::settled(connection, query, given)?;
    let literal = |name: &str| {
        let found = settled.iter().find(|parameter| parameter.name == name)?;
        found.value.as_ref().map(query_values::literal)
    };
    let with = settled.iter().map(|parameter| {
        let value = literal(&parameter.name).filter(|value| value != "NULL");
        format!("{} = {}", parameter.name, value.as_ref().unwrap_or(&parameter.text))
    });
    Ok(Explained {
        with: with.collect::<Vec<_>>().join(", "),
        statement: query_text::filled(&query.statement, literal),
    })
}

/// Answers the query of ours called `name`; its rows go to `sink`.
pub(super) fn answer(
    connection: &Connection,
    name: &str,
    given: &[(String, String)],
    sink: &mut dyn Sink,
) -> Result<()> {
    let query = all().iter().find(|query| query.name == name).ok_or_else(|| unknown_query(name))?;
    ask(connection, query, given, sink)
}

/// Answers `query`; its rows go to `sink`.
pub(super) fn ask(
    connection: &Connection,
    query: &NamedQuery,
    given: &[(String, String)],
    sink: &mut dyn Sink,
) -> Result<()> {
    let settled = query_values::settled(Some(connection), query, given)?;
    let binding =
        |wanted: &str| settled.iter().find(|parameter| parameter.name == wanted)?.value.clone();
    let doing = Doing("answer the query");
    let sql = query.statement.as_str();
    if !query.is_ours {
        return cage::ask_with(connection, sql, &binding, doing, sink);
    }
    let question = Question { sql, binding: &binding, doing, most_rows: usize::MAX };
    answer::answer(connection, &question, sink)
}

fn unknown_query(name: &str) -> Error {
    let names: Vec<&str> = all().iter().map(|query| query.name.as_str()).collect();
    Error::usage(format!("there is no query '{name}'"))
        .with_hint(format!("one of {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{FILES, all, query_header};

    #[test]
    fn every_query_describes_itself_and_takes_what_its_statement_names() {
        for (name, text) in FILES {
            query_header::read(name, text).expect(name);
        }
        assert_eq!(all().len(), FILES.len());
        for query in all() {
            assert!(query.statement.contains("ORDER BY"), "{}", query.name);
        }
    }

    /// The last bits of what is added up depend on the order.
    #[test]
    fn sums_and_means_of_fractions_are_taken_in_an_order() {
        for query in all() {
            for call in ["avg(", "corr(", "stddev", "var_", "list("] {
                for (at, _) in query.statement.match_indices(call) {
                    let arguments = query.statement[at..].split(") ").next().unwrap_or_default();
                    assert!(arguments.contains(" ORDER BY "), "{}: {arguments}", query.name);
                }
            }
        }
    }
}
