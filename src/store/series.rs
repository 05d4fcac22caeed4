//! What the store holds of each instrument at each interval.

use duckdb::Connection;

use super::failure::Doing;
use crate::{
    domain::{CalendarClass, Instrument, Interval, Timestamp},
    error::{Error, Result},
};

/// The bars of one instrument at one interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesSummary {
    /// The instrument.
    pub instrument: Instrument,
    /// Length of the bars.
    pub interval: Interval,
    /// Calendar class its import stated.
    pub calendar: CalendarClass,
    /// Opening time of the first bar.
    pub first: Timestamp,
    /// Opening time of the last bar.
    pub last: Timestamp,
    /// Number of bars.
    pub bars: u64,
    /// True if every bar has an opening price.
    pub has_open: bool,
    /// Name of the import that brought it first.
    pub source: String,
}

const SERIES: &str = "
    SELECT instrument.market, symbol, instrument_id, interval_us, series.calendar, first_us, last_us, bars,
           opens = bars, import.name
    FROM (
        SELECT interval_us, instrument_id, epoch_us(min(ts)) AS first_us,
               epoch_us(max(ts)) AS last_us, count(*) AS bars, count(open) AS opens
        FROM bar
        GROUP BY interval_us, instrument_id
    )
    JOIN series USING (interval_us, instrument_id)
    JOIN instrument USING (instrument_id)
    JOIN import USING (import_id)
    ORDER BY instrument.market, symbol, interval_us";

/// Every series in the order (market, symbol, interval).
pub(super) fn series(connection: &Connection) -> Result<Vec<SeriesSummary>> {
    let doing = Doing("read the instruments");
    let mut statement = connection.prepare(SERIES).map_err(|e| doing.failed(&e))?;
    let mut rows = statement.query([]).map_err(|e| doing.failed(&e))?;
    let mut series = Vec::new();
    while let Some(row) = rows.next().map_err(|e| doing.failed(&e))? {
        series.push(summary(row)?);
    }
    Ok(series)
}

fn summary(row: &duckdb::Row<'_>) -> Result<SeriesSummary> {
    let doing = Doing("read the instruments");
    let read = || -> duckdb::Result<_> {
        let instrument = Instrument { market: row.get(0)?, symbol: row.get(1)?, id: row.get(2)? };
        let stamps: (i64, i64) = (row.get(5)?, row.get(6)?);
        Ok((instrument, row.get::<_, i64>(3)?, row.get::<_, String>(4)?, stamps))
    };
    let (instrument, micros, calendar, (first, last)) = read().map_err(|e| doing.failed(&e))?;
    let interval = Interval::from_micros(micros)
        .ok_or_else(|| Error::store(format!("the store holds bars of {micros} microseconds")))?;
    Ok(SeriesSummary {
        instrument,
        interval,
        calendar: calendar.parse().map_err(|e: Error| Error::store(e.to_string()))?,
        first: Timestamp(first),
        last: Timestamp(last),
        bars: row.get(7).map_err(|e| doing.failed(&e))?,
        has_open: row.get(8).map_err(|e| doing.failed(&e))?,
        source: row.get(9).map_err(|e| doing.failed(&e))?,
    })
}
