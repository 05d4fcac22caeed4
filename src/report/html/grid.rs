//! Answers as tables of the page: rounded for the eye, scrolling in a place of their own.

use super::{glossary, markup::Markup};
use crate::{
    report::cell::{Style, shown},
    store::{Cell, Table},
};

/// The text of an undefined value.
const UNDEFINED: &str = "–";

/// Letters of a text that stands on one line.
const ONE_LINE: usize = 34;

/// The columns of `table` listed in `columns`, under their second names, in a place that scrolls; all of
/// them if none are listed. What has a meaning in the glossary leads there.
pub(super) fn grid(label: &str, table: &Table, columns: &[(&str, &str)]) -> Markup {
    let own: Vec<(&str, &str)> =
        table.columns.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let columns = if columns.is_empty() { &own[..] } else { columns };
    let found: Vec<Column<'_>> =
        columns.iter().filter_map(|(name, head)| Column::of(table, name, head)).collect();
    let mut out = Markup::default();
    out.open(
        "div",
        &[("class", &"scroll"), ("tabindex", &0), ("role", &"region"), ("aria-label", &label)],
    );
    out.literal("<table><thead><tr>");
    for column in &found {
        out.open("th", &[("scope", &"col"), ("class", &if column.is_number { "n" } else { "t" })]);
        let head = column.style.heading(column.head).replace('_', " ");
        match glossary::place_of(&table.columns[column.at]) {
            Some(place) => out.element("a", &[("href", &format_args!("#{place}"))], head),
            None => out.text(head),
        };
        out.close("th");
    }
    out.literal("</tr></thead><tbody>");
    for row in &table.rows {
        out.literal("<tr>");
        for column in &found {
            cell(&mut out, row.get(column.at).unwrap_or(&Cell::Null), column);
        }
        out.literal("</tr>\n");
    }
    out.literal("</tbody></table></div>");
    out
}

/// A column that is shown.
struct Column<'a> {
    at: usize,
    head: &'a str,
    style: Style,
    is_number: bool,
}

impl<'a> Column<'a> {
    fn of(table: &Table, name: &str, head: &'a str) -> Option<Self> {
        let at = table.position(name)?;
        Some(Self { at, head, style: Style::of(name), is_number: is_number(table, at) })
    }
}

fn cell(out: &mut Markup, cell: &Cell, column: &Column<'_>) {
    let is_undefined = match cell {
        Cell::Null => true,
        Cell::Float(value) => !value.is_finite(),
        _ => false,
    };
    let text = if is_undefined { UNDEFINED.to_owned() } else { shown(cell, column.style) };
    out.literal(match (is_undefined, column.is_number) {
        (true, true) => "<td class=\"u n\" title=\"undefined\">",
        (true, false) => "<td class=\"u\" title=\"undefined\">",
        (false, true) => "<td class=\"n\">",
        (false, false) if text.chars().count() > ONE_LINE => "<td class=\"w\">",
        (false, false) => "<td>",
    });
    out.text(text).close("td");
}

/// True for a column whose every defined value is a number.
fn is_number(table: &Table, at: usize) -> bool {
    let cells = || table.rows.iter().filter_map(|row| row.get(at));
    cells().all(|cell| matches!(cell, Cell::Int(_) | Cell::Float(_) | Cell::Null))
        && cells().any(|cell| *cell != Cell::Null)
}

/// Names and values, one below the other.
pub(super) fn facts(rows: &[(&str, String)]) -> Markup {
    let mut out = Markup::default();
    out.literal("<dl class=\"facts\">");
    for (name, value) in rows {
        out.literal("<div>").element("dt", &[], name).element("dd", &[], value).literal("</div>");
    }
    out.literal("</dl>");
    out
}

/// `body` behind a line that opens it.
pub(super) fn folded(line: &str, body: &Markup) -> Markup {
    let mut out = Markup::default();
    out.literal("<details>").element("summary", &[], line).append(body).literal("</details>");
    out
}
