//! Alerts about readings: who looks at them by when, what they were, and how often each rule was
//! right. Table: `reading_alert`. Invariants: the same thing raises one alert; nobody's silence
//! hides one, since what is not acknowledged in time goes to the manager; a customer whose use
//! looks unusual is told with the number that staff see. Deciding a finding is in `readings`.

mod error;
mod jobs;
mod model;
mod ops;
mod queries;
mod store;

pub use error::AlertError;
pub use jobs::{attach_photo, photo, watch};
pub use model::{NewError, Outcome};
pub(crate) use ops::{NewAlert, raise};
pub use ops::{acknowledge, close, log_error};
pub use queries::{AlertPrecision, alert_list, alert_precision};
pub use store::{
    AlertRow, STATEMENTS, alert_by_id, alert_of_source, customer_alerts, waiting_alerts,
};
