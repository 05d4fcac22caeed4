//! What has been paid, each cost by itself.

/// Money paid by kind; `dividend` alone is positive when it is received.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Paid {
    /// Commission.
    pub commission: f64,
    /// Slippage within fill prices.
    pub slippage: f64,
    /// Half spreads within fill prices.
    pub spread: f64,
    /// Market impact within fill prices.
    pub impact: f64,
    /// Borrow fees on short notional.
    pub borrow: f64,
    /// Interest on negative cash.
    pub financing: f64,
    /// Dividends received, less those paid on short positions.
    pub dividend: f64,
    /// Funding paid, less what was received.
    pub funding: f64,
}

impl Paid {
    /// Adds what else was paid, kind by kind.
    pub(in crate::sim) fn add(&mut self, more: &Self) {
        self.commission += more.commission;
        self.slippage += more.slippage;
        self.spread += more.spread;
        self.impact += more.impact;
        self.borrow += more.borrow;
        self.financing += more.financing;
        self.dividend += more.dividend;
        self.funding += more.funding;
    }

    /// The share of what a fill cost that ends one trade, and the rest that begins the next.
    pub(in crate::sim) fn split(&self, share: f64) -> (Self, Self) {
        let first = Self {
            commission: self.commission * share,
            slippage: self.slippage * share,
            spread: self.spread * share,
            impact: self.impact * share,
            ..Self::default()
        };
        let rest = Self {
            commission: self.commission - first.commission,
            slippage: self.slippage - first.slippage,
            spread: self.spread - first.spread,
            impact: self.impact - first.impact,
            ..Self::default()
        };
        (first, rest)
    }

    /// What went out of cash beside the prices of fills.
    pub fn beside_prices(&self) -> f64 {
        self.commission + self.borrow + self.financing - self.dividend + self.funding
    }

    /// What fill prices cost against the bars' prices.
    pub fn within_prices(&self) -> f64 {
        self.slippage + self.spread + self.impact
    }
}
