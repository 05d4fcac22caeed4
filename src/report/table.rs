//! Aligned columns for a person: numbers to the right, text to the left.

use comfy_table::{
    Cell as LayoutCell, CellAlignment, ContentArrangement, Table as Layout, TableComponent,
    presets::NOTHING,
};

use super::cell::{Style, shown};
use crate::store::{Cell, Table};

/// `answer` in aligned columns, one line per row, ending in a newline.
///
/// With a `width` long cells wrap inside it; without one (a pipe, a file) every row is one line,
/// however long. An answer without rows shows its header and says so.
pub fn aligned(answer: &Table, width: Option<u16>) -> String {
    let styles: Vec<Style> = answer.columns.iter().map(|name| Style::of(name)).collect();
    let mut layout = layout(width);
    layout.set_header(styles.iter().zip(&answer.columns).map(|(style, name)| style.heading(name)));
    for row in &answer.rows {
        layout.add_row(row.iter().zip(&styles).map(|(cell, style)| laid_out(cell, *style)));
    }
    for (at, column) in layout.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        column.set_cell_alignment(alignment(answer, at));
    }
    let mut text = layout.trim_fmt();
    text.push('\n');
    if answer.rows.is_empty() {
        text.push_str("(no rows)\n");
    }
    text
}

fn layout(width: Option<u16>) -> Layout {
    let mut layout = Layout::new();
    layout.load_preset(NOTHING);
    for line in [TableComponent::HeaderLines, TableComponent::MiddleHeaderIntersections] {
        layout.set_style(line, '-');
    }
    layout.force_no_tty();
    match width {
        Some(width) => {
            layout.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        None => {
            layout.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    layout
}

/// A cell that wraps between words, or between symbols.
fn laid_out(cell: &Cell, style: Style) -> LayoutCell {
    let laid_out = LayoutCell::new(shown(cell, style));
    if style == Style::Symbols { laid_out.set_delimiter(',') } else { laid_out }
}

/// Right for a column whose every defined value is a number.
fn alignment(answer: &Table, at: usize) -> CellAlignment {
    let mut cells = answer.rows.iter().filter_map(|row| row.get(at)).peekable();
    let is_number = |cell: &Cell| matches!(cell, Cell::Int(_) | Cell::Float(_) | Cell::Null);
    if cells.peek().is_some() && cells.all(is_number) {
        CellAlignment::Right
    } else {
        CellAlignment::Left
    }
}

#[cfg(test)]
mod tests {
    use super::aligned;
    use crate::store::{Cell, Table};

    fn answer() -> Table {
        Table {
            columns: vec!["symbols".into(), "total_return".into(), "trades".into()],
            rows: vec![
                vec![Cell::Text("A,B".into()), Cell::Float(0.1), Cell::Int(12)],
                vec![Cell::Text("C,D".into()), Cell::Null, Cell::Int(7)],
            ],
            ..Table::default()
        }
    }

    #[test]
    fn numbers_stand_under_each_other() {
        let text = aligned(&answer(), None);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "symbols  total_return %  trades",
                "--------------------------------",
                "A,B               10.00      12",
                "C,D                   -       7",
            ]
        );
    }

    #[test]
    fn a_narrow_terminal_wraps_and_a_pipe_never_does() {
        let mut wide = answer();
        wide.rows[0][0] = Cell::Text("a reason of many words that goes on and on".into());
        wide.columns[0] = "reason".into();
        assert_eq!(aligned(&wide, None).lines().count(), 4);
        let narrow = aligned(&wide, Some(50));
        assert!(narrow.lines().count() > 4);
        assert!(narrow.lines().all(|line| line.chars().count() <= 50));
    }

    #[test]
    fn an_answer_without_rows_says_so() {
        let empty = Table { columns: vec!["run_id".into()], ..Table::default() };
        assert!(aligned(&empty, None).ends_with("(no rows)\n"));
        assert!(aligned(&Table::default(), Some(80)).contains("(no rows)"));
    }
}
