//! Columns that miss the same rows, side by side.
//!
//! Lags need neighbouring rows, so a product can serve two columns only on the rows that both have.
//! Columns with the same rows form a calendar; two calendars meet on their common rows, once for all
//! of their members.

use crate::stats::{Refusal, Result};

/// Columns that have a value in the same rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Calendar {
    /// Positions of the columns.
    pub(super) members: Vec<usize>,
    /// The rows that they have.
    pub(super) rows: Vec<usize>,
}

impl Calendar {
    /// Rows that both have.
    pub(super) fn common(&self, other: &Self) -> Vec<usize> {
        if self.rows.len() == other.rows.len() && self.rows == other.rows {
            return self.rows.clone();
        }
        let mut others = other.rows.iter().copied().peekable();
        let has = |row: &usize| {
            while others.next_if(|other| other < row).is_some() {}
            others.peek() == Some(row)
        };
        self.rows.iter().copied().filter(has).collect()
    }
}

/// The calendars of `columns`, in the order of their first members. NaN is missing.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite` for an infinite value.
pub(super) fn calendars(columns: &[&[f64]]) -> Result<Vec<Calendar>> {
    let first = columns.first().ok_or(Refusal::Empty)?.len();
    let mut found: Vec<Calendar> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    for (series, column) in columns.iter().enumerate() {
        if column.len() != first {
            return Err(Refusal::UnequalLengths { first, other: column.len() });
        }
        if column.iter().any(|value| value.is_infinite()) {
            return Err(Refusal::NonFinite { series });
        }
        let rows: Vec<usize> = (0..first).filter(|row| !column[*row].is_nan()).collect();
        let place = *known.entry(rows.clone()).or_insert(found.len());
        if place == found.len() {
            found.push(Calendar { members: Vec::new(), rows });
        }
        found[place].members.push(series);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: f64 = f64::NAN;

    #[test]
    fn columns_with_the_same_rows_stand_together() {
        let found = calendars(&[&[1.0, 2.0, 3.0], &[GAP, 1.0, 2.0], &[4.0; 3], &[GAP, 0.0, 9.0]]);
        let found = found.expect("equal");
        assert_eq!(found[0], Calendar { members: vec![0, 2], rows: vec![0, 1, 2] });
        assert_eq!(found[1], Calendar { members: vec![1, 3], rows: vec![1, 2] });
        assert_eq!(found[0].common(&found[1]), [1, 2]);
        assert_eq!(found[1].common(&found[0]), [1, 2]);
        assert_eq!(found[0].common(&found[0]), [0, 1, 2]);
    }

    #[test]
    fn what_is_not_a_table_is_refused() {
        assert_eq!(calendars(&[]), Err(Refusal::Empty));
        let unequal = Refusal::UnequalLengths { first: 1, other: 2 };
        assert_eq!(calendars(&[&[1.0], &[1.0, 2.0]]), Err(unequal));
        let endless = calendars(&[&[1.0], &[f64::NEG_INFINITY]]);
        assert_eq!(endless, Err(Refusal::NonFinite { series: 1 }));
    }
}
