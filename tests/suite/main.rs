//! The one test binary: behaviour of the whole, a module per subject.

mod tidy;
