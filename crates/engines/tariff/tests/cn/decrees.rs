//! decrees
