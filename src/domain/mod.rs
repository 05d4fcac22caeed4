//! The words of the house: plain values without input or output.
//!
//! A [`Universe`] holds [`Instrument`]s; their bars have an [`Interval`] and a [`CalendarClass`].
//! A [`Horizon`] with a warmup multiplier becomes a [`HorizonWindow`]: what is loaded, where
//! scoring starts, where it ends. A combination is a set of instruments in canonical order, named
//! by its size and rank ([`combination`]). A [`Panel`] holds the bars of a universe as dense
//! columns; a [`PanelView`] is the part of it that a decision may see. A job ends in exactly one
//! [`Outcome`] and is known by its [`JobKey`].

mod bar;
mod calendar;
pub mod combination;
pub mod deadline;
mod horizon;
mod instrument;
mod instrument_event;
mod interval;
mod job;
mod keep;
mod nearest;
mod outcome;
mod panel;
mod presence;
mod record;
mod resample;
mod screen_record;
mod timestamp;
mod weight_rows;

pub use bar::Bar;
pub use calendar::CalendarClass;
pub use combination::{Size, Sizes};
pub use horizon::{Horizon, HorizonWindow, WarmupMultiplier};
pub use instrument::{Instrument, Universe};
pub use instrument_event::{EventHistory, EventKind, InstrumentEvent};
pub use interval::Interval;
pub use job::{JobKey, NUMERIC_VERSION};
pub use keep::Keep;
pub use nearest::nearest;
pub use outcome::Outcome;
pub use panel::{Field, Panel, PanelView, SharedValues};
pub use presence::Presence;
pub use record::{
    EquityRecord, FillRecord, FitRecord, JobRecord, Measures, TradeRecord, WeightRecord,
};
pub use resample::{Resampled, Resampling};
pub use screen_record::{ScreenRecord, ScreenRunRecord};
pub use timestamp::{MICROS_PER_DAY, Timestamp};
pub use weight_rows::{WeightRow, WeightRows};
