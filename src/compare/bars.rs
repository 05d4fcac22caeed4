//! Bars that are not the same in two runs.
//!
//! What a run stores of an instrument's bars is a hash over those that its strategies could use, and over
//! the fields that they read. So it changes with the bars, and also where another configuration reads
//! further back or other fields. The first is certain where some instruments of a horizon are the same and
//! this one has as many bars over the same span; of the rest it is said that it differs, and a row is told
//! so only where nothing else explains it.

use std::collections::BTreeSet;

use super::causes::{Cause, Reach};
use crate::store::RunBars;

/// What differs in the bars of instruments that both runs have; `reads_otherwise` where their
/// configurations are not the same.
pub(super) fn causes(run: &[RunBars], other: &[RunBars], reads_otherwise: bool) -> Vec<Cause> {
    let pairs: Vec<(&RunBars, &RunBars)> = run
        .iter()
        .filter_map(|ours| Some((ours, other.iter().find(|theirs| is_of_same(ours, theirs))?)))
        .collect();
    let horizons: BTreeSet<u32> = pairs.iter().map(|(ours, _)| ours.horizon_days).collect();
    let mut causes = Vec::new();
    for days in horizons {
        let of: Vec<_> = pairs.iter().filter(|(ours, _)| ours.horizon_days == days).collect();
        let differing: Vec<_> =
            of.iter().filter(|(ours, theirs)| ours.content != theirs.content).collect();
        if differing.len() == of.len() && reads_otherwise {
            let [ours, theirs] = [0, 1].map(|side| {
                let bars = of.iter().map(|pair| if side == 0 { pair.0.bars } else { pair.1.bars });
                format!("{} bars", bars.sum::<u64>())
            });
            causes.push(Cause {
                what: format!("bars {days}d of every symbol, or what is read of them"),
                run: ours,
                other: theirs,
                reach: Reach::Horizon(days),
                is_certain: false,
            });
            continue;
        }
        causes.extend(differing.into_iter().map(|(ours, theirs)| Cause {
            what: format!("bars {days}d {}:{}", ours.market, ours.symbol),
            run: told(ours),
            other: told(theirs),
            reach: Reach::Symbol(ours.symbol.clone(), Some(days)),
            is_certain: true,
        }));
    }
    causes
}

fn is_of_same(ours: &RunBars, theirs: &RunBars) -> bool {
    let of = |bars: &RunBars| (bars.horizon_days, bars.market.clone(), bars.symbol.clone());
    of(ours) == of(theirs)
}

fn told(bars: &RunBars) -> String {
    let content: String = bars.content.chars().take(8).collect();
    format!("{} bars {} ({content})", bars.bars, bars.span)
}

#[cfg(test)]
mod tests {
    use super::{RunBars, causes};

    fn bars(symbol: &str, content: &str) -> RunBars {
        let [symbol, content, market] = [symbol, content, "m"].map(str::to_owned);
        RunBars { horizon_days: 30, market, symbol, content, bars: 9, span: "s".into() }
    }

    #[test]
    fn other_fields_of_all_symbols_are_not_taken_for_other_bars() {
        let ours = [bars("A", "1"), bars("B", "2")];
        let theirs = [bars("A", "3"), bars("B", "4"), bars("C", "5")];
        let told = |reads_otherwise| -> Vec<(String, bool)> {
            let found = causes(&ours, &theirs, reads_otherwise);
            found.into_iter().map(|cause| (cause.what, cause.is_certain)).collect()
        };
        let all = "bars 30d of every symbol, or what is read of them".to_owned();
        assert_eq!(told(true), [(all, false)]);
        assert_eq!(told(false), [("bars 30d m:A".into(), true), ("bars 30d m:B".into(), true)]);
        let one = causes(&ours, &[bars("A", "1"), bars("B", "4")], true);
        assert_eq!((one.len(), one[0].is_certain), (1, true));
        assert_eq!(one[0].told(2, 1), "bars 30d m:B: 9 bars s (2) in run 2, 9 bars s (4) in run 1");
    }
}
