//! Placeholder header of the strategy floor; its helper writes it.

pub mod pairs;
