//! The spreads of a job that trades pairs, with its decisions on them.

use super::job::about;
use crate::{
    report::{
        html::{
            chart::{Chart, Key, Level, Lines, Mark, Series, Shape, Unit, lines, moment},
            grid::{folded, grid},
            markup::Markup,
        },
        number::fixed,
    },
    run::{Account, Spread},
    store::{Cell, Table},
};

const HEIGHT: usize = 260;

/// The spreads of the first job that has any.
pub(super) fn spread(account: &Account) -> Option<Markup> {
    let has_spreads = |detail: &&crate::run::Detail| {
        detail.job.text(0, "strategy") == "cointegration"
            && detail.drawn.as_ref().map_or(true, |drawn| !drawn.spreads.is_empty())
    };
    let detail = account.details.iter().find(has_spreads)?;
    let mut out = Markup::default();
    about(&mut out, detail);
    if let Ok(drawn) = &detail.drawn {
        for spread in &drawn.spreads {
            out.append(&chart(spread));
            out.append(&folded("The fits behind it, window by window", &fits(spread)));
        }
    }
    Some(out)
}

fn chart(spread: &Spread) -> Markup {
    let path = &spread.path;
    let bands = path.bands;
    let level = |value: f64, class, label: &str| Level { value, class, label: label.to_owned() };
    let levels = [
        level(bands.stop, "level stop", "stop"),
        level(bands.entry, "level entry", "entry"),
        level(bands.exit, "level exit", "exit"),
        level(-bands.exit, "level exit", ""),
        level(-bands.entry, "level entry", ""),
        level(-bands.stop, "level stop", ""),
    ];
    let marks: Vec<Mark> =
        spread.marks.iter().filter(|mark| mark.z.is_finite()).map(shown).collect();
    let series = [Series { name: "z-score", class: "line own thin", values: &path.z }];
    let title = format!("z-score of {} and {}", path.symbols[0], path.symbols[1]);
    let chart = Chart {
        name: "spread",
        title: &title,
        meaning: "Distance of the spread from its mean in standard deviations, both of the formation window before; \
                  gaps are windows whose fit was not accepted. Marks are decisions that were filled, at the close \
                  that took them; fills follow one bar later. The line stands at what the rule saw.",
        legend: &[
            (Key::Colour("own"), "z-score"),
            (Key::Mark(Shape::Up), "spread bought"),
            (Key::Mark(Shape::Down), "spread sold"),
            (Key::Mark(Shape::Circle), "left"),
            (Key::Mark(Shape::Cross), "stop or end of window"),
        ],
        height: HEIGHT,
        room: "with-levels",
    };
    let lines_shown =
        Lines { unit: Unit::Ratio, ts: &path.ts, series: &series, levels: &levels, marks: &marks };
    lines(&chart, &lines_shown)
}

fn shown(mark: &crate::run::Mark) -> Mark {
    let (shape, what) = match (mark.reason, mark.side) {
        ("enter", 1) => (Shape::Up, "spread bought"),
        ("enter", _) => (Shape::Down, "spread sold"),
        ("exit", _) => (Shape::Circle, "left: back at the mean"),
        (other, _) => (Shape::Cross, other),
    };
    Mark {
        ts: mark.ts,
        value: mark.z,
        shape,
        kind: mark.reason.to_owned(),
        title: format!("{}: {what} at z {}", moment(mark.ts), fixed(mark.z, 2)),
    }
}

fn fits(spread: &Spread) -> Markup {
    let columns = [
        "refit",
        "y",
        "x",
        "formation_end",
        "p_value",
        "beta",
        "half_life_bars",
        "accepted",
        "reason",
    ];
    let number = |value: Option<f64>| value.map_or(Cell::Null, Cell::Float);
    let row = |fit: &crate::domain::FitRecord| {
        vec![
            Cell::Int(i64::from(fit.refit)),
            Cell::Text(fit.symbol_y.clone()),
            Cell::Text(fit.symbol_x.clone()),
            Cell::Text(moment(fit.formation_end.micros())),
            number(fit.p_value),
            number(fit.beta),
            number(fit.half_life_bars),
            Cell::Bool(fit.accepted),
            fit.reason.clone().map_or(Cell::Null, Cell::Text),
        ]
    };
    let rows = spread.path.fits.iter().map(row).collect();
    let table = Table { columns: columns.map(str::to_owned).to_vec(), rows, ..Table::default() };
    grid("Fits", &table, &[])
}
