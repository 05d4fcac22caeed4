//! A tree of clusters, its leaves one below the other.

use super::{
    Chart, Exact,
    frame::stretched,
    label::{self, label},
    scale::SPAN,
};
use crate::{report::html::markup::Markup, stats::Merge};

/// Height of a leaf's row.
const ROW: usize = 22;

/// A leaf, in the order of the plot.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct Leaf {
    /// Its number in the merges.
    pub(in crate::report::html) number: usize,
    pub(in crate::report::html) label: String,
    /// What stands behind it.
    pub(in crate::report::html) note: String,
    /// The number that the note stands for.
    pub(in crate::report::html) value: f64,
}

/// The chart; its height is that of its leaves.
pub(in crate::report::html) fn dendrogram(
    chart: &Chart<'_>,
    leaves: &[Leaf],
    merges: &[Merge],
) -> Markup {
    let highest = merges.iter().map(|merge| merge.height).fold(0.0, f64::max);
    let highest = if highest > 0.0 { highest } else { 1.0 };
    // Distance and row of every cluster: leaves first, then the merges in their order.
    let mut places = vec![(0.0, 0.0); leaves.len()];
    for (row, leaf) in leaves.iter().enumerate() {
        places[leaf.number] = (0.0, (row as f64 + 0.5) / leaves.len() as f64);
    }
    let chart = Chart { height: ROW * leaves.len(), ..*chart };
    chart.drawn(|out| {
        for (row, leaf) in leaves.iter().enumerate() {
            let y = ROW * row + ROW / 2;
            out.open("g", &[("data-leaf", &leaf.label), ("data-value", &Exact(leaf.value))]);
            label(
                out,
                &[("class", &"y"), ("x", &-6), ("y", &y), ("dy", &"0.32em")],
                &leaf.label,
                label::ROW,
            );
            out.element(
                "text",
                &[("class", &"value"), ("x", &"100%"), ("dx", &6), ("y", &y), ("dy", &"0.32em")],
                &leaf.note,
            );
            out.close("g");
        }
        stretched(out);
        for merge in merges {
            let ((left_x, left_y), (right_x, right_y)) = (places[merge.left], places[merge.right]);
            let x = merge.height / highest;
            let path = format!(
                "M{:.1} {:.1}H{:.1}V{:.1}H{:.1}",
                SPAN * left_x,
                SPAN * left_y,
                SPAN * x,
                SPAN * right_y,
                SPAN * right_x
            );
            out.titled(
                "path",
                &[
                    ("class", &"branch"),
                    ("data-height", &Exact(merge.height)),
                    ("data-size", &merge.size),
                    ("d", &path),
                ],
                format_args!("{} symbols meet at distance {:.4}", merge.size, merge.height),
            );
            places.push((x, f64::midpoint(left_y, right_y)));
        }
        out.close("svg");
    })
}
