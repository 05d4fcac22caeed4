//! Horizontal bars that begin where they are told to: amounts, and steps of a waterfall.

use super::{
    Chart, Exact, Unit,
    label::{self, label},
    scale::{Percent, Scale},
};
use crate::report::html::markup::Markup;

/// Height of a row, and of the bar in it.
const ROW: usize = 26;
const THICKNESS: usize = 16;

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct Bar {
    pub(in crate::report::html) label: String,
    /// Where it begins.
    pub(in crate::report::html) from: f64,
    /// Where it ends.
    pub(in crate::report::html) to: f64,
    /// The number it stands for.
    pub(in crate::report::html) value: f64,
    pub(in crate::report::html) class: &'static str,
    /// True if it is longer than the plot.
    pub(in crate::report::html) is_cut: bool,
}

/// The chart; its height is that of its rows.
pub(in crate::report::html) fn bars(chart: &Chart<'_>, unit: Unit, bars: &[Bar]) -> Markup {
    let whole = bars.iter().filter(|bar| !bar.is_cut);
    let scale = Scale::of(whole.flat_map(|bar| [bar.from, bar.to]).chain([0.0]), 3);
    let chart = Chart { height: ROW * bars.len(), ..*chart };
    chart.drawn(|out| {
        out.open("g", &[("class", &"axis")]);
        for value in scale.marks() {
            let x = Percent(scale.place(value));
            out.empty("line", &[("x1", &x), ("x2", &x), ("y1", &"0"), ("y2", &"100%")]);
        }
        out.close("g");
        for (row, bar) in bars.iter().enumerate() {
            one(out, row, bar, &scale, unit);
        }
    })
}

fn one(out: &mut Markup, row: usize, bar: &Bar, scale: &Scale, unit: Unit) {
    let place = |value: f64| scale.place(value).clamp(0.0, 1.0);
    let (from, to) = (place(bar.from.min(bar.to)), place(bar.from.max(bar.to)));
    let (middle, top) = (ROW * row + ROW / 2, ROW * row + (ROW - THICKNESS) / 2);
    let shown = unit.shown(bar.value);
    let cut = if bar.is_cut { ", cut off" } else { "" };
    label(
        out,
        &[("class", &"y"), ("x", &-6), ("y", &middle), ("dy", &"0.32em")],
        &format!("{}{cut}", bar.label),
        label::ROW,
    );
    out.titled(
        "rect",
        &[
            ("class", &bar.class),
            ("x", &Percent(from)),
            ("y", &top),
            // What is nothing can still be seen.
            ("width", &Percent((to - from).max(0.002))),
            ("height", &THICKNESS),
            ("data-bar", &bar.label),
            ("data-value", &Exact(bar.value)),
        ],
        format_args!("{}: {shown}", bar.label),
    );
    out.element(
        "text",
        &[("class", &"value"), ("x", &"100%"), ("dx", &6), ("y", &middle), ("dy", &"0.32em")],
        shown,
    );
}
