//! Two runs side by side: what one knew up to a cut and the other did not.

use super::{
    attack::Attack,
    rows::{Detail, EQUITY_COLUMNS, EquityRow, FIT_COLUMNS, FORCED, JobRows, Row},
};
use crate::{
    domain::{Interval, Outcome, Timestamp},
    store::Cell,
};

/// Difference that other numbers of bars may make to a weight of a statement.
const STATEMENT_TOLERANCE: f64 = 1e-9;

/// Bars before the end of a job that are not compared: its end is a rule of its own there.
const END_BARS: usize = 3;

/// The first place at which two runs differ.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Difference {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// The symbol of the row, where its table has one.
    pub(super) symbol: Option<String>,
    pub(super) at: Option<Timestamp>,
    pub(super) known: Cell,
    pub(super) changed: Cell,
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// Rows that had to be equal.
    pub(super) rows: u64,
    /// The first difference of each table.
    pub(super) differences: Vec<Difference>,
    /// How one of the two jobs broke where the other did not: a simulation that breaks on later bars
    /// leaves nothing that could be compared, and has proved nothing.
    pub(super) broke: Option<String>,
}

/// The bars after a cut in the second run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// As many, at the same moments.
    All,
    /// Some.
    Some,
    /// None: jobs end there.
    None,
}

/// How far two runs must agree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// The last bar that both runs know; `None` where they know all of them.
    pub(super) cut: Option<Timestamp>,
    /// What the second run has after it.
    pub(super) after: After,
    /// True if what is filled in the bar after its decision does not depend on that bar.
    pub(super) fills_whole: bool,
    /// True if both jobs stand on the same bars, so that their equity can be compared.
    pub(super) equity: bool,
    /// True if only weights are compared: the engine makes fills and equity of them, and magnifies
    /// what a tolerance forgives, since an order is the difference of two positions.
    pub(super) weights_only: bool,
    /// Difference of numbers that counts as none, of the larger one or of 1.
    pub(super) tolerance: f64,
}

impl Reach {
    pub(super) fn of(attack: Attack, cut: Timestamp, fills_whole: bool) -> Self {
        let after = match (attack.ends_history(), attack.removes_bars()) {
            (true, _) => After::None,
            (false, true) => After::Some,
            (false, false) => After::All,
        };
        // Without the next bar the fill is in a later one.
        let fills_whole = fills_whole && after == After::All;
        Self { cut: Some(cut), after, fills_whole, ..Self::ALL }
    }

    /// Everything must agree, to the last bit.
    pub(super) const ALL: Self = Self {
        cut: None,
        after: After::All,
        fills_whole: true,
        equity: true,
        weights_only: false,
        tolerance: 0.0,
    };

    /// For what a statement answers on another number of bars: the last bits of its windows depend
    /// on where its table begins and ends.
    pub(super) fn of_statement(self) -> Self {
        Self { weights_only: true, tolerance: STATEMENT_TOLERANCE, ..self }
    }

    pub(super) fn with_equity(self, equity: bool) -> Self {
        Self { equity, ..self }
    }
}

/// Compares a job of the run that knew everything with the same job of another run.
pub(super) fn jobs(known: &JobRows, changed: &JobRows, reach: Reach) -> Compared {
    let broke = broke(known).or_else(|| broke(changed));
    let mut compared = Compared { broke, ..Compared::default() };
    if compared.broke.is_some() {
        return compared;
    }
    let Some(limit) = limit(known, changed, reach) else { return compared };
    for detail in Detail::ALL {
        if reach.weights_only && detail != Detail::Weight {
            continue;
        }
        let (ours, theirs) = (upto(known.of(detail), limit), upto(changed.of(detail), limit));
        compared.rows += ours.len() as u64;
        compared.differences.extend(first(detail.name(), detail.columns(), ours, theirs, reach));
    }
    let equity = reach.equity && !reach.weights_only;
    if known.is_simulated() && changed.is_simulated() && equity {
        let upto = |job: &JobRows| job.equity.partition_point(|row| row.0 <= limit);
        let (ours, theirs) = (&known.equity[..upto(known)], &changed.equity[..upto(changed)]);
        compared.rows += ours.len() as u64;
        compared.differences.extend(first_equity(ours, theirs, reach));
    }
    let fills = reach.fills_whole && !reach.weights_only;
    if let (Some(cut), true) = (reach.cut, fills) {
        let (ours, theirs) = (decided_by(known, known, cut), decided_by(changed, known, cut));
        compared.rows += ours.len() as u64;
        let columns = &Detail::Fill.columns()[..4];
        compared.differences.extend(first("fill", columns, &ours, &theirs, reach));
    }
    compared
}

/// Compares pair fits whose formation windows end at or before the cut.
pub(super) fn fits(known: &[Row], changed: &[Row], reach: Reach, interval: Interval) -> Compared {
    let limit = reach.cut.map_or(Timestamp(i64::MAX), |cut| {
        let bars = match reach.after {
            After::All => 1,
            // A window bears the time of the bar after it, which is another one.
            After::Some => 0,
            After::None => -2,
        };
        cut.plus_micros(bars * interval.micros())
    });
    // In order of the end of the window, which is the time of the row.
    let (ours, theirs) = (upto(known, limit), upto(changed, limit));
    Compared {
        rows: ours.len() as u64,
        differences: first("fit", &FIT_COLUMNS, ours, theirs, reach).into_iter().collect(),
        broke: None,
    }
}

/// The rows at or before a moment of a list in order of time.
fn upto(rows: &[Row], limit: Timestamp) -> &[Row] {
    &rows[..rows.partition_point(|row| row.0 <= limit)]
}

/// What a job that broke says.
fn broke(job: &JobRows) -> Option<String> {
    let breaks = [Outcome::Panicked, Outcome::Failed];
    breaks.iter().any(|outcome| outcome.name() == job.outcome).then(|| job.told())
}

/// The last bar at which both jobs must agree; `None` if they cannot be compared: an outcome that
/// stands for missing bars or prices is no decision.
fn limit(known: &JobRows, changed: &JobRows, reach: Reach) -> Option<Timestamp> {
    let missing = [Outcome::NoBars, Outcome::InsufficientHistory, Outcome::NonPositivePrice];
    let lacks = |job: &JobRows| missing.iter().any(|outcome| outcome.name() == job.outcome);
    // A history that was too short for a job may be long enough when more of it is loaded.
    if lacks(known) && (known.outcome == changed.outcome || reach.cut.is_none()) {
        return None;
    }
    // With fewer bars there are more reasons to decline; with all of them there are none.
    if reach.after != After::All && lacks(changed) {
        return None;
    }
    let Some(cut) = reach.cut else { return Some(Timestamp(i64::MAX)) };
    if reach.after != After::None {
        return Some(cut);
    }
    let job = if changed.is_simulated() { changed } else { known };
    job.axis().rev().filter(|ts| *ts <= cut).nth(END_BARS)
}

/// Fills in the bar after the cut that decisions up to it made: side and size were known.
fn decided_by(job: &JobRows, axis_of: &JobRows, cut: Timestamp) -> Vec<Row> {
    let Some(next) = axis_of.axis().find(|ts| *ts > cut) else { return Vec::new() };
    let decided = |row: &&Row| {
        let by = matches!(row.1.first(), Some(Cell::Time(decided)) if *decided <= cut.micros());
        let forced = matches!(&row.1[3], Cell::Text(why) if FORCED.contains(&why.as_str()));
        row.0 == next && by && !forced
    };
    let known = |row: &Row| (row.0, row.1[..4].to_vec());
    job.of(Detail::Fill).iter().filter(decided).map(known).collect()
}

/// The first row in which two lists differ, by the column that does.
fn first(
    table: &'static str,
    columns: &[&'static str],
    known: &[Row],
    changed: &[Row],
    reach: Reach,
) -> Option<Difference> {
    let differs = |a: &Cell, b: &Cell| differ(a, b, reach.tolerance);
    let equal = |at: usize| match (known.get(at), changed.get(at)) {
        (Some(a), Some(b)) => a.0 == b.0 && !a.1.iter().zip(&b.1).any(|(a, b)| differs(a, b)),
        _ => false,
    };
    let at = (0..known.len().max(changed.len())).find(|&at| !equal(at))?;
    let symbol = columns.iter().position(|column| *column == "symbol");
    let symbol_of = |row: Option<&Row>| match row?.1.get(symbol?) {
        Some(Cell::Text(symbol)) => Some(symbol.clone()),
        _ => None,
    };
    match (known.get(at), changed.get(at)) {
        (Some(ours), Some(theirs)) if ours.0 == theirs.0 => {
            let column = ours.1.iter().zip(&theirs.1).position(|(a, b)| differs(a, b))?;
            let (known, changed) = (ours.1[column].clone(), theirs.1[column].clone());
            let (column, symbol) = (columns[column], symbol_of(Some(ours)));
            Some(Difference { table, column, symbol, at: Some(ours.0), known, changed })
        }
        (ours, theirs) => {
            let [first, second] = [ours, theirs].map(|row| row.map(|row| row.0));
            let earlier = first.into_iter().chain(second).min();
            let said = |row: Option<&Row>| match row {
                Some(row) if Some(row.0) == earlier => Cell::Text(shown(&row.1)),
                _ => Cell::Text("no row".to_owned()),
            };
            let one = [ours, theirs].into_iter().flatten().find(|row| Some(row.0) == earlier);
            let (known, changed) = (said(ours), said(theirs));
            let symbol = symbol_of(one);
            Some(Difference { table, column: "row", symbol, at: earlier, known, changed })
        }
    }
}

/// The same for equity, whose columns are numbers.
fn first_equity(known: &[EquityRow], changed: &[EquityRow], reach: Reach) -> Option<Difference> {
    let row = |row: &EquityRow| (row.0, row.1.map(Cell::Float).to_vec());
    let equal = |at: usize| match (known.get(at), changed.get(at)) {
        (Some(a), Some(b)) => {
            let differs = |(a, b): (&f64, &f64)| apart(*a, *b, reach.tolerance);
            a.0 == b.0 && !a.1.iter().zip(&b.1).any(differs)
        }
        _ => false,
    };
    let at = (0..known.len().max(changed.len())).find(|&at| !equal(at))?;
    let one = |rows: &[EquityRow]| rows.get(at).map(row).into_iter().collect::<Vec<_>>();
    first("equity", &EQUITY_COLUMNS, &one(known), &one(changed), reach)
}

/// True if two values are not the same: numbers beyond a tolerance.
fn differ(a: &Cell, b: &Cell, tolerance: f64) -> bool {
    match (a, b) {
        (Cell::Float(a), Cell::Float(b)) => apart(*a, *b, tolerance),
        _ => a != b,
    }
}

fn apart(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() > tolerance * a.abs().max(b.abs()).max(1.0) || a.is_nan() != b.is_nan()
}

/// The texts and numbers of a row, in short.
fn shown(cells: &[Cell]) -> String {
    let cells = cells.iter().take(3).map(|cell| match cell {
        Cell::Null => "-".to_owned(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Time(micros) => Timestamp(*micros).to_string(),
    });
    cells.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Reach, first};
    use crate::{audit::Attack, domain::Timestamp, store::Cell};

    #[test]
    fn last_bits_of_a_statement_are_forgiven_where_its_table_is_another_and_nowhere_else() {
        let columns = super::Detail::Weight.columns();
        let weight = |value| vec![(Timestamp(0), vec![Cell::Text("A".into()), Cell::Float(value)])];
        let found = |other: f64, reach| {
            let difference = first("weight", columns, &weight(0.3), &weight(other), reach);
            difference.map(|found| (found.column, found.symbol))
        };
        let leak = Some(("weight", Some("A".to_owned())));
        let thinned = Reach::of(Attack::Thinned, Timestamp(0), true);
        for (other, reach, expected) in [
            (0.3 + 1e-12, thinned, leak.clone()),
            (0.3 + 1e-12, thinned.of_statement(), None),
            (0.3 + 2e-9, thinned.of_statement(), leak.clone()),
            (0.3 + 1e-15, Reach::of(Attack::Noise, Timestamp(0), true), leak.clone()),
            (f64::NAN, thinned.of_statement(), leak),
        ] {
            assert_eq!(found(other, reach), expected, "{other}");
        }
    }
}
