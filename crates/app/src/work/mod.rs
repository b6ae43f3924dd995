//! Wiring: which jobs the worker runs, and what the portal knows of customers.

mod backups;
mod customers;
mod duty;
mod jobs;
mod nights;

pub use customers::PortalCustomers;
pub use duty::with_duty;
pub use jobs::{
    CHECK_FILE, CLOSE_MONTH, DELIVER_EXCHANGES, IMPORT_FILE, ISSUE_BILLS, IntakeFile, Month,
    PARALLEL, SETTLE_AGAIN, SETTLE_DAYS, SettleAgain, SettleDays, subscriptions, worker,
};
pub use nights::{MAKE_BACKUP, Nights, TIDY_LAKE, with_nights};
