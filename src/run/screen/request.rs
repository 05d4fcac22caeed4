//! What a screen is asked to do, after the command line has been understood.

use std::{fmt, str::FromStr};

use super::members::MOST_MEMBERS;
use crate::{
    domain::{Horizon, Interval, Size, Sizes, Timestamp},
    error::{Error, Result},
    run::{DeviceRequest, WorkerRequest},
    stats::{LagRule, Trend},
};

/// A test of cointegration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScreenTest {
    /// Residuals of one on the other, by lagged differences.
    EngleGranger,
    /// Eigenvalues; all members alike; the trace statistic of the null of no relation.
    Johansen,
    /// Residuals of one on the other, by long-run variances: `Zt`, Bartlett weights, plug-in bandwidth.
    PhillipsOuliaris,
}

/// Which directions of a pair are tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// One test per unordered pair: `min(1, 2 min(p_1, p_2))`.
    #[default]
    Both,
    /// One test per ordered pair.
    Given,
}

/// What of the tests is listed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Listing {
    /// Those whose adjusted p-value (where nothing is adjusted: whose p-value) is at most this.
    MaxP(f64),
    /// So many of the most significant ones.
    Top(u64),
    /// Every test, with the kernel's numbers.
    All,
}

/// How p-values are adjusted for the number of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjustment {
    /// Not at all.
    None,
    /// Benjamini and Hochberg's false discovery rate.
    BenjaminiHochberg,
    /// Benjamini and Yekutieli's, under any dependence.
    BenjaminiYekutieli,
    /// Holm's familywise error.
    Holm,
}

/// A span of time, in bars or in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Span {
    /// So many bars.
    Bars(f64),
    /// So much time.
    Time(Interval),
}

impl Span {
    /// The span in bars of `interval`.
    pub(super) fn bars(self, interval: Interval) -> f64 {
        match self {
            Self::Bars(bars) => bars,
            Self::Time(time) => time.micros() as f64 / interval.micros() as f64,
        }
    }
}

/// One screen: which combinations, by which test, over which window, and what is listed.
#[derive(Debug, Clone)]
pub struct ScreenRequest {
    /// Symbols to use; all of the store when `None`.
    pub symbols: Option<Vec<String>>,
    /// Interval of the bars; the store's only one when `None`.
    pub interval: Option<Interval>,
    /// End of the bars that may be used; the last bar's close when `None`.
    pub as_of: Option<Timestamp>,
    /// The window ends where the scored window of this horizon begins; with the bars when `None`.
    pub horizon: Option<Horizon>,
    /// Length of the window, microseconds.
    pub formation_micros: i64,
    /// The test.
    pub test: ScreenTest,
    /// Deterministic terms.
    pub trend: Trend,
    /// Lag rule; the test's default when `None`.
    pub lag: Option<LagRule>,
    /// Which directions count.
    pub direction: Direction,
    /// Sizes of the combinations.
    pub sizes: Sizes,
    /// True for logarithms of closes.
    pub logs: bool,
    /// Fewest common bars; nine tenths of the nominal number, and 60, when `None`.
    pub min_observations: Option<usize>,
    /// Least correlation of the changes (log returns, or price changes where closes are taken as they are)
    /// of any two members over the window; the others are no tests. All are tests when `None`.
    pub min_correlation: Option<f64>,
    /// Shortest half-life listed.
    pub min_half_life: Option<Span>,
    /// Longest half-life listed.
    pub max_half_life: Option<Span>,
    /// What is listed.
    pub listing: Listing,
    /// How p-values are adjusted.
    pub adjustment: Adjustment,
    /// Workers.
    pub workers: WorkerRequest,
    /// Memory the screen may take, bytes.
    pub budget_bytes: u64,
    /// Where kernels work.
    pub device: DeviceRequest,
}

impl ScreenRequest {
    /// Bars of a window at most, where each lasts `interval`.
    pub(super) fn formation_bars(&self, interval: Interval) -> u64 {
        u64::try_from(self.formation_micros / interval.micros().max(1)).unwrap_or(0) + 1
    }

    /// Refuses what the types cannot.
    ///
    /// # Errors
    /// Usage, naming the flags.
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |what: &str, hint: &str| Err(Error::usage(what).with_hint(hint));
        let johansen = self.test == ScreenTest::Johansen;
        if self.sizes.iter().any(|size| size == Size::All) {
            return refuse("--sizes all: a screen tests combinations", "give sizes, such as 2..4");
        }
        if !johansen && self.sizes.iter().any(|size| size != Size::Of(2)) {
            return refuse(
                &format!("--test {} is about pairs", self.test),
                "use --sizes 2, or --test johansen for larger combinations",
            );
        }
        let too_large = |size: Size| matches!(size, Size::Of(members) if members > MOST_MEMBERS);
        if let Some(size) = self.sizes.iter().find(|size| too_large(*size)) {
            return refuse(
                &format!("--sizes {size}: a screen tests combinations of at most {MOST_MEMBERS}"),
                "such as --sizes 2..4",
            );
        }
        if johansen && self.direction == Direction::Given {
            return refuse("--direction given: Johansen's test has no direction", "leave it out");
        }
        if johansen && self.trend == Trend::Quadratic {
            return refuse("--trend ctt: Johansen's test has no such case", "one of n, c, ct");
        }
        match (self.test, self.lag) {
            (ScreenTest::PhillipsOuliaris, Some(_)) => {
                return refuse(
                    "--lag: the test of Phillips and Ouliaris has no lags",
                    "leave it out: its bandwidth is chosen from the residuals",
                );
            }
            (ScreenTest::Johansen, Some(rule)) if !matches!(rule, LagRule::Fixed(_)) => {
                return refuse("--lag: Johansen's test takes a number of lags", "such as --lag 1");
            }
            _ => {}
        }
        if johansen && self.adjustment != Adjustment::None {
            return refuse(
                &format!("--fdr {}: Johansen's statistics have no p-values here", self.adjustment),
                "use --fdr none: --max-p 0.01, 0.05 or 0.1 then compares with the critical value",
            );
        }
        if let (true, Listing::MaxP(level)) = (johansen, self.listing)
            && ![0.01, 0.05, 0.1].contains(&level)
        {
            return refuse(
                &format!("--max-p {level}: no critical value is tabulated for it"),
                "Johansen's test has those of 0.01, 0.05 and 0.1",
            );
        }
        let sizes = self.sizes.iter().count();
        if johansen && sizes > 1 && matches!(self.listing, Listing::Top(_)) {
            return refuse(
                "--top: statistics of different sizes cannot be ranked against each other",
                "give one size, or --max-p",
            );
        }
        self.check_half_lives(None)?;
        let bounded = self.min_half_life.is_some() || self.max_half_life.is_some();
        if bounded && self.listing == Listing::All {
            return refuse(
                "--all lists the kernel's numbers, which have no half-lives",
                "leave the bounds out, or give --max-p 1",
            );
        }
        Ok(())
    }
}

impl ScreenRequest {
    /// Refuses bounds of the half-life that no test can keep; one in bars and one in time are compared where
    /// bars last `interval`.
    ///
    /// # Errors
    /// Usage, naming both.
    pub(super) fn check_half_lives(&self, interval: Option<Interval>) -> Result<()> {
        let (Some(least), Some(most)) = (self.min_half_life, self.max_half_life) else {
            return Ok(());
        };
        let of_one_kind = matches!(
            (least, most),
            (Span::Bars(_), Span::Bars(_)) | (Span::Time(_), Span::Time(_))
        );
        // Of one kind any length of a bar will do.
        let Some(interval) = interval.or(of_one_kind.then_some(Interval::HOUR)) else {
            return Ok(());
        };
        if least.bars(interval) <= most.bars(interval) {
            return Ok(());
        }
        let of_bars =
            if of_one_kind { String::new() } else { format!(", with bars of {interval}") };
        let what = format!("--min-half-life {least} is above --max-half-life {most}{of_bars}");
        Err(Error::usage(what).with_hint("exchange them, or leave one out"))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bars(bars) => write!(f, "{bars} bars"),
            Self::Time(time) => time.fmt(f),
        }
    }
}

impl ScreenTest {
    const ALL: [Self; 3] = [Self::EngleGranger, Self::Johansen, Self::PhillipsOuliaris];

    fn name(self) -> &'static str {
        match self {
            Self::EngleGranger => "engle-granger",
            Self::Johansen => "johansen",
            Self::PhillipsOuliaris => "phillips-ouliaris",
        }
    }
}

impl Direction {
    const ALL: [Self; 2] = [Self::Both, Self::Given];

    fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Given => "given",
        }
    }
}

impl Adjustment {
    const ALL: [Self; 4] =
        [Self::BenjaminiHochberg, Self::BenjaminiYekutieli, Self::Holm, Self::None];

    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::BenjaminiHochberg => "bh",
            Self::BenjaminiYekutieli => "by",
            Self::Holm => "holm",
        }
    }
}

/// A closed choice reads and shows its names.
macro_rules! named {
    ($choice:ty, $what:literal) => {
        impl fmt::Display for $choice {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $choice {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                Self::ALL.into_iter().find(|choice| choice.name() == text).ok_or_else(|| {
                    let names = Self::ALL.map(Self::name).join(", ");
                    Error::usage(format!("'{text}' is not {}", $what))
                        .with_hint(format!("one of {names}"))
                })
            }
        }
    };
}

named!(ScreenTest, "a test of cointegration");
named!(Direction, "a choice of directions");
named!(Adjustment, "an adjustment of p-values");

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MaxP(level) => write!(f, "max-p {level}"),
            Self::Top(count) => write!(f, "top {count}"),
            Self::All => f.write_str("all"),
        }
    }
}

impl FromStr for Span {
    type Err = Error;

    /// A number of bars, or a length such as `12h`.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        match text.parse::<f64>() {
            Ok(bars) if bars.is_finite() && bars >= 0.0 => Ok(Self::Bars(bars)),
            _ => text.parse().map(Self::Time).map_err(|_| {
                Error::usage(format!("'{text}' is not a span"))
                    .with_hint("give a number of bars, or a length such as 12h or 5d")
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Adjustment, Direction, ScreenTest, Span};
    use crate::domain::Interval;

    #[test]
    fn names_are_read_as_they_are_shown() {
        for test in ScreenTest::ALL {
            assert_eq!(test.to_string().parse::<ScreenTest>().expect("a test"), test);
        }
        for adjustment in Adjustment::ALL {
            assert_eq!(adjustment.to_string().parse::<Adjustment>().expect("one"), adjustment);
        }
        let error = "backward".parse::<Direction>().expect_err("none");
        assert_eq!(error.hint(), Some("one of both, given"));
    }

    #[test]
    fn spans_are_shown_as_they_are_said() {
        let shown = |text: &str| text.parse::<Span>().expect("a span").to_string();
        assert_eq!([shown("2.5"), shown("20d")], ["2.5 bars", "20d"]);
    }

    #[test]
    fn spans_are_bars_or_time() {
        let bars = |text: &str| text.parse::<Span>().map(|span| span.bars(Interval::HOUR)).ok();
        assert_eq!(bars("2.5"), Some(2.5));
        assert_eq!(bars("3d"), Some(72.0));
        for wrong in ["-1", "NaN", "inf", "", "3y"] {
            assert_eq!(bars(wrong), None, "{wrong}");
        }
    }
}
