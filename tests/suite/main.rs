//! The one test binary: behaviour of the whole, a module per subject.

mod demo_power;
mod tidy;
