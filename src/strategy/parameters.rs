//! The parameters of every strategy that has any, by the strategy's name.

use serde::{Deserialize, Serialize};

use super::{
    Basket, BasketParameters, Cointegration, CointegrationParameters, CopulaPairs,
    CopulaParameters, EqualWeight, Herc, HercParameters, Hrp, HrpParameters, InverseVariance,
    InverseVarianceParameters, MinimumVariance, MinimumVarianceParameters, Nco, NcoParameters,
    RiskParity, RiskParityParameters, Single,
    single::{
        BollingerBreakout, IchimokuCloud, MacdCrossover, RsiReversion, SmaCrossover,
        SupertrendFollower, TripleEma, VwapReversion,
    },
};
use crate::error::Result;

/// What a configuration may say below `[strategy]`: a table per strategy, under its name. What is
/// not said has its default.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct StrategyParameters {
    /// `[strategy.cointegration]`.
    pub cointegration: CointegrationParameters,
    /// `[strategy.copula]`.
    pub copula: CopulaParameters,
    /// `[strategy.hrp]`.
    pub hrp: HrpParameters,
    /// `[strategy.basket]`.
    pub basket: BasketParameters,
    /// `[strategy.inverse-variance]`.
    pub inverse_variance: InverseVarianceParameters,
    /// `[strategy.min-variance]`.
    #[serde(rename = "min-variance")]
    pub minimum_variance: MinimumVarianceParameters,
    /// `[strategy.risk-parity]`.
    pub risk_parity: RiskParityParameters,
    /// `[strategy.herc]`.
    pub herc: HercParameters,
    /// `[strategy.nco]`.
    pub nco: NcoParameters,
    /// `[strategy.equal-weight]`.
    pub equal_weight: EqualWeight,
    /// `[strategy.sma-crossover]`.
    pub sma_crossover: SmaCrossover,
    /// `[strategy.triple-ema]`.
    pub triple_ema: TripleEma,
    /// `[strategy.macd]`.
    pub macd: MacdCrossover,
    /// `[strategy.rsi-reversion]`.
    pub rsi_reversion: RsiReversion,
    /// `[strategy.bollinger-breakout]`.
    pub bollinger_breakout: BollingerBreakout,
    /// `[strategy.supertrend]`.
    pub supertrend: SupertrendFollower,
    /// `[strategy.ichimoku]`.
    pub ichimoku: IchimokuCloud,
    /// `[strategy.vwap-reversion]`.
    pub vwap_reversion: VwapReversion,
}

impl StrategyParameters {
    /// Checks the parameters of every strategy, used or not.
    ///
    /// # Errors
    /// Usage, as `strategy: what is wrong`, naming the parameter and its bounds.
    pub fn check(&self) -> Result<()> {
        Cointegration::new(self.cointegration)?;
        CopulaPairs::new(self.copula)?;
        Basket::new(self.basket)?;
        Hrp::new(self.hrp)?;
        InverseVariance::new(self.inverse_variance)?;
        MinimumVariance::new(self.minimum_variance)?;
        RiskParity::new(self.risk_parity)?;
        Herc::new(self.herc)?;
        Nco::new(self.nco)?;
        self.equal_weight.checked()?;
        Single::new(self.sma_crossover)?;
        Single::new(self.triple_ema)?;
        Single::new(self.macd)?;
        Single::new(self.rsi_reversion)?;
        Single::new(self.bollinger_breakout)?;
        Single::new(self.supertrend)?;
        Single::new(self.ichimoku)?;
        Single::new(self.vwap_reversion)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::StrategyParameters;
    use crate::strategy::catalogue;

    #[test]
    fn the_listed_parameters_are_the_ones_that_can_be_set() {
        let tables = serde_json::to_value(StrategyParameters::default()).expect("json");
        for card in catalogue() {
            let listed: Vec<_> = card.parameters.iter().map(|parameter| parameter.name).collect();
            let settable = tables[card.name].as_object();
            let mut settable: Vec<_> =
                settable.into_iter().flat_map(|table| table.keys()).map(String::as_str).collect();
            let mut listed = listed.clone();
            listed.sort_unstable();
            settable.sort_unstable();
            assert_eq!(listed, settable, "{}", card.name);
        }
    }

    #[test]
    fn strategies_and_parameters_that_do_not_exist_are_refused() {
        for wrong in ["{\"momentum\":{}}", "{\"hrp\":{\"lookback\":3}}", "{\"buy-and-hold\":{}}"] {
            assert!(serde_json::from_str::<StrategyParameters>(wrong).is_err(), "{wrong}");
        }
        let zero =
            serde_json::from_str::<StrategyParameters>("{\"equal-weight\":{\"rebalance_bars\":0}}");
        let error = zero.expect("parsed").check().expect_err("no distance");
        assert!(error.to_string().starts_with("equal-weight: rebalance_bars = 0"), "{error}");
        assert!(StrategyParameters::default().check().is_ok());
    }
}
