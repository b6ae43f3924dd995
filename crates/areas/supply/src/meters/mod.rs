//! Meter assets (电能表) and where they hang: install, exchange (换表), remove. Tables: `meter`,
//! `meter_installation`. Invariants: a usage point has at most one meter at a time and a meter
//! hangs at most in one place; every removal has a closing read, so consumption is continuous
//! across an exchange. Readings live in the lake, not here.

mod error;
mod model;
mod ops;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use error::MeterError;
pub use model::{NewMeter, Placement, Registers};
pub use ops::{LoadMeter, exchange, install, load, load_each, load_history, register, remove};
pub use rules::{ListedMeter, read_meters};
pub(crate) use store::set_meter_state;
pub use store::{
    InstallationRow, MeterRow, STATEMENTS, installation_in_force, installations_of_meter,
    installations_of_usage_point, meter_by_asset_no, meter_by_id, meters_expiring,
};
