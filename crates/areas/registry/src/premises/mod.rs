//! What a person holds: accounts (户号), places, and the usage points between them. Tables:
//! `account`, `place`, `service_location`, `service_location_alias`, `usage_point`,
//! `usage_point_move`.
//!
//! Invariants: an account number and a code of a usage point are unique in an organisation; a
//! closed account serves no open usage point; every change of 台区 is kept with its day.

mod ops;
pub(crate) mod store;

pub use ops::load::{LoadOutcome, Loaded, load_customers};
pub use ops::{CloseAccount, MoveUsagePoint, close_account, move_usage_point, register_customer};
pub use store::{
    Account, LocationAlias, PlaceName, ServiceLocation, UsagePoint, UsagePointMove, account_by_id,
    account_by_no, location_by_id, moves_of, pass_usage_point, usage_point_by_code,
    usage_point_by_id, usage_point_codes, usage_points_of_account,
};
