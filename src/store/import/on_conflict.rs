//! What an import does with a value that is not the stored one of the same series and moment.

use crate::{
    domain::{Bar, Timestamp},
    error::{Error, Result},
};

/// What becomes of bars, or events, that differ from a stored one at the same moment. What is equal
/// is a duplicate in any case, and of equal moments in one file the first is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// What is stored stays; the others are counted.
    #[default]
    Keep,
    /// What comes takes the place of what is stored, in the transaction of the import.
    Replace,
    /// Nothing of the file is imported.
    Refuse,
}

impl OnConflict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Replace, Self::Refuse];

    /// Its name on the command line and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Replace => "replace",
            Self::Refuse => "error",
        }
    }
}

/// Conflicts that are named; the others are counted.
const NAMED: usize = 3;

/// A value that is not the stored one.
#[derive(Debug, Clone)]
pub(super) struct Conflict {
    /// Empty until it is known whose bars were compared.
    pub(super) symbol: String,
    pub(super) ts: Timestamp,
    /// Line (CSV) or row (Parquet), where it is known.
    pub(super) line: Option<u64>,
    /// `close 5 where 4 is stored`.
    pub(super) says: String,
}

/// What an import with [`OnConflict::Refuse`] met.
#[derive(Debug, Default)]
pub(super) struct Conflicts {
    count: u64,
    first: Vec<Conflict>,
}

impl Conflicts {
    /// Counts one more, and keeps it if it is among the first.
    pub(super) fn add(&mut self, conflict: impl FnOnce() -> Conflict) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(conflict());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Those that are named and still lack their line.
    pub(super) fn without_line(&mut self) -> impl Iterator<Item = &mut Conflict> {
        self.first.iter_mut().filter(|conflict| conflict.line.is_none())
    }

    /// The refusal of `file`, whose rows are `kind`.
    pub(super) fn refusal(&self, file: &str, kind: &str) -> Error {
        let (count, left) = (self.count, self.count - self.first.len() as u64);
        let mut named: Vec<String> = self.first.iter().map(Conflict::told).collect();
        if left > 0 {
            named.push(format!("and {left} more"));
        }
        Error::data(format!(
            "{file}: {count} {kind} are not what there is at their moment, nothing of the file is \
             imported: {}",
            named.join("; ")
        ))
        .with_hint(
            "--on-conflict keep leaves what is stored, --on-conflict replace takes what the file says",
        )
    }
}

impl Conflict {
    fn told(&self) -> String {
        let Self { symbol, ts, says, .. } = self;
        let line = self.line.map(|line| format!("line {line}, ")).unwrap_or_default();
        format!("{line}{symbol} at {ts}: {says}")
    }
}

/// What differs between two bars, field by field.
pub(super) fn differences(given: &Bar, stored: &Bar) -> String {
    let fields = |bar: &Bar| [bar.open, bar.high, bar.low, bar.close, bar.volume];
    let names = ["open", "high", "low", "close", "volume"];
    let shown = |value: f64| if value.is_nan() { "none".to_owned() } else { value.to_string() };
    let told = (names.iter().zip(fields(given)).zip(fields(stored)))
        .filter(|((_, new), old)| new.to_bits() != old.to_bits() && !(new.is_nan() && old.is_nan()))
        .map(|((name, new), old)| format!("{name} {} where {} is stored", shown(new), shown(old)));
    told.collect::<Vec<_>>().join(", ")
}

impl std::str::FromStr for OnConflict {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|one| one.name() == text).ok_or_else(|| {
            Error::usage(format!("'{text}' says nothing about conflicts"))
                .with_hint("one of keep, replace, error")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Bar, Conflict, Conflicts, OnConflict, Timestamp, differences};

    #[test]
    fn names_are_read_as_they_are_written() {
        for one in OnConflict::ALL {
            assert_eq!(one.name().parse::<OnConflict>().expect("a name"), one);
        }
        assert!("Replace".parse::<OnConflict>().expect_err("another case").is_usage());
    }

    #[test]
    fn only_what_differs_is_named() {
        let nan = f64::NAN;
        let bar = Bar { ts: Timestamp(0), open: nan, high: 5.0, low: nan, close: 4.5, volume: 7.0 };
        let other = Bar { high: nan, close: 4.25, ..bar };
        assert_eq!(
            differences(&other, &bar),
            "high none where 5 is stored, close 4.25 where 4.5 is stored"
        );
        assert_eq!(differences(&bar, &bar), "");
    }

    #[test]
    fn the_first_are_named_and_all_are_counted() {
        let mut met = Conflicts::default();
        assert!(met.is_empty());
        for line in [Some(2), None, Some(4), Some(5), Some(6)] {
            met.add(|| Conflict {
                symbol: "A".into(),
                ts: Timestamp(0),
                line,
                says: "close 5 where 4 is stored".into(),
            });
        }
        assert_eq!(met.without_line().count(), 1);
        let text = met.refusal("a.csv", "bars").to_string();
        assert!(text.starts_with("a.csv: 5 bars are not"), "{text}");
        assert!(text.contains("line 2, A at 1970-01-01T00:00:00Z: close 5 where 4"), "{text}");
        assert!(text.ends_with("; and 2 more"), "{text}");
    }
}
