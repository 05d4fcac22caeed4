//! Which sizes of combinations strategies take, for whoever asked for others.

use crate::{domain::Size, strategy::Strategy};

/// Sizes that are tried: larger ones are taken by who takes this one.
const MOST: usize = 64;

/// As `hrp takes 3 symbols or more, basket takes 3 to 4`.
pub(super) fn wanted_sizes(strategies: &[Box<dyn Strategy>]) -> String {
    let of = |strategy: &dyn Strategy| {
        let mut taken = (1..=MOST).filter(|members| strategy.accepts(Size::Of(*members), *members));
        let Some(least) = taken.next() else {
            return format!("{} takes no combination", strategy.name());
        };
        let sizes = match taken.last().unwrap_or(least) {
            MOST => format!("{least} symbols or more"),
            1 => "one symbol".to_owned(),
            most if most == least => format!("{least} symbols"),
            most => format!("{least} to {most} symbols"),
        };
        format!("{} takes {sizes}", strategy.name())
    };
    let mut told: Vec<String> = strategies.iter().map(|strategy| of(strategy.as_ref())).collect();
    told.dedup();
    told.join(", ")
}
