//! The bars of a golden case: both legs on their common rows.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of small cases")]

use std::{collections::BTreeMap, path::Path};

use barline::domain::{Field, Instrument, Panel, Timestamp, Universe};
use serde_json::Value;

/// Rows of a CSV file by column name.
pub(super) type Table = Vec<BTreeMap<String, String>>;

/// A pair's bars: panel rows are pair rows, leg 0 is the dependent one.
pub(super) struct Bars {
    days: Vec<String>,
    pub(super) panel: Panel,
    pub(super) log_y: Vec<f64>,
    pub(super) log_x: Vec<f64>,
}

/// Reads a CSV file.
pub(super) fn table(path: &Path) -> Result<Table, String> {
    let mut reader =
        csv::Reader::from_path(path).map_err(|e| format!("{}: {e}", path.display()))?;
    reader.deserialize().collect::<Result<_, _>>().map_err(|e| format!("{}: {e}", path.display()))
}

/// Open and close of both legs, as far as a row gives them.
#[derive(Default, Clone, Copy)]
struct Row {
    open: [Option<f64>; 2],
    close: [Option<f64>; 2],
}

impl Bars {
    /// Reads the input of a case: wide closes (`ts, A, B`) or long bars (`ts, symbol, open, ..`).
    pub(super) fn read(folder: &Path, input: &Value, opens: bool) -> Result<Self, String> {
        let text = |name: &str| input[name].as_str().ok_or_else(|| format!("no {name}"));
        let symbols = [text("A")?, text("B")?];
        let table = table(&folder.join(text("file")?))?;
        let mut rows: BTreeMap<String, Row> = BTreeMap::new();
        for line in table {
            let row = rows.entry(line["ts"].clone()).or_default();
            for (leg, symbol) in symbols.iter().enumerate() {
                if line.get("symbol").is_some_and(|name| name == symbol) {
                    row.open[leg] = line["open"].parse().ok();
                    row.close[leg] = line["close"].parse().ok();
                } else if let Some(close) = line.get(*symbol) {
                    row.close[leg] = close.parse().ok();
                }
            }
        }
        let complete = |row: &Row| {
            let opened = !opens || row.open.iter().all(Option::is_some);
            opened && row.close.iter().all(Option::is_some)
        };
        rows.retain(|_, row| complete(row));
        Self::of(&rows, symbols)
    }

    fn of(rows: &BTreeMap<String, Row>, symbols: [&str; 2]) -> Result<Self, String> {
        // The market name keeps the dependent leg first in canonical order.
        let instrument = |(at, symbol): (usize, &str)| Instrument {
            market: format!("leg {at}"),
            symbol: symbol.to_owned(),
            id: at as u32,
        };
        let instruments = symbols.into_iter().enumerate().map(instrument).collect();
        let universe = Universe::new(instruments).map_err(|e| e.to_string())?;
        let day = |text: &String| text.parse::<Timestamp>().map(Timestamp::micros);
        let ts = rows.keys().map(day).collect::<Result<_, _>>().map_err(|e| e.to_string())?;
        let mut panel = Panel::empty(universe, ts);
        for leg in 0..2 {
            for (at, row) in rows.values().enumerate() {
                panel.column_mut(leg, Field::Open)[at] = row.open[leg].unwrap_or(f64::NAN);
                panel.column_mut(leg, Field::Close)[at] = row.close[leg].unwrap_or(f64::NAN);
            }
        }
        let logs = |leg| panel.column(leg, Field::Close).iter().map(|x| libm::log(*x)).collect();
        let (log_y, log_x) = (logs(0), logs(1));
        Ok(Self { days: rows.keys().cloned().collect(), panel, log_y, log_x })
    }

    /// Number of pair rows.
    pub(super) fn len(&self) -> usize {
        self.days.len()
    }

    /// The day of a row, as the file writes it.
    pub(super) fn day(&self, row: usize) -> &str {
        &self.days[row]
    }
}
