//! Tests as rows of table `screen`.

use super::{
    members::Members,
    method::{Judged, Method},
    propose::Proposal,
};
use crate::domain::{ScreenRecord, Timestamp, Universe};

/// What the rows of a screen have in common.
#[derive(Clone, Copy)]
pub(super) struct Common<'a> {
    pub(super) universe: &'a Universe,
    pub(super) window: (Timestamp, Timestamp),
    pub(super) method: Method,
}

/// The row of a test that the plain path made.
pub(super) fn of_judged(
    common: Common<'_>,
    members: Members,
    judged: &Judged,
    q_value: Option<f64>,
) -> ScreenRecord {
    let names = names(common.universe, members, judged.flipped);
    let weights = judged.weights.as_ref().map(|weights| {
        let texts: Vec<String> = weights.iter().map(ToString::to_string).collect();
        texts.join(",")
    });
    ScreenRecord {
        symbols: names.symbols,
        symbol_y: names.y,
        symbol_x: names.x,
        direction: common.method.direction_name(),
        window: common.window,
        observations: u32::try_from(judged.observations).unwrap_or(u32::MAX),
        statistic: judged.statistic,
        p_value: judged.p_value,
        q_value,
        critical_values: judged.critical_values,
        lag_bars: judged.lag.and_then(|lag| u32::try_from(lag).ok()),
        hedge_ratio: judged.hedge_ratio,
        intercept: judged.intercept,
        weights,
        half_life_bars: judged.half_life,
        numeric_path: "plain",
    }
}

/// The row of a test as the kernel has it, or as the plain path has proposed it where there is no kernel.
pub(super) fn of_proposal(
    common: Common<'_>,
    proposal: &Proposal,
    q_value: Option<f64>,
) -> ScreenRecord {
    let Common { universe, window, method } = common;
    let names = names(universe, proposal.members, proposal.flipped);
    let key = proposal.key();
    ScreenRecord {
        symbols: names.symbols,
        symbol_y: names.y,
        symbol_x: names.x,
        direction: method.direction_name(),
        window,
        observations: proposal.rows,
        statistic: if matches!(method, Method::Johansen { .. }) { -key } else { key },
        p_value: method.p_of(key),
        q_value,
        critical_values: None,
        lag_bars: proposal.lag.and_then(|lag| u32::try_from(lag).ok()),
        hedge_ratio: None,
        intercept: None,
        weights: None,
        half_life_bars: None,
        numeric_path: if method.has_kernel() { "kernel" } else { "plain" },
    }
}

struct Names {
    symbols: String,
    y: String,
    x: String,
}

fn names(universe: &Universe, members: Members, flipped: bool) -> Names {
    let symbol = |at: &u16| universe.instruments()[usize::from(*at)].symbol.as_str();
    let mut canonical = members.positions().to_vec();
    canonical.sort_unstable();
    let mut ordered = members.positions().to_vec();
    if flipped {
        ordered.reverse();
    }
    let joined = |positions: &[u16]| positions.iter().map(symbol).collect::<Vec<_>>().join(",");
    let (y, x) = ordered.split_at(1.min(ordered.len()));
    Names { symbols: joined(&canonical), y: joined(y), x: joined(x) }
}

#[cfg(test)]
mod tests {
    use super::{Members, names};
    use crate::domain::{Instrument, Universe};

    #[test]
    fn the_explained_symbol_stands_alone() {
        let named = |symbol: &str| Instrument { market: "m".into(), symbol: symbol.into(), id: 0 };
        let universe = Universe::new(["A", "B", "C"].map(named).to_vec()).expect("a universe");
        let of = |positions: &[u16], flipped| {
            let names = names(&universe, Members::of(positions), flipped);
            format!("{} {} {}", names.symbols, names.y, names.x)
        };
        assert_eq!(of(&[0, 2], false), "A,C A C");
        assert_eq!(of(&[0, 2], true), "A,C C A");
        assert_eq!(of(&[2, 0], false), "A,C C A");
        assert_eq!(of(&[0, 1, 2], false), "A,B,C A B,C");
    }
}
