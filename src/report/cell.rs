//! One value of an answer as text for a person.
//!
//! What a column means is read from its name, which carries the unit by the habit of the house:
//! returns, drawdowns and shares are fractions and shown as percentages, money with two decimals,
//! `_bytes` as MB, prices with six significant digits, everything else with four significant digits.

use super::number;
use crate::{domain::Timestamp, store::Cell};

/// How the numbers of a column are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// A fraction, shown as a percentage.
    Percent,
    /// Quote currency.
    Money,
    /// Bytes, shown as MB.
    Bytes,
    /// A fixed number of decimals.
    Fixed(usize),
    /// Symbols joined by commas, shortened when there are many.
    Symbols,
    /// A price: six significant digits, as it is quoted.
    Price,
    /// Four significant digits.
    Plain,
}

const PERCENT: [&str; 8] = [
    "benchmark",
    "excess",
    "cagr",
    "volatility",
    "exposure",
    "win_rate",
    "return_change",
    "drawdown_change",
];

/// Ends of names of fractions: `total_return`, `max_drawdown`, `cost_frac`.
const PERCENT_ENDS: [&str; 4] = ["return", "drawdown", "_frac", "_share"];

const MONEY: [&str; 13] = [
    "final_equity",
    "equity",
    "cash",
    "gross",
    "traded_notional",
    "commission",
    "slippage",
    "borrow",
    "financing",
    "cost",
    "cost_change",
    "gross_pnl",
    "net_pnl",
];

impl Style {
    /// The style of the column called `name`.
    pub(super) fn of(name: &str) -> Self {
        if PERCENT.contains(&name) || PERCENT_ENDS.iter().any(|end| name.ends_with(end)) {
            Self::Percent
        } else if MONEY.contains(&name) {
            Self::Money
        } else if name.ends_with("_bytes") {
            Self::Bytes
        } else if name.ends_with("_pct") || name.ends_with("sharpe") || name.ends_with("_secs") {
            Self::Fixed(2)
        } else if name.ends_with("_mb") {
            Self::Fixed(1)
        } else if name.ends_with("_price") || name == "price" {
            Self::Price
        } else if name == "symbols" {
            Self::Symbols
        } else {
            Self::Plain
        }
    }

    /// The column's heading: its name, with the unit where the style changes it.
    pub(super) fn heading(self, name: &str) -> String {
        let name = plain_text(name);
        match self {
            Self::Percent => {
                format!("{} %", name.trim_end_matches("_frac").trim_end_matches("_share"))
            }
            Self::Bytes => format!("{} MB", name.trim_end_matches("_bytes")),
            Self::Money | Self::Fixed(_) | Self::Symbols | Self::Price | Self::Plain => name,
        }
    }
}

/// Digits of a number that has no unit of its own.
const PLAIN_DIGITS: usize = 4;
/// Digits of a price.
const PRICE_DIGITS: usize = 6;

/// Text of an undefined value.
const UNDEFINED: &str = "-";

/// Most symbols shown of a combination before the rest becomes a count.
const SYMBOLS_SHOWN: usize = 4;

/// `cell` as a person reads it; undefined and non-finite values are `-`.
pub(super) fn shown(cell: &Cell, style: Style) -> String {
    match cell {
        Cell::Null => UNDEFINED.to_owned(),
        Cell::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Cell::Int(value) => match style {
            Style::Bytes => bytes_in_mb(*value as f64),
            _ => value.to_string(),
        },
        Cell::Float(value) if !value.is_finite() => UNDEFINED.to_owned(),
        Cell::Float(value) => match style {
            Style::Percent => number::percent(*value),
            Style::Money => number::fixed(*value, 2),
            Style::Bytes => bytes_in_mb(*value),
            Style::Fixed(decimals) => number::fixed(*value, decimals),
            Style::Price => number::significant(*value, PRICE_DIGITS),
            Style::Symbols | Style::Plain => number::significant(*value, PLAIN_DIGITS),
        },
        Cell::Text(text) if style == Style::Symbols => few_symbols(text),
        Cell::Text(text) => plain_text(text),
        Cell::Time(micros) => Timestamp(*micros).to_string(),
    }
}

fn bytes_in_mb(bytes: f64) -> String {
    number::fixed(bytes / 1e6, 1)
}

fn few_symbols(joined: &str) -> String {
    let symbols: Vec<&str> = joined.split(',').collect();
    if symbols.len() <= SYMBOLS_SHOWN {
        return plain_text(joined);
    }
    let first = symbols[..SYMBOLS_SHOWN - 1].join(",");
    format!("{} +{}", plain_text(&first), symbols.len() - SYMBOLS_SHOWN + 1)
}

/// `text` without what could steer a terminal: control characters and the marks that reorder
/// text are shown escaped.
pub fn plain_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control()
            || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{Style, plain_text, shown};
    use crate::store::Cell;

    #[test]
    fn the_name_of_a_column_decides_its_unit() {
        let shown_as = |name: &str, value: f64| shown(&Cell::Float(value), Style::of(name));
        assert_eq!(shown_as("total_return", 0.1234), "12.34");
        assert_eq!(shown_as("final_equity", 10_123.456), "10123.46");
        assert_eq!(shown_as("peak_bytes", 96_400_000.0), "96.4");
        assert_eq!(shown_as("sharpe", 1.0), "1.00");
        assert_eq!(shown_as("half_life_bars", 12.345_6), "12.35");
        assert_eq!(shown_as("entry_price", 150.234_56), "150.235");
        assert_eq!(Style::of("peak_bytes").heading("peak_bytes"), "peak MB");
        assert_eq!(Style::of("cagr").heading("cagr"), "cagr %");
    }

    #[test]
    fn undefined_values_are_a_dash() {
        for cell in [Cell::Null, Cell::Float(f64::NAN), Cell::Float(f64::INFINITY)] {
            assert_eq!(shown(&cell, Style::Percent), "-");
        }
    }

    #[test]
    fn many_symbols_become_a_count() {
        let of = |text: &str| shown(&Cell::Text(text.into()), Style::Symbols);
        assert_eq!(of("A,B,C,D"), "A,B,C,D");
        assert_eq!(of("A,B,C,D,E"), "A,B,C +2");
    }

    #[test]
    fn text_cannot_steer_the_terminal() {
        assert_eq!(plain_text("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(plain_text("Zürich"), "Zürich");
    }
}
