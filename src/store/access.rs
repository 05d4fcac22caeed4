//! What an open store offers, by the hand that asks: readers, the writer, imports, questions.

use duckdb::arrow::record_batch::RecordBatch;

use super::{
    Answer, BarQuery, Explained, ImportSource, ImportWriter, Interrupt, KnownJob, NamedQuery,
    Reader, ResultWriter, SeriesSummary, Store, StoreFacts, StoredJob, Table, TruthRow,
    answer::Bounded, cage, facts, failure, named_query, truth,
};
use crate::{
    domain::{Interval, JobKey},
    error::{Error, Result},
};

impl Store {
    /// A reader with its own connection, for another thread.
    pub fn reader(&self) -> Result<Reader> {
        self.reader.try_clone()
    }

    /// The writer of results.
    ///
    /// # Errors
    /// Internal, while another writer or an import exists.
    pub fn writer(&self) -> Result<ResultWriter> {
        ResultWriter::begin(self.reader()?)
    }

    /// Begins an import.
    ///
    /// # Errors
    /// Internal, while a writer or another import exists.
    pub fn begin_import(&self, source: ImportSource) -> Result<ImportWriter> {
        ImportWriter::begin(self.reader()?, source)
    }

    /// Writes down what the demo universe was built with.
    pub fn write_truth(&self, rows: &[TruthRow]) -> Result<()> {
        self.reader.held.begin_writing(&self.reader.connection)?;
        let written = truth::write(&self.reader.connection, rows);
        self.reader.held.end_writing();
        written
    }

    /// See [`Reader::instruments`].
    pub fn instruments(&self) -> Result<Vec<SeriesSummary>> {
        self.reader.instruments()
    }

    /// See [`Reader::time_axis`].
    pub fn time_axis(
        &self,
        interval: Interval,
        instruments: &[u32],
        from: i64,
        to: i64,
    ) -> Result<Vec<i64>> {
        self.reader.time_axis(interval, instruments, from, to)
    }

    /// See [`Reader::stream_bars`].
    pub fn stream_bars(
        &self,
        query: &BarQuery,
        take: &mut dyn FnMut(RecordBatch) -> Result<()>,
    ) -> Result<u64> {
        self.reader.stream_bars(query, take)
    }

    /// See [`Reader::bar_sql`].
    pub fn bar_sql(query: &BarQuery) -> String {
        Reader::bar_sql(query)
    }

    /// See [`Reader::known_jobs`].
    pub fn known_jobs(&self, keys: &[JobKey], newest: i64) -> Result<Vec<Option<KnownJob>>> {
        self.reader.known_jobs(keys, newest)
    }

    /// See [`Reader::stored_jobs`].
    pub fn stored_jobs(&self, jobs: &[(JobKey, i64)]) -> Result<Vec<StoredJob>> {
        self.reader.stored_jobs(jobs)
    }

    /// See [`Reader::query`].
    pub fn query(&self, name: &str, parameters: &[(String, String)]) -> Result<Table> {
        self.reader.query(name, parameters).map_err(|error| self.placed(error))
    }

    /// Every named query.
    pub fn named_queries() -> &'static [NamedQuery] {
        named_query::all()
    }

    /// As [`Self::answer`], for a query that is at hand, one of the user's too: read-only, and without
    /// files, network or settings.
    ///
    /// # Errors
    /// As [`Self::answer`]; usage, for more than a million rows of a query that is not ours.
    pub fn answer_query(
        &self,
        query: &NamedQuery,
        parameters: &[(String, String)],
    ) -> Result<Answer> {
        let mut answer = Answer::beside(self.reader.held.real.as_deref());
        named_query::ask(&self.reader.connection, query, parameters, &mut answer)
            .map_err(|error| self.placed(error))?;
        answer.finished()
    }

    /// The query with the values it would be asked with.
    ///
    /// # Errors
    /// Usage, for an unknown parameter, value or run.
    pub fn explained(
        &self,
        query: &NamedQuery,
        parameters: &[(String, String)],
    ) -> Result<Explained> {
        named_query::explained(Some(&self.reader.connection), query, parameters)
    }

    /// The answer to one question in SQL: read-only, without files, network or settings.
    ///
    /// # Errors
    /// Usage, for a text that is not one question or has more than a million rows as answer; budget,
    /// where these are larger than [`Self::limit_answers`] allows.
    pub fn sql(&self, text: &str) -> Result<Table> {
        let mut sink = Bounded::new(self.reader.held.answer_bytes());
        cage::ask(&self.reader.connection, text, &mut sink).map_err(|error| self.placed(error))?;
        Ok(sink.table)
    }

    /// As [`Self::query`], for rows that may be more than memory holds: what does not fit stands in a
    /// file without a name beside the store.
    ///
    /// # Errors
    /// As [`Self::query`]; disk full, with the path.
    pub fn answer(&self, name: &str, parameters: &[(String, String)]) -> Result<Answer> {
        let mut answer = Answer::beside(self.reader.held.real.as_deref());
        named_query::answer(&self.reader.connection, name, parameters, &mut answer)
            .map_err(|error| self.placed(error))?;
        answer.finished()
    }

    /// As [`Self::sql`], for rows that may be more than memory holds, like [`Self::answer`].
    ///
    /// # Errors
    /// As both.
    pub fn answer_sql(&self, text: &str) -> Result<Answer> {
        let mut answer = Answer::beside(self.reader.held.real.as_deref());
        cage::ask(&self.reader.connection, text, &mut answer)
            .map_err(|error| self.placed(error))?;
        answer.finished()
    }

    /// An error of this store with the place that is full, where DuckDB does not say it: what does not
    /// fit into memory is put aside beside the store.
    #[must_use]
    pub fn placed(&self, error: Error) -> Error {
        failure::placed(error, &self.reader.held.shown)
    }

    /// Lets the rows of one answer take so many bytes from now on; without it there is no limit but
    /// that of their number.
    pub fn limit_answers(&self, bytes: u64) {
        self.reader.held.limit_answers(bytes);
    }

    /// What this store is and how much it holds.
    pub fn facts(&self) -> Result<StoreFacts> {
        facts::facts(&self.reader.connection)
    }

    /// Stops a query of this store, from another thread.
    pub fn interrupt_handle(&self) -> Interrupt {
        self.reader.interrupt_handle()
    }
}
