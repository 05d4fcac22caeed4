//! A store in memory that is used again: other bars, and none of the results.
//!
//! Opening an instance and making its tables takes longer than a short run on it. Whoever makes
//! hundreds of runs on bars that differ a little keeps the store and gives it the next bars: the
//! tables of bars and of results are dropped and made anew, which gives their memory back at once
//! (deleted rows would stay until a checkpoint), while instruments, series, the import and what is
//! written of runs stay.

use duckdb::{Connection, Row};

use super::{Store, columns::append, failure::Doing, held::Held, import::bar_rows, schema};
use crate::{
    domain::{Bar, Instrument, Interval},
    error::{Error, Result},
};

const DOING: Doing = Doing("give a store in memory other bars");

/// Tables that are made anew: bars, and everything that is known of a job.
const RENEWED: [&str; 8] = ["bar", "job", "measure", "fit", "trade", "fill", "equity", "weight"];

impl Store {
    /// Puts `bars` in the place of all bars of a store in memory, and forgets every job and every
    /// fit: the bars are as if the one import had brought them. Each list is of one instrument that
    /// the store knows, in order of time. That there were runs stays written.
    ///
    /// # Errors
    /// Internal, for a store that is a file, an instrument it does not know, or while a writer
    /// exists; what DuckDB reports. All of these leave the store as it was.
    pub fn use_again(&self, interval: Interval, bars: &[(&Instrument, &[Bar])]) -> Result<()> {
        let (connection, held) = (&self.reader.connection, self.reader.held.as_ref());
        if !held.in_memory {
            return Err(Error::internal("a store that is a file was to be used again"));
        }
        held.begin_writing(connection)?;
        let step = |sql: &str| connection.execute_batch(sql).map_err(|e| DOING.failed(&e));
        let done = step("BEGIN TRANSACTION")
            .and_then(|()| renew(connection, interval, bars))
            .and_then(|()| step("COMMIT"));
        if done.is_err() {
            // The first error says what happened.
            let _ = step("ROLLBACK");
        }
        Held::end_writing(held);
        done
    }
}

fn renew(
    connection: &Connection,
    interval: Interval,
    bars: &[(&Instrument, &[Bar])],
) -> Result<()> {
    schema::renew(connection, &RENEWED)?;
    let import: i64 = connection
        .query_row("SELECT coalesce(max(import_id), 0) FROM import", [], |row| row.get(0))
        .map_err(|e| DOING.failed(&e))?;
    let known = instruments(connection)?;
    for (instrument, bars) in bars {
        let id = known.iter().find(|(_, market, symbol)| {
            (market, symbol) == (&instrument.market, &instrument.symbol)
        });
        let (id, ..) =
            id.ok_or_else(|| Error::internal(format!("a store knows no {}", instrument.symbol)))?;
        append(connection, "bar", bar_rows((interval, *id, import), bars)?, DOING)?;
    }
    Ok(())
}

/// Number, market and symbol of every instrument.
fn instruments(connection: &Connection) -> Result<Vec<(u32, String, String)>> {
    let sql = "SELECT instrument_id, market, symbol FROM instrument";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    let rows = statement.query_map([], read).map_err(|e| DOING.failed(&e))?;
    rows.collect::<duckdb::Result<_>>().map_err(|e| DOING.failed(&e))
}

#[cfg(test)]
mod tests {
    use crate::{
        domain::{Bar, CalendarClass, Instrument, Interval, Timestamp},
        store::{ImportSource, Store, StoreOptions, Table},
    };

    fn instrument(symbol: &str) -> Instrument {
        Instrument { market: "m".to_owned(), symbol: symbol.to_owned(), id: 0 }
    }

    fn bars(count: i64, price: f64) -> Vec<Bar> {
        let bar = |row| Bar {
            ts: Timestamp(row * Interval::HOUR.micros()),
            open: price,
            high: f64::NAN,
            low: price,
            close: price,
            volume: 1.0,
        };
        (0..count).map(bar).collect()
    }

    fn import(store: &Store, series: &[(&str, Vec<Bar>)]) {
        let source = ImportSource {
            name: "a".to_owned(),
            market: String::new(),
            interval: Interval::HOUR,
            calendar: CalendarClass::Continuous,
            detail: String::new(),
            content: String::new(),
        };
        let mut import = store.begin_import(source).expect("an import");
        for (symbol, bars) in series {
            let id = import.instrument("m", symbol).expect("an instrument");
            import.append(id, bars).expect("appended");
        }
        import.finish().expect("imported");
    }

    fn stored(store: &Store) -> Table {
        let sql = "SELECT * FROM bar JOIN instrument USING (instrument_id) ORDER BY ALL";
        store.sql(sql).expect("bars")
    }

    #[test]
    fn a_store_that_is_used_again_is_as_if_it_were_new() {
        let (first, second) = (
            [("A", bars(9, 1.0)), ("B", bars(7, 2.0))],
            [("A", bars(3, 5.0)), ("B", bars(8, 6.0))],
        );
        let [used, new] = [&first, &second].map(|series| {
            let store = Store::in_memory(&StoreOptions::default()).expect("a store");
            import(&store, series);
            store
        });
        assert_ne!(stored(&used), stored(&new));
        let [a, b] = ["A", "B"].map(instrument);
        used.use_again(Interval::HOUR, &[(&a, &second[0].1), (&b, &second[1].1)]).expect("given");
        assert_eq!(stored(&used), stored(&new));
        assert_eq!(used.instruments().expect("a list"), new.instruments().expect("a list"));
        // What is refused leaves what was there.
        let unknown = instrument("Z");
        assert!(used.use_again(Interval::HOUR, &[(&unknown, &second[0].1)]).is_err());
        assert_eq!(stored(&used), stored(&new));
    }

    #[test]
    fn a_file_is_never_emptied() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.duckdb");
        let store = Store::create(&path, &StoreOptions::default()).expect("a store");
        import(&store, &[("A", bars(4, 1.0))]);
        let before = stored(&store);
        let refused = store.use_again(Interval::HOUR, &[(&instrument("A"), &[])]);
        assert!(refused.is_err_and(|error| error.to_string().contains("is a file")));
        assert_eq!((before.rows.len(), stored(&store)), (4, before));
    }
}
