//! Splits, dividends, funding and borrow rates, as they leave the store.

use std::collections::BTreeMap;

use duckdb::Connection;

use super::failure::Doing;
use crate::{
    domain::{EventHistory, EventKind, InstrumentEvent, Timestamp},
    error::{Error, Result},
};

const EVENTS: &str = "
    SELECT instrument_id, epoch_us(ts), kind, value
    FROM instrument_event
    ORDER BY instrument_id, kind, ts";

/// The events of every instrument that has any.
pub(super) fn all(connection: &Connection) -> Result<BTreeMap<u32, EventHistory>> {
    let doing = Doing("read the events of instruments");
    let mut statement = connection.prepare(EVENTS).map_err(|e| doing.failed(&e))?;
    let mut rows = statement.query([]).map_err(|e| doing.failed(&e))?;
    let mut events: BTreeMap<u32, Vec<InstrumentEvent>> = BTreeMap::new();
    while let Some(row) = rows.next().map_err(|e| doing.failed(&e))? {
        let read = || -> duckdb::Result<(u32, i64, String, f64)> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        };
        let (instrument, micros, kind, value) = read().map_err(|e| doing.failed(&e))?;
        let kind: EventKind = kind.parse().map_err(|e: Error| Error::store(e.to_string()))?;
        let event = InstrumentEvent { ts: Timestamp(micros), kind, value };
        events.entry(instrument).or_default().push(event);
    }
    Ok(events.into_iter().map(|(id, events)| (id, EventHistory::new(events))).collect())
}
