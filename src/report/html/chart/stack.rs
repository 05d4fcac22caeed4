//! Parts of a whole: one row of parts per thing, or layers over time.

use std::fmt::Write;

use super::{
    Chart, Exact, Unit,
    frame::stretched,
    label::{self, label},
    lines::{time_axis, value_axis},
    scale::{Percent, SPAN, Scale},
};
use crate::report::html::markup::Markup;

/// Height of a row, and of the bar in it.
const ROW: usize = 24;
const THICKNESS: usize = 16;

/// Parts of one thing.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct Row {
    pub(in crate::report::html) label: String,
    /// Name, class and size of each part, in order.
    pub(in crate::report::html) parts: Vec<(String, &'static str, u64)>,
}

/// Rows of parts, each as long as its things are many; its height is that of its rows.
pub(in crate::report::html) fn stacked_rows(chart: &Chart<'_>, rows: &[Row]) -> Markup {
    let size = |row: &Row| row.parts.iter().map(|(_, _, size)| size).sum::<u64>();
    let most = rows.iter().map(size).max().unwrap_or(1).max(1) as f64;
    let chart = Chart { height: ROW * rows.len(), ..*chart };
    chart.drawn(|out| {
        for (at, row) in rows.iter().enumerate() {
            let (middle, top) = (ROW * at + ROW / 2, ROW * at + (ROW - THICKNESS) / 2);
            label(
                out,
                &[("class", &"y"), ("x", &-6), ("y", &middle), ("dy", &"0.32em")],
                &row.label,
                label::ROW,
            );
            let mut before = 0;
            for (name, class, size) in &row.parts {
                out.titled(
                    "rect",
                    &[
                        ("class", class),
                        ("x", &Percent(before as f64 / most)),
                        ("y", &top),
                        ("width", &Percent(*size as f64 / most)),
                        ("height", &THICKNESS),
                        ("data-row", &row.label),
                        ("data-part", name),
                        ("data-count", size),
                    ],
                    format_args!("{}: {name} {size}", row.label),
                );
                before += size;
            }
            out.element(
                "text",
                &[
                    ("class", &"value"),
                    ("x", &"100%"),
                    ("dx", &6),
                    ("y", &middle),
                    ("dy", &"0.32em"),
                ],
                before,
            );
        }
    })
}

/// One layer over time.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct Layer {
    pub(in crate::report::html) name: String,
    pub(in crate::report::html) class: &'static str,
    /// A value per moment, not negative, that holds until the next.
    pub(in crate::report::html) values: Vec<f64>,
}

/// Layers on top of each other, in steps: moments, increasing, and the moment at which the last ends.
pub(in crate::report::html) fn stacked_area(
    chart: &Chart<'_>,
    unit: Unit,
    (ts, end): (&[i64], i64),
    layers: &[Layer],
) -> Markup {
    let total = |at: usize| layers.iter().map(|layer| layer.values[at]).sum::<f64>();
    let most = (0..ts.len()).map(total).fold(0.0, f64::max);
    // Parts of a whole may add up to a rounding more than it.
    let scale = Scale::of([0.0, most * (1.0 - 1e-9)].into_iter(), 4);
    let first = ts.first().copied().unwrap_or(0);
    let end = end.max(first + 1);
    let x = |ts: i64| SPAN * (ts - first) as f64 / (end - first) as f64;
    let y = |value: f64| SPAN * (1.0 - scale.place(value));
    chart.drawn(|out| {
        value_axis(out, &scale, unit);
        time_axis(out, (first, end));
        stretched(out);
        let mut floor = vec![0.0; ts.len()];
        for layer in layers {
            let ceiling: Vec<f64> = floor.iter().zip(&layer.values).map(|(f, v)| f + v).collect();
            let mut path = String::from("M");
            let span = |at: usize| (x(ts[at]), x(ts.get(at + 1).copied().unwrap_or(end)));
            for (at, &top) in ceiling.iter().enumerate() {
                let ((from, to), y) = (span(at), y(top));
                let _ = write!(path, "{from:.1} {y:.1} {to:.1} {y:.1} ");
            }
            for (at, &bottom) in floor.iter().enumerate().rev() {
                let ((from, to), y) = (span(at), y(bottom));
                let _ = write!(path, "{to:.1} {y:.1} {from:.1} {y:.1} ");
            }
            path.push('Z');
            let [first, last] = [layer.values.first(), layer.values.last()]
                .map(|value| value.copied().unwrap_or(f64::NAN));
            out.titled(
                "path",
                &[
                    ("class", &layer.class),
                    ("data-layer", &layer.name),
                    ("data-first", &Exact(first)),
                    ("data-last", &Exact(last)),
                    ("d", &path),
                ],
                format_args!(
                    "{}: first {}, last {}",
                    layer.name,
                    unit.shown(first),
                    unit.shown(last)
                ),
            );
            floor = ceiling;
        }
        out.close("svg");
    })
}
