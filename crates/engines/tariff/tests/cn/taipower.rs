//! taipower
