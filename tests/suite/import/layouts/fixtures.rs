//! Files as vendors write them, small ones, and what they must become.

mod days;
mod exchanges;

/// A file of one layout.
pub(super) struct Fixture {
    pub(super) layout: &'static str,
    pub(super) file: &'static str,
    pub(super) text: &'static str,
    /// What the layout leaves open.
    pub(super) flags: &'static [&'static str],
    /// `symbol ts open high low close volume`, by symbol and time.
    pub(super) bars: &'static [&'static str],
    pub(super) twins: &'static [Twin],
    /// True where a record is not a line.
    pub(super) is_by_record: bool,
}

/// The same file, off by its unit or zone.
pub(super) struct Twin {
    pub(super) text: &'static str,
    pub(super) says: &'static str,
    /// True if it is the flags that it lacks.
    pub(super) without_flags: bool,
}

pub(super) const fn twin(text: &'static str, says: &'static str) -> Twin {
    Twin { text, says, without_flags: false }
}

pub(super) const fn fixture(
    layout: &'static str,
    file: &'static str,
    text: &'static str,
    bars: &'static [&'static str],
    twins: &'static [Twin],
) -> Fixture {
    Fixture { layout, file, text, flags: &[], bars, twins, is_by_record: false }
}

pub(super) const UNIT: &str = "not in a unit of this layout";

/// All of them.
pub(super) fn all() -> Vec<&'static Fixture> {
    exchanges::FIXTURES.iter().chain(days::FIXTURES).collect()
}
