//! Covariances, correlations and their repair.

use barline::stats::{
    CommonReturns, Decay, EwmaRules, GerberScale, MissingRow, OldestRow, Pairwise, Residual,
    Result, Shrunk, Start, clipped_covariance, close_covariance, common_returns, complete_returns,
    correlation, denoised, detoned, eigen, ewma_about_mean, ewma_covariance, gerber_correlation,
    gerber_covariance, kendall, ledoit_wolf, ledoit_wolf_constant_correlation,
    ledoit_wolf_single_factor, loaded_covariance, marchenko_pastur_edge, marchenko_pastur_variance,
    nearest_covariance, oracle_approximating, pairwise_correlation, pairwise_covariance,
    riskmetrics_covariance, rolling_covariance, sample_covariance, semi_covariance,
    shrunk_covariance, spearman, spectral_covariance,
};

use super::{Exercise, Input, Said, about, cells, finite, holes, numbers};

const SCALES: [GerberScale; 3] =
    [GerberScale::BothLarge, GerberScale::AnyLarge, GerberScale::OwnLarge];

fn decays(input: &Input) -> Vec<Decay> {
    let spellings =
        [Decay::from_alpha, Decay::from_span, Decay::from_half_life, Decay::from_center_of_mass];
    spellings.iter().filter_map(|spelling| spelling(input.share)).collect()
}

fn pairwise(found: Result<Pairwise>) -> Said {
    about(found.ok(), |found| {
        let undefined = found.undefined() as f64;
        let cells = found.matrix.values().iter().chain(found.counts.values());
        numbers(cells.chain(&[undefined]))
    })
}

fn shrunk(found: Result<Shrunk>) -> Said {
    about(found.ok(), |found| numbers(found.covariance.values().iter().chain(&[found.delta])))
}

fn moments(found: Result<CommonReturns>) -> Said {
    about(found.ok(), |found| {
        let CommonReturns { count, covariance, first_variance, second_variance } = found;
        numbers(&[count as f64, covariance, first_variance, second_variance])
    })
}

fn repaired(
    input: &Input,
    repair: impl Fn(&barline::stats::SymmetricMatrix) -> Result<barline::stats::SymmetricMatrix>,
) -> Said {
    cells(input.matrix().and_then(|matrix| repair(&matrix)))
}

pub(super) const EXERCISES: &[Exercise] = &[
    finite("sample_covariance", |input| {
        [
            cells(sample_covariance(&input.slices(), input.count)),
            cells(sample_covariance(&input.slices(), 0)),
        ]
        .concat()
    }),
    holes("pairwise_covariance", |input| {
        pairwise(pairwise_covariance(&input.slices(), input.count))
    }),
    holes("pairwise_correlation", |input| {
        pairwise(pairwise_correlation(&input.slices(), input.count))
    }),
    holes("spearman", |input| pairwise(spearman(&input.slices(), input.count))),
    holes("kendall", |input| pairwise(kendall(&input.slices(), input.count))),
    finite("common_returns", |input| {
        let [a, b] = [input.column(0), input.column(1)];
        [moments(common_returns(a, b)), moments(common_returns(b, b))].concat()
    }),
    finite("close_covariance", |input| cells(close_covariance(&input.slices()))),
    finite("complete_returns", |input| {
        about(complete_returns(&input.slices()).ok(), |found| numbers(found.iter().flatten()))
    }),
    finite("rolling_covariance", |input| {
        let [a, b] = [input.column(0), input.column(1)];
        let of = |window, least| rolling_covariance(a, b, window, least).unwrap_or_default();
        [of(input.count, 2), of(7, input.count), of(5, 1)].concat()
    }),
    holes("ewma_covariance", |input| {
        let mut said = Vec::new();
        for decay in decays(input) {
            for oldest in [OldestRow::Geometric, OldestRow::Recursive] {
                for (missing, biased) in [(MissingRow::Ages, true), (MissingRow::Ignored, false)] {
                    let rules = EwmaRules { oldest, missing, biased };
                    said.extend(cells(ewma_covariance(&input.slices(), decay, rules)));
                }
            }
        }
        said
    }),
    finite("ewma_about_mean", |input| {
        let of = |decay: Decay| cells(ewma_about_mean(&input.slices(), decay));
        decays(input).into_iter().flat_map(of).collect()
    }),
    finite("riskmetrics_covariance", |input| {
        let of = |start| cells(riskmetrics_covariance(&input.slices(), input.share, start));
        [of(Start::FirstRow), of(Start::SecondMoment)].concat()
    }),
    finite("semi_covariance", |input| cells(semi_covariance(&input.slices(), input.share))),
    finite("gerber_correlation", |input| {
        let of = |scale| cells(gerber_correlation(&input.slices(), input.share, scale));
        SCALES.into_iter().flat_map(of).collect()
    }),
    finite("gerber_covariance", |input| {
        let of = |scale| cells(gerber_covariance(&input.slices(), input.share, scale));
        SCALES.into_iter().flat_map(of).collect()
    }),
    finite("ledoit_wolf", |input| shrunk(ledoit_wolf(&input.slices()))),
    finite("oracle_approximating", |input| shrunk(oracle_approximating(&input.slices()))),
    finite("shrunk_covariance", |input| shrunk(shrunk_covariance(&input.slices(), input.share))),
    finite("ledoit_wolf_single_factor", |input| shrunk(ledoit_wolf_single_factor(&input.slices()))),
    finite("ledoit_wolf_constant_correlation", |input| {
        let of = |ddof| {
            about(ledoit_wolf_constant_correlation(&input.slices(), ddof).ok(), |found| {
                [shrunk(Ok(found.shrunk)), vec![Some(found.correlation)]].concat()
            })
        };
        [of(0), of(1), of(input.count)].concat()
    }),
    finite("correlation", |input| repaired(input, correlation)),
    finite("eigen", |input| {
        about(input.matrix().and_then(|matrix| eigen(&matrix)).ok(), |found| {
            let rebuilt = found.rebuild(|_, value| value.abs().min(1.0));
            let parts = found.values.iter().chain(found.vectors.iter().flatten());
            numbers(parts.chain(rebuilt.values()))
        })
    }),
    finite("clipped_covariance", |input| {
        [
            repaired(input, |matrix| clipped_covariance(matrix, input.share)),
            repaired(input, |matrix| clipped_covariance(matrix, 1e-13)),
        ]
        .concat()
    }),
    finite("nearest_covariance", |input| {
        repaired(input, |matrix| nearest_covariance(matrix, input.share))
    }),
    finite("spectral_covariance", |input| repaired(input, spectral_covariance)),
    finite("loaded_covariance", |input| repaired(input, loaded_covariance)),
    finite("denoised", |input| {
        let of = |residual| {
            let rows = input.column(0).len();
            let found = input.matrix().and_then(|matrix| denoised(&matrix, rows, residual));
            about(found.ok(), |found| {
                numbers(found.covariance.values().iter().chain(&[found.signals as f64, found.edge]))
            })
        };
        [of(Residual::Constant), of(Residual::Shrunk { keep: input.share })].concat()
    }),
    finite("detoned", |input| repaired(input, |matrix| detoned(matrix, input.count))),
    finite("marchenko_pastur_edge", |input| {
        vec![
            marchenko_pastur_edge(input.share, 2.5).ok(),
            marchenko_pastur_edge(1.0, input.share).ok(),
        ]
    }),
    finite("marchenko_pastur_variance", |input| {
        let spread: Vec<f64> = input.column(0).iter().map(|x| 1.0 + x).collect();
        vec![
            marchenko_pastur_variance(&spread, 3.0).ok(),
            marchenko_pastur_variance(&[1.0], input.share).ok(),
        ]
    }),
];
