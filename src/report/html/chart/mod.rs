//! Charts as inline SVG: pure functions from series to markup.
//!
//! A plot has no size of its own: its `svg` is as wide as the page lets it be, positions are percentages,
//! lines stand in an inner `svg` that stretches (`viewBox` without its proportions, strokes that do not
//! scale), and text keeps its size from a phone to a printer. What a chart shows can be read back:
//! elements carry exact values as `data-` attributes (the shortest text that gives the same number), and
//! a title for who points at them or listens. Order is that of the input; nothing depends on a clock, a
//! hash or a thread.

mod bars;
mod dendrogram;
mod frame;
mod heat_map;
mod label;
mod lines;
mod mark;
mod scale;
mod stack;
mod thin;
mod value;

pub(super) use bars::{Bar, bars};
pub(super) use dendrogram::{Leaf, dendrogram};
pub(super) use frame::{Chart, Key};
pub(super) use heat_map::{HeatCell, HeatMap, heat_map};
pub(super) use lines::{Level, Lines, Series, lines};
pub(super) use mark::{Mark, Shape};
pub(super) use stack::{Layer, Row, stacked_area, stacked_rows};
pub(super) use value::{Exact, Unit, day, moment};
