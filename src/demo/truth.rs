//! What was planted, and from which horizon on its detection is promised.

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

/// Promises by dependent leg.
const PROMISES: [(&str, u32); 4] =
    [("ADAGIO", 180), ("BOLERO", 90), ("FERMATA", 730), ("HEMIOLA", 730)];

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
    for entry in &ROSTER {
        let Recipe::Relation { legs, half_life_bars, broken_from, .. } = &entry.recipe else {
            continue;
        };
        let terms: Vec<String> =
            legs.iter().map(|(leg, weight)| format!("{weight} ln {leg}")).collect();
        let relation = format!("ln {} = a + {} + spread", entry.symbol, terms.join(" + "));
        let (kind, note) = match (legs.len(), broken_from) {
            (1, None) => ("cointegrated_pair", format!("{relation}.")),
            (1, Some(row)) => (
                "broken_pair",
                format!("{relation} for the first {} days, then the spread wanders.", row / 24),
            ),
            _ => (
                "cointegrated_triple",
                format!("{relation}; two common trends, so no pair of the three is cointegrated."),
            ),
        };
        let mut symbols = vec![entry.symbol];
        symbols.extend(legs.iter().map(|(leg, _)| *leg));
        truth.push(Planted {
            half_life_hours: Some(*half_life_bars),
            hedge_ratio: if let [(_, weight)] = legs { Some(*weight) } else { None },
            promised_from_days: PROMISES
                .iter()
                .find(|(dependent, _)| *dependent == entry.symbol)
                .map(|(_, days)| *days),
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
