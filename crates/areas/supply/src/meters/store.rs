//! The SQL of meters and installations.

use kernel::{Date, Id, Instant};

store::record! {
    /// A meter as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MeterRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// 资产号
        pub asset_no: String,
        /// Make and type.
        pub model: String,
        /// 1 or 3.
        pub phases: i64,
        /// Whole digits.
        pub digits: i64,
        /// Decimals of a reading.
        pub register_scale: i64,
        /// Registers per bucket.
        pub has_tou: bool,
        /// Demand and reactive registers.
        pub has_demand: bool,
        /// Minutes, or 0.
        pub interval_minutes: i64,
        /// When it was made.
        pub made_on: Option<Date>,
        /// When its verification ends.
        pub expires_on: Option<Date>,
        /// `in_stock`, `installed`, `removed`, `scrapped`.
        pub state: String,
        /// When it was registered.
        pub created_at: Instant,
        /// Rises with every change.
        pub version: i64,
        /// The concentrator that collects its readings; empty: none.
        pub concentrator: String,
    }

    /// Where a meter hung, from when to when.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct InstallationRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The meter.
        pub meter: Id,
        /// The usage point.
        pub usage_point: Id,
        /// CT × PT, upper term.
        pub ratio_numerator: i64,
        /// CT × PT, lower term.
        pub ratio_denominator: i64,
        /// First day.
        pub installed_on: Date,
        /// The day of removal.
        pub removed_on: Option<Date>,
        /// JSON of [`super::Registers`].
        pub opening_registers: String,
        /// JSON of [`super::Registers`].
        pub closing_registers: Option<String>,
        /// Why it was removed.
        pub removal_reason: Option<String>,
        /// When it was written.
        pub created_at: Instant,
        /// By whom.
        pub created_by: Id,
        /// Rises with every change.
        pub version: i64,
    }
}

store::statements! {
    /// One meter.
    optional meter_by_id(org: Id, id: Id) -> MeterRow =
        "SELECT id, org, asset_no, model, phases, digits, register_scale, has_tou, has_demand,
                interval_minutes, made_on, expires_on, state, created_at, version, concentrator
           FROM meter WHERE org = $1 AND id = $2";
    /// The meter with this asset number.
    optional meter_by_asset_no(org: Id, asset_no: &str) -> MeterRow =
        "SELECT id, org, asset_no, model, phases, digits, register_scale, has_tou, has_demand,
                interval_minutes, made_on, expires_on, state, created_at, version, concentrator
           FROM meter WHERE org = $1 AND asset_no = $2";
    /// Installed meters whose verification ends before a day, soonest first.
    all meters_expiring(org: Id, before: Date, count: i64) -> MeterRow =
        "SELECT id, org, asset_no, model, phases, digits, register_scale, has_tou, has_demand,
                interval_minutes, made_on, expires_on, state, created_at, version, concentrator
           FROM meter
          WHERE org = $1 AND state = 'installed' AND expires_on < $2
          ORDER BY expires_on, id LIMIT $3";
    /// Sets the state of a meter that is in another.
    run set_meter_state(org: Id, id: Id, from: &str, to: &str) =
        "UPDATE meter SET state = $4, version = version + 1 WHERE org = $1 AND id = $2 AND state = $3";
    /// The meter that hangs at a usage point now.
    optional installation_in_force(org: Id, usage_point: Id) -> InstallationRow =
        "SELECT id, org, meter, usage_point, ratio_numerator, ratio_denominator, installed_on,
                removed_on, opening_registers, closing_registers, removal_reason, created_at,
                created_by, version
           FROM meter_installation WHERE org = $1 AND usage_point = $2 AND removed_on IS NULL";
    /// Every meter that hung at a usage point, newest first.
    all installations_of_usage_point(org: Id, usage_point: Id) -> InstallationRow =
        "SELECT id, org, meter, usage_point, ratio_numerator, ratio_denominator, installed_on,
                removed_on, opening_registers, closing_registers, removal_reason, created_at,
                created_by, version
           FROM meter_installation WHERE org = $1 AND usage_point = $2
          ORDER BY installed_on DESC, id DESC";
    /// Every place where a meter hung, newest first.
    all installations_of_meter(org: Id, meter: Id) -> InstallationRow =
        "SELECT id, org, meter, usage_point, ratio_numerator, ratio_denominator, installed_on,
                removed_on, opening_registers, closing_registers, removal_reason, created_at,
                created_by, version
           FROM meter_installation WHERE org = $1 AND meter = $2
          ORDER BY installed_on DESC, id DESC";
    /// Every meter with where and when it hung.
    each known_installations(org: Id) -> (String, Id, Date, Option<Date>) =
        "SELECT m.asset_no, i.usage_point, i.installed_on, i.removed_on
           FROM meter m JOIN meter_installation i ON i.org = m.org AND i.meter = m.id
          WHERE m.org = $1 ORDER BY i.id";
    /// Takes a meter down.
    run close_installation(org: Id, id: Id, removed_on: Date, closing_registers: &str, reason: &str) =
        "UPDATE meter_installation
            SET removed_on = $3, closing_registers = $4, removal_reason = $5, version = version + 1
          WHERE org = $1 AND id = $2 AND removed_on IS NULL";
}
