//! The rules of the catalogues.
