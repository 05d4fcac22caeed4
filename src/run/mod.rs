//! Placeholder header of the run floor; its helper writes it.
