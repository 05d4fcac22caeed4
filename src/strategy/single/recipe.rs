//! From parameters and a rule to a strategy.

use serde::Serialize;

use super::{Exposure, Stance, decider::SingleDecider};
use crate::{
    domain::{Field, HorizonWindow, Outcome, PanelView, Size},
    error::Result,
    sim::Decider,
    stats,
    strategy::{Alignment, Declined, HorizonBars, Session, Strategy},
};

/// What a rule sees of a bar; NaN for a field that it does not read.
#[derive(Debug, Clone, Copy)]
pub(super) struct WatchedBar {
    pub(super) high: f64,
    pub(super) low: f64,
    pub(super) close: f64,
    pub(super) volume: f64,
}

impl WatchedBar {
    /// The bar of leg 0 in a row of the view; `None` if its close or one of `fields` is missing.
    pub(super) fn at(view: &PanelView<'_>, row: usize, fields: &[Field]) -> Option<Self> {
        let value = |field: Field| Some(view.column(0, field)[row]).filter(|value| !value.is_nan());
        let close = value(Field::Close)?;
        let mut bar = Self { high: f64::NAN, low: f64::NAN, close, volume: f64::NAN };
        for &field in fields {
            let place = match field {
                Field::High => &mut bar.high,
                Field::Low => &mut bar.low,
                Field::Volume => &mut bar.volume,
                Field::Open | Field::Close => continue,
            };
            *place = value(field)?;
        }
        Some(bar)
    }
}

/// What watches the bars of one instrument.
pub(super) trait Rule {
    /// Watches the next bar.
    fn watch(&mut self, bar: &WatchedBar);

    /// The stance at the close of the last bar watched, where `held` is the present one.
    fn stance(&self, held: Stance) -> Stance;
}

/// Parameters of a single-asset strategy.
pub(super) trait Recipe: Copy + Serialize + Send + Sync + 'static {
    /// Name in flags and results.
    const NAME: &'static str;
    /// What its rule reads of a bar beside the close.
    const FIELDS: &'static [Field] = &[];
    /// Its rule.
    type Rule: Rule;

    /// Checks what the types cannot.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    fn check(&self) -> Result<()>;

    /// Bars the rule watches before the first decision.
    fn lookback_bars(&self) -> usize;

    /// Side and size.
    fn exposure(&self) -> Exposure;

    /// A rule that has watched nothing yet.
    ///
    /// # Errors
    /// What the indicator refuses; nothing that passes [`Self::check`].
    fn rule(&self) -> stats::Result<Self::Rule>;
}

/// A strategy on one instrument.
#[derive(Debug, Clone, Copy, Default)]
pub struct Single<R> {
    recipe: R,
}

#[allow(private_bounds, reason = "a recipe is a strategy's own business")]
impl<R: Recipe> Single<R> {
    /// A strategy with these parameters.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    pub fn new(recipe: R) -> Result<Self> {
        recipe.check()?;
        recipe.exposure().check(R::NAME)?;
        Ok(Self { recipe })
    }
}

impl<R: Recipe> Strategy for Single<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn parameters(&self) -> String {
        serde_json::to_string(&self.recipe).unwrap_or_default()
    }

    fn accepts(&self, size: Size, _members: usize) -> bool {
        size == Size::Of(1)
    }

    fn alignment(&self) -> Alignment {
        Alignment::Union
    }

    fn history_micros(&self, _window: &HorizonWindow) -> i64 {
        0
    }

    fn fields(&self) -> &'static [Field] {
        R::FIELDS
    }

    fn lookback_bars(&self) -> usize {
        self.recipe.lookback_bars()
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        Box::new(SingleSession { recipe: self.recipe, bars })
    }
}

struct SingleSession<'a, R> {
    recipe: R,
    bars: &'a HorizonBars<'a>,
}

impl<R: Recipe> Session for SingleSession<'_, R> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        let declined = |reason: String| Declined { outcome: Outcome::Failed, reason };
        let &[asset] = assets else {
            return Err(declined(format!("{} members; it runs on one", assets.len())));
        };
        let rule = self.recipe.rule().map_err(|refusal| declined(refusal.to_string()))?;
        let lookback = self.bars.lookback(asset, self.recipe.lookback_bars(), R::FIELDS);
        let exposure = self.recipe.exposure();
        Ok(Box::new(SingleDecider::new(rule, R::FIELDS, exposure, lookback.first_row)))
    }
}
