//! Placeholder header of the measure floor; its helper writes it.
