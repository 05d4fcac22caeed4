//! What `barline weights` was asked to do.

use serde::de::DeserializeOwned;

use super::{
    limit_args,
    typed_value::{count, names, number, optional},
    weights_args::WeightsArgs,
};
use crate::{
    domain::nearest,
    error::{Error, Result},
    run::{LookbackLength, WeightsRequest},
    sim::MAX_STALE_BARS,
    stats::{LeafOrder, Linkage},
    strategy::{
        CovarianceEstimator, HercParameters, HrpParameters, InverseVarianceParameters,
        MinimumVarianceParameters, NcoParameters, RiskParityParameters,
        portfolio::{Lookback, Portfolio, WeightLimits},
    },
};

/// Days that are looked back.
const LOOKBACK_DAYS: f64 = 365.0;
/// Another name of equal weights: that of the strategy.
const EQUAL_WEIGHT: &str = "equal-weight";
const TREES: [&str; 3] = ["hrp", "herc", "nco"];

/// The meaning of `args`.
///
/// # Errors
/// Usage, naming the flag and its value.
pub(super) fn weights(args: &WeightsArgs) -> Result<WeightsRequest> {
    let portfolio = portfolio(args)?;
    portfolio.check()?;
    Ok(WeightsRequest {
        symbols: args.symbols.as_deref().map(|text| names("--symbols", text)).transpose()?,
        interval: optional("--interval", args.interval.as_deref())?,
        as_of: optional("--as-of", args.as_of.as_deref())?,
        portfolio,
        lookback: lookback_length(args)?,
        max_stale_bars: count("--max-stale-bars", args.max_stale_bars.as_deref(), 0, 1_000_000)?
            .unwrap_or(MAX_STALE_BARS),
        budget_bytes: limit_args::budget(args.budget.memory_budget.as_deref(), false)?,
    })
}

fn lookback_length(args: &WeightsArgs) -> Result<LookbackLength> {
    if let Some(bars) = count("--lookback-bars", args.lookback_bars.as_deref(), 2, 100_000_000)? {
        return Ok(LookbackLength::Bars(bars));
    }
    let days = number("--lookback-days", args.lookback_days.as_deref(), 1e-3, 36_525.0)?;
    Ok(LookbackLength::Days(days.unwrap_or(LOOKBACK_DAYS)))
}

fn portfolio(args: &WeightsArgs) -> Result<Portfolio> {
    let name = method(args.method.as_deref())?;
    refuse_without_effect(args, name)?;
    let Lookback { covariance, ewma_half_life_bars, .. } = lookback(args)?;
    let look = Lookback { covariance, ewma_half_life_bars, ..Lookback::default() };
    let WeightLimits { min_weight, max_weight } = limits(args)?;
    let linkage = word::<Linkage>("--linkage", args.linkage.as_deref(), &linkages())?;
    let distance = word("--distance", args.distance.as_deref(), &["correlation", "paper"])?;
    let max_clusters = count("--max-clusters", args.max_clusters.as_deref(), 1, 50_000)?;
    Ok(match name {
        "hrp" => {
            let own = HrpParameters { covariance, ewma_half_life_bars, ..HrpParameters::default() };
            let (linkage, distance) =
                (linkage.unwrap_or(own.linkage), distance.unwrap_or(own.distance));
            let own = HrpParameters { linkage, distance, min_weight, max_weight, ..own };
            Portfolio::Hrp(own, leaf_order(args.leaf_order.as_deref())?)
        }
        "herc" => {
            let own =
                HercParameters { covariance, ewma_half_life_bars, ..HercParameters::default() };
            let within = word("--within", args.within.as_deref(), &["inverse-variance", "equal"])?;
            Portfolio::Herc(HercParameters {
                linkage: linkage.unwrap_or(own.linkage),
                distance: distance.unwrap_or(own.distance),
                within: within.unwrap_or(own.within),
                max_clusters,
                ..own
            })
        }
        "nco" => {
            let own = NcoParameters { covariance, ewma_half_life_bars, ..NcoParameters::default() };
            let (linkage, distance) =
                (linkage.unwrap_or(own.linkage), distance.unwrap_or(own.distance));
            Portfolio::Nco(NcoParameters { linkage, distance, max_clusters, ..own })
        }
        "risk-parity" => Portfolio::RiskParity(RiskParityParameters { lookback: look }),
        "min-variance" => Portfolio::MinimumVariance(MinimumVarianceParameters {
            covariance,
            ewma_half_life_bars,
            min_weight,
            max_weight,
            ..MinimumVarianceParameters::default()
        }),
        "inverse-variance" => {
            Portfolio::InverseVariance(InverseVarianceParameters { lookback: look })
        }
        _ => Portfolio::Equal(look),
    })
}

/// A name of [`Portfolio::NAMES`].
fn method(typed: Option<&str>) -> Result<&'static str> {
    let known = Portfolio::NAMES.join(", ");
    let Some(text) = typed else {
        return Err(Error::usage("no --method is given").with_hint(format!("one of {known}")));
    };
    let meant = if text == EQUAL_WEIGHT { "equal" } else { text };
    Portfolio::NAMES.into_iter().find(|name| *name == meant).ok_or_else(|| {
        let near = nearest(text, Portfolio::NAMES)
            .map_or_else(String::new, |near| format!("did you mean {near}? "));
        Error::usage(format!("--method {text}: there is no such portfolio"))
            .with_hint(format!("{near}known: {known}"))
    })
}

/// A flag that would silently do nothing is refused.
fn refuse_without_effect(args: &WeightsArgs, name: &str) -> Result<()> {
    let flags: [(&str, &Option<String>, &[&str]); 7] = [
        ("--linkage", &args.linkage, &TREES),
        ("--distance", &args.distance, &TREES),
        ("--leaf-order", &args.leaf_order, &["hrp"]),
        ("--max-clusters", &args.max_clusters, &["herc", "nco"]),
        ("--within", &args.within, &["herc"]),
        ("--min-weight", &args.min_weight, &["hrp", "min-variance"]),
        ("--max-weight", &args.max_weight, &["hrp", "min-variance"]),
    ];
    let stray = flags.iter().find(|(_, typed, of)| typed.is_some() && !of.contains(&name));
    match stray {
        None => Ok(()),
        Some((flag, _, of)) => Err(Error::usage(format!("{flag} has no effect on {name}"))
            .with_hint(format!("it belongs to --method {}", of.join(", ")))),
    }
}

fn lookback(args: &WeightsArgs) -> Result<Lookback> {
    let known = CovarianceEstimator::ALL.map(CovarianceEstimator::name);
    let covariance = word("--covariance", args.covariance.as_deref(), &known)?;
    let covariance: CovarianceEstimator = covariance.unwrap_or_default();
    let half_life = number("--half-life", args.half_life.as_deref(), 0.1, 1e6)?;
    if let (Some(_), false) = (half_life, covariance == CovarianceEstimator::Ewma) {
        let line = format!("--half-life has no effect on the {} covariance", covariance.name());
        return Err(Error::usage(line).with_hint("add --covariance ewma"));
    }
    Ok(Lookback { covariance, ewma_half_life_bars: half_life, ..Lookback::default() })
}

fn limits(args: &WeightsArgs) -> Result<WeightLimits> {
    let WeightLimits { min_weight, max_weight } = WeightLimits::LONG_ONLY;
    let least = number("--min-weight", args.min_weight.as_deref(), 0.0, 1.0)?.unwrap_or(min_weight);
    let most = number("--max-weight", args.max_weight.as_deref(), 0.0, 1.0)?.unwrap_or(max_weight);
    if least > most {
        return Err(Error::usage(format!("--min-weight {least} is above --max-weight {most}"))
            .with_hint("exchange them"));
    }
    Ok(WeightLimits { min_weight: least, max_weight: most })
}

fn linkages() -> Vec<&'static str> {
    Linkage::ALL.map(Linkage::name).to_vec()
}

fn leaf_order(typed: Option<&str>) -> Result<LeafOrder> {
    match typed {
        None | Some("plain") => Ok(LeafOrder::Plain),
        Some("optimal") => Ok(LeafOrder::Optimal),
        Some(text) => Err(unknown_word("--leaf-order", text, &["plain", "optimal"])),
    }
}

/// One of the `known` words of a type that reads its names.
fn word<T: DeserializeOwned>(flag: &str, typed: Option<&str>, known: &[&str]) -> Result<Option<T>> {
    let Some(text) = typed else { return Ok(None) };
    let value = serde_json::Value::String(text.to_owned());
    serde_json::from_value(value).map(Some).map_err(|_| unknown_word(flag, text, known))
}

fn unknown_word(flag: &str, text: &str, known: &[&str]) -> Error {
    let near = nearest(text, known.iter().copied())
        .map_or_else(String::new, |near| format!("did you mean {near}? "));
    Error::usage(format!("{flag} {text}: there is no such choice"))
        .with_hint(format!("{near}one of {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{LookbackLength, Portfolio, WeightsArgs, WeightsRequest, weights};
    use crate::{
        error::Result,
        stats::{Distance, LeafOrder, Linkage, Within},
        strategy::CovarianceEstimator,
    };

    fn meant(method: &str, change: impl FnOnce(&mut WeightsArgs)) -> Result<WeightsRequest> {
        let mut args = WeightsArgs { method: Some(method.to_owned()), ..WeightsArgs::default() };
        change(&mut args);
        weights(&args)
    }

    #[allow(clippy::unnecessary_wraps, reason = "arguments are optional")]
    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn defaults_are_those_of_the_strategies() {
        for name in Portfolio::NAMES {
            let request = meant(name, |_| ()).expect(name);
            assert_eq!(request.portfolio.name(), name);
            assert_eq!(request.lookback, LookbackLength::Days(365.0));
        }
        let hrp = meant("hrp", |_| ()).expect("a request").portfolio;
        assert_eq!(hrp, Portfolio::Hrp(super::HrpParameters::default(), LeafOrder::Plain));
        let herc = meant("herc", |_| ()).expect("a request").portfolio;
        assert_eq!(herc, Portfolio::Herc(super::HercParameters::default()));
        assert_eq!(meant("equal-weight", |_| ()).expect("equal").portfolio.name(), "equal");
    }

    #[test]
    fn every_flag_reaches_its_portfolio() {
        let request = meant("hrp", |args| {
            args.covariance = text("ewma");
            args.half_life = text("20");
            args.linkage = text("average");
            args.distance = text("paper");
            args.leaf_order = text("optimal");
            args.min_weight = text("0.01");
            args.max_weight = text("0.5");
            args.lookback_bars = text("250");
        });
        let request = request.expect("a request");
        let Portfolio::Hrp(own, LeafOrder::Optimal) = request.portfolio else { panic!() };
        assert_eq!((own.linkage, own.distance), (Linkage::Average, Distance::Paper));
        assert_eq!((own.min_weight, own.max_weight), (0.01, 0.5));
        assert_eq!(own.covariance, CovarianceEstimator::Ewma);
        assert_eq!(own.ewma_half_life_bars, Some(20.0));
        assert_eq!(request.lookback, LookbackLength::Bars(250));
        let herc = meant("herc", |args| {
            args.within = text("equal");
            args.max_clusters = text("3");
        });
        let Portfolio::Herc(own) = herc.expect("a request").portfolio else { panic!() };
        assert_eq!((own.within, own.max_clusters), (Within::Equal, Some(3)));
    }

    #[test]
    fn every_wrong_value_is_named_with_its_flag() {
        type Change = fn(&mut WeightsArgs);
        let cases: [(&str, &str, Change); 12] = [
            ("hpr", "--method hpr: there is no such portfolio", |_| ()),
            ("hrp", "--covariance lw: there is no such choice", |a| a.covariance = text("lw")),
            ("hrp", "--half-life has no effect on the sample covariance", |a| {
                a.half_life = text("5");
            }),
            ("hrp", "--linkage wards: there is no such choice", |a| a.linkage = text("wards")),
            ("hrp", "--distance x: there is no such choice", |a| a.distance = text("x")),
            ("hrp", "--leaf-order best: there is no such choice", |a| a.leaf_order = text("best")),
            ("hrp", "--min-weight 0.5 is above --max-weight 0.2", |a| {
                (a.min_weight, a.max_weight) = (text("0.5"), text("0.2"));
            }),
            ("nco", "--max-clusters 0: not a whole number from 1 to 50000", |a| {
                a.max_clusters = text("0");
            }),
            ("nco", "--within has no effect on nco", |a| a.within = text("equal")),
            ("risk-parity", "--max-weight has no effect on risk-parity", |a| {
                a.max_weight = text("0.5");
            }),
            ("equal", "--linkage has no effect on equal", |a| a.linkage = text("ward")),
            ("hrp", "--lookback-bars 1: not a whole number from 2 to 100000000", |a| {
                a.lookback_bars = text("1");
            }),
        ];
        for (method, line, change) in cases {
            assert_eq!(meant(method, change).expect_err(line).to_string(), line);
        }
        let error = meant("hpr", |_| ()).expect_err("wrong");
        assert!(error.hint().is_some_and(|hint| hint.starts_with("did you mean hrp?")));
        assert!(weights(&WeightsArgs::default()).expect_err("none").is_usage());
    }
}
