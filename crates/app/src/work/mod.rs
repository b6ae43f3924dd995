//! Wiring: which jobs the worker runs, and what the portal knows of customers.

mod customers;
mod jobs;

pub use customers::PortalCustomers;
pub use jobs::{
    CHECK_FILE, CLOSE_MONTH, DELIVER_EXCHANGES, IMPORT_FILE, ISSUE_BILLS, IntakeFile, Month,
    SETTLE_AGAIN, SETTLE_DAYS, SettleAgain, SettleDays, subscriptions, worker,
};
