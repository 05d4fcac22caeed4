//! What became of each file, as a table and as one line for all.

use std::time::Duration;

use crate::{
    error::Error,
    store::{Cell, ImportSummary, Table, import::FileReport},
};

/// One file of an import.
#[derive(Debug)]
pub(super) struct FileLine {
    /// Its path.
    pub(super) name: String,
    /// What became of it.
    pub(super) done: Done,
    /// Wall time.
    pub(super) secs: f64,
    /// Predicted and measured peak of its import, in bytes.
    pub(super) memory: (u64, u64),
}

/// What became of a file.
#[derive(Debug)]
pub(super) enum Done {
    /// Its bars are stored, or would be.
    Imported(Box<FileReport>),
    /// The import of this number brought the same bytes under the same terms.
    Earlier(i64),
    /// Too many of its rows were bad; nothing of it is stored.
    GivenUp(Error),
    /// Its bars are stored as the import of this number, although the commit reported an error.
    Stored(i64, Error),
    /// It could not be used; nothing of it is stored.
    Failed(Error),
}

const COLUMNS: [&str; 22] = [
    "file",
    "status",
    "format",
    "layout",
    "symbols",
    "interval",
    "calendar",
    "first",
    "last",
    "read",
    "stored",
    "replaced",
    "duplicate",
    "differing",
    "rejected",
    "blank",
    "comment",
    "header",
    "wall_secs",
    "reason",
    "planned_bytes",
    "peak_bytes",
];

/// A row per file, in the order of the import.
pub(super) fn listed(lines: &[FileLine], dry_run: bool) -> Table {
    Table {
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows: lines.iter().map(|line| row(line, dry_run)).collect(),
        ..Table::default()
    }
}

fn row(line: &FileLine, dry_run: bool) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let (status, reason) = match &line.done {
        Done::Imported(_) if dry_run => ("would import", Cell::Null),
        Done::Imported(_) => ("imported", Cell::Null),
        Done::Earlier(id) => ("already imported", Cell::Text(format!("by import {id}"))),
        Done::Stored(id, error) => {
            ("imported", Cell::Text(format!("stored as import {id}, then: {error}")))
        }
        Done::GivenUp(error) => ("given up", Cell::Text(error.to_string())),
        Done::Failed(error) => ("failed", Cell::Text(error.to_string())),
    };
    let mut cells = vec![text(&line.name), text(status)];
    match &line.done {
        Done::Imported(report) => cells.extend(facts(report)),
        _ => cells.resize(COLUMNS.len() - 4, Cell::Null),
    }
    cells.push(Cell::Float(line.secs));
    cells.push(reason);
    cells.extend([line.memory.0, line.memory.1].map(whole));
    cells
}

/// The cells from `format` to `header`.
fn facts(report: &FileReport) -> [Cell; 16] {
    let counts = &report.counts;
    [
        Cell::Text(match report.packing {
            None => report.format.name().to_owned(),
            Some(packing) => format!("{} ({packing})", report.format.name()),
        }),
        Cell::Text(report.layout.name().to_owned()),
        whole(report.symbols),
        Cell::Text(report.interval.to_string()),
        Cell::Text(report.calendar.to_string()),
        Cell::Time(report.first.micros()),
        Cell::Time(report.last.micros()),
        whole(counts.read),
        whole(counts.stored),
        whole(counts.replaced),
        whole(counts.duplicate),
        whole(counts.differing),
        whole(counts.rejected),
        whole(counts.blank),
        whole(counts.comment),
        whole(counts.header),
    ]
}

fn whole(count: u64) -> Cell {
    Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// All files in one line.
pub(super) fn total(lines: &[FileLine]) -> String {
    let mut sum = ImportSummary::default();
    let (mut earlier, mut unused) = (0, 0);
    for line in lines {
        match &line.done {
            Done::Imported(report) => {
                sum.read += report.counts.read;
                sum.stored += report.counts.stored;
                sum.replaced += report.counts.replaced;
                sum.duplicate += report.counts.duplicate;
                sum.rejected += report.counts.rejected;
                sum.blank += report.counts.blank;
                sum.comment += report.counts.comment;
                sum.header += report.counts.header;
            }
            Done::Earlier(_) | Done::Stored(..) => earlier += 1,
            Done::GivenUp(_) | Done::Failed(_) => unused += 1,
        }
    }
    let secs: f64 = lines.iter().map(|line| line.secs).sum();
    format!(
        "{} files, {earlier} of them imported before and {unused} not usable: {} rows read = {} stored \
         + {} replaced + {} duplicate + {} rejected + {} blank + {} comment + {} header, in {secs:.1} s",
        lines.len(),
        sum.read,
        sum.stored,
        sum.replaced,
        sum.duplicate,
        sum.rejected,
        sum.blank,
        sum.comment,
        sum.header
    )
}

/// What a narrow terminal does without, in the order in which it goes.
pub(super) const EXPENDABLE: [&str; 13] = [
    "header",
    "comment",
    "planned_bytes",
    "peak_bytes",
    "reason",
    "format",
    "blank",
    "layout",
    "wall_secs",
    "calendar",
    "differing",
    "replaced",
    "first",
];

/// A file in one line.
pub(super) fn summary(report: &FileReport, took: Duration, dry_run: bool) -> String {
    let FileReport { name, symbols, interval, calendar, counts, .. } = report;
    let rate = counts.read as f64 / took.as_secs_f64().max(1e-9);
    let (stored, replaced) =
        if dry_run { ("to store", "to replace") } else { ("stored", "replaced") };
    format!(
        "{name}: {symbols} symbols, {interval} bars, calendar {calendar}: {} rows read, {} {stored}, {} \
         {replaced}, {} duplicate, {} rejected, {} blank, {} comment, {} header; {rate:.0} rows per second",
        counts.read,
        counts.stored,
        counts.replaced,
        counts.duplicate,
        counts.rejected,
        counts.blank,
        counts.comment,
        counts.header
    )
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, Done, FileLine, listed, total};
    use crate::{error::Error, store::Cell};

    #[test]
    fn every_row_has_a_cell_per_column() {
        let line = |done| FileLine { name: "a.csv".into(), done, secs: 0.25, memory: (7, 5) };
        let lines = [
            line(Done::Earlier(3)),
            line(Done::GivenUp(Error::data("too many"))),
            line(Done::Failed(Error::data("is empty"))),
            line(Done::Stored(4, Error::store("no checkpoint"))),
        ];
        let table = listed(&lines, false);
        assert!(table.rows.iter().all(|row| row.len() == COLUMNS.len()));
        let at = table.position("reason").expect("a column");
        assert_eq!(table.rows[2][at], Cell::Text("is empty".into()));
        assert_eq!(table.rows[3][at], Cell::Text("stored as import 4, then: no checkpoint".into()));
        assert!(total(&lines).starts_with("4 files, 2 of them imported before and 2 not usable"));
    }
}
