//! What the columns of a table mean: the comments behind them in `queries/schema`, which are also what
//! the data dictionary is made of.

use super::schema;

/// The meaning of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// What it is.
    pub text: &'static str,
    /// Its unit; empty where it has none.
    pub unit: &'static str,
}

/// The meaning of a column of a table; `None` for a table or a column that there is not.
pub fn meaning(table: &str, column: &str) -> Option<Meaning> {
    let statement = schema::statement_of(table)?;
    let of = |line: &'static str| {
        let (declared, meaning) = line.strip_prefix("  ")?.split_once(" -- ")?;
        (declared.split(' ').next() == Some(column)).then_some(meaning)
    };
    let whole = statement.lines().find_map(of)?;
    Some(match whole.strip_suffix(']').and_then(|rest| rest.split_once(" [")) {
        Some((text, unit)) => Meaning { text, unit },
        None => Meaning { text: whole, unit: "" },
    })
}

#[cfg(test)]
mod tests {
    use super::{Meaning, meaning};

    #[test]
    fn a_column_is_read_with_its_unit() {
        let found = meaning("measure", "max_drawdown").expect("a column");
        assert_eq!(found.unit, "fraction");
        assert!(found.text.starts_with("deepest fall from a running maximum"));
        let plain = meaning("measure", "calmar");
        assert_eq!(plain, Some(Meaning { text: "cagr over the size of max_drawdown", unit: "" }));
        assert_eq!(meaning("measure", "max"), None);
        assert_eq!(meaning("nothing", "max_drawdown"), None);
    }
}
