//! What every chart has around it: a caption, a legend, the place it is drawn in.

use super::mark::{self, Shape};
use crate::report::html::markup::Markup;

/// An entry of a legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::html) enum Key {
    /// A line or an area of this class.
    Colour(&'static str),
    /// A mark.
    Mark(Shape),
}

/// A chart's frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report::html) struct Chart<'a> {
    /// What a program finds it by.
    pub(in crate::report::html) name: &'static str,
    /// What it shows.
    pub(in crate::report::html) title: &'a str,
    /// What it means: definition, unit, what is undefined.
    pub(in crate::report::html) meaning: &'a str,
    /// Its legend.
    pub(in crate::report::html) legend: &'a [(Key, &'a str)],
    /// Height of the plot in pixels.
    pub(in crate::report::html) height: usize,
    /// Class of the plot: how much room its labels take.
    pub(in crate::report::html) room: &'static str,
}

impl Chart<'_> {
    /// The figure around what `draw` puts into its plot.
    pub(in crate::report::html) fn drawn(&self, draw: impl FnOnce(&mut Markup)) -> Markup {
        let mut out = Markup::default();
        out.open("figure", &[("class", &"chart")]);
        out.open("figcaption", &[]);
        out.element("strong", &[], self.title).text(" ").element("span", &[], self.meaning);
        out.close("figcaption");
        if !self.legend.is_empty() {
            out.open("ul", &[("class", &"legend")]);
            for (key, label) in self.legend {
                out.open("li", &[]);
                match key {
                    Key::Colour(class) => {
                        out.open("svg", &[("class", &"key"), ("width", &14), ("height", &12)]);
                        out.empty(
                            "rect",
                            &[("class", class), ("y", &2), ("width", &14), ("height", &8)],
                        );
                        out.close("svg");
                    }
                    Key::Mark(shape) => mark::sample(&mut out, *shape),
                }
                out.text(label).close("li");
            }
            out.close("ul");
        }
        out.open("div", &[("class", &format_args!("plot {}", self.room))]);
        out.open(
            "svg",
            &[
                ("data-chart", &self.name),
                ("width", &"100%"),
                ("height", &self.height),
                ("role", &"img"),
                ("aria-label", &self.title),
            ],
        );
        draw(&mut out);
        out.close("svg").close("div").close("figure");
        out
    }
}

/// Opens the inner drawing, which stretches to the plot's size.
pub(super) fn stretched(out: &mut Markup) -> &mut Markup {
    out.open(
        "svg",
        &[
            ("viewBox", &"0 0 1000 1000"),
            ("preserveAspectRatio", &"none"),
            ("width", &"100%"),
            ("height", &"100%"),
            ("overflow", &"visible"),
        ],
    )
}
