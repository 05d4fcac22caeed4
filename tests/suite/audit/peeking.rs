//! A strategy that is one function of the whole panel and the row it decides at.

use std::ops::Range;

use barline::{
    domain::{Field, HorizonWindow, Panel, PanelView, Size},
    sim::{Account, Decider, Tickets, Wake},
    strategy::{Alignment, Declined, HorizonBars, Session, Strategy},
};

/// What a session hands to its author: everything.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) panel: &'a Panel,
    pub(super) assets: &'a [u16],
    pub(super) scored: (usize, usize),
}

impl<'a> Sight<'a> {
    /// A column of a leg, all rows.
    pub(super) fn column(&self, leg: usize, field: Field) -> &'a [f64] {
        self.panel.column(usize::from(self.assets[leg]), field)
    }

    pub(super) fn closes(&self, leg: usize) -> &'a [f64] {
        self.column(leg, Field::Close)
    }

    pub(super) fn scored(&self) -> Range<usize> {
        self.scored.0..self.scored.1
    }

    /// The close of a leg `ahead` bars of its own after `row` (before it, if negative).
    pub(super) fn close(&self, leg: usize, row: usize, ahead: isize) -> Option<f64> {
        let closes = self.closes(leg);
        let bars = |value: &&f64| !value.is_nan();
        if ahead > 0 {
            return closes[row + 1..].iter().filter(bars).nth(ahead.unsigned_abs() - 1).copied();
        }
        closes[..=row].iter().rev().filter(bars).nth(ahead.unsigned_abs()).copied()
    }

    /// Closes of a leg in some rows.
    pub(super) fn within(&self, leg: usize, rows: Range<usize>) -> Vec<f64> {
        let rows = rows.start.min(self.panel.rows())..rows.end.min(self.panel.rows());
        self.closes(leg)[rows].iter().copied().filter(|close| !close.is_nan()).collect()
    }
}

/// The weight of the first leg that is wanted at a row; the second leg has the opposite one.
pub(super) type Wanted = fn(&Sight<'_>, usize) -> f64;

/// A named strategy.
#[derive(Clone)]
pub(super) struct Peeking {
    pub(super) name: &'static str,
    pub(super) legs: usize,
    /// Bars after the one it decides at that it looks at; `None` for all there are.
    pub(super) ahead: Option<usize>,
    pub(super) wanted: Wanted,
}

impl Strategy for Peeking {
    fn name(&self) -> &'static str {
        self.name
    }

    fn parameters(&self) -> String {
        "{}".to_owned()
    }

    fn accepts(&self, size: Size, _members: usize) -> bool {
        matches!(size, Size::Of(members) if members == self.legs)
    }

    fn alignment(&self) -> Alignment {
        Alignment::Union
    }

    fn history_micros(&self, _window: &HorizonWindow) -> i64 {
        0
    }

    fn fields(&self) -> &'static [Field] {
        &[Field::High, Field::Low, Field::Volume]
    }

    fn lookback_bars(&self) -> usize {
        48
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        Box::new(PeekingSession { wanted: self.wanted, bars })
    }
}

struct PeekingSession<'a> {
    wanted: Wanted,
    bars: &'a HorizonBars<'a>,
}

impl Session for PeekingSession<'_> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        let scored = self.bars.scored_rows();
        let scored = (scored.start, scored.end);
        let sight = Sight { panel: self.bars.panel, assets, scored };
        Ok(Box::new(PeekingDecider { sight, wanted: self.wanted, held: 0.0 }))
    }
}

struct PeekingDecider<'s> {
    sight: Sight<'s>,
    wanted: Wanted,
    held: f64,
}

impl Decider for PeekingDecider<'_> {
    fn first_wake(&self) -> Wake {
        Wake::AfterBars(0)
    }

    fn decide(&mut self, view: &PanelView<'_>, account: &Account<'_>, out: &mut Tickets) -> Wake {
        let row = view.ts().len() - 1;
        let here = (0..view.assets()).all(|leg| !view.column(leg, Field::Close)[row].is_nan());
        let wanted = (self.wanted)(&self.sight, row).clamp(-0.9, 0.9);
        if here && wanted.is_finite() && (wanted - self.held).abs() > 1e-12 {
            self.held = wanted;
            for leg in 0..view.assets() {
                let weight = if leg == 0 { wanted } else { -wanted };
                out.weight(leg, weight);
                let change = weight * account.equity / account.marks[leg] - account.quantities[leg];
                if change != 0.0 {
                    out.each(leg, change, 0, "rebalance");
                }
            }
        }
        Wake::AfterBars(1)
    }
}
