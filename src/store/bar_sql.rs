//! Bar queries as SQL.
//!
//! Column names come from a fixed list, whole numbers are written out (they let DuckDB skip row
//! groups), texts and floats are bound. The tables are joined only where a column of the
//! instrument is asked for.

use std::fmt::Write;

use duckdb::types::Value;

use super::{BarColumn, BarQuery, Comparison, Literal};
use crate::domain::Interval;

/// The statement for `query` and the values to bind, in order.
pub(super) fn statement(query: &BarQuery) -> (String, Vec<Value>) {
    let joined = query
        .columns
        .iter()
        .chain(query.comparisons.iter().map(|comparison| &comparison.column))
        .any(|column| column.is_of_instrument());
    let columns: Vec<&str> = query.columns.iter().map(|column| qualified(*column)).collect();
    let mut sql = format!("SELECT {} FROM bar", columns.join(", "));
    if joined {
        sql.push_str(" JOIN instrument USING (instrument_id)");
    }
    let (conditions, values) = conditions(query);
    let _ = write!(sql, " WHERE {}", conditions.join(" AND "));
    sql.push_str(" ORDER BY bar.instrument_id, bar.ts");
    if let Some(limit) = query.limit {
        let _ = write!(sql, " LIMIT {limit}");
    }
    (sql, values)
}

/// The statement for the distinct opening times of some instruments.
pub(super) fn axis(interval: Interval, instruments: &[u32], from: i64, to: i64) -> String {
    let mut query = BarQuery::new(interval, vec![BarColumn::Ts]);
    query.instruments = Some(instruments.to_vec());
    query.from = Some(from);
    query.to = Some(to);
    let conditions = conditions(&query).0.join(" AND ");
    format!("SELECT DISTINCT epoch_us(bar.ts) AS ts FROM bar WHERE {conditions} ORDER BY 1")
}

fn conditions(query: &BarQuery) -> (Vec<String>, Vec<Value>) {
    let mut conditions = vec![format!("bar.interval_us = {}", query.interval.micros())];
    let mut values = Vec::new();
    if let Some(instruments) = &query.instruments {
        conditions.push(one_of("bar.instrument_id", instruments.iter().map(u32::to_string)));
    }
    if let Some(symbols) = &query.symbols {
        let places = one_of("symbol", symbols.iter().map(|_| "?".to_owned()));
        conditions.push(format!(
            "bar.instrument_id IN (SELECT instrument_id FROM instrument WHERE {places})"
        ));
        values.extend(symbols.iter().cloned().map(Value::Text));
    }
    if let Some(from) = query.from {
        conditions.push(format!("bar.ts >= make_timestamp({from})"));
    }
    if let Some(to) = query.to {
        conditions.push(format!("bar.ts < make_timestamp({to})"));
    }
    for comparison in &query.comparisons {
        let (condition, value) = compared(comparison);
        conditions.push(condition);
        values.extend(value);
    }
    (conditions, values)
}

/// `column IN (...)`; an empty list holds nothing.
fn one_of(column: &str, items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return "false".to_owned();
    }
    format!("{column} IN ({})", items.join(", "))
}

fn compared(comparison: &Comparison) -> (String, Option<Value>) {
    let (right, value) = match &comparison.literal {
        Literal::Int(whole) => (whole.to_string(), None),
        Literal::Time(micros) => (format!("make_timestamp({micros})"), None),
        Literal::Float(real) => ("?".to_owned(), Some(Value::Double(*real))),
        Literal::Text(text) => ("?".to_owned(), Some(Value::Text(text.clone()))),
    };
    let left = qualified(comparison.column);
    (format!("{left} {} {right}", comparison.op.sql()), value)
}

fn qualified(column: BarColumn) -> &'static str {
    match column {
        BarColumn::InstrumentId => "bar.instrument_id",
        BarColumn::Market => "instrument.market",
        BarColumn::Symbol => "instrument.symbol",
        BarColumn::Ts => "bar.ts",
        BarColumn::Open => "bar.open",
        BarColumn::High => "bar.high",
        BarColumn::Low => "bar.low",
        BarColumn::Close => "bar.close",
        BarColumn::Volume => "bar.volume",
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{BarColumn, BarQuery, Compare, Comparison, Literal},
        Interval, Value, axis, statement,
    };

    #[test]
    fn only_what_is_asked_for_is_read() {
        let mut query = BarQuery::new(Interval::HOUR, vec![BarColumn::Ts, BarColumn::Close]);
        query.instruments = Some(vec![3, 5]);
        query.from = Some(0);
        query.to = Some(7);
        assert_eq!(
            statement(&query).0,
            "SELECT bar.ts, bar.close FROM bar WHERE bar.interval_us = 3600000000 \
             AND bar.instrument_id IN (3, 5) AND bar.ts >= make_timestamp(0) \
             AND bar.ts < make_timestamp(7) ORDER BY bar.instrument_id, bar.ts"
        );
    }

    #[test]
    fn texts_and_floats_are_bound_and_symbols_join() {
        let mut query = BarQuery::new(Interval::DAY, vec![BarColumn::Symbol]);
        query.symbols = Some(vec!["a'; DROP TABLE bar;--".into()]);
        query.comparisons = vec![Comparison {
            column: BarColumn::Close,
            op: Compare::Gt,
            literal: Literal::Float(0.1),
        }];
        query.limit = Some(9);
        let (sql, values) = statement(&query);
        assert_eq!(
            sql,
            "SELECT instrument.symbol FROM bar JOIN instrument USING (instrument_id) \
             WHERE bar.interval_us = 86400000000 AND bar.instrument_id IN \
             (SELECT instrument_id FROM instrument WHERE symbol IN (?)) AND bar.close > ? \
             ORDER BY bar.instrument_id, bar.ts LIMIT 9"
        );
        assert_eq!(values, [Value::Text("a'; DROP TABLE bar;--".into()), Value::Double(0.1)]);
    }

    #[test]
    fn an_empty_list_of_instruments_holds_nothing() {
        assert!(axis(Interval::DAY, &[], 0, 1).contains("AND false AND"));
    }
}
