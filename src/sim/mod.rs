//! Placeholder header of the sim floor; its helper writes it.
