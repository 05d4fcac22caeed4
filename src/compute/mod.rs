//! Placeholder header of the compute floor; its helper writes it.
