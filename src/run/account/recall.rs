//! From the row of a stored job back to the request that asks for it, and for nothing else.
//!
//! The row holds the strategy's parameters and the terms of the simulation; the configuration of the run
//! holds markets, interval, end and terms of single instruments. Whether the request means the same job is
//! not believed but checked: `resimulate` compares the keys.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    domain::{Horizon, Keep, Sizes, WarmupMultiplier},
    run::{DeviceChoice, DeviceRequest, PanelChoice, Request, WorkerRequest},
    sim::{Costs, InstrumentTerms, Limits, Rules},
    store::Table,
    strategy::StrategyParameters,
};

/// Jobs of this strategy play what came from outside the store.
pub(super) const FROM_OUTSIDE: &str = "scripted";

/// Sizes that are asked for by number: baskets run on three and four, larger sets are all of theirs.
const NUMBERED: usize = 4;

/// The request for the one job in `job`, of the run in `run`; everything is kept of it.
///
/// # Errors
/// Why the job cannot be asked for again, in a few words.
pub(super) fn recall(
    job: &Table,
    run: &Table,
    budget_bytes: u64,
    multiplier: WarmupMultiplier,
) -> Result<Request, String> {
    recall_as(job.text(0, "strategy"), (job, run), budget_bytes, multiplier)
}

/// The same for a strategy in the place of the job's own, with the parameters that it has by default.
///
/// # Errors
/// As [`recall`].
pub(super) fn recall_as(
    strategy: &str,
    (job, run): (&Table, &Table),
    budget_bytes: u64,
    multiplier: WarmupMultiplier,
) -> Result<Request, String> {
    let mut terms = object(job.text(0, "parameters"))?;
    if strategy != job.text(0, "strategy") {
        terms.remove("strategy");
    }
    let configuration = object(run.text(0, "configuration"))?;
    let symbols = symbols(job.text(0, "symbols"), &configuration)?;
    let days = job.whole(0, "horizon_days").and_then(|days| u32::try_from(days).ok());
    let end = run.cell(0, "end_ts");
    let crate::store::Cell::Time(end) = end else { return Err("its run has no end".to_owned()) };
    let sizes = if symbols.len() <= NUMBERED {
        format!("{},all", symbols.len().max(2))
    } else {
        "all".into()
    };
    Ok(Request {
        interval: Some(read("interval", run.text(0, "interval"))?),
        horizons: vec![days.and_then(Horizon::from_days).ok_or("its horizon is none")?],
        multiplier,
        strategies: vec![strategy.to_owned()],
        parameters: parameters(strategy, &terms)?,
        signals: None,
        from_screen: None,
        sizes: read::<Sizes>("sizes", &sizes)?,
        multi_pair: symbols.len() > 1,
        max_combinations: None,
        ranks: None,
        as_of: Some(crate::domain::Timestamp(*end)),
        capital: money(&terms)?,
        costs: filled(&Costs::NONE, &terms, &named(&Costs::NONE.named()))?,
        limits: filled(&Limits::NONE, &terms, &named(&Limits::NONE.named()))?,
        rules: rules(&terms)?,
        instruments: instruments(&configuration, &symbols)?,
        fill: Some(read("fill", terms.get("fill").and_then(Value::as_str).unwrap_or(""))?),
        max_stale_bars: terms
            .get("max_stale_bars")
            .and_then(Value::as_u64)
            .and_then(|bars| u32::try_from(bars).ok())
            .ok_or("its max_stale_bars are missing")?,
        periods_per_year: configuration.get("periods_per_year").and_then(Value::as_f64),
        workers: WorkerRequest { asked: Some(1), cap: None, sequential: true },
        budget_bytes,
        device: DeviceRequest { choice: DeviceChoice::Cpu, vram_bytes: None },
        panel: PanelChoice::Ram,
        memory_warn: 1.0,
        job_timeout: None,
        batch_jobs: 1,
        keep: Keep::All,
        seed: 1,
        fresh: false,
        symbols: Some(symbols),
    })
}

/// Equity before the first bar of the job in `job`.
///
/// # Errors
/// As [`recall`].
pub(super) fn capital(job: &Table) -> Result<f64, String> {
    money(&object(job.text(0, "parameters"))?)
}

fn money(terms: &Map<String, Value>) -> Result<f64, String> {
    terms.get("capital").and_then(Value::as_f64).ok_or_else(|| "its capital is missing".to_owned())
}

fn object(json: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(json).map_err(|error| format!("its row cannot be read: {error}"))
}

fn read<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("its {what} '{text}' cannot be read"))
}

fn named<T>(terms: &[(&'static str, T)]) -> Vec<&'static str> {
    terms.iter().map(|(name, _)| *name).collect()
}

/// `MARKET:SYMBOL` of each symbol, as the run names its instruments.
fn symbols(joined: &str, configuration: &Map<String, Value>) -> Result<Vec<String>, String> {
    let listed = configuration.get("symbols").and_then(Value::as_array);
    let listed: Vec<&str> = listed.into_iter().flatten().filter_map(Value::as_str).collect();
    let of = |symbol: &str| {
        let is_its = |name: &&&str| name.strip_suffix(symbol).is_some_and(|m| m.ends_with(':'));
        let mut found = listed.iter().filter(is_its);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok((*one).to_owned()),
            (Some(_), Some(_)) => Err(format!("{symbol} trades on several markets of the run")),
            (None, _) => Err(format!("the run does not name {symbol}")),
        }
    };
    joined.split(',').map(of).collect()
}

/// The parameters of one strategy; the others have their defaults.
fn parameters(strategy: &str, terms: &Map<String, Value>) -> Result<StrategyParameters, String> {
    let mut all = tables(&StrategyParameters::default())?;
    if let (Some(table), Some(own)) = (all.get_mut(strategy), terms.get("strategy")) {
        *table = own.clone();
    }
    typed(all)
}

/// `terms` of these names in the place of those of `defaults`.
fn filled<T: Serialize + DeserializeOwned>(
    defaults: &T,
    terms: &Map<String, Value>,
    names: &[&str],
) -> Result<T, String> {
    let mut all = tables(defaults)?;
    for name in names {
        if let Some(value) = terms.get(*name) {
            all.insert((*name).to_owned(), value.clone());
        }
    }
    typed(all)
}

fn rules(terms: &Map<String, Value>) -> Result<Rules, String> {
    let mut names = named(&Rules::NONE.named());
    names.push("reentry");
    filled(&Rules::NONE, terms, &names)
}

fn instruments(
    configuration: &Map<String, Value>,
    symbols: &[String],
) -> Result<BTreeMap<String, InstrumentTerms>, String> {
    let Some(own) = configuration.get("instruments").and_then(Value::as_object) else {
        return Ok(BTreeMap::new());
    };
    let is_meant = |name: &str| {
        symbols.iter().any(|full| {
            full == name || full.strip_suffix(name).is_some_and(|market| market.ends_with(':'))
        })
    };
    let meant = own.iter().filter(|(name, _)| is_meant(name));
    typed(meant.map(|(name, terms)| (name.clone(), terms.clone())).collect())
}

fn tables(of: &impl Serialize) -> Result<Map<String, Value>, String> {
    match serde_json::to_value(of) {
        Ok(Value::Object(tables)) => Ok(tables),
        _ => Err("its terms cannot be written".to_owned()),
    }
}

fn typed<T: DeserializeOwned>(of: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(of)).map_err(|error| format!("its terms: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{filled, named, object, parameters, rules, symbols};
    use crate::sim::{Costs, Reentry};

    fn terms() -> Map<String, Value> {
        let text = r#"{"strategy":{"rebalance_bars":12},"capital":10000,"commission_bps":1.5,
            "slippage_bps":0,"borrow_bps":0,"time_stop_bars":24,"reentry":"never"}"#;
        object(text).expect("an object")
    }

    #[test]
    fn terms_that_were_written_are_read_back() {
        let costs = filled(&Costs::NONE, &terms(), &named(&Costs::NONE.named())).expect("costs");
        assert_eq!(costs, Costs { commission_bps: 1.5, ..Costs::NONE });
        let rules = rules(&terms()).expect("rules");
        assert_eq!((rules.time_stop_bars, rules.reentry), (Some(24), Reentry::Never));
        let own = parameters("equal-weight", &terms()).expect("parameters");
        assert_eq!(own.equal_weight.rebalance_bars, Some(12));
        assert!(parameters("buy-and-hold", &terms()).is_ok(), "a strategy without parameters");
    }

    #[test]
    fn symbols_are_those_that_the_run_names() {
        let of = |listed: Value, joined: &str| {
            let configuration = json!({ "symbols": listed });
            symbols(joined, configuration.as_object().expect("an object"))
        };
        assert_eq!(of(json!(["m:A", "m:B"]), "A,B"), Ok(vec!["m:A".to_owned(), "m:B".to_owned()]));
        assert_eq!(of(json!(["m:x:A"]), "x:A"), Ok(vec!["m:x:A".to_owned()]));
        assert!(of(json!(["m:A", "n:A"]), "A").is_err());
        assert!(of(json!(["m:A"]), "B").is_err());
    }
}
