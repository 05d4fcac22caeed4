//! The strategies there are, what they answer and what can be set.

use super::{
    Basket, BuyAndHold, Cointegration, CopulaPairs, Herc, Hrp, InverseVariance, MinimumVariance,
    Nco, RiskParity, Scripted, Single, Strategy, StrategyParameters, single,
};
use crate::error::{Error, Result};

/// A parameter of a strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// Default value.
    pub default: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Meaning.
    pub meaning: &'static str,
}

/// A strategy as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrategyCard {
    /// Name in flags and results.
    pub name: &'static str,
    /// What it does, in one line.
    pub answers: &'static str,
    /// `single` or `multi`: whether it needs `--multi-pair`; `signals`: it needs `--signals`.
    pub kind: &'static str,
    /// What can be set.
    pub parameters: &'static [Parameter],
}

/// A parameter with its four texts.
pub(super) const fn parameter(
    name: &'static str,
    default: &'static str,
    unit: &'static str,
    meaning: &'static str,
) -> Parameter {
    Parameter { name, default, unit, meaning }
}

const FORMATION: Parameter =
    parameter("formation_days", "half the horizon", "days", "window a fit is made on");

const REFIT: Parameter =
    parameter("refit_bars", "half the formation", "bars", "distance between refits");

const MIN_HALF_LIFE: Parameter =
    parameter("min_half_life_bars", "2", "bars", "shortest half-life accepted");

const MAX_HALF_LIFE: Parameter =
    parameter("max_half_life_frac", "0.25", "formation", "longest half-life accepted");

const ENTRY_Z: Parameter = parameter("entry_z", "2.0", "sd", "enter at this z-score or beyond");

const EXIT_Z: Parameter = parameter("exit_z", "0.5", "sd", "leave at this z-score or nearer");

const STOP_Z: Parameter = parameter("stop_z", "4.0", "sd", "give up at this z-score or beyond");

/// How much an entry spends; `meaning` says of which notional.
const fn gross_leverage(meaning: &'static str) -> Parameter {
    parameter("gross_leverage", "1.0", "equity share", meaning)
}

const REBALANCE: Parameter =
    parameter("rebalance_bars", "one week of bars", "bars", "distance between rebalances");

const LOOKBACK: Parameter =
    parameter("lookback_days", "half the horizon", "days", "trailing covariance window");

const COVARIANCE: Parameter =
    parameter("covariance", "sample", "", "sample, ledoit-wolf, oas or ewma");

const HALF_LIFE: Parameter = parameter(
    "ewma_half_life_bars",
    "a quarter of the lookback",
    "bars",
    "bars in which the weight of a return halves (ewma only)",
);

const LINKAGES: &str = "single, complete, average, weighted or ward";

const DISTANCE: Parameter =
    parameter("distance", "correlation", "", "correlation, or paper: the distance of distances");

const MIN_WEIGHT: Parameter = parameter(
    "min_weight",
    "0",
    "equity share",
    "least weight; sizes that cannot keep it are not run",
);

const MAX_WEIGHT: Parameter = parameter(
    "max_weight",
    "1",
    "equity share",
    "greatest weight; sizes that cannot keep it are not run",
);

const MAX_CLUSTERS: Parameter =
    parameter("max_clusters", "by the gap statistic", "", "most clusters of the tree");

/// The kind of a strategy that needs `--signals`.
pub const SIGNALS: &str = "signals";

/// A strategy that works on combinations.
const fn multi(
    name: &'static str,
    answers: &'static str,
    parameters: &'static [Parameter],
) -> StrategyCard {
    StrategyCard { name, answers, kind: "multi", parameters }
}

const CARDS: &[StrategyCard] = &[
    multi(
        "cointegration",
        "trades every cointegrated pair inside a combination by its z-score",
        &[
            FORMATION,
            REFIT,
            parameter("alpha", "0.05", "", "largest p-value accepted"),
            parameter("lag", "aic", "bars", "lag order: aic, bic, t-stat or a number"),
            MIN_HALF_LIFE,
            MAX_HALF_LIFE,
            parameter("hedge", "ols", "", "hedge ratio: ols, tls, johansen, kalman or rolling"),
            parameter("johansen_lags", "1", "bars", "lagged differences (johansen only)"),
            parameter(
                "kalman_delta",
                "0.00001",
                "",
                "step variance of the coefficients over that of the observation (kalman only)",
            ),
            parameter(
                "kalman_observation_variance",
                "that of the residuals",
                "squared log points",
                "noise of the observation (kalman only)",
            ),
            parameter("rolling_bars", "half the formation", "bars", "regression (rolling only)"),
            ENTRY_Z,
            EXIT_Z,
            STOP_Z,
            parameter("sizing", "beta", "", "second leg by hedge ratio (beta) or dollar"),
            gross_leverage("twice the dependent leg's notional"),
        ],
    ),
    multi(
        "copula",
        "trades every dependent pair inside a combination by what its copula expects",
        &[
            FORMATION,
            REFIT,
            parameter("family", "gaussian", "", "gaussian or student-t"),
            parameter("min_tau", "0.3", "", "smallest Kendall's tau accepted"),
            parameter("rank_bars", "the formation's", "bars", "returns a return is ranked among"),
            parameter("entry_index", "0.6", "", "enter at this mispricing index or beyond"),
            parameter("stop_index", "2.0", "", "give up at this mispricing index or beyond"),
            gross_leverage("twice a leg's notional"),
        ],
    ),
    multi(
        "basket",
        "trades three or four symbols on one cointegrating relation by its z-score",
        &[
            FORMATION,
            REFIT,
            parameter("alpha", "0.05", "", "significance of the trace test: 0.1, 0.05 or 0.01"),
            parameter("det_order", "0", "", "-1 no terms, 0 a constant, 1 a linear trend"),
            parameter("k_ar_diff", "1", "bars", "lagged differences in Johansen's test"),
            MIN_HALF_LIFE,
            MAX_HALF_LIFE,
            ENTRY_Z,
            EXIT_Z,
            STOP_Z,
            gross_leverage("gross notional of all legs"),
        ],
    ),
    multi(
        "hrp",
        "holds a combination by hierarchical risk parity, rebalanced",
        &[
            LOOKBACK,
            REBALANCE,
            COVARIANCE,
            HALF_LIFE,
            parameter("linkage", "single", "", LINKAGES),
            DISTANCE,
            MIN_WEIGHT,
            MAX_WEIGHT,
        ],
    ),
    multi(
        "inverse-variance",
        "holds a combination by one over its variances, rebalanced",
        &[LOOKBACK, REBALANCE, COVARIANCE, HALF_LIFE],
    ),
    multi(
        "min-variance",
        "holds the long-only portfolio of least variance, rebalanced",
        &[LOOKBACK, REBALANCE, COVARIANCE, HALF_LIFE, MIN_WEIGHT, MAX_WEIGHT],
    ),
    multi(
        "risk-parity",
        "holds a combination at equal risk contributions, rebalanced",
        &[LOOKBACK, REBALANCE, COVARIANCE, HALF_LIFE],
    ),
    multi(
        "herc",
        "holds clusters at equal risk, rebalanced (hierarchical equal risk contribution)",
        &[
            LOOKBACK,
            REBALANCE,
            COVARIANCE,
            HALF_LIFE,
            parameter("linkage", "ward", "", LINKAGES),
            DISTANCE,
            MAX_CLUSTERS,
            parameter("within", "inverse-variance", "", "inverse-variance or equal"),
        ],
    ),
    multi(
        "nco",
        "holds least variance within and between clusters, rebalanced",
        &[
            LOOKBACK,
            REBALANCE,
            COVARIANCE,
            HALF_LIFE,
            parameter("linkage", "ward", "", LINKAGES),
            DISTANCE,
            MAX_CLUSTERS,
        ],
    ),
    multi("equal-weight", "holds a combination at equal weights, rebalanced", &[REBALANCE]),
    single::CARDS[0],
    single::CARDS[1],
    single::CARDS[2],
    single::CARDS[3],
    single::CARDS[4],
    single::CARDS[5],
    single::CARDS[6],
    single::CARDS[7],
    StrategyCard {
        name: "scripted",
        answers: "holds the weights of a file or a statement: barline backtest --signals FILE",
        kind: SIGNALS,
        parameters: &[],
    },
    StrategyCard {
        name: "buy-and-hold",
        answers: "buys at the first bar and holds to the end; everybody's benchmark",
        kind: "single",
        parameters: &[],
    },
];

/// Every strategy, in the order of the documentation.
pub fn catalogue() -> &'static [StrategyCard] {
    CARDS
}

/// The strategies a run uses when none is named: with `--multi-pair` all but those that play
/// signals, else those that run on single instruments.
pub fn default_names(multi_pair: bool) -> Vec<String> {
    let chosen =
        CARDS.iter().filter(|card| card.kind == "single" || multi_pair && card.kind == "multi");
    chosen.map(|card| card.name.to_owned()).collect()
}

/// A strategy by name, with its own of `parameters`.
///
/// # Errors
/// Usage, listing the names there are, or naming the parameter that is out of its bounds.
pub fn by_name(name: &str, parameters: &StrategyParameters) -> Result<Box<dyn Strategy>> {
    match name {
        "cointegration" => Ok(Box::new(Cointegration::new(parameters.cointegration)?)),
        "copula" => Ok(Box::new(CopulaPairs::new(parameters.copula)?)),
        "basket" => Ok(Box::new(Basket::new(parameters.basket)?)),
        "hrp" => Ok(Box::new(Hrp::new(parameters.hrp)?)),
        "inverse-variance" => Ok(Box::new(InverseVariance::new(parameters.inverse_variance)?)),
        "min-variance" => Ok(Box::new(MinimumVariance::new(parameters.minimum_variance)?)),
        "risk-parity" => Ok(Box::new(RiskParity::new(parameters.risk_parity)?)),
        "herc" => Ok(Box::new(Herc::new(parameters.herc)?)),
        "nco" => Ok(Box::new(Nco::new(parameters.nco)?)),
        "equal-weight" => Ok(Box::new(parameters.equal_weight.checked()?)),
        "sma-crossover" => Ok(Box::new(Single::new(parameters.sma_crossover)?)),
        "triple-ema" => Ok(Box::new(Single::new(parameters.triple_ema)?)),
        "macd" => Ok(Box::new(Single::new(parameters.macd)?)),
        "rsi-reversion" => Ok(Box::new(Single::new(parameters.rsi_reversion)?)),
        "bollinger-breakout" => Ok(Box::new(Single::new(parameters.bollinger_breakout)?)),
        "supertrend" => Ok(Box::new(Single::new(parameters.supertrend)?)),
        "ichimoku" => Ok(Box::new(Single::new(parameters.ichimoku)?)),
        "vwap-reversion" => Ok(Box::new(Single::new(parameters.vwap_reversion)?)),
        "scripted" => Ok(Box::new(Scripted::default())),
        "buy-and-hold" => Ok(Box::new(BuyAndHold)),
        _ => {
            let names: Vec<_> = CARDS.iter().map(|card| card.name).collect();
            Err(Error::usage(format!("strategy '{name}' does not exist"))
                .with_hint(format!("one of {}", names.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StrategyParameters, by_name, catalogue, default_names};

    #[test]
    fn every_card_is_a_strategy_of_that_name() {
        let defaults = StrategyParameters::default();
        for card in catalogue() {
            assert_eq!(by_name(card.name, &defaults).expect(card.name).name(), card.name);
        }
        assert!(by_name("momentum", &defaults).is_err());
        let single = default_names(false);
        assert!(single.contains(&"buy-and-hold".to_owned()) && single.len() == 9, "{single:?}");
        assert!(!single.contains(&"hrp".to_owned()));
        let all: Vec<_> = catalogue().iter().filter(|card| card.kind != super::SIGNALS).collect();
        assert_eq!(default_names(true).len(), all.len());
        assert_eq!(all.len() + 1, catalogue().len());
    }
}
