//! Marks on a line: told apart by shape as well as by colour.

use super::scale::Percent;
use crate::report::html::markup::{Attribute, Markup};

/// What a mark looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::html) enum Shape {
    /// A triangle that points up: bought.
    Up,
    /// A triangle that points down: sold.
    Down,
    /// A circle: left.
    Circle,
    /// A cross: left against one's will.
    Cross,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Up => "M-5 4L5 4L0-5Z",
            Self::Down => "M-5-4L5-4L0 5Z",
            Self::Circle => "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1-4 0Z",
            Self::Cross => "M-4-4L4 4M-4 4L4-4",
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Up => "mark up",
            Self::Down => "mark down",
            Self::Circle => "mark circle",
            Self::Cross => "mark cross",
        }
    }
}

/// A mark at a moment and a value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct Mark {
    pub(in crate::report::html) ts: i64,
    pub(in crate::report::html) value: f64,
    pub(in crate::report::html) shape: Shape,
    /// What it is, for a program.
    pub(in crate::report::html) kind: String,
    /// What it is, for a person.
    pub(in crate::report::html) title: String,
}

/// Adds a mark at `(x, y)`, shares of the plot from the upper left corner.
pub(super) fn mark(out: &mut Markup, (x, y): (f64, f64), mark: &Mark) {
    let attributes: [Attribute<'_>; 7] = [
        ("x", &Percent(x)),
        ("y", &Percent(y)),
        ("overflow", &"visible"),
        ("class", &mark.shape.class()),
        ("data-mark", &mark.kind),
        ("data-ts", &super::moment(mark.ts)),
        ("data-value", &super::Exact(mark.value)),
    ];
    out.open("svg", &attributes).element("title", &[], &mark.title);
    out.empty("path", &[("d", &mark.shape.path())]).close("svg");
}

/// Adds a mark for a legend.
pub(super) fn sample(out: &mut Markup, shape: Shape) {
    out.open("svg", &[("class", &shape.class()), ("width", &12), ("height", &12)]);
    out.empty("path", &[("d", &shape.path()), ("transform", &"translate(6 6)")]).close("svg");
}
