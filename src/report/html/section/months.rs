//! Returns by calendar month, as a map of years and months.

use super::job::named;
use crate::{
    report::{
        html::{
            chart::{Chart, HeatCell, HeatMap, Key, heat_map},
            markup::Markup,
        },
        number::percent,
    },
    run::{Account, Month},
};

const NAMES: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Opacity of the weakest colour, so that text on the strongest can be read.
const FAINT: f64 = 0.08;
const STRONG: f64 = 0.7;

/// The map of the job that was asked for.
pub(super) fn months(account: &Account) -> Option<Markup> {
    let detail = account.details.first()?;
    let drawn = detail.drawn.as_ref().ok()?;
    let months = &drawn.curves.months;
    let (first, last) = (months.first()?, months.last()?);
    let years: Vec<i16> = (first.year..=last.year).collect();
    let most = months.iter().filter_map(|month| month.value).map(f64::abs).fold(0.0, f64::max);
    let cell = |month: &Month| {
        let row = usize::try_from(month.year - first.year).unwrap_or(0);
        let column = usize::try_from(month.month - 1).unwrap_or(0);
        let name = format!("{}-{:02}", month.year, month.month);
        let shown =
            month.value.map_or("undefined".to_owned(), |value| format!("{} %", percent(value)));
        let strength = month.value.map_or(0.0, |value| {
            FAINT + (STRONG - FAINT) * if most > 0.0 { value.abs() / most } else { 0.0 }
        });
        let text = month.value.map_or(String::new(), |value| format!("{:.1}", 100.0 * value));
        // What reads as nothing is coloured as nothing.
        let is_flat = matches!(text.as_str(), "" | "0.0" | "-0.0");
        HeatCell {
            row,
            column,
            value: month.value,
            class: if month.value.unwrap_or(0.0) < 0.0 { "loss" } else { "gain" },
            strength: if is_flat { 0.0 } else { strength },
            text: text.replace("-0.0", "0.0"),
            title: format!("{name}: {shown}, {} bars", month.bars),
            name,
        }
    };
    let map = HeatMap {
        rows: years.iter().map(ToString::to_string).collect(),
        columns: NAMES.map(str::to_owned).to_vec(),
        cells: months.iter().map(cell).collect(),
        row_height: 34,
        is_upright: false,
    };
    let chart = Chart {
        name: "months",
        title: "Monthly returns, %",
        meaning: "Equity at the last close of a month over that before its first bar, less 1, by the months in which \
                  bars open (UTC). The first and the last month may be incomplete.",
        legend: &[(Key::Colour("cell gain"), "gain"), (Key::Colour("cell loss"), "loss")],
        height: 0,
        room: "with-head",
    };
    let mut out = Markup::default();
    out.element("p", &[("class", &"about")], format_args!("{}.", named(detail)));
    out.append(&heat_map(&chart, &map));
    Some(out)
}
