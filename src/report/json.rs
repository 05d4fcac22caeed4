//! Answers as JSON: an array with an object per row, columns in the order of the query.

use std::io;

use super::column_names::distinct;
use crate::{
    domain::Timestamp,
    store::{Cell, Rows},
};

/// Writes `answer` as an array of objects, one object a line. A column name that occurs again
/// gets a number, so that no value is lost to a reader that keeps the last of equal keys.
pub(super) fn write(answer: &dyn Rows, out: &mut dyn io::Write) -> io::Result<()> {
    let keys = distinct(answer.columns());
    out.write_all(b"[")?;
    let mut is_first = true;
    answer.each(&mut |row| {
        out.write_all(if is_first { b"\n" } else { b",\n" })?;
        is_first = false;
        write_object(&keys, row, out)
    })?;
    out.write_all(if is_first { b"]\n" } else { b"\n]\n" })
}

fn write_object(keys: &[String], row: &[Cell], out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(b"{")?;
    for (at, (key, cell)) in keys.iter().zip(row).enumerate() {
        if at > 0 {
            out.write_all(b", ")?;
        }
        serde_json::to_writer(&mut *out, key)?;
        out.write_all(b": ")?;
        write_value(cell, out)?;
    }
    out.write_all(b"}")
}

fn write_value(cell: &Cell, out: &mut dyn io::Write) -> io::Result<()> {
    match cell {
        Cell::Null => out.write_all(b"null")?,
        Cell::Bool(yes) => serde_json::to_writer(out, yes)?,
        Cell::Int(value) => serde_json::to_writer(out, value)?,
        // serde_json writes NaN and infinities as null.
        Cell::Float(value) => serde_json::to_writer(out, value)?,
        Cell::Text(text) => serde_json::to_writer(out, text)?,
        Cell::Time(micros) => serde_json::to_writer(out, &Timestamp(*micros).to_string())?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::store::{Cell, Table};

    fn text_of(columns: &[&str], rows: Vec<Vec<Cell>>) -> String {
        let columns = columns.iter().map(|&name| name.to_owned()).collect();
        let mut out = Vec::new();
        write(&Table { columns, rows, ..Table::default() }, &mut out)
            .expect("memory takes everything");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn order_and_precision_survive_and_undefined_is_null() {
        let row =
            vec![Cell::Text("a\"b".into()), Cell::Float(0.1), Cell::Null, Cell::Float(f64::NAN)];
        let text = text_of(&["z", "a", "n", "m"], vec![row]);
        assert_eq!(text, "[\n{\"z\": \"a\\\"b\", \"a\": 0.1, \"n\": null, \"m\": null}\n]\n");
    }

    #[test]
    fn equal_names_are_told_apart() {
        let text =
            text_of(&["x", "x", "x_2"], vec![vec![Cell::Int(1), Cell::Int(2), Cell::Int(3)]]);
        let read: serde_json::Value = serde_json::from_str(&text).expect("json");
        assert_eq!(read[0]["x"], 1);
        assert_eq!(read[0]["x_2"], 2);
        assert_eq!(read[0]["x_2_2"], 3);
    }

    #[test]
    fn no_rows_are_an_empty_array() {
        assert_eq!(text_of(&["x"], vec![]), "[]\n");
    }
}
