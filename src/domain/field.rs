//! The columns of bars, and sets of them.

/// A column of bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// First price of the bar.
    Open,
    /// Last price of the bar.
    Close,
    /// Highest price of the bar.
    High,
    /// Lowest price of the bar.
    Low,
    /// What was traded in the bar, units of the instrument.
    Volume,
}

impl Field {
    /// Every field, in the order in which panels and content hashes hold them.
    pub const ALL: [Self; 5] = [Self::Open, Self::Close, Self::High, Self::Low, Self::Volume];

    /// The column's name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Close => "close",
            Self::High => "high",
            Self::Low => "low",
            Self::Volume => "volume",
        }
    }

    /// True for what is paid, false for what is counted.
    pub fn is_price(self) -> bool {
        self != Self::Volume
    }
}

/// A set of [`Field`]s. Opens and closes are always in it: fills and marks need them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fields(u8);

impl Fields {
    /// Opens and closes.
    pub const OPEN_CLOSE: Self = Self(0b11);

    /// The set with one more field.
    #[must_use]
    pub const fn with(self, field: Field) -> Self {
        Self(self.0 | 1 << field as u8)
    }

    /// What is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True if `field` is in the set.
    pub const fn holds(self, field: Field) -> bool {
        self.0 >> field as u8 & 1 == 1
    }

    /// Number of fields.
    pub const fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Position of `field` among the fields of the set.
    pub(super) const fn position(self, field: Field) -> usize {
        (self.0 & ((1 << field as u8) - 1)).count_ones() as usize
    }

    /// The fields, in the order of [`Field::ALL`].
    pub fn each(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |&field| self.holds(field))
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Fields};

    #[test]
    fn a_set_counts_and_orders_its_fields() {
        let set = Fields::OPEN_CLOSE.with(Field::Volume).with(Field::High);
        assert_eq!(set.count(), 4);
        let each: Vec<_> = set.each().collect();
        assert_eq!(each, [Field::Open, Field::Close, Field::High, Field::Volume]);
        for (at, field) in each.iter().enumerate() {
            assert_eq!(set.position(*field), at);
        }
        assert!(!set.holds(Field::Low) && set.union(set) == set);
        assert_eq!(set.with(Field::Low).count(), Field::ALL.len());
    }
}
