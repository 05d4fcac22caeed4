//! Attacks on a strategy: what it knew before it could be known.
//!
//! A strategy that looks ahead is found from outside: it is run on the whole history, and again on
//! histories that agree with it up to a bar and differ after it. Whatever it decided, fitted or
//! filled up to that bar must be the same in both. The engine has no hook for this: every run is a
//! user's run, on a store that holds other bars, and what is compared is what the run stored.
//!
//! 1. The request is resolved on the full history ([`crate::run::resolve`]): symbols, interval, end,
//!    fill rule. Then the bars change, and the request does not.
//! 2. `cuts`: bars drawn at random, and bars at which a strategy traded.
//! 3. At each cut every [`Attack`] on the bars after it makes a `world`; its run leaves `rows`.
//! 4. `compare` looks for the first difference. Where bars are missing after the cut, jobs end
//!    there, and the last three bars before it are left out: rules of the end hold in them.
//!    Elsewhere everything up to the cut is compared, and also side and size of what fills in the
//!    bar after it.
//! 5. `warmup`: a longer history, and another history before the bars that are loaded, change
//!    nothing at all. `repeat`: nor does doing it again.
//! 6. `delay`: the same strategy, its decisions some bars late. A profit that is gone after the first
//!    bar was made at prices already seen. `fill`: a request to fill at the close that decided is
//!    named as what it is.
//!
//! # Limits
//! A strategy is made anew for every run; what it keeps outside of itself (a static, a file) is the
//! same in all of them and is not seen. Nothing is said of bars at which no cut was made, except by
//! the attacks that change everything after an earlier one.

mod attack;
mod auditor;
mod budget;
mod compare;
mod cuts;
mod decay;
mod delay;
mod finding;
mod first_bar;
mod found;
mod late_signals;
mod rows;
mod stores;
mod symbols;
mod trial;
mod verdict;
mod world;

pub use attack::Attack;
pub use auditor::{AuditPlan, Make, audit};
pub use finding::{Checked, Findings, Leak};
pub use symbols::trading_symbols;
