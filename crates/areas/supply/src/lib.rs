//! Agreements, meters, billing, ledger.
