//! Flat-to-flat episodes of one instrument at average cost.

/// A finished trade: one leg from flat to flat. A fill that changes the sign of a position ends
/// one trade and begins another in the same row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// Leg of the combination.
    pub leg: u16,
    /// Legs opened by one decision share this number.
    pub trade_group: u32,
    /// +1 long, -1 short.
    pub side: i8,
    /// Panel row of the first fill.
    pub entry_row: u32,
    /// Panel row of the last fill.
    pub exit_row: u32,
    /// Average price of the fills that enlarged the position.
    pub entry_price: f64,
    /// Average price of the fills that reduced it.
    pub exit_price: f64,
    /// Sum of the quantities that enlarged the position, unsigned.
    pub quantity: f64,
    /// Profit from prices at fills, before commission and borrow.
    pub gross_pnl: f64,
    /// Commission of all its fills.
    pub commission: f64,
    /// Slippage within its fill prices (already part of `gross_pnl`).
    pub slippage: f64,
    /// Borrow fees while it was short.
    pub borrow: f64,
    /// `gross_pnl - commission - borrow`.
    pub net_pnl: f64,
    /// Job rows between the first and the last fill.
    pub bars_held: u32,
    /// Reason of the last fill.
    pub exit_reason: &'static str,
}
