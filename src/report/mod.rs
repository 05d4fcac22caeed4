//! Placeholder header of the report floor; its helper writes it.
