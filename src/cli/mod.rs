//! Placeholder header of the cli floor; its helper writes it.
