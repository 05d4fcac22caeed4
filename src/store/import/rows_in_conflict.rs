//! Where in a file the rows stand that differ from what is stored.
//!
//! A bar on its way to the store does not know its line: eight bytes a bar for the few that are to
//! be named. Instead the file is read once more, when it is refused.

use std::path::Path;

use super::{
    super::source::{BarSink, Duplicate, RawBars, Reject, SourceOptions, read_source},
    on_conflict::{Conflict, Conflicts},
};
use crate::{domain::Timestamp, error::Result};

impl Conflicts {
    /// Gives those that belong to no symbol yet their symbol.
    pub(super) fn of_symbol(&mut self, symbol: &str) {
        self.without_line()
            .filter(|conflict| conflict.symbol.is_empty())
            .for_each(|conflict| symbol.clone_into(&mut conflict.symbol));
    }

    /// Adds the rows by which a file contradicts itself.
    pub(super) fn within(&mut self, duplicates: &[Duplicate]) {
        for twice in duplicates.iter().filter(|twice| twice.differs) {
            self.add(|| Conflict {
                symbol: twice.symbol.clone(),
                ts: twice.ts,
                line: Some(twice.line),
                says: format!("not as in line {}", twice.kept_line),
            });
        }
    }

    /// Looks up the lines of those that are named; `shift` microseconds lie between a moment in the
    /// file and the one that is stored. What is not found any more stays without a line.
    pub(super) fn find_lines(
        &mut self,
        path: &Path,
        options: &SourceOptions,
        shift: i64,
    ) -> Result<()> {
        if self.without_line().next().is_some() {
            read_source(path, options, &mut Finder { conflicts: self, shift })?;
        }
        Ok(())
    }
}

struct Finder<'a> {
    conflicts: &'a mut Conflicts,
    shift: i64,
}

impl BarSink for Finder<'_> {
    fn bars(&mut self, symbols: &[String], batch: &RawBars) -> Result<()> {
        let shift = self.shift;
        for conflict in self.conflicts.without_line() {
            let is_it = |at: &usize| {
                let ts: Timestamp = batch.bar[*at].ts.plus_micros(shift);
                ts == conflict.ts && symbols[batch.symbol[*at] as usize] == conflict.symbol
            };
            conflict.line = (0..batch.len()).find(is_it).map(|at| batch.line[at]);
        }
        Ok(())
    }

    fn reject(&mut self, _: Reject) -> Result<()> {
        Ok(())
    }
}
