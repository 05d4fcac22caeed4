//! The cage of a statement that makes signals: one table of bars, one thread, nothing else.
//!
//! The statement runs in a DuckDB of its own, in memory, into which the bars of one horizon are
//! written as the table `bars`: the bars that strategies see, in the order (market, symbol, ts), so
//! that there is nothing else to read and nothing that depends on what else the store holds. The
//! walls are those of the `cage`, with the settings of `hardening`.
//!
//! What it answers must be a function of the bars: what `signal_statement` refuses is not run, the
//! statement is run twice, and the rows must come in a total order.

use std::{ops::Range, path::Path};

use duckdb::{
    AccessMode, Connection,
    arrow::{
        array::{Array, ArrayRef, AsArray},
        compute::cast,
        datatypes::{DataType, Float64Type, TimeUnit, TimestampMicrosecondType},
        record_batch::RecordBatch,
    },
};

use super::{
    Interrupt, Store, StoreOptions,
    columns::{Columns, append},
    failure::Doing,
    hardening,
    signal_statement::{ORDER, require_signal_statement},
};
use crate::{
    domain::{Field, Instrument, Panel, Timestamp, WeightRows},
    error::{Error, ErrorKind, Result},
};

/// The one table there is.
const TABLE: &str = "CREATE TABLE bars (ts TIMESTAMP, symbol VARCHAR, market VARCHAR, open DOUBLE, \
                     high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE)";
const PRICES: [Field; 5] = [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume];
const DOING: Doing = Doing("run the signals");
/// Rows of one Arrow batch on its way to the table.
const BATCH_BARS: usize = 131_072;

/// A DuckDB that holds the bars of one horizon and answers one statement.
pub struct SignalCage {
    connection: Connection,
    bars: usize,
}

impl std::fmt::Debug for SignalCage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignalCage").field("bars", &self.bars).finish_non_exhaustive()
    }
}

impl Store {
    /// A cage that holds the bars of `panel` in `rows`. What it has no room for in
    /// `memory_limit_bytes` is spilled beside the store.
    ///
    /// # Errors
    /// What DuckDB reports.
    pub fn signal_cage(
        &self,
        panel: &Panel,
        rows: Range<usize>,
        memory_limit_bytes: u64,
    ) -> Result<SignalCage> {
        SignalCage::build(self.path(), panel, rows, memory_limit_bytes)
    }
}

impl SignalCage {
    fn build(path: &Path, panel: &Panel, rows: Range<usize>, memory: u64) -> Result<Self> {
        let options = StoreOptions { memory_limit_bytes: memory, threads: 1 };
        // A spill directory of its own: two instances would take each other's files.
        let mut beside = path.as_os_str().to_owned();
        beside.push(".signals");
        let settings =
            hardening::configuration(Path::new(&beside), options, AccessMode::Automatic)?;
        let connection =
            Connection::open_in_memory_with_flags(settings).map_err(|e| DOING.failed(&e))?;
        connection.execute_batch(TABLE).map_err(|e| DOING.failed(&e))?;
        let mut cage = Self { connection, bars: 0 };
        for (asset, instrument) in panel.universe().instruments().iter().enumerate() {
            cage.fill(panel, asset, instrument, rows.clone())?;
        }
        Ok(cage)
    }

    /// Adds the bars of one instrument.
    fn fill(
        &mut self,
        panel: &Panel,
        asset: usize,
        instrument: &Instrument,
        rows: Range<usize>,
    ) -> Result<()> {
        let closes = panel.column(asset, Field::Close);
        let held: Vec<usize> = rows.filter(|&row| !closes[row].is_nan()).collect();
        self.bars += held.len();
        for held in held.chunks(BATCH_BARS) {
            let mut columns = Columns::default()
                .time("ts", held.iter().map(|&row| panel.ts()[row]))
                .text("symbol", held.iter().map(|_| &instrument.symbol))
                .text("market", held.iter().map(|_| &instrument.market));
            for field in PRICES {
                let column = panel.column(asset, field);
                columns = columns.real(field.name(), held.iter().map(|&row| column[row]));
            }
            append(&self.connection, "bars", columns.batch()?, DOING)?;
        }
        Ok(())
    }

    /// Stops the statement in progress, from another thread.
    pub fn interrupt_handle(&self) -> Interrupt {
        Interrupt::of(&self.connection)
    }

    /// The rows that `text` answers: ts, symbol and weight of whatever order and case, in strictly
    /// increasing order of (ts, symbol).
    ///
    /// # Errors
    /// As [`require_signal_statement`]; whatever DuckDB refuses; Data, with its number and its
    /// values, for the first row that is not a moment, a symbol and a finite weight in that order,
    /// and if a second run answers otherwise than the first.
    pub fn weights(&self, text: &str) -> Result<WeightRows> {
        self.twice(require_signal_statement(text)?)
    }

    fn twice(&self, question: &str) -> Result<WeightRows> {
        let first = self.answered(question)?;
        if self.answered(question)? != first {
            return Err(Error::data(
                "the signals differ from one run of the statement to the next",
            )
            .with_hint("let every ORDER BY, also of a window, name ts and symbol"));
        }
        Ok(first)
    }

    fn answered(&self, question: &str) -> Result<WeightRows> {
        let step = |sql: &str| self.connection.execute_batch(sql).map_err(|e| DOING.failed(&e));
        step("BEGIN TRANSACTION READ ONLY")?;
        let answer = self.stream(question);
        step("ROLLBACK")?;
        answer
    }

    fn stream(&self, question: &str) -> Result<WeightRows> {
        let mut statement = self.connection.prepare(question).map_err(|e| failed(&e))?;
        if statement.parameter_count() > 0 {
            return Err(Error::usage("the signals have a parameter, which nobody binds")
                .with_hint("write the value into the statement"));
        }
        let stream = statement.stream_arrow([]).map_err(|e| failed(&e))?;
        let schema = stream.get_schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let places = places(&names)?;
        let mut rows = WeightRows::default();
        for batch in stream {
            let batch = batch.map_err(|e| failed(&e))?;
            take(&batch, places, &mut rows)?;
            if rows.len() > self.bars {
                return Err(Error::data(format!(
                    "the signals have more rows than the {} bars they stand on",
                    self.bars
                ))
                .with_hint("give one row per bar and symbol at most"));
            }
        }
        Ok(rows)
    }
}

fn failed(cause: &duckdb::Error) -> Error {
    let error = DOING.failed(cause);
    match error.kind() {
        ErrorKind::Budget => error.with_hint("take fewer --symbols, a shorter horizon, or less"),
        ErrorKind::Store => Error::usage(error.to_string()).with_hint(
            "there is one table, bars (ts, symbol, market, open, high, low, close, volume)",
        ),
        _ => error,
    }
}

/// Where ts, symbol and weight stand.
fn places(names: &[&str]) -> Result<[usize; 3]> {
    let mut places = [0; 3];
    for (place, wanted) in places.iter_mut().zip(["ts", "symbol", "weight"]) {
        let found: Vec<usize> =
            (0..names.len()).filter(|&at| names[at].eq_ignore_ascii_case(wanted)).collect();
        *place = match found[..] {
            [at] => at,
            [] => {
                return Err(Error::usage(format!("the signals have no column '{wanted}'"))
                    .with_hint(format!("they have {}; name one AS {wanted}", names.join(", "))));
            }
            _ => {
                return Err(Error::usage(format!("the signals have two columns '{wanted}'"))
                    .with_hint("name them apart"));
            }
        };
    }
    Ok(places)
}

/// Adds the rows of a batch, checked one by one.
fn take(batch: &RecordBatch, places: [usize; 3], rows: &mut WeightRows) -> Result<()> {
    let moment = DataType::Timestamp(TimeUnit::Microsecond, None);
    let is_time = |t: &DataType| matches!(t, DataType::Timestamp(_, None) | DataType::Date32);
    let is_text = |t: &DataType| matches!(t, DataType::Utf8 | DataType::Dictionary(..));
    let column = |at: usize, name: &str, fits: &dyn Fn(&DataType) -> bool, to: &DataType| {
        typed(batch.column(at), name, fits, to)
    };
    let ts = column(places[0], "ts", &is_time, &moment)?;
    let symbols = column(places[1], "symbol", &is_text, &DataType::Utf8)?;
    let weights = column(places[2], "weight", &DataType::is_numeric, &DataType::Float64)?;
    let (ts, symbols) = (ts.as_primitive::<TimestampMicrosecondType>(), symbols.as_string::<i32>());
    let weights = weights.as_primitive::<Float64Type>();
    for at in 0..batch.num_rows() {
        let row = rows.len() as u64 + 1;
        let shown = || {
            let ts = ts.is_valid(at).then(|| Timestamp(ts.value(at)).to_string());
            let symbol = if symbols.is_valid(at) { symbols.value(at) } else { "NULL" };
            let weight = weights.is_valid(at).then(|| weights.value(at).to_string());
            let null = || "NULL".to_owned();
            format!("{},{symbol},{}", ts.unwrap_or_else(null), weight.unwrap_or_else(null))
        };
        let refuse = |what: &str, hint: &str| {
            Err(Error::data(format!("signals: row {row}: {what}: {}", shown())).with_hint(hint))
        };
        if ts.is_null(at) || symbols.is_null(at) {
            return refuse("ts or symbol is NULL", "leave such rows out by a WHERE");
        }
        if weights.is_null(at) || !weights.value(at).is_finite() {
            return refuse(
                "weight is not a finite number",
                "leave the rows without a weight out by a WHERE; 0 leaves a position",
            );
        }
        let (ts, symbol) = (ts.value(at), symbols.value(at));
        if let Some(last) = rows.rows().last() {
            match (last.ts, rows.symbol(last)).cmp(&(ts, symbol)) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => {
                    return refuse("the row before has the same ts and symbol", ORDER);
                }
                std::cmp::Ordering::Greater => {
                    return refuse("out of the order (ts, symbol)", ORDER);
                }
            }
        }
        rows.push(symbol, ts, weights.value(at) + 0.0, row);
    }
    Ok(())
}

/// A column in the type it is read in; NULL where a value has no place there.
fn typed(
    column: &ArrayRef,
    name: &str,
    fits: &dyn Fn(&DataType) -> bool,
    to: &DataType,
) -> Result<ArrayRef> {
    if !fits(column.data_type()) {
        return Err(Error::usage(format!(
            "the column {name} of the signals is {}",
            column.data_type()
        ))
        .with_hint("ts is a TIMESTAMP (in UTC, without a zone) or a DATE, symbol a VARCHAR, weight a number"));
    }
    cast(column, to).map_err(|e| Error::data(format!("the column {name} of the signals: {e}")))
}

#[cfg(test)]
mod tests {
    use super::SignalCage;
    use crate::domain::{Field, Instrument, Panel, Universe};

    const ASK: &str = "SELECT ts, symbol, close AS weight FROM bars ORDER BY ts, symbol";

    /// Six rows of two instruments; the second lacks rows 1 and 4.
    fn caged(rows: std::ops::Range<usize>) -> SignalCage {
        let instrument = |id: u32| Instrument { market: "m".into(), symbol: format!("S{id}"), id };
        let universe = Universe::new(vec![instrument(0), instrument(1)]).expect("a universe");
        let mut panel = Panel::with_fields(universe, (0..6).collect(), &Field::ALL);
        for (asset, base) in [(0, 0.25), (1, 10.5)] {
            for (row, close) in panel.column_mut(asset, Field::Close).iter_mut().enumerate() {
                *close = if asset == 1 && row % 3 == 1 { f64::NAN } else { base + row as f64 };
            }
        }
        panel.column_mut(1, Field::High)[2] = 99.0;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store.duckdb");
        SignalCage::build(&path, &panel, rows, 64 << 20).expect("a cage")
    }

    fn answer(cage: &SignalCage, text: &str) -> Vec<(i64, String, f64)> {
        let rows = cage.weights(text).expect(text);
        rows.rows().iter().map(|row| (row.ts, rows.symbol(row).to_owned(), row.weight)).collect()
    }

    #[test]
    fn it_holds_the_bars_of_its_rows_and_nothing_else() {
        let cage = caged(1..5);
        let of = |symbol: &str, ts: i64, close: f64| (ts, symbol.to_owned(), close);
        let expected = [
            of("S0", 1, 1.25),
            of("S0", 2, 2.25),
            of("S1", 2, 12.5),
            of("S0", 3, 3.25),
            of("S1", 3, 13.5),
            of("S0", 4, 4.25),
        ];
        assert_eq!(answer(&cage, ASK), expected);
        let high = "SELECT symbol, ts, high AS weight FROM bars WHERE high IS NOT NULL ORDER BY ts";
        assert_eq!(answer(&cage, high), [of("S1", 2, 99.0)]);
        let others = "SELECT count(*) FROM duckdb_tables() WHERE table_name <> 'bars'";
        let others: i64 = cage.connection.query_row(others, [], |row| row.get(0)).expect("a count");
        assert_eq!(others, 0);
    }

    #[test]
    fn weights_of_every_numeric_type_are_numbers() {
        let cage = caged(0..1);
        for (weight, expected) in [
            ("0.1", 0.1),
            ("1", 1.0),
            ("-1::TINYINT", -1.0),
            ("0.5::FLOAT", 0.5),
            ("CASE WHEN close > 0 THEN 0.30 ELSE 0 END", 0.3),
            ("1e-3", 1e-3),
        ] {
            let text = format!(
                "SELECT ts::TIMESTAMP_NS AS ts, symbol, {weight} AS weight FROM bars \
                 WHERE symbol = 'S0' ORDER BY ts, symbol"
            );
            assert_eq!(answer(&cage, &text)[0].2.to_bits(), f64::to_bits(expected), "{weight}");
        }
    }

    #[test]
    fn an_answer_that_changes_from_run_to_run_is_refused() {
        let cage = caged(0..6);
        let chance = "SELECT ts, symbol, txid_current() AS weight FROM bars ORDER BY ts, symbol";
        let direct = cage.answered(chance).and_then(|a| cage.answered(chance).map(|b| a != b));
        assert!(direct.expect("two answers"), "chance did not change");
        let refused = cage.twice(chance).expect_err("chance").to_string();
        assert!(refused.contains("differ from one run"), "{refused}");
    }

    #[test]
    fn nothing_can_be_written_read_or_set_from_inside() {
        let cage = caged(0..6);
        for (text, wall) in [
            ("INSERT INTO bars SELECT * FROM bars", "read-only"),
            ("CREATE TABLE t (x INT)", "read-only"),
            ("ATTACH 'x.duckdb'", ""),
            ("COPY bars TO 'out.csv'", ""),
            ("SET threads = 4", ""),
            ("LOAD httpfs", ""),
            ("FROM read_csv('/etc/hostname')", ""),
        ] {
            cage.connection.execute_batch("BEGIN TRANSACTION READ ONLY").expect("begun");
            let error = cage.connection.execute_batch(text).expect_err(text).to_string();
            assert!(error.contains(wall), "{text}: {error}");
            cage.connection.execute_batch("ROLLBACK").expect("rolled back");
        }
        let threads = "SELECT current_setting('threads')";
        let threads: i64 =
            cage.connection.query_row(threads, [], |row| row.get(0)).expect("a setting");
        assert_eq!(threads, 1);
    }
}
