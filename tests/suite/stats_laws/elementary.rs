//! Moments, returns, the normal distribution, surfaces and adjusted p-values.

use barline::stats::{
    Around, JohansenCase, ResidualStatistic, Trend, benjamini_hochberg, benjamini_yekutieli,
    complete_rows, critical_values, dot, forward_filled, holm, johansen_critical_values,
    log_returns, mean, moves, moves_against, normal_density, normal_probability, normal_quantile,
    p_value, published_kpss_critical_values, published_kpss_p_value, simple_returns,
    simulated_critical_values, simulated_kpss_critical_values, simulated_kpss_p_value,
    simulated_p_value, standard_deviation, sum, variance,
};

use super::{Exercise, Input, Said, about, finite, holes, list, numbers};

const KINDS: [ResidualStatistic; 5] = [
    ResidualStatistic::EngleGranger,
    ResidualStatistic::Zt,
    ResidualStatistic::Za,
    ResidualStatistic::Pu,
    ResidualStatistic::Pz,
];

const AROUND: [Around; 2] = [Around::Level, Around::Trend];

/// The statistics to look up: the first column's numbers, spread over the surfaces.
fn statistics(input: &Input) -> Vec<f64> {
    input.column(0).iter().take(20).map(|x| 5.0 * x).chain([input.share]).collect()
}

fn of_trends(says: impl Fn(Trend) -> Said) -> Said {
    Trend::ALL.into_iter().flat_map(says).collect()
}

fn adjusted(input: &Input, adjust: fn(&[f64]) -> barline::stats::Result<Vec<f64>>) -> Said {
    let folded: Vec<f64> = input.column(0).iter().map(|x| x.abs()).collect();
    [list(adjust(&folded)), list(adjust(&[input.share, 0.01]))].concat()
}

pub(super) const EXERCISES: &[Exercise] = &[
    holes("sum", |input| vec![Some(sum(input.column(0)))]),
    holes("dot", |input| vec![Some(dot(input.column(0), input.column(0)))]),
    holes("mean", |input| vec![mean(input.column(0))]),
    holes("variance", |input| vec![variance(input.column(0), input.count)]),
    holes("standard_deviation", |input| vec![standard_deviation(input.column(0), 1)]),
    finite("moves", |input| {
        input.columns.iter().map(|x| Some(f64::from(u8::from(moves(x))))).collect()
    }),
    finite("moves_against", |input| {
        vec![Some(f64::from(u8::from(moves_against(input.column(0), input.share))))]
    }),
    holes("simple_returns", |input| numbers(&simple_returns(input.column(0)))),
    holes("log_returns", |input| numbers(&log_returns(input.column(0)))),
    holes("forward_filled", |input| numbers(&forward_filled(input.column(0)))),
    holes("complete_rows", |input| {
        about(complete_rows(&input.slices()).ok(), |rows| numbers(rows.iter().flatten()))
    }),
    holes("normal_density", |input| vec![Some(normal_density(input.share))]),
    holes("normal_probability", |input| vec![Some(normal_probability(input.share))]),
    finite("normal_quantile", |input| vec![normal_quantile(input.share)]),
    finite("p_value", |input| {
        of_trends(|trend| {
            let of = |at: f64| (0..8).map(move |series| p_value(at, trend, series));
            statistics(input).into_iter().flat_map(of).collect()
        })
    }),
    finite("critical_values", |input| {
        of_trends(|trend| {
            let found = critical_values(trend, input.count, input.column(0).len());
            about(found, |values| numbers(&values))
        })
    }),
    finite("simulated_p_value", |input| {
        of_trends(|trend| {
            let of = |at: f64| {
                KINDS.into_iter().flat_map(move |kind| {
                    (0..15).map(move |series| simulated_p_value(30.0 * at, kind, trend, series))
                })
            };
            statistics(input).into_iter().flat_map(of).collect()
        })
    }),
    finite("simulated_critical_values", |input| {
        let of = |kind| {
            let rows = input.column(0).len();
            let found = simulated_critical_values(kind, Trend::Linear, input.count, rows);
            about(found, |values| numbers(&values))
        };
        KINDS.into_iter().flat_map(of).collect()
    }),
    finite("published_kpss_critical_values", |_| {
        AROUND
            .into_iter()
            .flat_map(|around| numbers(&published_kpss_critical_values(around)))
            .collect()
    }),
    finite("published_kpss_p_value", |input| {
        let of = |at: f64| AROUND.map(|around| published_kpss_p_value(at, around));
        statistics(input).into_iter().flat_map(of).collect()
    }),
    finite("simulated_kpss_critical_values", |_| {
        AROUND
            .into_iter()
            .flat_map(|around| numbers(&simulated_kpss_critical_values(around)))
            .collect()
    }),
    finite("simulated_kpss_p_value", |input| {
        let of = |at: f64| AROUND.map(|around| simulated_kpss_p_value(at, around));
        statistics(input).into_iter().flat_map(of).collect()
    }),
    finite("johansen_critical_values", |input| {
        let of = |case| {
            about(johansen_critical_values(case, input.count), |found| {
                numbers(found.trace.iter().chain(&found.max_eigenvalue))
            })
        };
        [
            JohansenCase::None,
            JohansenCase::Constant,
            JohansenCase::Linear,
            JohansenCase::RestrictedTrend,
        ]
        .into_iter()
        .flat_map(of)
        .collect()
    }),
    finite("holm", |input| adjusted(input, holm)),
    finite("benjamini_hochberg", |input| adjusted(input, benjamini_hochberg)),
    finite("benjamini_yekutieli", |input| adjusted(input, benjamini_yekutieli)),
];
