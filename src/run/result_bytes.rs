//! Bytes of results: in DuckDB until they are checkpointed, and on the disk.

use super::footprint::{EQUITY_ROW_BYTES, FILL_ROW_BYTES, MIB, SYMBOL_BYTES, Shape};
use crate::domain::Keep;

/// So much of what is written it holds uncompressed at most: at 16 MiB its log is brought into the file, and
/// the batches that come meanwhile stand beside it.
const DUCKDB_UNCOMPRESSED: u64 = 36 * MIB;
/// What the tables of results take when they get their first rows, columns of few values each: up to 2 MB
/// were measured for 20 jobs and for 64, with the jobs themselves.
const WRITTEN_BEGUN: u64 = 2 * MIB;
/// A job in DuckDB before its columns are compressed, beside its parameters and symbols: 545 were measured
/// with 180 of these.
const WRITTEN_JOB_BYTES: u64 = 288;
/// A fit in DuckDB before its columns are compressed, and on the disk.
const WRITTEN_FIT_BYTES: u64 = 208;
const STORED_FIT_BYTES: u64 = 112;
/// The same on the disk: 183 to 286 were measured for 100,000 to ten million jobs.
const STORED_JOB_BYTES: u64 = 320;
/// A row of equity on the disk, where the costs of most bars are nothing: 22 to 44 were measured; and
/// the fills and weights of a member in a row, of which there is one in ten to none at all.
const STORED_EQUITY_BYTES: u64 = 32;
const STORED_FILL_BYTES: u64 = 4;
/// Blocks that the tables of results begin.
const STORED_BEGUN: u64 = 3 * MIB / 2;
/// A trade in DuckDB before its columns are compressed, and on the disk, where 78 were measured.
const WRITTEN_TRADE_BYTES: u64 = 168;
const STORED_TRADE_BYTES: u64 = 80;

impl Shape {
    /// Results that it holds uncompressed until they are checkpointed, and the blocks of those that were.
    pub(super) fn written(&self) -> u64 {
        self.duckdb_with(self.written_held()) - self.duckdb()
    }

    pub(super) fn written_held(&self) -> u64 {
        let results = self.results([
            WRITTEN_JOB_BYTES + self.parameter_bytes,
            WRITTEN_FIT_BYTES,
            WRITTEN_TRADE_BYTES,
            EQUITY_ROW_BYTES,
            FILL_ROW_BYTES,
        ]);
        let results = results.saturating_add(WRITTEN_BEGUN);
        results.min(DUCKDB_UNCOMPRESSED.saturating_add(self.stored()))
    }

    /// Results as they are stored.
    pub(super) fn stored(&self) -> u64 {
        STORED_BEGUN.saturating_add(self.results([
            STORED_JOB_BYTES,
            STORED_FIT_BYTES,
            STORED_TRADE_BYTES,
            STORED_EQUITY_BYTES,
            STORED_FILL_BYTES,
        ]))
    }

    /// Results of all jobs where a job beside its symbols, a fit, a trade, a row of equity, and a member in a row take so much.
    pub(super) fn results(&self, [job, fit, trade, equity, fill]: [u64; 5]) -> u64 {
        let kept = |level: Keep, bytes: u64| if self.keep >= level { bytes } else { 0 };
        (self.jobs.saturating_mul(job))
            .saturating_add(self.job_members.saturating_mul(SYMBOL_BYTES))
            .saturating_add(self.fits.saturating_mul(fit))
            .saturating_add(kept(Keep::Trades, self.trades.saturating_mul(trade)))
            .saturating_add(kept(Keep::Equity, self.job_rows.saturating_mul(equity)))
            .saturating_add(kept(Keep::All, self.member_rows.saturating_mul(fill)))
    }
}
