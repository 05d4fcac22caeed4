//! A wide answer made to fit a terminal: first the columns that can be missed go.
//!
//! Used where we choose the columns (the closing summary, `check`). Answers to a user's question
//! keep every column and wrap.

use super::table::aligned;
use crate::store::Table;

/// `answer` in aligned columns. Where it is wider than `width`, columns of `expendable` are left
/// out one after the other, in that order, until it fits or none is left to leave out.
pub fn fitted(answer: &Table, width: Option<u16>, expendable: &[&str]) -> String {
    let Some(limit) = width.map(usize::from) else { return aligned(answer, None) };
    let mut shown = answer.clone();
    let mut next = expendable.iter();
    while natural_width(&shown) > limit {
        let Some(name) = next.next() else { return aligned(&shown, width) };
        shown = without(shown, name);
    }
    aligned(&shown, None)
}

/// Columns that the longest line of the aligned answer takes.
pub(super) fn natural_width(answer: &Table) -> usize {
    aligned(answer, None).lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

fn without(mut answer: Table, name: &str) -> Table {
    if let Some(at) = answer.position(name) {
        answer.columns.remove(at);
        if at < answer.kinds.len() {
            answer.kinds.remove(at);
        }
        for row in &mut answer.rows {
            row.remove(at);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::fitted;
    use crate::store::{Cell, Table};

    fn wide() -> Table {
        let columns = ["strategy", "rank", "symbols", "sharpe"].map(str::to_owned).to_vec();
        let row = vec![
            Cell::Text("cointegration".into()),
            Cell::Int(1),
            Cell::Text("BOLERO,TOCCATA".into()),
            Cell::Float(1.5),
        ];
        Table { columns, rows: vec![row], ..Table::default() }
    }

    #[test]
    fn columns_go_in_the_order_given_and_only_as_many_as_needed() {
        let header = |width| {
            let text = fitted(&wide(), width, &["rank", "symbols"]);
            text.lines().next().expect("a header").split_whitespace().map(str::to_owned).collect()
        };
        let names: Vec<String> = header(None);
        assert_eq!(names, ["strategy", "rank", "symbols", "sharpe"]);
        let names: Vec<String> = header(Some(40));
        assert_eq!(names, ["strategy", "symbols", "sharpe"]);
        let names: Vec<String> = header(Some(30));
        assert_eq!(names, ["strategy", "sharpe"]);
    }

    #[test]
    fn what_cannot_be_left_out_wraps() {
        let text = fitted(&wide(), Some(16), &["rank", "symbols"]);
        assert!(text.lines().all(|line| line.chars().count() <= 16), "{text}");
    }
}
