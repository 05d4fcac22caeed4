//! Placeholder header of the frame floor; its helper writes it.
