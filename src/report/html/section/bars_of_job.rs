//! The job bar by bar: equity beside its benchmark, drawdown, rolling Sharpe ratio.

use super::job::named;
use crate::{
    report::html::{
        chart::{Chart, Key, Level, Lines, Series, Unit, lines},
        markup::Markup,
    },
    run::{Account, Curves},
};

const HEIGHT: usize = 240;
const LOW: usize = 160;

/// The three charts of the job that was asked for.
pub(super) fn bars_of_job(account: &Account) -> Option<Markup> {
    let detail = account.details.first()?;
    let drawn = detail.drawn.as_ref().ok()?;
    let mut out = Markup::default();
    out.element("p", &[("class", &"about")], format_args!("{}.", named(detail)));
    out.append(&equity(&drawn.curves));
    out.append(&drawdown(&drawn.curves));
    out.append(&rolling_sharpe(&drawn.curves));
    Some(out)
}

fn shown<'a>(
    curves: &'a Curves,
    unit: Unit,
    series: &'a [Series<'a>],
    levels: &'a [Level],
) -> Lines<'a> {
    Lines { unit, ts: &curves.ts, series, levels, marks: &[] }
}

const LEGEND: [(Key, &str); 2] = [(Key::Colour("own"), "job"), (Key::Colour("other"), "benchmark")];

fn equity(curves: &Curves) -> Markup {
    let series = pair("equity", &curves.equity, "benchmark", &curves.benchmark, curves);
    let levels = [level(curves.capital, "capital")];
    let chart = Chart {
        name: "equity",
        title: "Equity against the benchmark",
        meaning: "Cash and positions at the close of every scored bar, in quote currency, after all costs; the \
                  benchmark buys the same symbols in equal parts and holds them.",
        legend: &LEGEND,
        height: HEIGHT,
        room: "with-levels",
    };
    lines(&chart, &shown(curves, Unit::Money, &series, &levels))
}

fn drawdown(curves: &Curves) -> Markup {
    let series = pair(
        "drawdown",
        &curves.drawdown,
        "benchmark-drawdown",
        &curves.benchmark_drawdown,
        curves,
    );
    let chart = Chart {
        name: "drawdown",
        title: "Drawdown",
        meaning: "Equity over its running maximum, which begins at the capital, less 1.",
        legend: &LEGEND,
        height: LOW,
        room: "with-levels",
    };
    lines(&chart, &shown(curves, Unit::Percent, &series, &[level(0.0, "")]))
}

fn rolling_sharpe(curves: &Curves) -> Markup {
    let series =
        [Series { name: "rolling-sharpe", class: "line own", values: &curves.rolling_sharpe }];
    let meaning = format!(
        "Sharpe ratio of the last {} bars (a quarter of the scored window), annualized, risk-free rate 0; undefined \
         before there are so many, and where returns do not differ.",
        curves.window_bars
    );
    let chart = Chart {
        name: "rolling-sharpe",
        title: "Rolling Sharpe ratio",
        meaning: &meaning,
        legend: &[],
        height: LOW,
        room: "with-levels",
    };
    lines(&chart, &shown(curves, Unit::Ratio, &series, &[level(0.0, "")]))
}

fn level(value: f64, label: &str) -> Level {
    Level { value, class: "level", label: label.to_owned() }
}

/// The benchmark below, the job on top of it.
fn pair<'a>(
    name: &'static str,
    own: &'a [f64],
    other_name: &'static str,
    other: &'a [f64],
    curves: &Curves,
) -> Vec<Series<'a>> {
    let whole = |values: &[f64]| values.len() == curves.ts.len();
    let below = Series { name: other_name, class: "line other", values: other };
    let above = Series { name, class: "line own", values: own };
    [below, above].into_iter().filter(|series| whole(series.values)).collect()
}
