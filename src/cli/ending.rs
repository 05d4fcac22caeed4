//! How a command ended, and the exit code that says so.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All well.
    Well,
    /// It ran to its end and found something wrong (failed jobs, rows that differ), or it began
    /// and an error ended it; what was finished is stored.
    Findings,
    /// It could not start.
    NotStarted,
    /// The signal with this number ended it; what was finished is stored.
    Signalled(u8),
}

impl Ending {
    /// The exit code.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Findings => 1,
            Self::NotStarted => 2,
            Self::Signalled(signal) => 128 + signal,
        }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Ending;

    #[test]
    fn codes_are_the_documented_ones() {
        let endings = [
            Ending::Well,
            Ending::Findings,
            Ending::NotStarted,
            Ending::Signalled(2),
            Ending::Signalled(15),
        ];
        assert_eq!(endings.map(Ending::code), [0, 1, 2, 130, 143]);
    }
}
