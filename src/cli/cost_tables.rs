//! `[costs]`, `[limits]`, `[rules]` and `[instrument."SYMBOL"]` of a configuration, and the bounds of
//! what they may say.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    domain::EventKind,
    error::{Error, Result},
    sim::{Costs, InstrumentTerms, Limits, Reentry, Rules},
};

/// `[costs]`: what is not said has its default. The first three may stand at the top of the file
/// instead, since they are flags.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CostTable {
    pub(super) commission_bps: Option<f64>,
    pub(super) slippage_bps: Option<f64>,
    pub(super) borrow_bps: Option<f64>,
    commission_per_unit: Option<f64>,
    commission_minimum: Option<f64>,
    half_spread_bps: Option<f64>,
    impact: Option<f64>,
    financing_bps: Option<f64>,
}

/// What the tables of a file say, within their bounds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Terms {
    /// Costs; those that are flags are not settled here.
    pub(super) costs: Costs,
    /// Limits.
    pub(super) limits: Limits,
    /// Exits that every strategy shares.
    pub(super) rules: Rules,
    /// Terms of single instruments.
    pub(super) instruments: BTreeMap<String, InstrumentTerms>,
}

impl Terms {
    /// What is said of `reentry` where nothing is ever closed by a rule.
    pub(super) fn remark(&self) -> Option<String> {
        let Rules { reentry, .. } = self.rules;
        (reentry != Reentry::default() && !self.rules.is_active()).then(|| {
            format!(
                "rules.reentry = {reentry} changes nothing: no rule is set that could close a position"
            )
        })
    }
}

/// A value outside its bounds: where it stands, and what is wrong.
#[derive(Debug, PartialEq)]
pub(super) struct OutOfBounds<'a> {
    /// Table and key, below an instrument's name where there is one.
    pub(super) path: Vec<&'a str>,
    /// What is wrong, in one line.
    pub(super) what: String,
}

impl OutOfBounds<'_> {
    /// The error at a place in the file.
    pub(super) fn at(&self, place: &str) -> Error {
        Error::usage(format!("{place}{}: {}", self.path.join("."), self.what))
    }
}

/// Least and largest value of a term, the least itself being allowed or not.
fn bounds(name: &str) -> (f64, f64, bool) {
    match name {
        // 10,000 bps would sell at a price of zero.
        "commission_bps" | "slippage_bps" | "half_spread_bps" => (0.0, 9_999.0, true),
        "volume_cap" | "maintenance_margin" | "stop_loss" | "max_drawdown" => (0.0, 1.0, false),
        "time_stop_bars" | "reentry" => (1.0, 1e9, true),
        "borrow_bps" => (0.0, EventKind::MOST_BORROW_BPS, true),
        "lot" | "tick" => (0.0, 1e12, false),
        "gross_leverage_cap" | "net_leverage_cap" | "take_profit" => (0.0, 1e6, false),
        _ => (0.0, 1e9, true),
    }
}

fn check<'a>(
    table: &[&'a str],
    terms: impl IntoIterator<Item = (&'static str, Option<f64>)>,
) -> Result<(), OutOfBounds<'a>> {
    for (name, value) in terms {
        let Some(value) = value else { continue };
        let (least, most, allowed) = bounds(name);
        let right = value <= most && if allowed { value >= least } else { value > least };
        if !right {
            let from = if allowed { "from" } else { "above" };
            let to = if allowed { "to" } else { "and at most" };
            let path = table.iter().copied().chain([name]).collect();
            let what = format!("{value} is not a number {from} {least} {to} {most}");
            return Err(OutOfBounds { path, what });
        }
    }
    Ok(())
}

/// Terms by name, with the default of those that are not off.
pub(super) type NamedTerms = Vec<(&'static str, Option<String>)>;

/// The tables of a file with their terms. Costs that are flags stand at the top of a file.
pub(super) fn tables() -> [(&'static str, NamedTerms); 3] {
    let costs = Costs::default().named().into_iter();
    let costs =
        costs.filter(|(name, _)| !["commission_bps", "slippage_bps", "borrow_bps"].contains(name));
    let off = |(name, _): (&'static str, Option<f64>)| (name, None);
    let mut rules: Vec<_> = Rules::default().named().into_iter().map(off).collect();
    rules.push(("reentry", Some(format!("\"{}\"", Reentry::default()))));
    [
        ("costs", costs.map(|(name, value)| (name, Some(value.to_string()))).collect()),
        ("limits", Limits::default().named().into_iter().map(off).collect()),
        ("rules", rules),
    ]
}

impl CostTable {
    fn named(&self) -> [(&'static str, Option<f64>); 8] {
        [
            ("commission_bps", self.commission_bps),
            ("slippage_bps", self.slippage_bps),
            ("borrow_bps", self.borrow_bps),
            ("commission_per_unit", self.commission_per_unit),
            ("commission_minimum", self.commission_minimum),
            ("half_spread_bps", self.half_spread_bps),
            ("impact", self.impact),
            ("financing_bps", self.financing_bps),
        ]
    }
}

/// The terms that the tables of a file state.
///
/// # Errors
/// The first value outside its bounds.
pub(super) fn terms<'a>(
    table: &CostTable,
    limits: Limits,
    rules: Rules,
    instruments: &'a BTreeMap<String, InstrumentTerms>,
) -> Result<Terms, OutOfBounds<'a>> {
    check(&["costs"], table.named())?;
    check(&["limits"], limits.named())?;
    check(&["rules"], rules.named())?;
    if let Reentry::Bars(bars) = rules.reentry {
        check(&["rules"], [("reentry", Some(f64::from(bars)))])?;
    }
    for (name, own) in instruments {
        check(&["instrument", name], own.named())?;
    }
    let costs = Costs {
        commission_per_unit: table.commission_per_unit.unwrap_or(0.0),
        commission_minimum: table.commission_minimum.unwrap_or(0.0),
        half_spread_bps: table.half_spread_bps.unwrap_or(0.0),
        impact: table.impact.unwrap_or(0.0),
        financing_bps: table.financing_bps.unwrap_or(0.0),
        ..Costs::default()
    };
    Ok(Terms { costs, limits, rules, instruments: instruments.clone() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{CostTable, InstrumentTerms, Limits, Reentry, Rules, Terms, terms};

    #[test]
    fn reentry_after_no_rule_is_remarked_upon() {
        let remark = |rules| Terms { rules, ..Terms::default() }.remark();
        let lone = Rules { reentry: Reentry::Bars(3), ..Rules::default() };
        assert_eq!(
            remark(lone).as_deref(),
            Some("rules.reentry = 3 changes nothing: no rule is set that could close a position")
        );
        assert!(remark(Rules { reentry: Reentry::Never, ..lone }).is_some());
        assert_eq!(remark(Rules { stop_loss: Some(0.1), ..lone }), None);
        assert_eq!(remark(Rules::default()), None);
    }

    #[test]
    fn values_outside_their_bounds_are_named_with_their_table() {
        let (none, no) = (BTreeMap::new(), Rules::default());
        let limits = Limits { volume_cap: Some(0.0), ..Limits::default() };
        let refused =
            terms(&CostTable::default(), limits, no, &none).expect_err("no volume at all");
        assert_eq!(
            refused.at("").to_string(),
            "limits.volume_cap: 0 is not a number above 0 and at most 1"
        );
        let table = CostTable { impact: Some(f64::NAN), ..CostTable::default() };
        assert!(terms(&table, Limits::default(), no, &none).is_err());
        let own = InstrumentTerms { half_spread_bps: Some(1e4), ..InstrumentTerms::default() };
        let one = BTreeMap::from([("A".to_owned(), own)]);
        let refused =
            terms(&CostTable::default(), Limits::default(), no, &one).expect_err("too wide");
        assert_eq!(refused.path, ["instrument", "A", "half_spread_bps"]);
        let tables =
            terms(&CostTable::default(), Limits::default(), no, &none).expect("nothing said");
        assert_eq!(tables, super::Terms::default());
    }
}
