//! The one public error: what happened, where, with which values, and the remedy.
//!
//! An [`Error`] is one line for the person at the terminal plus an optional hint. Its
//! [`ErrorKind`] says who can act on it: the caller (usage), the owner of the bars (data), the
//! holder of the store, the machine. Library code returns it; only the binary wraps it.

use std::{fmt, io, path::Path};

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation could not be done.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
}

/// Who can act on an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A flag, an argument or a configuration value is wrong.
    Usage,
    /// Bars, files or signals are wrong.
    Data,
    /// The store cannot be opened, read or written.
    Store,
    /// The disk has no room for what is to be written.
    DiskFull,
    /// Another process holds the store.
    Locked,
    /// The memory budget cannot hold the plan.
    Budget,
    /// A device was asked for and cannot be used.
    Device,
    /// The operating system refused a read or a write.
    Io,
    /// The user asked the run to stop.
    Interrupted,
    /// An invariant of ours does not hold; the message says which.
    Internal,
}

impl Error {
    /// An error of `kind` with its one-line `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), hint: None }))
    }

    /// A wrong flag, argument or configuration value.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Wrong bars, files or signals.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Data, message)
    }

    /// A store that cannot be opened, read or written.
    pub fn store(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Store, message)
    }

    /// A device that was asked for and cannot be used.
    pub fn device(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Device, message)
    }

    /// A broken invariant of ours, reported instead of a panic.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// A refusal by the operating system while doing `action` on `path`.
    pub fn io(action: &str, path: &Path, source: &io::Error) -> Self {
        let kind = match source.kind() {
            io::ErrorKind::StorageFull => ErrorKind::DiskFull,
            _ => ErrorKind::Io,
        };
        Self::new(kind, format!("cannot {action} {}: {source}", path.display()))
    }

    /// The same error with the remedy, shown on its own line as `hint: ...`.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same error with the place where it was met in front: `place: message`.
    #[must_use]
    pub fn behind(mut self, place: impl fmt::Display) -> Self {
        self.0.message = format!("{place}: {}", self.0.message);
        self
    }

    /// Who can act on it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The remedy, if there is one.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// True for a wrong flag, argument or configuration value.
    pub fn is_usage(&self) -> bool {
        self.kind() == ErrorKind::Usage
    }

    /// True for wrong bars, files or signals.
    pub fn is_data(&self) -> bool {
        self.kind() == ErrorKind::Data
    }

    /// True when the disk has no room.
    pub fn is_disk_full(&self) -> bool {
        self.kind() == ErrorKind::DiskFull
    }

    /// True when another process holds the store.
    pub fn is_locked(&self) -> bool {
        self.kind() == ErrorKind::Locked
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
