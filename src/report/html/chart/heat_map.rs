//! Cells in rows and columns, coloured by class and strength.

use super::{
    Chart, Exact,
    label::{self, label},
    scale::Percent,
};
use crate::report::html::markup::Markup;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct HeatCell {
    pub(in crate::report::html) row: usize,
    pub(in crate::report::html) column: usize,
    /// The number it stands for; `None` where it is undefined.
    pub(in crate::report::html) value: Option<f64>,
    pub(in crate::report::html) class: &'static str,
    /// From 0 to 1.
    pub(in crate::report::html) strength: f64,
    /// What stands in it; may be empty.
    pub(in crate::report::html) text: String,
    /// What it is called by a program.
    pub(in crate::report::html) name: String,
    pub(in crate::report::html) title: String,
}

/// A map and its labels.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct HeatMap {
    pub(in crate::report::html) rows: Vec<String>,
    pub(in crate::report::html) columns: Vec<String>,
    pub(in crate::report::html) cells: Vec<HeatCell>,
    pub(in crate::report::html) row_height: usize,
    /// True for labels of columns that stand upright.
    pub(in crate::report::html) is_upright: bool,
}

/// The chart; its height is that of its rows.
pub(in crate::report::html) fn heat_map(chart: &Chart<'_>, map: &HeatMap) -> Markup {
    let columns = map.columns.len().max(1) as f64;
    let chart = Chart { height: map.row_height * map.rows.len(), ..*chart };
    chart.drawn(|out| {
        out.open("g", &[("class", &"axis")]);
        for (row, name) in map.rows.iter().enumerate() {
            let y = map.row_height * row + map.row_height / 2;
            label(
                out,
                &[("class", &"y"), ("x", &-6), ("y", &y), ("dy", &"0.32em")],
                name,
                label::UPRIGHT,
            );
        }
        for (column, name) in map.columns.iter().enumerate() {
            let x = Percent((column as f64 + 0.5) / columns);
            if map.is_upright {
                out.open("svg", &[("x", &x), ("y", &-6), ("overflow", &"visible")]);
                let upright = [("transform", &"rotate(-90)" as _), ("dy", &"0.32em" as _)];
                label(out, &upright, name, label::UPRIGHT);
                out.close("svg");
            } else {
                out.element("text", &[("class", &"x"), ("x", &x), ("y", &-8)], name);
            }
        }
        out.close("g");
        for cell in &map.cells {
            one(out, cell, columns, map.row_height);
        }
    })
}

fn one(out: &mut Markup, cell: &HeatCell, columns: f64, row_height: usize) {
    let top = row_height * cell.row;
    out.titled(
        "rect",
        &[
            ("class", &format_args!("cell {}", cell.class)),
            ("x", &Percent(cell.column as f64 / columns)),
            ("y", &top),
            ("width", &Percent(1.0 / columns)),
            ("height", &row_height),
            ("fill-opacity", &format_args!("{:.2}", cell.strength.clamp(0.0, 1.0))),
            ("data-cell", &cell.name),
            ("data-value", &Exact(cell.value.unwrap_or(f64::NAN))),
        ],
        &cell.title,
    );
    if !cell.text.is_empty() {
        let x = Percent((cell.column as f64 + 0.5) / columns);
        out.element(
            "text",
            &[("class", &"in-cell"), ("x", &x), ("y", &(top + row_height / 2)), ("dy", &"0.32em")],
            &cell.text,
        );
    }
}
