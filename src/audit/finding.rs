//! What an audit says: every check of every strategy, and the first thing that leaked in it.

use crate::{
    domain::Timestamp,
    store::{Cell, CellKind, Table},
};

/// The first leak of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct Leak {
    /// Symbols of the job.
    pub symbols: String,
    /// Its horizon, days.
    pub horizon_days: i64,
    /// The bar it shows at.
    pub at: Option<Timestamp>,
    /// The last bar that was left as it is.
    pub cut: Option<Timestamp>,
    /// `table.column` it shows in.
    pub column: String,
    /// The symbol of the row, where its table has one.
    pub symbol: Option<String>,
    /// The value when everything is known.
    pub known: Cell,
    /// The value when later bars are others.
    pub changed: Cell,
}

impl Leak {
    /// Whose row it is, and of which job: a job of many symbols by their number.
    fn of(&self) -> String {
        let count = self.symbols.split(',').count();
        let job = match count {
            0..=4 => self.symbols.clone(),
            _ => format!("{count} symbols"),
        };
        match &self.symbol {
            _ if self.symbols.is_empty() => String::new(),
            Some(symbol) if *symbol != self.symbols => format!(" of {symbol} in {job}"),
            _ => format!(" of {job}"),
        }
    }
}

/// A check of one strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Strategy.
    pub strategy: String,
    /// What was tried.
    pub check: &'static str,
    /// Runs compared.
    pub runs: u64,
    /// Rows that had to be equal.
    pub rows: u64,
    /// Tables of jobs that were not.
    pub differing: u64,
    /// The leak at the earliest bar.
    pub first: Option<Leak>,
    /// More, in one line; empty where there is none.
    pub remark: String,
}

impl Checked {
    /// True for checks that look at fills only.
    fn needs_fills(&self) -> bool {
        ["fill", "delay"].contains(&self.check)
    }

    /// The leak in one line.
    fn line(&self) -> Option<String> {
        let leak = self.first.as_ref()?;
        let Self { strategy, check, .. } = self;
        let (column, of) = (&leak.column, leak.of());
        let at = leak.at.map_or(String::new(), |at| format!(" at {at}"));
        let (known, changed) = (plain(&leak.known), plain(&leak.changed));
        let what = match (*check, leak.cut) {
            ("fill", Some(decided)) => {
                format!("was decided at the close of {decided}; the next bar is {changed}")
            }
            ("delay", _) => format!(
                "was {known}, one bar later {changed}: decisions know the bar they trade in"
            ),
            ("warmup", _) => format!("is {known}, and {changed} with other bars before the first"),
            ("repeat", _) => format!("is {known}, and {changed} when it is done again"),
            (attack, Some(cut)) => {
                format!("is {known}, and {changed} when the bars after {cut} are {attack}")
            }
            (_, None) => format!("is {known}, and {changed}"),
        };
        Some(format!("{strategy}: {column}{of}{at} {what}"))
    }
}

/// Everything an audit found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Findings {
    /// Every check, by strategy.
    pub checked: Vec<Checked>,
    /// Remarks: what was chosen, what was not looked at.
    pub notes: Vec<String>,
}

impl Findings {
    /// True if anything leaked.
    pub fn leaked(&self) -> bool {
        self.checked.iter().any(|checked| checked.first.is_some())
    }

    /// The checks of one strategy in which something leaked.
    pub fn leaks_of<'a>(&'a self, strategy: &'a str) -> impl Iterator<Item = &'a Checked> + 'a {
        let leaks = self.checked.iter().filter(|checked| checked.first.is_some());
        leaks.filter(move |checked| checked.strategy == strategy)
    }

    /// For a person: a row per strategy that is clean, a row per check that leaks.
    pub fn summary(&self) -> Table {
        let mut rows = Vec::new();
        for of_strategy in self.checked.chunk_by(|a, b| a.strategy == b.strategy) {
            let leaks: Vec<&Checked> = of_strategy.iter().filter(|c| c.first.is_some()).collect();
            if leaks.is_empty() {
                rows.push(together(of_strategy));
            } else {
                rows.extend(leaks.into_iter().map(cells));
            }
        }
        Table { rows, ..self.table() }
    }

    /// A line per leak: what it is, at which bar, in which column.
    pub fn lines(&self) -> Vec<String> {
        self.checked.iter().filter_map(Checked::line).collect()
    }

    /// Strategies of which some check had nothing to look at; fills and delays need fills.
    pub fn untested(&self) -> Vec<&str> {
        let mut names: Vec<&str> = (self.checked.iter())
            .filter(|checked| checked.rows == 0 && !checked.needs_fills())
            .map(|checked| checked.strategy.as_str())
            .collect();
        names.dedup();
        names
    }

    /// A check per row.
    pub fn table(&self) -> Table {
        let columns = [
            ("strategy", CellKind::Text),
            ("check", CellKind::Text),
            ("result", CellKind::Text),
            ("runs", CellKind::Int),
            ("rows", CellKind::Int),
            ("differing", CellKind::Int),
            ("at", CellKind::Time),
            ("column", CellKind::Text),
            ("known", CellKind::Text),
            ("changed", CellKind::Text),
            ("cut", CellKind::Time),
            ("symbol", CellKind::Text),
            ("symbols", CellKind::Text),
            ("horizon_days", CellKind::Int),
            ("remark", CellKind::Text),
        ];
        Table {
            columns: columns.map(|(name, _)| name.to_owned()).to_vec(),
            kinds: columns.map(|(_, kind)| kind).to_vec(),
            rows: self.checked.iter().map(cells).collect(),
        }
    }
}

/// The checks of one strategy as one row: wholly tested, partly or not. A strategy that trades too
/// little for the checks of its fills is tested by the others.
fn together(checks: &[Checked]) -> Vec<Cell> {
    let sum = |of: fn(&Checked) -> u64| checks.iter().map(of).sum();
    let remarks: Vec<&str> = checks.iter().map(|checked| checked.remark.as_str()).collect();
    let untested: Vec<&str> = (checks.iter())
        .filter(|checked| checked.rows == 0 && !checked.needs_fills())
        .map(|checked| checked.check)
        .collect();
    let rows: u64 = sum(|checked| checked.rows);
    let partly = rows > 0 && !untested.is_empty();
    let which =
        if partly { format!("not tested: {}; ", untested.join(", ")) } else { String::new() };
    let mut row = cells(&Checked {
        strategy: checks.first().map_or_else(String::new, |checked| checked.strategy.clone()),
        check: "all",
        runs: sum(|checked| checked.runs),
        rows,
        differing: 0,
        first: None,
        remark: which + &remarks.concat(),
    });
    if partly {
        row[RESULT] = Cell::Text("partly tested".to_owned());
    }
    row
}

/// The place of the result in a row.
const RESULT: usize = 2;

/// `leaks`, `clean`, or that there was nothing to compare.
fn result(checked: &Checked) -> &'static str {
    match (&checked.first, checked.rows) {
        (Some(_), _) => "leaks",
        (None, 0) => "not tested",
        (None, _) => "clean",
    }
}

fn cells(checked: &Checked) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let count = |count: u64| Cell::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let moment = |ts: Option<Timestamp>| ts.map_or(Cell::Null, |ts| Cell::Time(ts.micros()));
    let first = checked.first.as_ref();
    let of = |cell: fn(&Leak) -> Cell| first.map_or(Cell::Null, cell);
    vec![
        text(&checked.strategy),
        text(checked.check),
        text(result(checked)),
        count(checked.runs),
        count(checked.rows),
        count(checked.differing),
        moment(first.and_then(|leak| leak.at)),
        of(|leak| Cell::Text(leak.column.clone())),
        of(|leak| Cell::Text(plain(&leak.known))),
        of(|leak| Cell::Text(plain(&leak.changed))),
        moment(first.and_then(|leak| leak.cut)),
        of(|leak| leak.symbol.clone().map_or(Cell::Null, Cell::Text)),
        of(|leak| Cell::Text(leak.symbols.clone())),
        of(|leak| Cell::Int(leak.horizon_days)),
        if checked.remark.is_empty() { Cell::Null } else { text(&checked.remark) },
    ]
}

/// A value with all its digits.
fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Null => "undefined".to_owned(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Time(micros) => Timestamp(*micros).to_string(),
    }
}
