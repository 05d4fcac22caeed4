//! How far a result may be believed.

use barline::stats::{
    BlockBootstrap, Blocks, Interval, Resampling, SharpeEstimate, bca_interval,
    block_bootstrap_interval, block_length, deflated_sharpe, expected_maximum,
    expected_maximum_sharpe, mean, minimum_backtest_years, minimum_track_record_2012,
    minimum_track_record_2025, overfitting, percentile_interval, probabilistic_sharpe_2012,
    probabilistic_sharpe_2025,
};

use super::{Exercise, Input, Said, about, counts, endless, finite, numbers};

/// Estimates with the columns' numbers as ratio and moments, and one with the argument as ratio.
fn estimates(input: &Input) -> Vec<SharpeEstimate> {
    let of = |column: &[f64]| {
        let at = |k: usize| column.get(k).copied().unwrap_or(input.share);
        let (skewness, kurtosis) = (at(1), 3.0 + at(2).abs());
        SharpeEstimate { ratio: at(0), observations: input.count, skewness, kurtosis }
    };
    let mut estimates: Vec<SharpeEstimate> = input.columns.iter().map(|x| of(x)).collect();
    estimates.push(SharpeEstimate::normal(input.share, 60));
    estimates
}

fn each(input: &Input, of: impl Fn(SharpeEstimate) -> Option<f64>) -> Said {
    estimates(input).into_iter().map(of).collect()
}

fn interval(found: Option<Interval>) -> Said {
    about(found, |found| numbers(&[found.low, found.high]))
}

pub(super) const EXERCISES: &[Exercise] = &[
    finite("probabilistic_sharpe_2012", |input| {
        each(input, |estimate| probabilistic_sharpe_2012(estimate, input.share - 0.2))
    }),
    finite("probabilistic_sharpe_2025", |input| {
        each(input, |estimate| probabilistic_sharpe_2025(estimate, input.share - 0.2))
    }),
    endless("minimum_track_record_2012", |input| {
        each(input, |estimate| minimum_track_record_2012(estimate, -0.1, 0.95))
            .into_iter()
            .chain(each(input, |estimate| minimum_track_record_2012(estimate, 0.1, input.share)))
            .collect()
    }),
    endless("minimum_track_record_2025", |input| {
        each(input, |estimate| minimum_track_record_2025(estimate, input.share - 0.6, 0.95))
    }),
    finite("expected_maximum", |input| vec![expected_maximum(input.count)]),
    finite("expected_maximum_sharpe", |input| {
        vec![expected_maximum_sharpe(input.count, input.share)]
    }),
    finite("deflated_sharpe", |input| {
        each(input, |estimate| deflated_sharpe(estimate, input.count, input.share))
    }),
    finite("minimum_backtest_years", |input| {
        vec![
            minimum_backtest_years(input.count, input.share),
            minimum_backtest_years(45, input.share),
        ]
    }),
    endless("overfitting", |input| {
        let of = |blocks, risk_free| {
            about(overfitting(&input.slices(), blocks, risk_free).ok(), |found| {
                let mut said = numbers(&[
                    found.probability(),
                    found.probability_r_package(),
                    found.probability_of_loss(),
                ]);
                for split in &found.splits {
                    said.extend(numbers(&[
                        split.in_sample,
                        split.out_of_sample,
                        split.rank,
                        split.logit,
                    ]));
                }
                said.extend(about(found.degradation(), |line| {
                    numbers(&[line.slope, line.intercept, line.r_squared])
                }));
                said
            })
        };
        [of(4, 0.0), of(2, input.share), of(input.count, 0.0)].concat()
    }),
    finite("block_length", |input| {
        about(block_length(input.column(0)).ok(), |found| {
            let rows = input.column(0).len();
            let draws = [found.stationary_blocks(), found.circular_blocks()].map(|blocks| {
                let mut source =
                    BlockBootstrap::new(3, blocks, rows).expect("a length feeds the bootstrap");
                counts(source.draw())
            });
            [numbers(&[found.stationary, found.circular]), draws.concat()].concat()
        })
    }),
    finite("percentile_interval", |input| {
        interval(percentile_interval(input.column(0), input.share))
    }),
    finite("bca_interval", |input| {
        let estimate = mean(input.column(0)).unwrap_or(input.share);
        interval(bca_interval(estimate, input.column(0), input.column(1), input.share))
    }),
    finite("block_bootstrap_interval", |input| {
        let of = |blocks| {
            let resampling = Resampling { blocks, replications: 40, seed: 9 };
            let found = block_bootstrap_interval(input.column(0), mean, resampling, input.share);
            interval(found.ok().flatten())
        };
        [
            of(Blocks::Stationary(3.0)),
            of(Blocks::Stationary(input.share)),
            of(Blocks::Circular(input.count)),
        ]
        .concat()
    }),
];
