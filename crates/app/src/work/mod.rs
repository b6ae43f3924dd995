//! Wiring: which jobs the worker runs, and what the portal knows of customers.

mod customers;
mod jobs;

pub use customers::PortalCustomers;
pub use jobs::{
    CLOSE_MONTH, DELIVER_EXCHANGES, ISSUE_BILLS, Month, SETTLE_AGAIN, SETTLE_DAYS, SettleAgain,
    SettleDays, subscriptions, worker,
};
