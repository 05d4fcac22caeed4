//! The account of a run: what is stored of it, and what its jobs were like bar by bar.
//!
//! A run keeps measures and trades of its jobs, not their equity at every bar. So what is looked at
//! closely is made again: `recall` turns the row of a job back into the request that asks for it alone,
//! `resimulate` plays it on the bars of the store, and holds it to what is stored: another job key means
//! other bars, and nothing is shown then. `kept` draws what the store keeps of a job that played signals. `curves`, `spread` and `tree` are what can be drawn of it;
//! `gather` collects the answers of the named queries and chooses the jobs. Nothing is stored.

mod curves;
mod gather;
mod kept;
mod recall;
mod resimulate;
mod spread;
mod tree;

pub use curves::{Curves, Month};
pub use gather::{Account, AccountRequest, Detail, account};
pub use resimulate::{Drawn, Source};
pub use spread::{Mark, Spread};
pub use tree::Tree;
