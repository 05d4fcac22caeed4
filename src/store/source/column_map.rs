//! Which column of a file is which, by name, in any order and case.

use std::fmt;

use super::{RowKind, SourceOptions};
use crate::{
    domain::EventKind,
    error::{Error, Result},
};

/// A column that bars are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceColumn {
    /// The moment.
    Ts,
    /// The instrument's name.
    Symbol,
    /// First price.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Last price.
    Close,
    /// Volume.
    Volume,
}

impl SourceColumn {
    /// Every column, in the order of the house.
    pub const ALL: [Self; 7] =
        [Self::Ts, Self::Symbol, Self::Open, Self::High, Self::Low, Self::Close, Self::Volume];

    /// The name of the house.
    pub fn name(self) -> &'static str {
        self.names()[0]
    }

    /// The name it has in a file of such rows: the value of an event and a weight have their own.
    pub fn name_in(self, kind: RowKind) -> &'static str {
        match (self, kind) {
            (Self::Close, RowKind::Events(kind)) => kind.column(),
            (Self::Close, RowKind::Weights) => "weight",
            _ => self.name(),
        }
    }

    /// The columns that a file of such rows has.
    pub fn all_in(kind: RowKind) -> &'static [Self] {
        match kind {
            RowKind::Bars => &Self::ALL,
            RowKind::Events(_) | RowKind::Weights => &[Self::Ts, Self::Symbol, Self::Close],
        }
    }

    /// Names it goes by in a file of such rows. The value of an event and a weight stand for the
    /// close, and there are no other prices.
    fn header_names(self, kind: RowKind) -> &'static [&'static str] {
        match kind {
            RowKind::Bars => self.names(),
            RowKind::Events(kind) => self.names_beside(kind),
            RowKind::Weights => match self {
                Self::Ts | Self::Symbol => self.names(),
                Self::Close => &["weight"],
                _ => &[],
            },
        }
    }

    /// Names it goes by in a file of events.
    fn names_beside(self, kind: EventKind) -> &'static [&'static str] {
        match (self, kind) {
            (Self::Ts | Self::Symbol, _) => self.names(),
            (Self::Close, EventKind::Split) => &["ratio", "split", "value"],
            (Self::Close, EventKind::Dividend) => &["amount", "dividend", "value"],
            (Self::Close, EventKind::Funding) => &["rate", "funding_rate", "fundingrate", "value"],
            (Self::Close, EventKind::Borrow) => &["bps", "borrow_bps", "value"],
            _ => &[],
        }
    }

    /// Names it goes by, the house's first; earlier names win over later ones.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Ts => &[
                "ts",
                "timestamp",
                "datetime",
                "date",
                "time",
                "open_time",
                "open time",
                "ts_event",
                "window_start",
                "unix",
                "t",
            ],
            Self::Symbol => &["symbol", "ticker", "instrument", "<ticker>", "s"],
            Self::Open => &["open", "o", "<open>"],
            Self::High => &["high", "h", "<high>"],
            Self::Low => &["low", "l", "<low>"],
            Self::Close => &["close", "c", "<close>"],
            Self::Volume => &["volume", "vol", "v", "<vol>"],
        }
    }
}

impl fmt::Display for SourceColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where each column stands in a file; `None` if the file does not have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnMap {
    places: [Option<usize>; 7],
    width: usize,
}

/// Most columns a file may have.
const MAX_COLUMNS: usize = 1_024;

impl ColumnMap {
    /// Finds the columns in a header. `named` says which header name stands for a column, where
    /// the header does not use a name of its own.
    ///
    /// # Errors
    /// Data, naming the header: no moment or no close, a name given twice, a name that is not
    /// there, a first line that holds values.
    pub(super) fn find(header: &[String], options: &SourceOptions, file: &str) -> Result<Self> {
        let named = &options.columns;
        if header.len() > MAX_COLUMNS {
            return Err(Error::data(format!(
                "{file} has {} columns; bars need at most {MAX_COLUMNS}",
                header.len()
            )));
        }
        let plain: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        if plain.iter().any(|name| name.parse::<f64>().is_ok_and(f64::is_finite)) {
            return Err(Error::data(format!("{file} begins with values instead of column names"))
                .with_hint(
                    "put a header line on top, such as ts,symbol,open,high,low,close,volume",
                ));
        }
        let mut places = [None; 7];
        for column in SourceColumn::ALL {
            let given = named.iter().find(|(of, _)| *of == column).map(|(_, name)| name);
            places[column as usize] = match given {
                Some(name) => {
                    Some(place_of(&plain, &name.trim().to_lowercase(), file)?.ok_or_else(|| {
                        Error::usage(format!("{file} has no column '{name}'"))
                            .with_hint(has(header))
                    })?)
                }
                None => first_place(&plain, column.header_names(options.rows), file)?,
            };
        }
        let map = Self { places, width: header.len() };
        let needed: &[SourceColumn] = match options.rows {
            // A file of bars may be named for its one symbol; weights are of several.
            RowKind::Weights => &[SourceColumn::Ts, SourceColumn::Symbol, SourceColumn::Close],
            _ => &[SourceColumn::Ts, SourceColumn::Close],
        };
        for &column in needed {
            if map.place(column).is_none() {
                let wanted = column.name_in(options.rows);
                if options.rows == RowKind::Weights {
                    return Err(Error::data(format!("{file} has no column '{wanted}'"))
                        .with_hint(format!("{}; signals are ts, symbol, weight", has(header))));
                }
                return Err(Error::data(format!("{file} has no column for '{wanted}'"))
                    .with_hint(format!("{}; name it with --columns {wanted}=NAME", has(header))));
            }
        }
        Ok(map)
    }

    /// Where a column stands.
    pub(super) fn place(&self, column: SourceColumn) -> Option<usize> {
        self.places[column as usize]
    }

    /// Number of columns of the file.
    pub(super) fn width(&self) -> usize {
        self.width
    }
}

fn has(header: &[String]) -> String {
    let shown: Vec<&str> = header.iter().take(20).map(String::as_str).collect();
    format!("its columns are {}", shown.join(", "))
}

fn first_place(plain: &[String], names: &[&str], file: &str) -> Result<Option<usize>> {
    for name in names {
        if let Some(place) = place_of(plain, name, file)? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

fn place_of(plain: &[String], name: &str, file: &str) -> Result<Option<usize>> {
    let mut places = plain.iter().enumerate().filter(|(_, have)| *have == name);
    match (places.next(), places.next()) {
        (Some(_), Some(_)) => Err(Error::data(format!("{file} has two columns named '{name}'"))),
        (first, _) => Ok(first.map(|(place, _)| place)),
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnMap, SourceColumn, SourceOptions};

    fn header(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    fn find(names: &str) -> crate::error::Result<ColumnMap> {
        ColumnMap::find(&header(names), &SourceOptions::default(), "x.csv")
    }

    #[test]
    fn names_are_found_in_any_order_and_case() {
        let map = find(" Volume,CLOSE,Adj Close,Date,Low").expect("a header");
        assert_eq!(map.place(SourceColumn::Ts), Some(3));
        assert_eq!(map.place(SourceColumn::Close), Some(1));
        assert_eq!(map.place(SourceColumn::Symbol), None);
        assert_eq!(map.width(), 5);
        let both = find("date,ts,close").expect("a header");
        assert_eq!(both.place(SourceColumn::Ts), Some(1), "the house's own name wins");
    }

    #[test]
    fn a_given_name_wins_and_must_be_there() {
        let adjusted = (SourceColumn::Close, "Adj Close".to_owned());
        let named =
            |(of, name)| SourceOptions { columns: vec![(of, name)], ..SourceOptions::default() };
        let adjusted = named(adjusted);
        let map = ColumnMap::find(&header("date,close,adj close"), &adjusted, "x.csv");
        assert_eq!(map.expect("a header").place(SourceColumn::Close), Some(2));
        let last = named((SourceColumn::Close, "last".to_owned()));
        let refusal = ColumnMap::find(&header("date,close"), &last, "x.csv").expect_err("no last");
        assert!(refusal.is_usage() && refusal.to_string().contains("'last'"));
    }

    #[test]
    fn headers_without_sense_are_refused_in_one_line() {
        for (names, says) in [
            ("ts,symbol,price", "no column for 'close'"),
            ("symbol,close", "no column for 'ts'"),
            ("ts,close,Close", "two columns named 'close'"),
            ("2024-01-01,A,1.5", "begins with values"),
            ("<!doctype html>", "no column for 'ts'"),
        ] {
            let refusal = find(names).expect_err(names);
            assert!(refusal.to_string().contains(says), "{names}: {refusal}");
        }
    }
}
