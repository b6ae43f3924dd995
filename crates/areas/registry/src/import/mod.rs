//! Customers from files.
