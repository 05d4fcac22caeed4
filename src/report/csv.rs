//! Answers as CSV: a header, full precision, and no cell that a spreadsheet would run.
//!
//! A text cell that starts with `=`, `+`, `-`, `@`, a tab or a carriage return gets a `'` in front
//! (OWASP, "CSV injection"); numbers are never touched. Undefined values are empty.

use std::{borrow::Cow, io};

use crate::{
    domain::Timestamp,
    store::{Cell, Rows},
};

/// Writes `answer` with its header.
pub(super) fn write(answer: &dyn Rows, out: &mut dyn io::Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let header = answer.columns().iter().map(|name| harmless(name).into_owned());
    writer.write_record(header).map_err(of_output)?;
    answer.each(&mut |row| {
        writer.write_record(row.iter().map(|cell| field(cell).into_owned())).map_err(of_output)
    })?;
    writer.flush()
}

/// The error of the output itself: wrapped, a reader that went away would look like a fault.
fn of_output(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn field(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Null => Cow::Borrowed(""),
        Cell::Bool(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
        Cell::Int(value) => Cow::Owned(value.to_string()),
        Cell::Float(value) if !value.is_finite() => Cow::Borrowed(""),
        // Debug is the shortest text that reads back as the same number, with an exponent where
        // plain digits would run to hundreds.
        Cell::Float(value) => Cow::Owned(format!("{value:?}")),
        Cell::Text(text) => harmless(text),
        Cell::Time(micros) => Cow::Owned(Timestamp(*micros).to_string()),
    }
}

fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::write;
    use crate::store::{Cell, Table};

    fn text_of(rows: Vec<Vec<Cell>>, columns: &[&str]) -> String {
        let columns = columns.iter().map(|&name| name.to_owned()).collect();
        let mut out = Vec::new();
        write(&Table { columns, rows, ..Table::default() }, &mut out)
            .expect("memory takes everything");
        String::from_utf8(out).expect("text")
    }

    /// Takes a little, then its reader is gone.
    struct Closing(usize);

    impl io::Write for Closing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_goes_away_in_the_middle_is_told_apart() {
        let rows = vec![vec![Cell::Text("x".repeat(1_000))]; 100];
        let answer = Table { columns: vec!["text".to_owned()], rows, ..Table::default() };
        let error = write(&answer, &mut Closing(20_000)).expect_err("closed");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn cells_that_spreadsheets_would_run_are_quoted_and_numbers_are_not() {
        let rows = ["=1+1", "+A1", "-2", "@x", "\tx", "\rx", "a=b", "a,\"b\"\nc"]
            .map(|text| vec![Cell::Text(text.into()), Cell::Float(-1.5)]);
        assert_eq!(
            text_of(rows.to_vec(), &["text", "=value"]),
            "text,'=value\n'=1+1,-1.5\n'+A1,-1.5\n'-2,-1.5\n'@x,-1.5\n'\tx,-1.5\n\"'\rx\",-1.5\n\
             a=b,-1.5\n\"a,\"\"b\"\"\nc\",-1.5\n"
        );
    }

    #[test]
    fn every_number_reads_back_bit_for_bit() {
        for value in [0.1, 1.0 / 3.0, -0.0, 5e-324, f64::MAX, 1e16, 123_456_789.123_456_78] {
            let text = text_of(vec![vec![Cell::Float(value)]], &["x"]);
            let read: f64 = text.lines().nth(1).expect("a row").parse().expect("a number");
            assert_eq!(read.to_bits(), value.to_bits(), "{text}");
        }
    }

    #[test]
    fn undefined_values_are_empty() {
        let row = vec![Cell::Null, Cell::Float(f64::NAN), Cell::Bool(true), Cell::Time(0)];
        assert_eq!(
            text_of(vec![row], &["a", "b", "c", "d"]),
            "a,b,c,d\n,,true,1970-01-01T00:00:00Z\n"
        );
    }
}
