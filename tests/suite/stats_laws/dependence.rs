//! Quantiles, ranks, copulas and the z-score rule.

use barline::stats::{
    CopulaFamily, ZScoreTerms, correlation_from_tau, fit_copula, pseudo_observations, quantile,
    rolling_pseudo_observations, tau_from_correlation, zscore_rule,
};

use super::{Exercise, Input, Said, about, finite, holes, list, numbers};

fn fitted(input: &Input, family: CopulaFamily) -> Said {
    let found = fit_copula(family, input.column(0), input.column(1)).ok();
    about(found, |fit| {
        let copula = fit.copula;
        let mut said = vec![Some(fit.tau), Some(copula.correlation()), copula.freedom()];
        said.extend([copula.log_density(0.3, 0.6), copula.conditional(0.3, input.share)]);
        said
    })
}

pub(super) const EXERCISES: &[Exercise] = &[
    finite("quantile", |input| {
        input
            .columns
            .iter()
            .flat_map(|x| [0.0, 0.25, input.share].map(|p| quantile(x, p)))
            .collect()
    }),
    finite("pseudo_observations", |input| list(pseudo_observations(input.column(0)))),
    finite("rolling_pseudo_observations", |input| {
        let of = |window| rolling_pseudo_observations(input.column(0), window).unwrap_or_default();
        [of(input.count), of(5)].concat()
    }),
    finite("fit_copula", |input| {
        [fitted(input, CopulaFamily::Gaussian), fitted(input, CopulaFamily::StudentT)].concat()
    }),
    finite("correlation_from_tau", |input| {
        vec![correlation_from_tau(input.share), correlation_from_tau(0.4)]
    }),
    finite("tau_from_correlation", |input| {
        vec![tau_from_correlation(input.share), tau_from_correlation(0.4)]
    }),
    // A price that is not a number leaves no profit: arithmetic follows IEEE 754.
    holes("zscore_rule", |input| {
        let of = |window| {
            let terms = ZScoreTerms { window, entry: 1.0, exit: 0.25, cost: 1e-3 };
            let run = zscore_rule(input.column(0), input.column(1), &terms);
            numbers(&[run.profit, run.drawdown, run.changes as f64])
        };
        [of(input.count), of(5)].concat()
    }),
];
