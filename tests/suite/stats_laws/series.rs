//! Unit roots, cointegration, hedge ratios and what a spread does.

use barline::stats::{
    Around, Bandwidth, Center, EngleGranger, Gaps, Johansen, JohansenCase, KalmanHedge, Kernel,
    KpssLags, LagRule, PhillipsOuliarisOptions, PhillipsOuliarisStatistic, Result, RollingWindow,
    Steps, Trend, WindowRange, centered_half_life, chan_half_life, dynamic_ols, engle_granger,
    engle_granger_simulated, error_correction, exact_half_life, hurst_of_differences,
    hurst_rescaled_range, johansen, johansen_statsmodels, johansen_with, kalman_hedge, kpss,
    long_run, ols, ornstein_uhlenbeck, phillips_ouliaris, rolling_ols,
    rolling_slope_statsmodels_skip, test_pair, total_least_squares, unit_root,
};

use super::{Exercise, Input, Said, about, endless, finite, numbers};

const CASES: [JohansenCase; 5] = [
    JohansenCase::None,
    JohansenCase::RestrictedConstant,
    JohansenCase::Constant,
    JohansenCase::RestrictedTrend,
    JohansenCase::Linear,
];

fn rules(count: usize) -> [LagRule; 4] {
    [
        LagRule::Aic { max: None },
        LagRule::Bic { max: Some(count) },
        LagRule::TStat { max: None },
        LagRule::Fixed(count),
    ]
}

/// The columns after the first.
fn others(input: &Input) -> Vec<&[f64]> {
    input.slices().into_iter().skip(1).collect()
}

fn by_trend_and_rule(input: &Input, says: impl Fn(Trend, LagRule) -> Said) -> Said {
    let of = |trend| rules(input.count).into_iter().map(move |rule| (trend, rule));
    Trend::ALL.into_iter().flat_map(of).flat_map(|(trend, rule)| says(trend, rule)).collect()
}

fn residual_test(found: Result<EngleGranger>) -> Said {
    about(found.ok(), |test| {
        let mut said = numbers(&[test.statistic, test.root, test.ssr]);
        said.extend([test.p_value, test.r_squared, test.criterion]);
        said.extend(about(test.critical_values, |values| numbers(&values)));
        said.extend(numbers(test.params.iter().chain(&test.residuals)));
        said
    })
}

fn relations(found: Result<Johansen>) -> Said {
    about(found.ok(), |test| {
        let statistics = test.trace.iter().chain(&test.max_eigenvalue);
        let mut said = numbers(test.eigenvalues.iter().chain(statistics));
        said.extend(numbers(test.vectors.iter().flatten()));
        said.extend(about(test.spread_weights(0), |weights| numbers(&weights)));
        said
    })
}

fn by_case(input: &Input, test: impl Fn(JohansenCase, usize) -> Result<Johansen>) -> Said {
    let of = |case| [relations(test(case, 1)), relations(test(case, input.count))].concat();
    CASES.into_iter().flat_map(of).collect()
}

fn trended(input: &Input) -> Vec<f64> {
    let mut season = vec![-0.25; input.column(0).len()];
    for cell in season.iter_mut().step_by(4) {
        *cell = 0.75;
    }
    season
}

pub(super) const EXERCISES: &[Exercise] = &[
    finite("unit_root", |input| {
        by_trend_and_rule(input, |trend, rule| {
            about(unit_root(input.column(0), trend, rule).ok(), |test| {
                let mut said = numbers(&[test.statistic, test.root]);
                said.extend([test.p_value, test.criterion]);
                said.extend(about(test.critical_values, |values| numbers(&values)));
                said
            })
        })
    }),
    finite("kpss", |input| {
        let mut said = Vec::new();
        for around in [Around::Level, Around::Trend] {
            for lags in [KpssLags::Hobijn, KpssLags::Schwert, KpssLags::Fixed(input.count)] {
                said.extend(about(kpss(input.column(0), around, lags).ok(), |test| {
                    numbers(&[test.statistic, test.published_p_value, test.simulated_p_value])
                }));
            }
        }
        said
    }),
    finite("engle_granger", |input| {
        by_trend_and_rule(input, |trend, rule| {
            residual_test(engle_granger(input.column(0), &others(input), trend, rule))
        })
    }),
    finite("engle_granger_simulated", |input| {
        by_trend_and_rule(input, |trend, rule| {
            residual_test(engle_granger_simulated(input.column(0), &others(input), trend, rule))
        })
    }),
    finite("test_pair", |input| {
        by_trend_and_rule(input, |trend, rule| {
            about(test_pair(input.column(0), input.column(1), trend, rule).ok(), |test| {
                let own = test.statistics.iter().chain(&test.p_values);
                [numbers(own.chain(&[test.p_value])), residual_test(Ok(test.chosen))].concat()
            })
        })
    }),
    finite("phillips_ouliaris", |input| {
        let mut said = Vec::new();
        for statistic in PhillipsOuliarisStatistic::ALL {
            for bandwidth in
                [Bandwidth::PlugIn, Bandwidth::WholePlugIn, Bandwidth::Fixed(input.count)]
            {
                let (trend, kernel) = (Trend::Constant, Kernel::Bartlett);
                let options = PhillipsOuliarisOptions { statistic, trend, kernel, bandwidth };
                let found = phillips_ouliaris(input.column(0), &others(input), options);
                said.extend(about(found.ok(), |test| {
                    let own = [test.statistic, test.bandwidth];
                    [numbers(own.iter().chain(&test.params)), vec![test.p_value]].concat()
                }));
            }
        }
        said
    }),
    finite("johansen", |input| by_case(input, |case, lags| johansen(&input.slices(), case, lags))),
    finite("johansen_with", |input| {
        let season = trended(input);
        by_case(input, |case, lags| johansen_with(&input.slices(), case, lags, &[&season]))
    }),
    finite("johansen_statsmodels", |input| {
        by_case(input, |case, lags| johansen_statsmodels(&input.slices(), case, lags))
    }),
    finite("error_correction", |input| {
        let mut said = Vec::new();
        for case in CASES {
            let Ok(test) = johansen(&input.slices(), case, 1) else { continue };
            for rank in [0, 1, input.count] {
                said.extend(about(error_correction(&test, rank).ok(), |model| {
                    let parts = [&model.beta, &model.alpha, &model.terms, &model.short_run];
                    let cells = parts.into_iter().flatten().flatten();
                    numbers(cells.chain(&[model.log_likelihood]))
                }));
            }
        }
        said
    }),
    finite("long_run", |input| {
        let mut said = Vec::new();
        for kernel in Kernel::ALL {
            for bandwidth in [Bandwidth::PlugIn, Bandwidth::Fixed(input.count)] {
                said.extend(about(long_run(&input.slices(), kernel, bandwidth).ok(), |found| {
                    let cells = found.covariance.iter().chain(&found.one_sided_strict).flatten();
                    numbers(cells.chain(&[found.bandwidth]))
                }));
            }
        }
        said
    }),
    finite("ols", |input| {
        let mut said = Vec::new();
        for center in [Center::Mean, Center::Zero] {
            let ones = vec![1.0; input.column(0).len()];
            let columns: Vec<&[f64]> = others(input).into_iter().chain([ones.as_slice()]).collect();
            said.extend(about(ols(&columns, input.column(0), center).ok(), |fit| {
                let mut said = numbers(fit.params.iter().chain(&fit.residuals));
                said.extend([fit.r_squared, Some(fit.ssr), fit.standard_error(input.count)]);
                said.push(fit.standard_error(0));
                said
            }));
        }
        said
    }),
    finite("total_least_squares", |input| {
        about(total_least_squares(input.column(0), input.column(1)).ok(), |line| {
            numbers(&[line.slope, line.intercept])
        })
    }),
    finite("dynamic_ols", |input| {
        let of = |leads, lags| {
            about(dynamic_ols(input.column(0), &others(input), leads, lags).ok(), |fit| {
                let spread = fit.spread(input.column(0), &others(input));
                numbers(fit.slopes.iter().chain(&spread).chain(&[fit.intercept, fit.ssr]))
            })
        };
        [of(1, 1), of(0, input.count), of(input.count, 0)].concat()
    }),
    finite("rolling_ols", |input| {
        let mut said = Vec::new();
        for (rows, gaps, least) in [
            (5, Gaps::Drop, 2),
            (8, Gaps::Skip, 3),
            (input.count, Gaps::Drop, 2),
            (9, Gaps::Drop, input.count),
        ] {
            let window = RollingWindow { rows, gaps, least };
            let fits = rolling_ols(input.column(0), input.column(1), window).unwrap_or_default();
            for fit in fits {
                said.extend(about(fit, |fit| {
                    vec![Some(fit.slope), Some(fit.intercept), fit.r_squared, fit.slope_error]
                }));
            }
        }
        said
    }),
    finite("rolling_slope_statsmodels_skip", |input| {
        let of = |window, least| {
            let found =
                rolling_slope_statsmodels_skip(input.column(0), input.column(1), window, least);
            found.unwrap_or_default()
        };
        [of(5, 2), of(input.count, 2), of(6, input.count)].concat()
    }),
    finite("kalman_hedge", |input| {
        let given = KalmanHedge {
            mean: [0.0, input.share],
            covariance: [1.0, input.share, 1.0],
            ..KalmanHedge::chan(1e-4, 1e-3)
        };
        let chan = KalmanHedge::chan(input.share, 1e-3);
        let of = |filter| {
            about(kalman_hedge(input.column(0), input.column(1), filter).ok(), |path| {
                let mut said = numbers(&[path.log_likelihood]);
                for row in path.rows {
                    said.extend(numbers(&[row.slope, row.intercept, row.innovation]));
                    said.extend(numbers(row.covariance.iter().chain(&[row.innovation_variance])));
                }
                said
            })
        };
        [of(given), of(chan)].concat()
    }),
    endless("chan_half_life", |input| vec![chan_half_life(input.column(0))]),
    endless("exact_half_life", |input| vec![exact_half_life(input.column(0))]),
    endless("centered_half_life", |input| vec![centered_half_life(input.column(0))]),
    finite("ornstein_uhlenbeck", |input| {
        about(ornstein_uhlenbeck(input.column(0)), |process| {
            let mut said = numbers(&[process.phi, process.mu, process.residual_deviation]);
            said.extend([process.theta, process.sigma, process.t_ratio]);
            said
        })
    }),
    finite("hurst_of_differences", |input| {
        let x = input.column(0);
        vec![hurst_of_differences(x, 2..=20), hurst_of_differences(x, 1..=input.count)]
    }),
    finite("hurst_rescaled_range", |input| {
        let once = input.column(0);
        let rows = if once.is_empty() { 0 } else { 130 };
        let long: Vec<f64> = once.iter().copied().cycle().take(rows).collect();
        let mut said = Vec::new();
        for steps in [Steps::Differences, Steps::Returns] {
            for range in [WindowRange::Levels, WindowRange::Deviations] {
                let found = hurst_rescaled_range(&long, steps, range);
                said.push(found.map(|found| found.exponent));
            }
        }
        said
    }),
];
