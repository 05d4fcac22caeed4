//! Lines over time, with levels and marks.

use std::fmt::Write;

use super::{
    Chart, Exact, Mark, Unit, day,
    frame::stretched,
    mark::mark,
    moment,
    scale::{Percent, SPAN, Scale},
    thin::thinned,
};
use crate::report::html::markup::Markup;

/// Marks of the axis of values, about, and of time.
const VALUE_MARKS: usize = 4;
const TIME_MARKS: u32 = 3;

/// One line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report::html) struct Series<'a> {
    /// What a program finds it by.
    pub(in crate::report::html) name: &'static str,
    /// Its class: colour and stroke.
    pub(in crate::report::html) class: &'static str,
    /// A value per moment; NaN where it is undefined.
    pub(in crate::report::html) values: &'a [f64],
}

/// A level that is drawn across the plot.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct Level {
    pub(in crate::report::html) value: f64,
    pub(in crate::report::html) class: &'static str,
    pub(in crate::report::html) label: String,
}

/// What a chart of lines shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report::html) struct Lines<'a> {
    pub(in crate::report::html) unit: Unit,
    /// Moments, increasing.
    pub(in crate::report::html) ts: &'a [i64],
    pub(in crate::report::html) series: &'a [Series<'a>],
    pub(in crate::report::html) levels: &'a [Level],
    pub(in crate::report::html) marks: &'a [Mark],
}

/// The chart.
pub(in crate::report::html) fn lines(chart: &Chart<'_>, shown: &Lines<'_>) -> Markup {
    let values = shown.series.iter().flat_map(|series| series.values.iter().copied());
    let levels = shown.levels.iter().map(|level| level.value);
    let marks = shown.marks.iter().map(|mark| mark.value);
    let scale = Scale::of(values.chain(levels).chain(marks), VALUE_MARKS);
    let (first, last) = match shown.ts {
        [first, .., last] => (*first, *last),
        [only] => (*only, *only + 1),
        [] => (0, 1),
    };
    let place = |ts: i64| (ts - first) as f64 / (last - first) as f64;
    chart.drawn(|out| {
        value_axis(out, &scale, shown.unit);
        time_axis(out, (first, last));
        for level in shown.levels {
            let y = Percent(1.0 - scale.place(level.value));
            out.open("g", &[("class", &level.class), ("data-level", &Exact(level.value))]);
            out.empty("line", &[("x1", &"0"), ("x2", &"100%"), ("y1", &y), ("y2", &y)]);
            out.element(
                "text",
                &[("x", &"100%"), ("y", &y), ("dx", &4), ("dy", &"0.32em")],
                &level.label,
            );
            out.close("g");
        }
        let places: Vec<f64> = shown.ts.iter().map(|&ts| place(ts)).collect();
        stretched(out);
        for series in shown.series {
            line(out, series, &places, &scale, shown.unit);
        }
        out.close("svg");
        for one in shown.marks {
            mark(out, (place(one.ts), 1.0 - scale.place(one.value)), one);
        }
    })
}

/// Grid and labels of the values.
pub(super) fn value_axis(out: &mut Markup, scale: &Scale, unit: Unit) {
    out.open(
        "g",
        &[("class", &"axis"), ("data-low", &Exact(scale.low)), ("data-high", &Exact(scale.high))],
    );
    for value in scale.marks() {
        let y = Percent(1.0 - scale.place(value));
        out.empty("line", &[("x1", &"0"), ("x2", &"100%"), ("y1", &y), ("y2", &y)]);
        let label = unit.at_axis(value, scale.step);
        out.element("text", &[("class", &"y"), ("x", &-6), ("y", &y), ("dy", &"0.32em")], label);
    }
    out.close("g");
}

/// Labels of the time.
pub(super) fn time_axis(out: &mut Markup, (first, last): (i64, i64)) {
    out.open("g", &[("class", &"axis"), ("data-from", &moment(first)), ("data-to", &moment(last))]);
    for at in 0..=TIME_MARKS {
        let share = f64::from(at) / f64::from(TIME_MARKS);
        let ts = first + (last - first) / i64::from(TIME_MARKS) * i64::from(at);
        let class = match at {
            0 => "x start",
            TIME_MARKS => "x end",
            _ => "x middle",
        };
        out.element(
            "text",
            &[("class", &class), ("x", &Percent(share)), ("y", &"100%"), ("dy", &18)],
            day(ts),
        );
    }
    out.close("g");
}

fn line(out: &mut Markup, series: &Series<'_>, places: &[f64], scale: &Scale, unit: Unit) {
    let known = || series.values.iter().copied().filter(|value| value.is_finite());
    let end = |value: Option<f64>| Exact(value.unwrap_or(f64::NAN));
    let (low, high) = (known().reduce(f64::min), known().reduce(f64::max));
    let (first, last) = (known().next(), known().next_back());
    let mut path = String::new();
    let mut is_drawing = false;
    for at in thinned(places, series.values) {
        let value = series.values[at];
        if !value.is_finite() {
            is_drawing = false;
            continue;
        }
        let (x, y) = (SPAN * places[at], SPAN * (1.0 - scale.place(value)));
        let _ = write!(path, "{}{x:.1} {y:.1}", if is_drawing { 'L' } else { 'M' });
        is_drawing = true;
    }
    let shown = |value: Option<f64>| unit.shown(value.unwrap_or(f64::NAN));
    out.titled(
        "path",
        &[
            ("class", &series.class),
            ("data-series", &series.name),
            ("data-points", &known().count()),
            ("data-undefined", &(series.values.len() - known().count())),
            ("data-first", &end(first)),
            ("data-last", &end(last)),
            ("data-min", &end(low)),
            ("data-max", &end(high)),
            ("d", &path),
        ],
        format_args!(
            "{}: first {}, last {}, lowest {}, highest {}",
            series.name,
            shown(first),
            shown(last),
            shown(low),
            shown(high)
        ),
    );
}
