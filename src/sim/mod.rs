//! The ledger: what a sequence of decisions is worth, bar by bar.
//!
//! A [`Decider`] is woken at the close of the rows it asks for and writes [`Tickets`]; the
//! simulation fills them in a later bar ([`FillRule`]), charges [`Costs`], marks every leg at
//! every close and books flat-to-flat [`Trade`]s. The order of events and every term are in
//! `docs/simulation.md`, which is normative. Per row:
//!
//! 1. what time costs: borrow, financing, dividends, funding (`carry`);
//! 2. fills of earlier tickets, netted per instrument, in lots, under the volume cap (`filling`),
//!    and stops and targets within the bar (`rules`): after fills at the open, before fills at the
//!    close;
//! 3. marks at the close; a leg without a bar keeps its last one (`marking`);
//! 4. on the last row everything is closed (`end_of_data`); legs without a bar for too long are
//!    closed at their last one (`delisted`, in `settling`);
//! 5. equity = cash + sum of quantity times mark; at zero or below the job ends (`ruined`), and so
//!    it does where equity is too little for what is held (`margin_call`);
//! 6. rules at the close (`rules`), then the decision, if the decider is due, scaled to the leverage
//!    caps (`leverage`).
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

mod average_cost;
mod carry;
pub mod cost;
mod decider;
mod fill;
mod filling;
mod ledger;
mod leg;
mod leverage;
mod limits;
mod lot;
mod market;
mod marking;
mod rules;
mod settling;
mod simulate;
mod step;
mod tick;
mod ticket;
mod trade;
mod volume_cap;

use cost::{Borrow, CarryCost, Dividend, Financing, Funding, LegCosts, Quote, TradedBar};
pub use cost::{Costs, InstrumentTerms, Paid};
pub use decider::{Account, Decider, Wake};
pub use fill::{Fill, FillRule};
pub use limits::Limits;
pub use lot::Lot;
pub use market::{Market, Particulars};
pub use rules::{Reentry, Rules, Unit};
pub use simulate::{
    KeepDetail, MAX_STALE_BARS, MarginCall, Scratch, SimOptions, Simulation, simulate,
};
pub use tick::Tick;
pub use ticket::{TargetWeight, Tickets};
pub use trade::Trade;
