//! Placeholder header of the demo floor; its helper writes it.
