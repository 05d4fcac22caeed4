//! Target weights as somebody wrote them: a moment, a symbol and a weight per row.

use std::collections::BTreeMap;

/// Rows of target weights in the order they were given, as columns. What the symbols and moments
/// mean is settled where there are bars.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WeightRows {
    symbols: Vec<String>,
    numbers: BTreeMap<String, u32>,
    rows: Vec<WeightRow>,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightRow {
    /// Opening time of the bar at whose close the weight is decided, microseconds UTC.
    pub ts: i64,
    /// Signed share of equity; finite.
    pub weight: f64,
    /// Index of its symbol.
    pub symbol: u32,
    /// Where it stands: line of a file (a header is line 1), row of a table (from 1).
    pub line: u32,
}

impl WeightRows {
    /// Bytes of a row.
    pub const ROW_BYTES: u64 = size_of::<WeightRow>() as u64;

    /// Adds a row; lines beyond 32 bits are all told as the last one.
    pub fn push(&mut self, symbol: &str, ts: i64, weight: f64, line: u64) {
        let last = self.rows.last().map(|row| row.symbol);
        let same = last.filter(|&last| self.symbols[last as usize] == symbol);
        let number = same.or_else(|| self.numbers.get(symbol).copied());
        let number = number.unwrap_or_else(|| self.number(symbol));
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        self.rows.push(WeightRow { ts, weight, symbol: number, line });
    }

    fn number(&mut self, symbol: &str) -> u32 {
        let number = u32::try_from(self.symbols.len()).unwrap_or(u32::MAX);
        self.symbols.push(symbol.to_owned());
        self.numbers.insert(symbol.to_owned(), number);
        number
    }

    /// The symbols named, in order of first appearance.
    pub fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// The rows, in the order they were given.
    pub fn rows(&self) -> &[WeightRow] {
        &self.rows
    }

    /// The symbol of a row.
    pub fn symbol(&self, row: &WeightRow) -> &str {
        &self.symbols[row.symbol as usize]
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::WeightRows;

    #[test]
    fn symbols_are_numbered_as_they_appear() {
        let mut rows = WeightRows::default();
        for (at, symbol) in ["B", "A", "A", "B"].into_iter().enumerate() {
            rows.push(symbol, 7, 0.5, at as u64);
        }
        assert_eq!(rows.symbols(), ["B", "A"]);
        let names: Vec<_> = rows.rows().iter().map(|row| rows.symbol(row)).collect();
        assert_eq!(names, ["B", "A", "A", "B"]);
    }
}
