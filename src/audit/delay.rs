//! A strategy that decides later than it could: its decisions, some bars old.
//!
//! A strategy that earns what it knows should earn a little less with every bar of delay. One whose
//! profit is gone after the first bar trades at prices it has already seen: a fill at the close that
//! decided it, bars whose time is that of their end, a signal computed on the bar it trades in.
//! Changing the future does not show that, since nothing later is read.

use std::collections::VecDeque;

use crate::{
    domain::{Field, FitRecord, HorizonWindow, Interval, Panel, PanelView, Size},
    sim::{Account, Decider, Tickets, Unit, Wake},
    strategy::{Alignment, Declined, HorizonBars, Session, Strategy},
};

/// A strategy that sees the bars up to some bars ago, and its account as it is.
pub(super) struct Delayed {
    pub(super) inner: Box<dyn Strategy>,
    pub(super) bars: usize,
}

impl Strategy for Delayed {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn parameters(&self) -> String {
        self.inner.parameters()
    }

    fn accepts(&self, size: Size, members: usize) -> bool {
        self.inner.accepts(size, members)
    }

    fn alignment(&self) -> Alignment {
        self.inner.alignment()
    }

    fn history_micros(&self, window: &HorizonWindow) -> i64 {
        self.inner.history_micros(window)
    }

    fn fields(&self) -> &'static [Field] {
        self.inner.fields()
    }

    fn lookback_bars(&self) -> usize {
        self.inner.lookback_bars()
    }

    fn pair_bytes(&self, scored_bars: u64) -> u64 {
        self.inner.pair_bytes(scored_bars)
    }

    fn fits_of_pair(&self, window: &HorizonWindow, interval: Interval) -> u64 {
        self.inner.fits_of_pair(window, interval)
    }

    fn worker_bytes(&self, window: &HorizonWindow, interval: Interval, symbols: usize) -> u64 {
        self.inner.worker_bytes(window, interval, symbols)
    }

    fn covariance_rows(&self, window: &HorizonWindow, interval: Interval) -> u64 {
        self.inner.covariance_rows(window, interval)
    }

    fn bars_per_trade(&self) -> u64 {
        self.inner.bars_per_trade()
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        let inner = self.inner.session(bars);
        Box::new(DelayedSession { inner, panel: bars.panel, bars: self.bars })
    }
}

struct DelayedSession<'a> {
    inner: Box<dyn Session + 'a>,
    panel: &'a Panel,
    bars: usize,
}

impl Session for DelayedSession<'_> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        let inner = self.inner.decider(assets)?;
        let due = Due::of(inner.first_wake(), 0);
        Ok(Box::new(DelayedDecider {
            inner,
            panel: self.panel,
            assets,
            bars: self.bars,
            rows: VecDeque::new(),
            seen: 0,
            due,
        }))
    }

    fn take_fits(&self) -> Vec<FitRecord> {
        self.inner.take_fits()
    }

    fn fits_made(&self) -> u64 {
        self.inner.fits_made()
    }

    fn bound(&self, pairs: usize) {
        self.inner.bound(pairs);
    }

    fn release(&self) {
        self.inner.release();
    }
}

/// When the strategy wants to be asked again, by the count of its own bars or by a panel row.
#[derive(Debug, Clone, Copy)]
enum Due {
    Bar(usize),
    Row { row: usize, after: usize },
    Never,
}

impl Due {
    /// What `wake` means when the next bar is number `next`.
    fn of(wake: Wake, next: usize) -> Self {
        match wake {
            Wake::AfterBars(bars) => Self::Bar(next + bars.saturating_sub(usize::from(next > 0))),
            Wake::AtRow(row) => Self::Row { row, after: next },
            Wake::Never => Self::Never,
        }
    }

    fn is_at(self, bar: usize, row: usize) -> bool {
        match self {
            Self::Bar(due) => bar >= due,
            Self::Row { row: due, after } => bar >= after && row >= due,
            Self::Never => false,
        }
    }
}

struct DelayedDecider<'s> {
    inner: Box<dyn Decider + 's>,
    panel: &'s Panel,
    assets: &'s [u16],
    bars: usize,
    /// The last rows, oldest first, that the strategy has not seen.
    rows: VecDeque<usize>,
    /// Bars it has seen.
    seen: usize,
    due: Due,
}

impl Decider for DelayedDecider<'_> {
    fn first_wake(&self) -> Wake {
        Wake::AfterBars(0)
    }

    fn decide(
        &mut self,
        view: &PanelView<'_>,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) -> Wake {
        self.rows.push_back(view.ts().len() - 1);
        if self.rows.len() > self.bars
            && let Some(row) = self.rows.pop_front()
        {
            let bar = self.seen;
            self.seen += 1;
            if self.due.is_at(bar, row) {
                let earlier = self.panel.view(self.assets, row);
                let wake = self.inner.decide(&earlier, account, tickets);
                self.due = Due::of(wake, self.seen);
            }
        }
        Wake::AfterBars(1)
    }

    fn delisted(&mut self, leg: usize, tickets: &mut Tickets) {
        self.inner.delisted(leg, tickets);
    }

    fn closed(&mut self, unit: Unit, row: usize) {
        self.inner.closed(unit, row);
    }
}
