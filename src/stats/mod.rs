//! Placeholder header of the stats floor; its helper writes it.
