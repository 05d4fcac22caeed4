//! The scan that turns a Polars plan over bars into a query of the store.
//!
//! Polars hands over the columns it needs, the predicate and the row limit. What SQL can say
//! exactly goes into the query; Polars does not filter again after a scan that takes predicates,
//! so the rest of the predicate is applied here, before the frame is given back.

use std::{
    any::Any,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use polars::prelude::{
    AnonymousScan, AnonymousScanArgs, DataFrame, IntoLazy, PlSmallStr, PolarsResult, SchemaRef,
    polars_err,
};

use super::{
    arrow_bridge::FrameBuilder,
    collect::{collect, into_polars},
    columns,
    predicate::Split,
};
use crate::{
    domain::Interval,
    error::Error,
    store::{BarColumn, BarQuery, Reader},
};

/// What the scans of a source did: shared by all of them.
#[derive(Debug, Default)]
pub(super) struct ScanLog {
    rows_fetched: AtomicU64,
    queries: Mutex<Vec<String>>,
}

impl ScanLog {
    /// Rows fetched from the store.
    pub(super) fn rows_fetched(&self) -> u64 {
        self.rows_fetched.load(Ordering::Relaxed)
    }

    /// The queries sent, in order.
    pub(super) fn queries(&self) -> Vec<String> {
        self.queries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, sql: String) {
        tracing::debug!(sql, "scan of bars");
        self.queries.lock().unwrap_or_else(PoisonError::into_inner).push(sql);
    }
}

/// A lazy scan of the bars of one interval.
pub(super) struct BarScan {
    reader: Arc<Mutex<Reader>>,
    log: Arc<ScanLog>,
    interval: Interval,
}

impl BarScan {
    /// A scan that reads through `reader` and reports to `log`.
    pub(super) fn new(reader: Arc<Mutex<Reader>>, log: Arc<ScanLog>, interval: Interval) -> Self {
        Self { reader, log, interval }
    }

    /// Runs the query and collects its rows. The reader is free again when this returns.
    fn fetch(&self, query: &BarQuery) -> PolarsResult<DataFrame> {
        let mut builder = FrameBuilder::new(columns::schema(&query.columns));
        self.log.note(Reader::bar_sql(query));
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = reader
            .stream_bars(query, &mut |batch| {
                builder.push(batch).map_err(|e| Error::internal(e.to_string()))
            })
            .map_err(into_polars)?;
        self.log.rows_fetched.fetch_add(rows, Ordering::Relaxed);
        builder.finish()
    }
}

impl AnonymousScan for BarScan {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn scan(&self, args: AnonymousScanArgs) -> PolarsResult<DataFrame> {
        let wanted = wanted_columns(args.with_columns.as_deref())?;
        let split = match (&args.predicate, args.n_rows) {
            // A limit beside a predicate counts the rows before the filter.
            (Some(predicate), Some(_)) => Split::untranslated(predicate.clone()),
            (Some(predicate), None) => Split::of(predicate),
            (None, _) => Split::default(),
        };
        // A frame of no columns still has a height, which takes a column to count.
        let columns =
            if wanted.is_empty() { vec![BarColumn::InstrumentId] } else { wanted.clone() };
        let fetched = if split.selects_nothing() {
            DataFrame::empty_with_schema(&columns::schema(&columns))
        } else {
            let query = BarQuery {
                columns,
                interval: self.interval,
                instruments: split.instruments,
                symbols: split.symbols,
                from: split.from,
                to: split.to,
                comparisons: split.comparisons,
                limit: args.n_rows,
            };
            self.fetch(&query)?
        };
        let rows = match split.residual {
            Some(rest) => collect(fetched.lazy().filter(rest)).map_err(into_polars)?,
            None => fetched,
        };
        if wanted.is_empty() { DataFrame::new(rows.height(), Vec::new()) } else { Ok(rows) }
    }

    fn schema(&self, _infer_schema_length: Option<usize>) -> PolarsResult<SchemaRef> {
        Ok(Arc::new(columns::schema(&BarColumn::ALL)))
    }

    fn allows_predicate_pushdown(&self) -> bool {
        true
    }

    fn allows_projection_pushdown(&self) -> bool {
        true
    }
}

/// The columns Polars asks for, all of them when it does not say. Those of the predicate are
/// among them.
fn wanted_columns(names: Option<&[PlSmallStr]>) -> PolarsResult<Vec<BarColumn>> {
    let Some(names) = names else { return Ok(BarColumn::ALL.to_vec()) };
    let column = |name: &PlSmallStr| {
        BarColumn::from_name(name)
            .ok_or_else(|| polars_err!(ColumnNotFound: "bars have no column '{name}'"))
    };
    names.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::wanted_columns;
    use crate::store::BarColumn;

    #[test]
    fn a_projection_keeps_its_order_and_no_projection_is_every_column() {
        let columns = wanted_columns(Some(&["close".into(), "ts".into()])).expect("columns");
        assert_eq!(columns, [BarColumn::Close, BarColumn::Ts]);
        assert_eq!(wanted_columns(None).expect("columns"), BarColumn::ALL);
        assert!(wanted_columns(Some(&["vwap".into()])).is_err());
    }
}
