//! The one place that reads the clock. Times of day go to the run's own row and nowhere else.

use crate::domain::Timestamp;

/// The time of day, for the run's row.
#[allow(clippy::disallowed_methods, reason = "this is the one reader")]
pub fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_microsecond())
}
