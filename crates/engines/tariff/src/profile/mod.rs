//! Rating a year of intervals against a plan, as US rates are rated: hourly or finer power in,
//! twelve months of {energy, time-of-use demand, flat demand, fixed, minimum, total} out.
//!
//! [`HourlyForm`] is a plan compiled for it; [`HourlyForm::rate`] bills a load,
//! [`HourlyForm::rate_system`] a load with generation over years, by the plan's export terms:
//! net metering in kWh or in dollars, net billing with or without carry-over, buy all sell all.
//! Amounts are exact integers ([`ExactAmount`], 1e-24) until a bill rounds them once.
//!
//! The conventions are those of SAM's `utilityrate5`, the engine that US rates are usually
//! compared with: a year of 365 days that begins on a Monday; tiers counted over the month's
//! total energy of all periods, in the order of use (for net metering: in proportion); tiers per
//! kW from the billing demand; demand peaks by calendar month. Where that engine refuses, this
//! one goes on if the rate has a plain meaning: tier limits and numbers of tiers may differ
//! between periods, for energy and for demand.
//!
//! All 153 expected numbers of that engine's own unit tests are met (`tests/us/ssc.rs`); of the
//! three runs that it refuses there, a credit month of 12 is refused here too, and two with limits
//! that differ between periods are billed.
//!
//! Not rated, and refused with a reason: tiers whose limits do not rise, a last tier with a limit
//! (energy beyond it would have no price), tiers per kW that do not begin with the first tier,
//! prices by the interval together with net metering, years with a 29 February. One answer differs
//! on purpose: where tiers are per kW of a billing demand of zero, all energy is on the last tier
//! that has no limit; the reference gives negative charges there.

mod amount;
mod bill;
mod climb;
mod decimal;
mod error;
mod form;
mod intervals;
mod ladder;
mod lines;
mod load;
mod netting;
mod system;
mod year;

pub use amount::{ExactAmount, Factor, Price};
pub use bill::{DemandCell, EnergyCell, MonthBill, YearBill};
pub use decimal::Decimal;
pub use error::ProfileError;
pub use form::HourlyForm;
pub use lines::{LinesError, month_lines};
pub use load::{DAYS_OF_MONTH, HOURS_PER_YEAR, LoadProfile, parse_kw};
pub use system::{PriceSeries, SystemBills, SystemCase};
