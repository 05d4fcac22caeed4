//! Aligned columns of any number of rows: how wide they are first, then one line after the other.
//!
//! The same text as [`aligned`](super::aligned) without a terminal's width, which holds all of it.
//! A letter counts as one column here.

use std::io;

use super::cell::{Style, shown};
use crate::store::{Cell, Rows};

/// Writes `rows` in aligned columns, one line per row.
pub(super) fn write(rows: &dyn Rows, out: &mut dyn io::Write) -> io::Result<()> {
    let mut columns: Vec<Column> = rows.columns().iter().map(|name| Column::of(name)).collect();
    let mut count = 0_u64;
    rows.each(&mut |row| {
        count += 1;
        columns.iter_mut().zip(row).for_each(|(column, cell)| column.take(cell));
        Ok(())
    })?;
    let mut line = String::new();
    for column in &mut columns {
        column.is_number &= count > 0;
        column.put(&column.heading, &mut line);
    }
    // Rules run to the end of the last column, with the blank that follows it.
    let rule = line.chars().count().saturating_sub(1);
    writeln!(out, "{}\n{}", line.trim_end(), "-".repeat(rule))?;
    rows.each(&mut |row| {
        line.clear();
        columns
            .iter()
            .zip(row)
            .for_each(|(column, cell)| column.put(&shown(cell, column.style), &mut line));
        writeln!(out, "{}", line.trim_end())
    })?;
    if count == 0 { writeln!(out, "(no rows)") } else { Ok(()) }
}

/// A column whose cells have been seen.
struct Column {
    style: Style,
    heading: String,
    width: usize,
    /// True while every defined value was a number: those stand to the right.
    is_number: bool,
}

impl Column {
    fn of(name: &str) -> Self {
        let style = Style::of(name);
        let heading = style.heading(name);
        Self { style, width: heading.chars().count(), heading, is_number: true }
    }

    fn take(&mut self, cell: &Cell) {
        self.width = self.width.max(shown(cell, self.style).chars().count());
        self.is_number &= matches!(cell, Cell::Int(_) | Cell::Float(_) | Cell::Null);
    }

    /// Adds `text` to a line, with the two blanks that divide columns.
    fn put(&self, text: &str, line: &mut String) {
        let blanks = " ".repeat(self.width.saturating_sub(text.chars().count()));
        let (before, after) = if self.is_number { (&*blanks, "") } else { ("", &*blanks) };
        for part in [before, text, after, "  "] {
            line.push_str(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::{
        report::aligned,
        store::{Cell, Table},
    };

    fn written(table: &Table) -> String {
        let mut out = Vec::new();
        write(table, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn it_is_the_table_that_is_laid_out_as_a_whole() {
        let row = |at: i64| {
            vec![
                Cell::Text("A,B,C,D,E,F".repeat(usize::try_from(at % 3).expect("small"))),
                if at == 2 { Cell::Null } else { Cell::Float(0.5 / at as f64) },
                Cell::Int(at * 1_000),
                Cell::Time(at),
                Cell::Bool(at > 2),
            ]
        };
        let columns = ["symbols", "total_return", "store_bytes", "ts", "yes"].map(str::to_owned);
        for rows in [0, 1, 9] {
            let rows = (1..=rows).map(row).collect();
            let table = Table { columns: columns.to_vec(), rows, ..Table::default() };
            assert_eq!(written(&table), aligned(&table, None));
        }
    }
}
