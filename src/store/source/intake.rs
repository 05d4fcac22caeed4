//! The desk every row passes: accepted into a batch, or refused with its reason. Counts both.

use std::collections::HashMap;

use super::{Accounting, BarSink, RawBars, Reject, RowKind, raw_bars::Fault, row_rules};
use crate::{
    domain::Bar,
    error::{Error, Result},
};

/// Most symbols one file may hold.
const MAX_SYMBOLS: usize = 1 << 20;

/// A row that names its symbol and has its prices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) symbol: &'a str,
    pub(super) bar: Bar,
    /// The moment came without a zone.
    pub(super) without_zone: bool,
}

/// Takes rows of one file in order and hands them to a sink in batches.
pub(super) struct Intake<'a> {
    file: &'a str,
    kind: RowKind,
    sink: &'a mut dyn BarSink,
    /// The member of an archive that is read.
    member: Option<String>,
    symbols: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Symbol of the row before: files come in runs of one symbol.
    last: Option<u32>,
    batch: RawBars,
    accounting: Accounting,
}

impl<'a> Intake<'a> {
    /// A desk for `file`, whose rows are of one kind.
    pub(super) fn new(file: &'a str, kind: RowKind, sink: &'a mut dyn BarSink) -> Self {
        Self {
            file,
            kind,
            sink,
            member: None,
            symbols: Vec::new(),
            numbers: HashMap::new(),
            last: None,
            batch: RawBars::default(),
            accounting: Accounting::default(),
        }
    }

    /// The name of the file, for errors.
    pub(super) fn file(&self) -> &'a str {
        self.file
    }

    /// Takes the row on `line`, if it passes the rules; `raw` writes it out if it does not.
    pub(super) fn take(
        &mut self,
        line: u64,
        row: Result<Row<'_>, Fault>,
        raw: impl FnOnce() -> Vec<u8>,
    ) -> Result<()> {
        match row.and_then(|row| row_rules::check(&row.bar, self.kind).map(|()| row)) {
            Ok(row) => self.accept(line, &row),
            Err(fault) => self.refuse(line, fault, &raw()),
        }
    }

    fn accept(&mut self, line: u64, row: &Row<'_>) -> Result<()> {
        let symbol = self.number_of(row.symbol)?;
        self.accounting.read += 1;
        self.accounting.accepted += 1;
        self.accounting.without_zone += u64::from(row.without_zone);
        self.accounting.outside_range += u64::from(row_rules::is_outside_range(&row.bar));
        self.batch.push(symbol, line, row.bar);
        if self.batch.len() >= RawBars::BATCH_ROWS { self.hand_on() } else { Ok(()) }
    }

    /// Refuses the row on `line`.
    pub(super) fn refuse(&mut self, line: u64, fault: Fault, raw: &[u8]) -> Result<()> {
        self.accounting.read += 1;
        self.accounting.rejected += 1;
        let reject = match &self.member {
            None => Reject::new(line, fault, self.kind, raw),
            Some(member) => {
                let raw = [member.as_bytes(), b": ", raw].concat();
                Reject::new(line, fault, self.kind, &raw)
            }
        };
        self.sink.reject(reject)
    }

    /// Counts a line without any field.
    pub(super) fn blank(&mut self) {
        self.accounting.read += 1;
        self.accounting.blank += 1;
    }

    /// Counts a line that says something to people only.
    pub(super) fn comment(&mut self) {
        self.accounting.read += 1;
        self.accounting.comment += 1;
    }

    /// Counts a line of column names.
    pub(super) fn header(&mut self) {
        self.accounting.read += 1;
        self.accounting.header += 1;
    }

    /// Says which member of an archive the rows are from.
    pub(super) fn enter(&mut self, member: Option<&str>) {
        self.member = member.map(str::to_owned);
    }

    /// Hands on what is left. Gives back the symbols and the account.
    pub(super) fn finish(mut self) -> Result<(Vec<String>, Accounting)> {
        self.hand_on()?;
        if !self.accounting.adds_up() {
            return Err(Error::internal(format!(
                "rows of {} do not add up: {:?}",
                self.file, self.accounting
            )));
        }
        Ok((self.symbols, self.accounting))
    }

    fn hand_on(&mut self) -> Result<()> {
        if !self.batch.is_empty() {
            self.sink.bars(&self.symbols, &self.batch)?;
            self.batch.clear();
        }
        Ok(())
    }

    fn number_of(&mut self, symbol: &str) -> Result<u32> {
        if let Some(last) = self.last
            && self.symbols[last as usize] == symbol
        {
            return Ok(last);
        }
        let number = match self.numbers.get(symbol) {
            Some(&number) => number,
            None => self.add(symbol)?,
        };
        self.last = Some(number);
        Ok(number)
    }

    fn add(&mut self, symbol: &str) -> Result<u32> {
        let number = match u32::try_from(self.symbols.len()) {
            Ok(number) if self.symbols.len() < MAX_SYMBOLS => number,
            _ => {
                return Err(Error::data(format!(
                    "{} names more than {MAX_SYMBOLS} symbols",
                    self.file
                ))
                .with_hint(
                    "is the symbol column the right one? Name it with --columns symbol=NAME",
                ));
            }
        };
        self.symbols.push(symbol.to_owned());
        self.numbers.insert(symbol.to_owned(), number);
        Ok(number)
    }
}
