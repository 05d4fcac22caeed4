//! Answers as tables of the page: rounded for the eye, scrolling in a place of their own.

use super::{glossary, markup::Markup};
use crate::{
    report::cell::{Style, shown},
    store::{Cell, Table},
};

/// The text of an undefined value.
const UNDEFINED: &str = "–";

/// The columns of `table` listed in `columns`, under their second names, in a place that scrolls; all of
/// them if none are listed. What has a meaning in the glossary leads there.
pub(super) fn grid(label: &str, table: &Table, columns: &[(&str, &str)]) -> Markup {
    let own: Vec<(&str, &str)> =
        table.columns.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let columns = if columns.is_empty() { &own[..] } else { columns };
    let found: Vec<(usize, Style, &str)> = (columns.iter())
        .filter_map(|(name, head)| Some((table.position(name)?, Style::of(name), *head)))
        .collect();
    let mut out = Markup::default();
    out.open(
        "div",
        &[("class", &"scroll"), ("tabindex", &0), ("role", &"region"), ("aria-label", &label)],
    );
    out.literal("<table><thead><tr>");
    for (at, style, head) in &found {
        let is_number = is_number(table, *at);
        out.open("th", &[("scope", &"col"), ("class", &if is_number { "n" } else { "t" })]);
        let name = &table.columns[*at];
        let head = style.heading(head).replace('_', " ");
        match glossary::place_of(name) {
            Some(place) => out.element("a", &[("href", &format_args!("#{place}"))], head),
            None => out.text(head),
        };
        out.close("th");
    }
    out.literal("</tr></thead><tbody>");
    for row in &table.rows {
        out.literal("<tr>");
        for (at, style, _) in &found {
            cell(&mut out, row.get(*at).unwrap_or(&Cell::Null), *style);
        }
        out.literal("</tr>\n");
    }
    out.literal("</tbody></table></div>");
    out
}

fn cell(out: &mut Markup, cell: &Cell, style: Style) {
    match cell {
        Cell::Null => out.literal("<td class=\"u\" title=\"undefined\">").text(UNDEFINED),
        Cell::Float(value) if !value.is_finite() => {
            out.literal("<td class=\"u\" title=\"undefined\">").text(UNDEFINED)
        }
        Cell::Int(_) | Cell::Float(_) => out.literal("<td class=\"n\">").text(shown(cell, style)),
        _ => out.literal("<td>").text(shown(cell, style)),
    };
    out.close("td");
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
