//! What a run took of memory, on its way into the store.

use duckdb::{arrow::record_batch::RecordBatch, params};

use super::{
    MemorySample, ResultWriter, RunEnd,
    columns::{Columns, append},
    failure::Doing,
};
use crate::error::Result;

const DOING: Doing = Doing("write down what a run took");

impl ResultWriter {
    /// Appends samples of the run's memory.
    pub fn write_memory(&mut self, samples: &[MemorySample]) -> Result<()> {
        let rows = memory_rows(self.run_id()?, samples)?;
        self.in_transaction(|writer| append(writer.connection(), "memory_sample", rows, DOING))
    }

    /// Writes down what a run that has ended took, with what came after its end, and samples of it.
    pub fn note_memory(
        &mut self,
        run_id: i64,
        end: &RunEnd,
        samples: &[MemorySample],
    ) -> Result<()> {
        let rows = memory_rows(run_id, samples)?;
        self.in_transaction(|writer| {
            append(writer.connection(), "memory_sample", rows, DOING)?;
            writer
                .connection()
                .execute(
                    "UPDATE run
                     SET wall_secs = ?, measured_peak_bytes = ?, final_bytes = ?,
                         kernel_peak_bytes = ?, cgroup_peak_bytes = ?, allocated_peak_bytes = ?
                     WHERE run_id = ?",
                    params![
                        end.wall_secs,
                        end.measured_peak_bytes,
                        end.final_bytes,
                        end.kernel_peak_bytes,
                        end.cgroup_peak_bytes,
                        end.allocated_peak_bytes,
                        run_id,
                    ],
                )
                .map_err(|e| DOING.failed(&e))?;
            Ok(())
        })
    }
}

fn memory_rows(run_id: i64, samples: &[MemorySample]) -> Result<RecordBatch> {
    Columns::default()
        .i64("run_id", samples.iter().map(|_| run_id))
        .i64("elapsed_micros", samples.iter().map(|s| s.elapsed_micros))
        .text("stage", samples.iter().map(|s| s.stage.as_str()))
        .u64("bytes", samples.iter().map(|s| s.bytes))
        .batch()
}
