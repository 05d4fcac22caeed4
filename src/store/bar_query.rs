//! What the frame floor asks of the bars: columns, a window, instruments, comparisons.

use crate::domain::Interval;

/// A column of the bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BarColumn { InstrumentId, Market, Symbol, Ts, Open, High, Low, Close, Volume }
/// A comparison of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare { Eq, Ne, Lt, Le, Gt, Ge }
/// A literal of SQL.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal { Float(f64), Int(i64), Text(String), Time(i64) }
/// A column against a literal.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison { pub column: BarColumn, pub op: Compare, pub literal: Literal }
/// A query.
#[derive(Debug, Clone, PartialEq)]
pub struct BarQuery { pub columns: Vec<BarColumn>, pub interval: Interval, pub instruments: Option<Vec<u32>>, pub symbols: Option<Vec<String>>, pub from: Option<i64>, pub to: Option<i64>, pub comparisons: Vec<Comparison>, pub limit: Option<usize> }
