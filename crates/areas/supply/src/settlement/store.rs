//! The SQL of settlement runs and settled days, and the terms that a day is settled under.

use kernel::{Date, Id, Instant};

use crate::agreements::opened_on;

store::record! {
    /// What SQL says about one usage point on one day: its agreement and its meter.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TermsRow {
        /// The usage point.
        pub usage_point: Id,
        /// Who pays.
        pub account: Id,
        /// The agreement in force.
        pub agreement: Id,
        /// Its tariff.
        pub tariff_code: String,
        /// First day of the supply to this account: a yearly ladder begins there.
        pub opened_on: Date,
        /// 一户多人口
        pub family_of_five: bool,
        /// 低保/五保
        pub low_income: bool,
        /// Contracted capacity in millionths of a kVA.
        pub capacity_ukva: i64,
        /// The meter that hangs there.
        pub meter: Id,
        /// CT × PT, upper term.
        pub ratio_numerator: i64,
        /// CT × PT, lower term.
        pub ratio_denominator: i64,
        /// Whole digits of its registers.
        pub digits: i64,
        /// Decimals of its readings.
        pub register_scale: i64,
        /// Minutes of its intervals, or 0.
        pub interval_minutes: i64,
        /// Its first day there.
        pub installed_on: Date,
        /// JSON of what its registers showed then.
        pub opening_registers: String,
        /// The 台区.
        pub transformer_area: Id,
        /// 专变
        pub dedicated_transformer: bool,
    }

    /// A usage point whose terms become different.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TermsDueRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The first day of the difference.
        pub day: Date,
        /// The usage point.
        pub usage_point: Id,
        /// The settlement that is at it.
        pub run: Option<Id>,
    }

    /// A settled day.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SettledDayRow {
        /// The organisation.
        pub org: Id,
        /// The business day.
        pub day: Date,
        /// Rises when a late reading changes the day.
        pub state_version: i64,
        /// The run that settled it last.
        pub run: Id,
        /// Usage points settled.
        pub usage_point_count: i64,
        /// Of them read.
        pub read_count: i64,
        /// Of them estimated.
        pub estimated_count: i64,
        /// Findings.
        pub exception_count: i64,
        /// Energy of the day, µkWh.
        pub energy_ukwh: i64,
        /// Charges of the day, 1e-4.
        pub charge_units: i64,
        /// When.
        pub settled_at: Instant,
    }

    /// A run over days.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RunRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// `daily`, `late_readings` or `decision`.
        pub kind: String,
        /// First day.
        pub day_from: Date,
        /// First day after it.
        pub day_to: Date,
        /// `running`, `done`, `failed` or `stopped`.
        pub state: String,
        /// Days settled so far.
        pub days_done: i64,
        /// Days asked for.
        pub days_total: i64,
        /// What it is doing, or what stopped it.
        pub message: Option<String>,
        /// When it began.
        pub started_at: Instant,
        /// When it ended.
        pub finished_at: Option<Instant>,
        /// By whom.
        pub started_by: Id,
    }

    /// What a late or corrected reading changed in a settled day.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ResettlementRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The run.
        pub run: Id,
        /// The usage point.
        pub usage_point: Id,
        /// The day.
        pub day: Date,
        /// µkWh before.
        pub energy_before_ukwh: i64,
        /// µkWh after.
        pub energy_after_ukwh: i64,
        /// Charge before, 1e-4.
        pub charge_before_units: i64,
        /// Charge after, 1e-4.
        pub charge_after_units: i64,
        /// Highest demand before, 1e-6 kW.
        pub demand_before_ukw: i64,
        /// Highest demand after, 1e-6 kW.
        pub demand_after_ukw: i64,
        /// Reactive energy forward before, µkvarh.
        pub reactive_forward_before_ukvarh: i64,
        /// Reactive energy forward after, µkvarh.
        pub reactive_forward_after_ukvarh: i64,
        /// Reactive energy reverse before, µkvarh.
        pub reactive_reverse_before_ukvarh: i64,
        /// Reactive energy reverse after, µkvarh.
        pub reactive_reverse_after_ukvarh: i64,
    }
}

macro_rules! settled_day {
    ($rest:literal) => {
        concat!(
            "SELECT org, day, state_version, run, usage_point_count, read_count, estimated_count,
                    exception_count, energy_ukwh, charge_units, settled_at
               FROM settled_day ",
            $rest
        )
    };
}

macro_rules! run_columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, kind, day_from, day_to, state, days_done, days_total, message, started_at,
                    finished_at, started_by
               FROM settlement_run ",
            $rest
        )
    };
}

macro_rules! terms {
    ($of:literal) => {
        concat!(
            "SELECT a.usage_point, a.account, a.id AS agreement, a.tariff_code, ",
            opened_on!(),
            " AS opened_on, a.family_of_five,
                    a.low_income, a.capacity_ukva, i.meter, i.ratio_numerator, i.ratio_denominator, m.digits,
                    m.register_scale, m.interval_minutes, i.installed_on, i.opening_registers,
                    COALESCE(u.transformer_area, 0) AS transformer_area, u.dedicated_transformer
               FROM ",
            $of,
            " JOIN usage_point u ON u.id = a.usage_point
               JOIN meter_installation i ON i.org = a.org AND i.usage_point = a.usage_point
                AND i.installed_on <= $2 AND (i.removed_on IS NULL OR i.removed_on > $2)
               JOIN meter m ON m.id = i.meter
              WHERE a.org = $1 AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to > $2)
              ORDER BY a.usage_point"
        )
    };
}

store::statements! {
    /// Every usage point that is supplied and metered on a day, by usage point.
    each terms_on(org: Id, day: Date) -> TermsRow = terms!("agreement a");
    /// As `terms_on`, for the usage points that a run is at.
    all terms_due_on(org: Id, day: Date, run: Id) -> TermsRow =
        terms!("(SELECT DISTINCT usage_point FROM terms_due WHERE org = $1 AND run = $3) d
                 JOIN agreement a ON a.usage_point = d.usage_point");
    /// As `terms_on`, of one usage point.
    all terms_of(org: Id, day: Date, usage_point: Id) -> TermsRow =
        terms!("(SELECT * FROM agreement WHERE org = $1 AND usage_point = $3) a");
    /// The usage points whose move to another 台区 was recorded from an instant on.
    all moved_since(org: Id, from: Instant) -> (Id,) =
        "SELECT DISTINCT usage_point FROM usage_point_move WHERE org = $1 AND recorded_at >= $2
          ORDER BY usage_point";
    /// Takes what is due by a day for a run; what another run took and did not finish, too.
    run take_due(org: Id, day: Date, run: Id) =
        "UPDATE terms_due SET run = $3 WHERE org = $1 AND day <= $2";
    /// The usage points that a run is at.
    all taken_by(org: Id, run: Id) -> (Id,) =
        "SELECT DISTINCT usage_point FROM terms_due WHERE org = $1 AND run = $2 ORDER BY usage_point";
    /// What a run was at is done.
    run drop_due(org: Id, run: Id) = "DELETE FROM terms_due WHERE org = $1 AND run = $2";
    /// The highest version of any state or terms file of the organisation, 0 when there is none.
    one highest_version(org: Id) -> i64 =
        "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM lake_file
          WHERE org = $1 AND dataset IN ('state', 'terms')";
    /// Temperatures of a range of days.
    all weather_between(org: Id, from: Date, to: Date) -> (String, Date, i32) =
        "SELECT station, day, max_dc FROM weather_day
          WHERE org = $1 AND day >= $2 AND day < $3 ORDER BY station, day";
    /// Writes a temperature; a later measurement replaces it.
    run record_weather(org: Id, station: &str, day: Date, max_dc: i32, at: Instant) =
        "INSERT INTO weather_day (org, station, day, max_dc, recorded_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (org, station, day) DO UPDATE
         SET max_dc = excluded.max_dc, recorded_at = excluded.recorded_at";
    /// Meters taken down on a day, with their closing reads, by usage point.
    all removals_on(org: Id, day: Date) -> (Id, Id, String) =
        "SELECT usage_point, meter, closing_registers FROM meter_installation
          WHERE org = $1 AND removed_on = $2 ORDER BY usage_point, id";
    /// The organisations that have settled a day.
    all settling_organisations() -> Id = "SELECT DISTINCT org FROM settled_day ORDER BY org";
    /// The last settled day.
    optional last_settled(org: Id) -> SettledDayRow =
        settled_day!("WHERE org = $1 ORDER BY day DESC LIMIT 1");
    /// One settled day.
    optional settled_day(org: Id, day: Date) -> SettledDayRow = settled_day!("WHERE org = $1 AND day = $2");
    /// Settled days of a range, in order.
    all settled_days(org: Id, from: Date, to: Date) -> SettledDayRow =
        settled_day!("WHERE org = $1 AND day >= $2 AND day < $3 ORDER BY day");
    /// Raises the version of a settled day after a resettlement.
    run resettled(org: Id, day: Date, version: i64, run: Id, energy_change_ukwh: i64, charge_change_units: i64, at: Instant) =
        "UPDATE settled_day
            SET state_version = $3, run = $4, energy_ukwh = energy_ukwh + $5, charge_units = charge_units + $6,
                settled_at = $7
          WHERE org = $1 AND day = $2";
    /// The open findings of a usage point from a day on.
    all open_findings_since(org: Id, usage_point: Id, from: Date) -> (Date, String) =
        "SELECT day, rule FROM reading_exception
          WHERE org = $1 AND usage_point = $2 AND day >= $3 AND state = 'open'";
    /// One run.
    optional run_by_id(org: Id, id: Id) -> RunRow = run_columns!("WHERE org = $1 AND id = $2");
    /// Runs, newest first.
    all runs(org: Id, before: Id, count: i64) -> RunRow =
        run_columns!("WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    /// How far a run is.
    run set_run_progress(org: Id, id: Id, days_done: i64, message: &str) =
        "UPDATE settlement_run SET days_done = $3, message = $4 WHERE org = $1 AND id = $2 AND state = 'running'";
    /// Ends a run.
    run finish_run(org: Id, id: Id, state: &str, message: Option<&str>, at: Instant) =
        "UPDATE settlement_run SET state = $3, message = $4, finished_at = $5
          WHERE org = $1 AND id = $2 AND state = 'running'";
    /// What resettlements changed for a usage point in a range of days, newest run first.
    all resettlements_of(org: Id, usage_point: Id, from: Date, to: Date) -> ResettlementRow =
        "SELECT id, org, run, usage_point, day, energy_before_ukwh, energy_after_ukwh, charge_before_units,
                charge_after_units, demand_before_ukw, demand_after_ukw,
                reactive_forward_before_ukvarh, reactive_forward_after_ukvarh,
                reactive_reverse_before_ukvarh, reactive_reverse_after_ukvarh
           FROM resettlement WHERE org = $1 AND usage_point = $2 AND day >= $3 AND day < $4
          ORDER BY run DESC, day";
    /// What one run changed.
    all resettlements_of_run(org: Id, run: Id, after: Id, count: i64) -> ResettlementRow =
        "SELECT id, org, run, usage_point, day, energy_before_ukwh, energy_after_ukwh, charge_before_units,
                charge_after_units, demand_before_ukw, demand_after_ukw,
                reactive_forward_before_ukvarh, reactive_forward_after_ukvarh,
                reactive_reverse_before_ukvarh, reactive_reverse_after_ukvarh
           FROM resettlement WHERE org = $1 AND run = $2 AND id > $3 ORDER BY id LIMIT $4";
}
