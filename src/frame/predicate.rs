//! A predicate over bars, split into what SQL says exactly and a rest that Polars filters.
//!
//! The predicate is cut at its ANDs. A term reaches the query if it is
//! - membership of `symbol` or `instrument_id` in written values: `==`, ORs of `==`, `is_in`;
//! - a bound on `ts`: `==`, `>`, `>=`, `<`, `<=` against a moment in microseconds;
//! - any comparison of a single column with a literal of its own kind.
//!
//! Everything else is the rest: arithmetic, casts, negations, nulls asked for by name.
//!
//! # Nulls and NaN
//! A comparison with a null is null in both engines, and a filter drops it. NaN equals itself and
//! is above every number in both; as a literal it stays in the rest all the same.
//!
//! # Rows that look at each other
//! `close > close.mean()` means the mean of the rows before the filter. If any part of the
//! predicate looks beyond its own row, nothing is translated: a narrower fetch would change it.

use std::collections::BTreeSet;

use polars::prelude::{BooleanFunction, Expr, FunctionExpr, LiteralValue, Operator};

use super::literal;
use crate::store::{BarColumn, Compare, Comparison, Literal};

/// A predicate in two parts: rows that satisfy the fields of the query and the residual are the
/// rows that satisfy the predicate.
#[derive(Debug, Default)]
pub(super) struct Split {
    /// Instrument numbers, increasing; any when `None`.
    pub(super) instruments: Option<Vec<u32>>,
    /// Symbols, increasing; any when `None`.
    pub(super) symbols: Option<Vec<String>>,
    /// First moment, microseconds.
    pub(super) from: Option<i64>,
    /// End, not included, microseconds.
    pub(super) to: Option<i64>,
    /// Further comparisons that must hold.
    pub(super) comparisons: Vec<Comparison>,
    /// What is left to Polars.
    pub(super) residual: Option<Expr>,
}

impl Split {
    /// Splits `predicate`.
    pub(super) fn of(predicate: &Expr) -> Self {
        if !is_row_wise(predicate) {
            return Self::untranslated(predicate.clone());
        }
        let mut split = Self::default();
        split.take(predicate);
        split
    }

    /// Leaves all of `predicate` to Polars.
    pub(super) fn untranslated(predicate: Expr) -> Self {
        Self { residual: Some(predicate), ..Self::default() }
    }

    /// True if no row can satisfy the translated part.
    pub(super) fn selects_nothing(&self) -> bool {
        self.instruments.as_ref().is_some_and(Vec::is_empty)
            || self.symbols.as_ref().is_some_and(Vec::is_empty)
            || matches!((self.from, self.to), (Some(from), Some(to)) if from >= to)
    }

    /// Adds a term that must hold as well.
    fn take(&mut self, term: &Expr) {
        if let Expr::BinaryExpr { left, op: Operator::And | Operator::LogicalAnd, right } = term {
            self.take(left);
            self.take(right);
        } else if let Some(members) = Members::of(term) {
            self.narrow(members);
        } else if let Some(comparison) = comparison(term) {
            self.compare(comparison);
        } else {
            self.residual = Some(match self.residual.take() {
                Some(rest) => rest.and(term.clone()),
                None => term.clone(),
            });
        }
    }

    fn narrow(&mut self, members: Members) {
        match members {
            Members::Symbols(named) => intersect(&mut self.symbols, named),
            Members::Instruments(named) => intersect(&mut self.instruments, named),
        }
    }

    /// Bounds on `ts` become the window of the query, which the store prunes by.
    fn compare(&mut self, comparison: Comparison) {
        let (from, to) = match (comparison.column, comparison.op, &comparison.literal) {
            (BarColumn::Ts, op, Literal::Time(at)) => match (op, at.checked_add(1)) {
                (Compare::Ge, _) => (Some(*at), None),
                (Compare::Lt, _) => (None, Some(*at)),
                (Compare::Gt, Some(next)) => (Some(next), None),
                (Compare::Le, Some(next)) => (None, Some(next)),
                (Compare::Eq, Some(next)) => (Some(*at), Some(next)),
                _ => (None, None),
            },
            _ => (None, None),
        };
        if from.is_none() && to.is_none() {
            self.comparisons.push(comparison);
        }
        self.from = self.from.max(from);
        self.to = match (self.to, to) {
            (Some(old), Some(new)) => Some(old.min(new)),
            (old, new) => old.or(new),
        };
    }
}

fn intersect<T: Ord>(named: &mut Option<Vec<T>>, also: BTreeSet<T>) {
    match named {
        Some(named) => named.retain(|one| also.contains(one)),
        None => *named = Some(also.into_iter().collect()),
    }
}

/// Written values that a row must match one of. Neither column is ever null.
enum Members {
    Symbols(BTreeSet<String>),
    Instruments(BTreeSet<u32>),
}

impl Members {
    fn of(term: &Expr) -> Option<Self> {
        match term {
            Expr::BinaryExpr { left, op: Operator::Or | Operator::LogicalOr, right } => {
                Self::of(left)?.or(Self::of(right)?)
            }
            Expr::BinaryExpr { .. } => Self::of_equality(&comparison(term)?),
            Expr::Function { input, function } if is_in(function) => match &input[..] {
                [Expr::Column(name), values] => Self::of_list(BarColumn::from_name(name)?, values),
                _ => None,
            },
            _ => None,
        }
    }

    fn of_equality(comparison: &Comparison) -> Option<Self> {
        match (comparison.column, comparison.op, &comparison.literal) {
            (BarColumn::Symbol, Compare::Eq, Literal::Text(symbol)) => {
                Some(Self::Symbols(BTreeSet::from([symbol.clone()])))
            }
            (BarColumn::InstrumentId, Compare::Eq, Literal::Int(id)) => {
                Some(Self::Instruments(BTreeSet::from([u32::try_from(*id).ok()?])))
            }
            _ => None,
        }
    }

    /// Nulls of the list match nothing; numbers that no instrument can have match none.
    fn of_list(column: BarColumn, values: &Expr) -> Option<Self> {
        let values = literal::list(values)?;
        match column {
            BarColumn::Symbol => {
                let symbols = values.str().ok()?.iter().flatten();
                let symbols: BTreeSet<String> = symbols.map(str::to_owned).collect();
                let clean = symbols.iter().all(|symbol| !symbol.contains('\0'));
                clean.then_some(Self::Symbols(symbols))
            }
            BarColumn::InstrumentId if values.dtype().is_integer() => {
                let ids = values.iter().filter_map(|value| value.extract::<i64>());
                Some(Self::Instruments(ids.filter_map(|id| u32::try_from(id).ok()).collect()))
            }
            _ => None,
        }
    }

    fn or(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Symbols(mut a), Self::Symbols(b)) => {
                a.extend(b);
                Some(Self::Symbols(a))
            }
            (Self::Instruments(mut a), Self::Instruments(b)) => {
                a.extend(b);
                Some(Self::Instruments(a))
            }
            _ => None,
        }
    }
}

/// A term that compares one column with a literal of its own kind, the column on the left.
fn comparison(term: &Expr) -> Option<Comparison> {
    let Expr::BinaryExpr { left, op, right } = term else { return None };
    let op = compare(*op)?;
    let (name, op, literal) = match (&**left, &**right) {
        (Expr::Column(name), Expr::Literal(literal)) => (name, op, literal),
        (Expr::Literal(literal), Expr::Column(name)) => (name, mirrored(op), literal),
        _ => return None,
    };
    let column = BarColumn::from_name(name)?;
    Some(Comparison { column, op, literal: literal_for(column, literal)? })
}

fn literal_for(column: BarColumn, literal: &LiteralValue) -> Option<Literal> {
    match column {
        BarColumn::InstrumentId => {
            let id = literal::whole(literal)?;
            u32::try_from(id).ok().map(|_| Literal::Int(id))
        }
        BarColumn::Market | BarColumn::Symbol => literal::text(literal).map(Literal::Text),
        BarColumn::Ts => literal::moment(literal).map(Literal::Time),
        BarColumn::Open
        | BarColumn::High
        | BarColumn::Low
        | BarColumn::Close
        | BarColumn::Volume => literal::real(literal).map(Literal::Float),
    }
}

fn compare(op: Operator) -> Option<Compare> {
    match op {
        Operator::Eq => Some(Compare::Eq),
        Operator::NotEq => Some(Compare::Ne),
        Operator::Lt => Some(Compare::Lt),
        Operator::LtEq => Some(Compare::Le),
        Operator::Gt => Some(Compare::Gt),
        Operator::GtEq => Some(Compare::Ge),
        _ => None,
    }
}

/// The comparison with its sides exchanged.
fn mirrored(op: Compare) -> Compare {
    match op {
        Compare::Eq => Compare::Eq,
        Compare::Ne => Compare::Ne,
        Compare::Lt => Compare::Gt,
        Compare::Le => Compare::Ge,
        Compare::Gt => Compare::Lt,
        Compare::Ge => Compare::Le,
    }
}

fn is_in(function: &FunctionExpr) -> bool {
    matches!(function, FunctionExpr::Boolean(BooleanFunction::IsIn { .. }))
}

/// True if the value of `expr` in a row follows from that row alone. Says no when in doubt.
fn is_row_wise(expr: &Expr) -> bool {
    match expr {
        Expr::Column(_) => true,
        Expr::Literal(literal) => literal.is_scalar(),
        Expr::Alias(inner, _) | Expr::Cast { expr: inner, .. } => is_row_wise(inner),
        Expr::BinaryExpr { left, right, .. } => is_row_wise(left) && is_row_wise(right),
        Expr::Ternary { predicate, truthy, falsy } => {
            is_row_wise(predicate) && is_row_wise(truthy) && is_row_wise(falsy)
        }
        Expr::Function { input, function } => match (&input[..], function) {
            ([one], FunctionExpr::Boolean(function)) => {
                is_row_wise(one) && looks_at_one_row(function)
            }
            ([one, list], function) if is_in(function) => {
                is_row_wise(one) && literal::list(list).is_some()
            }
            _ => false,
        },
        _ => false,
    }
}

fn looks_at_one_row(function: &BooleanFunction) -> bool {
    matches!(
        function,
        BooleanFunction::Not
            | BooleanFunction::IsNull
            | BooleanFunction::IsNotNull
            | BooleanFunction::IsNan
            | BooleanFunction::IsNotNan
            | BooleanFunction::IsFinite
            | BooleanFunction::IsInfinite
    )
}

#[cfg(test)]
#[path = "predicate_laws.rs"]
mod tests;
