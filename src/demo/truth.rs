//! What was planted, and from which horizon on its detection is promised.
//!
//! # Promise
//! A pair is promised from the shortest default horizon on from which a run finds it at its first
//! fit with a probability above 0.95. The fit is the default of the `cointegration` strategy: the
//! half horizon before the scored window (360, 1,080, 2,160, 4,380, 8,760 bars), Engle-Granger in
//! both directions with a constant, lag by AIC, `min(1, 2 min(p1, p2)) <= 0.05`, half-life between
//! 2 bars and a quarter of the window.
//!
//! # Power
//! Share of universes in which the pair is found, over the universes of seeds 1,001 to 2,000
//! (400 of them below the line), bars lost by the source included. The standard error of a share
//! is at most 0.016 (0.025 below the line).
//!
//! | pair | half-life | 30 days | 90 | 180 | 365 | 730 | promised from |
//! |---|---|---|---|---|---|---|---|
//! | BOLERO, TOCCATA | 12 h | 0.544 | 0.999 | 1.000 | 1.000 | 1.000 | 90 |
//! | ADAGIO, MAZURKA | 36 h | 0.111 | 0.550 | 0.982 | 1.000 | 1.000 | 180 |
//! | FERMATA, VIVACE | 96 h | 0.048 | 0.096 | 0.325 | 0.916 | 1.000 | 730 |
//! | HEMIOLA, NOCTURNE (broken) | 24 h | 0.056 | 0.045 | 0.031 | 0.036 | 1.000 | 730 |
//! | | | | | | | | |
//! | CADENZA, GAVOTTE | | 0.068 | 0.062 | 0.048 | 0.025 | 0.048 | |
//! | CADENZA, SCHERZO | | 0.058 | 0.075 | 0.062 | 0.052 | 0.070 | |
//! | GAVOTTE, SCHERZO | | 0.068 | 0.055 | 0.045 | 0.028 | 0.043 | |
//! | DIVISI, LEGATO | | 0.065 | 0.048 | 0.055 | 0.062 | 0.033 | |
//! | DIVISI, RONDEAU | | 0.050 | 0.050 | 0.025 | 0.050 | 0.030 | |
//! | LEGATO, RONDEAU | | 0.062 | 0.052 | 0.040 | 0.050 | 0.022 | |
//! | MAZURKA, VIVACE | | 0.062 | 0.055 | 0.040 | 0.048 | 0.043 | |
//!
//! The broken pair is whole in the formation window of the 730-day horizon, which ends 730 days
//! before the end, and broken in those of the others: it is found, and then breaks while it is
//! traded. The triple is not promised, since no default strategy tests three symbols at once;
//! Engle-Granger on the three finds it in 0.142, 0.720, 0.998, 1.000, 1.000 of the universes
//! (smallest of three directions times 3).
//!
//! The first four rows are what the `demo_power` tests print:
//! `cargo test --release -- --ignored --nocapture the_power`. The others, and these too, were
//! measured on the bars of this program with NumPy by the search of statsmodels 0.15.0 `coint`
//! (equal to it to 12 digits where both were run).

use super::{
    BARS,
    roster::{Member, ROSTER, Recipe},
};

/// One thing planted in the universe.
#[derive(Debug, Clone, PartialEq)]
pub struct Planted {
    /// What: `cointegrated_pair`, `cointegrated_triple`, `broken_pair`, `listed_late`,
    /// `delisted_early`, `independent` or `missing_bars`.
    pub kind: &'static str,
    /// The symbols concerned, in canonical order; in a relation the first follows the others.
    pub symbols: Vec<String>,
    /// Half-life of the spread in hours, where there is one.
    pub half_life_hours: Option<f64>,
    /// Weight `b` of a pair: `ln first = a + b ln second + spread`.
    pub hedge_ratio: Option<f64>,
    /// Shortest of the default horizons, in days, from which the pair is found at the first fit
    /// with a probability above 0.95; `None` where no detection is promised.
    pub promised_from_days: Option<u32>,
    /// The plant in one sentence.
    pub note: String,
}

/// A promised detection.
struct Promise {
    /// Dependent leg of the pair.
    symbol: &'static str,
    /// Shortest default horizon with a power above 0.95.
    from_days: u32,
    /// Power there, three decimals of the table above.
    power: &'static str,
}

const PROMISES: [Promise; 4] = [
    Promise { symbol: "ADAGIO", from_days: 180, power: "0.982" },
    Promise { symbol: "BOLERO", from_days: 90, power: "0.999" },
    Promise { symbol: "FERMATA", from_days: 730, power: "1.000" },
    Promise { symbol: "HEMIOLA", from_days: 730, power: "1.000" },
];

/// Everything planted, relations first.
pub(super) fn planted() -> Vec<Planted> {
    let mut truth = relations();
    truth.extend(listings());
    truth.push(plain(
        "independent",
        symbols_where(|member| matches!(member.recipe, Recipe::Walk { loading: 0.0, .. })),
        "Random walks without the market factor: whatever holds between them is chance.".into(),
    ));
    truth.push(plain(
        "missing_bars",
        symbols_where(|member| member.loses_bars),
        "Single bars and outages of 3 to 12 hours are lost, at most 0.3 % of the bars.".into(),
    ));
    truth
}

/// The planted relations, in canonical order of the dependent leg.
fn relations() -> Vec<Planted> {
    let mut truth = Vec::new();
    for member in &ROSTER {
        let Recipe::Relation { legs, half_life_bars, broken_from, .. } = &member.recipe else {
            continue;
        };
        let terms: Vec<String> =
            legs.iter().map(|(leg, weight)| format!("{weight:?} ln {leg}")).collect();
        let formula = format!("ln {} = a + {} + spread", member.symbol, terms.join(" + "));
        let (kind, plant) = match (legs.len(), broken_from) {
            (1, None) => ("cointegrated_pair", format!("{formula}.")),
            (1, Some(row)) => (
                "broken_pair",
                format!("{formula} for the first {} days, then the spread wanders.", row / 24),
            ),
            _ => (
                "cointegrated_triple",
                format!("{formula}; two common trends, so no pair of the three is cointegrated."),
            ),
        };
        let promise = PROMISES.iter().find(|promise| promise.symbol == member.symbol);
        let note = match promise {
            Some(Promise { from_days, power, .. }) => {
                format!("{plant} Power at {from_days} days: {power}.")
            }
            None => plant,
        };
        let symbols = [member.symbol].into_iter().chain(legs.iter().map(|(leg, _)| *leg)).collect();
        truth.push(Planted {
            // Bars are hours here.
            half_life_hours: Some(*half_life_bars),
            hedge_ratio: if let [(_, weight)] = legs { Some(*weight) } else { None },
            promised_from_days: promise.map(|promise| promise.from_days),
            ..plain(kind, symbols, note)
        });
    }
    truth
}

/// Listings that do not span all rows, in canonical order.
fn listings() -> Vec<Planted> {
    let mut truth = Vec::new();
    for member in &ROSTER {
        if member.listed.start > 0 {
            let days = (BARS - member.listed.start) / 24;
            let note = format!("Listed {days} days before the end.");
            truth.push(plain("listed_late", vec![member.symbol], note));
        }
        if member.listed.end < BARS {
            let days = (BARS - member.listed.end) / 24;
            let note = format!("Delisted {days} days before the end.");
            truth.push(plain("delisted_early", vec![member.symbol], note));
        }
    }
    truth
}

/// The symbols of the members of which `holds` is true.
fn symbols_where(holds: impl Fn(&Member) -> bool) -> Vec<&'static str> {
    ROSTER.iter().filter(|member| holds(member)).map(|member| member.symbol).collect()
}

/// A plant that has no spread.
fn plain(kind: &'static str, symbols: Vec<&str>, note: String) -> Planted {
    Planted {
        kind,
        symbols: symbols.into_iter().map(str::to_owned).collect(),
        half_life_hours: None,
        hedge_ratio: None,
        promised_from_days: None,
        note,
    }
}

#[cfg(test)]
mod tests {
    use super::{PROMISES, planted};
    use crate::demo::roster::ROSTER;

    #[test]
    fn the_plants_are_those_of_the_story() {
        let truth = planted();
        let count = |kind: &str| truth.iter().filter(|plant| plant.kind == kind).count();
        let kinds = ["cointegrated_pair", "cointegrated_triple", "broken_pair", "listed_late"];
        assert_eq!(kinds.map(count), [3, 1, 1, 1]);
        assert_eq!(["delisted_early", "independent", "missing_bars"].map(count), [1; 3]);
        let independent = truth.iter().find(|plant| plant.kind == "independent");
        assert_eq!(independent.map(|plant| plant.symbols.len()), Some(3));
    }

    #[test]
    fn every_symbol_but_those_of_missing_bars_has_one_role() {
        let roles = planted();
        let symbols = || roles.iter().filter(|p| p.kind != "missing_bars").flat_map(|p| &p.symbols);
        for member in &ROSTER {
            let count = symbols().filter(|symbol| *symbol == member.symbol).count();
            assert_eq!(count, 1, "{}", member.symbol);
        }
    }

    #[test]
    fn symbols_are_in_canonical_order_and_promises_belong_to_pairs() {
        for plant in planted() {
            assert!(plant.symbols.windows(2).all(|pair| pair[0] < pair[1]), "{plant:?}");
            let pair = matches!(plant.kind, "cointegrated_pair" | "broken_pair");
            assert_eq!(plant.promised_from_days.is_some(), pair, "{plant:?}");
            assert_eq!(plant.hedge_ratio.is_some(), pair, "{plant:?}");
        }
        assert_eq!(planted().iter().filter_map(|p| p.promised_from_days).count(), PROMISES.len());
    }
}
