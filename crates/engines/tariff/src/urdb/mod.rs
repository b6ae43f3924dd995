//! US rates.
