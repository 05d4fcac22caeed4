//! The ledger: what a sequence of decisions is worth, bar by bar.
//!
//! A [`Decider`] is woken at the close of the rows it asks for and writes [`Tickets`]; the
//! simulation fills them in a later bar ([`FillRule`]), charges [`Costs`], marks every leg at
//! every close and books flat-to-flat [`Trade`]s. Per row, in this order:
//!
//! 1. borrow fees on what was short since the previous row ([`Costs::borrow_bps`]);
//! 2. fills of earlier tickets, netted per instrument (`ledger`);
//! 3. marks at the close; a leg without a bar keeps its last one (`marking`);
//! 4. legs without a bar for too long are closed there (`delisted`); on the last row everything
//!    is (`end_of_data`);
//! 5. equity = cash + sum of quantity times mark; at zero or below the job ends (`ruined`);
//! 6. the decision, if the decider is due.
//!
//! # Laws
//! Equity is cash plus positions on every row, and changes by price moves less costs and borrow;
//! the net profits of all trades add up to final equity less capital; with the fills held fixed,
//! more cost never raises equity; scaling capital or prices by a power of two scales every number
//! and no bit else. Rows are processed in order with scalar arithmetic: equal inputs, equal bits.
//!
//! # Units
//! Money in quote currency, quantities in units of the instrument (signed), prices per unit, rows
//! as row numbers of the panel unless a name says otherwise.

mod cost;
mod decider;
mod fill;
mod ledger;
mod market;
mod marking;
mod simulate;
mod step;
mod ticket;
mod trade;

pub use cost::Costs;
pub use decider::{Account, Decider, Wake};
pub use fill::{Fill, FillRule};
pub use market::Market;
pub use simulate::{KeepDetail, MAX_STALE_BARS, Scratch, SimOptions, Simulation, simulate};
pub use ticket::{TargetWeight, Tickets};
pub use trade::Trade;
