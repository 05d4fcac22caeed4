//! What `barline screen` was asked to do.

use super::{
    limit_args,
    screen_args::ScreenArgs,
    typed_value::{count, names, number, optional, read},
};
use crate::{
    domain::{Horizon, MICROS_PER_DAY},
    error::{Error, Result},
    run::{Adjustment, Listing, ScreenRequest, ScreenTest},
    stats::{LagRule, Trend},
};

const SIZES: &str = "2";
const MAX_P: f64 = 0.05;
/// Days of a window that belongs to no horizon.
const FORMATION_DAYS: f64 = 365.0;
/// Most lagged differences that can be asked for.
const MOST_LAGS: usize = 10_000;

/// The meaning of `args`.
///
/// # Errors
/// Usage, naming the flag and its value.
pub(super) fn screen(args: &ScreenArgs) -> Result<ScreenRequest> {
    let test = optional("--test", args.test.as_deref())?.unwrap_or(ScreenTest::EngleGranger);
    let horizon: Option<Horizon> = optional("--horizon", args.horizon.as_deref())?;
    let default = match test {
        ScreenTest::Johansen => Adjustment::None,
        _ => Adjustment::BenjaminiHochberg,
    };
    Ok(ScreenRequest {
        symbols: args.symbols.as_deref().map(|text| names("--symbols", text)).transpose()?,
        interval: optional("--interval", args.interval.as_deref())?,
        as_of: optional("--as-of", args.as_of.as_deref())?,
        horizon,
        formation_micros: formation_micros(args, horizon)?,
        test,
        trend: trend(args.trend.as_deref())?,
        lag: args.lag.as_deref().map(lag).transpose()?,
        direction: optional("--direction", args.direction.as_deref())?.unwrap_or_default(),
        sizes: read("--sizes", args.sizes.as_deref().unwrap_or(SIZES))?,
        logs: !args.level,
        min_observations: count(
            "--min-observations",
            args.min_observations.as_deref(),
            3,
            100_000_000,
        )?,
        min_correlation: number("--min-correlation", args.min_correlation.as_deref(), -1.0, 1.0)?,
        min_half_life: optional("--min-half-life", args.min_half_life.as_deref())?,
        max_half_life: optional("--max-half-life", args.max_half_life.as_deref())?,
        listing: listing(args)?,
        adjustment: optional("--fdr", args.fdr.as_deref())?.unwrap_or(default),
        workers: args.work.request()?,
        budget_bytes: limit_args::budget(args.work.memory_budget.as_deref(), false)?,
        device: args.device.request()?,
    })
}

fn formation_micros(args: &ScreenArgs, horizon: Option<Horizon>) -> Result<i64> {
    let days = number("--formation-days", args.formation_days.as_deref(), 1e-3, 36_525.0)?;
    #[allow(clippy::cast_possible_truncation, reason = "a span of days fits")]
    let micros = |days: f64| (days * MICROS_PER_DAY as f64) as i64;
    Ok(match (days, horizon) {
        (Some(days), _) => micros(days),
        (None, Some(horizon)) => horizon.micros() / 2,
        (None, None) => micros(FORMATION_DAYS),
    })
}

fn trend(typed: Option<&str>) -> Result<Trend> {
    let Some(text) = typed else { return Ok(Trend::Constant) };
    Trend::from_name(text).ok_or_else(|| {
        let names = Trend::ALL.map(Trend::name).join(", ");
        Error::usage(format!("--trend {text}: not a set of deterministic terms"))
            .with_hint(format!("one of {names}"))
    })
}

fn lag(text: &str) -> Result<LagRule> {
    match text {
        "aic" => Ok(LagRule::Aic { max: None }),
        "bic" => Ok(LagRule::Bic { max: None }),
        "t-stat" => Ok(LagRule::TStat { max: None }),
        _ => match text.trim().parse() {
            Ok(lags) if lags <= MOST_LAGS => Ok(LagRule::Fixed(lags)),
            _ => Err(Error::usage(format!("--lag {text}: not a rule for lags"))
                .with_hint("one of aic, bic, t-stat, or a number such as 1")),
        },
    }
}

fn listing(args: &ScreenArgs) -> Result<Listing> {
    if args.all {
        return Ok(Listing::All);
    }
    if let Some(top) = count("--top", args.top.as_deref(), 1, u64::from(u32::MAX))? {
        return Ok(Listing::Top(top));
    }
    Ok(Listing::MaxP(number("--max-p", args.max_p.as_deref(), 0.0, 1.0)?.unwrap_or(MAX_P)))
}

#[cfg(test)]
mod tests {
    use super::{ScreenArgs, screen};
    use crate::{
        error::Result,
        run::{Adjustment, Listing, ScreenRequest},
        stats::LagRule,
    };

    fn meant(change: impl FnOnce(&mut ScreenArgs)) -> Result<ScreenRequest> {
        let mut args = ScreenArgs::default();
        change(&mut args);
        screen(&args)
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let request = meant(|_| ()).expect("a request");
        assert_eq!(request.listing, Listing::MaxP(0.05));
        assert_eq!(request.adjustment, Adjustment::BenjaminiHochberg);
        assert_eq!(request.formation_micros, 365 * 86_400_000_000);
        assert!(request.logs && request.lag.is_none() && request.horizon.is_none());
        let johansen = meant(|args| args.test = Some("johansen".into())).expect("a request");
        assert_eq!(johansen.adjustment, Adjustment::None);
        let half = meant(|args| args.horizon = Some("365".into())).expect("a request");
        assert_eq!(half.formation_micros, 365 * 43_200_000_000);
    }

    #[test]
    fn every_wrong_value_is_named_with_its_flag() {
        type Change = fn(&mut ScreenArgs);
        let cases: [(&str, Change); 7] = [
            ("--test adf: 'adf' is not a test of cointegration", |a| a.test = Some("adf".into())),
            ("--trend q: not a set of deterministic terms", |a| a.trend = Some("q".into())),
            ("--lag -1: not a rule for lags", |a| a.lag = Some("-1".into())),
            ("--fdr fdr: 'fdr' is not an adjustment of p-values", |a| a.fdr = Some("fdr".into())),
            ("--max-p 1.5: not a number from 0 to 1", |a| a.max_p = Some("1.5".into())),
            ("--top 0: not a whole number from 1 to 4294967295", |a| a.top = Some("0".into())),
            ("--max-half-life soon: 'soon' is not a span", |a| {
                a.max_half_life = Some("soon".into());
            }),
        ];
        for (line, change) in cases {
            assert_eq!(meant(change).expect_err("wrong").to_string(), line);
        }
        let fixed = meant(|args| args.lag = Some("3".into())).expect("a request");
        assert_eq!(fixed.lag, Some(LagRule::Fixed(3)));
    }
}
