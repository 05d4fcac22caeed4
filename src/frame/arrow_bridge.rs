//! The bridge from DuckDB's record batches to Polars frames.
//!
//! DuckDB hands out batches of at most 2,048 rows. They are joined to about [`CHUNK_ROWS`] rows
//! (Polars is slow on many small chunks), which is the one copy on this way, and cross through the
//! Arrow C data interface, which copies nothing for numbers and times.
//!
//! The two sides are different crates with their own mirror of the interface's C structures; this
//! is the one file of the floor where that takes `unsafe`.

#![allow(unsafe_code)]

use std::mem::transmute;

use duckdb::arrow::{
    array::{Array, StructArray},
    compute::concat_batches,
    error::ArrowError,
    ffi::{FFI_ArrowArray, FFI_ArrowSchema, to_ffi},
    record_batch::RecordBatch,
};
use polars::prelude::{DataFrame, PolarsError, PolarsResult, Schema, polars_bail, polars_err};
use polars_arrow::ffi::{ArrowArray, ArrowSchema, import_array_from_c, import_field_from_c};

/// Rows of a Polars chunk.
const CHUNK_ROWS: usize = 131_072;

// Both sides mirror the same C structures; a change of one of them must not compile.
const _: () = {
    assert!(size_of::<FFI_ArrowArray>() == size_of::<ArrowArray>());
    assert!(align_of::<FFI_ArrowArray>() == align_of::<ArrowArray>());
    assert!(size_of::<FFI_ArrowSchema>() == size_of::<ArrowSchema>());
    assert!(align_of::<FFI_ArrowSchema>() == align_of::<ArrowSchema>());
};

/// Joins record batches into one frame, a chunk at a time.
pub(super) struct FrameBuilder {
    schema: Schema,
    pending: Vec<RecordBatch>,
    pending_rows: usize,
    frame: Option<DataFrame>,
}

impl FrameBuilder {
    /// A builder of a frame with this schema, which every batch must have.
    pub(super) fn new(schema: Schema) -> Self {
        Self { schema, pending: Vec::new(), pending_rows: 0, frame: None }
    }

    /// Appends a batch.
    ///
    /// # Errors
    /// A batch that does not have the schema, or that Polars refuses.
    pub(super) fn push(&mut self, batch: RecordBatch) -> PolarsResult<()> {
        self.pending_rows += batch.num_rows();
        self.pending.push(batch);
        if self.pending_rows >= CHUNK_ROWS { self.join_pending() } else { Ok(()) }
    }

    /// The frame of all batches; without rows if there was none.
    pub(super) fn finish(mut self) -> PolarsResult<DataFrame> {
        self.join_pending()?;
        Ok(self.frame.unwrap_or_else(|| DataFrame::empty_with_schema(&self.schema)))
    }

    fn join_pending(&mut self) -> PolarsResult<()> {
        let Some(first) = self.pending.first() else { return Ok(()) };
        let joined =
            concat_batches(&first.schema(), &self.pending).map_err(|e| refused("join", &e))?;
        self.pending.clear();
        self.pending_rows = 0;
        let chunk = frame_of(joined)?;
        if **chunk.schema() != self.schema {
            polars_bail!(SchemaMismatch: "the store answered with {:?} where {:?} was asked for",
                chunk.schema(), self.schema);
        }
        if let Some(frame) = &mut self.frame {
            frame.vstack_mut_owned(chunk)?;
        } else {
            self.frame = Some(chunk);
        }
        Ok(())
    }
}

/// One record batch as a frame of one chunk.
fn frame_of(batch: RecordBatch) -> PolarsResult<DataFrame> {
    let rows = StructArray::from(batch);
    let (array, schema) = to_ffi(&rows.to_data()).map_err(|e| refused("export", &e))?;
    // SAFETY: source and target are `repr(C)` mirrors of the same structure of the Arrow C data
    // interface (sizes and alignments asserted above). Ownership moves with the bits: the source
    // is gone, and the target calls the release callback when it is dropped.
    let (array, schema) = unsafe {
        (
            transmute::<FFI_ArrowArray, ArrowArray>(array),
            transmute::<FFI_ArrowSchema, ArrowSchema>(schema),
        )
    };
    // SAFETY: `schema` was written by arrow-rs' `to_ffi` and not released.
    let field = unsafe { import_field_from_c(&schema)? };
    // SAFETY: `array` was written by the same call, and `field.dtype` is the type it was written
    // with, so its buffers have the layout the import reads.
    let imported = unsafe { import_array_from_c(array, field.dtype)? };
    let Some(imported) = imported.as_any().downcast_ref::<polars_arrow::array::StructArray>()
    else {
        polars_bail!(ComputeError: "a record batch arrived as {:?}", imported.dtype());
    };
    DataFrame::try_from(imported.clone())
}

fn refused(action: &str, source: &ArrowError) -> PolarsError {
    polars_err!(ComputeError: "cannot {action} record batches of the store: {source}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use duckdb::arrow::{
        array::{ArrayRef, Float64Array, StringArray, TimestampMicrosecondArray, UInt32Array},
        record_batch::RecordBatch,
    };
    use polars::prelude::AnyValue;

    use super::{CHUNK_ROWS, FrameBuilder};
    use crate::{frame::columns, store::BarColumn};

    const COLUMNS: [BarColumn; 4] =
        [BarColumn::InstrumentId, BarColumn::Symbol, BarColumn::Ts, BarColumn::Close];

    /// Rows `from..to`, every seventh close missing.
    fn batch(from: i64, to: i64) -> RecordBatch {
        let close = |i: i64| (i % 7 != 0).then_some(i as f64 * 0.5);
        let columns: [(&str, ArrayRef); 4] = [
            ("instrument_id", Arc::new(UInt32Array::from_iter_values((from..to).map(|_| 3)))),
            (
                "symbol",
                Arc::new(StringArray::from_iter_values((from..to).map(|i| format!("symbol {i}")))),
            ),
            ("ts", Arc::new(TimestampMicrosecondArray::from_iter_values(from..to))),
            ("close", Arc::new((from..to).map(close).collect::<Float64Array>())),
        ];
        RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, array)| (name, array, true)),
        )
        .expect("columns of one length")
    }

    #[test]
    fn every_row_crosses_in_order_with_its_nulls() {
        let rows = 2 * i64::try_from(CHUNK_ROWS).expect("a chunk") + 777;
        let mut builder = FrameBuilder::new(columns::schema(&COLUMNS));
        for from in (0..rows).step_by(2_048) {
            builder.push(batch(from, (from + 2_048).min(rows))).expect("a batch");
        }
        let frame = builder.finish().expect("a frame");
        assert_eq!(i64::try_from(frame.height()), Ok(rows));
        assert_eq!(frame.max_n_chunks(), 3);
        let close = frame.column("close").expect("close").f64().expect("f64").clone();
        let symbol = frame.column("symbol").expect("symbol").str().expect("text").clone();
        let ts = frame.column("ts").expect("ts").datetime().expect("times").physical().clone();
        for i in [0, 1, 6, 7, 2_047, 2_048, 131_072, 200_000, rows - 1] {
            let at = usize::try_from(i).expect("a row");
            assert_eq!(ts.get(at), Some(i));
            assert_eq!(close.get(at), (i % 7 != 0).then_some(i as f64 * 0.5));
            assert_eq!(symbol.get(at), Some(format!("symbol {i}").as_str()));
        }
    }

    #[test]
    fn a_slice_of_a_batch_crosses_as_that_slice() {
        let mut builder = FrameBuilder::new(columns::schema(&COLUMNS));
        builder.push(batch(0, 100).slice(40, 3)).expect("a batch");
        let frame = builder.finish().expect("a frame");
        let close = frame.column("close").expect("close");
        let closes: Vec<_> = (0..3).map(|at| close.get(at).expect("a row")).collect();
        assert_eq!(
            closes,
            [AnyValue::Float64(20.0), AnyValue::Float64(20.5), AnyValue::Null],
            "rows 40 to 42"
        );
    }

    #[test]
    fn no_batch_makes_a_frame_without_rows() {
        let frame = FrameBuilder::new(columns::schema(&COLUMNS)).finish().expect("a frame");
        assert_eq!((frame.height(), frame.width()), (0, 4));
    }

    #[test]
    fn a_batch_of_another_schema_is_refused() {
        let mut builder = FrameBuilder::new(columns::schema(&COLUMNS[..2]));
        builder.push(batch(0, 5)).expect("kept for later");
        let refusal = builder.finish().expect_err("four columns instead of two").to_string();
        assert!(refusal.contains("was asked for"), "{refusal}");
    }
}
