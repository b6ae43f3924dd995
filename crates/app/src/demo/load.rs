//! Loads the demo county into an installation and lives a year there: night after night readings
//! arrive, days are settled, late readings settle days again, months are closed and bills issued.

use std::collections::BTreeMap;

use access::{
    AccessError, Actor, Ctx, GrantRole, NewOrganisation, NewStaff, Password, create_organisation,
    create_staff, ensure_default_roles, grant_role, organisation_by_code, role_by_code,
    staff_by_login,
};
use jiff::ToSpan;
use kernel::{Date, DatePeriod, Demand, Fault, FaultKind, Id, Power, Ratio};
use lake::{LakeError, tables::ReadingRow};
use registry::{
    CustomerForm, RegistryError,
    network::{Network, NewFeeder, NewSubstation, NewTransformerArea, load_network},
    premises::{LoadOutcome, load_customers},
};
use store::{StoreError, Tx, lake_files_on};
use supply::{
    Works,
    agreements::{self, AgreementError, BasicCharge, NewAgreement},
    alerts::AlertError,
    billing::{self, BillingError},
    bulletins::BulletinError,
    count_file,
    field::FieldError,
    meters::{self, MeterError, NewMeter, Placement, Registers},
    orders::OrderError,
    settlement::{self, SettlementError},
    tariffs::{self, TariffBookError},
};
use tariff::{DaySlots, bundled::DOCUMENTS};

use super::{
    County,
    county::Customer,
    readings::{Exchange, Fleet, Night, Placed, SCALE},
    usage,
};

/// The demo's own tariffs, beside the residential ones that come with the program.
const TARIFFS: [(&str, &str); 3] = [
    ("demo-agricultural", include_str!("../../../../tariffs/demo/agricultural.toml")),
    ("demo-commercial", include_str!("../../../../tariffs/demo/commercial.toml")),
    ("demo-industrial-two-part", include_str!("../../../../tariffs/demo/industrial-two-part.toml")),
];

/// Documents of the program that the demo publishes.
const BUNDLED: [&str; 5] = [
    "rules/calendars/cn-2025.toml",
    "rules/calendars/cn-2026.toml",
    "tariffs/tables/power-factor-215.toml",
    "tariffs/zhejiang/residential-tou.toml",
    "tariffs/zhejiang/residential.toml",
];

/// The staff of the demo: login, name, role. All sign in with [`PASSWORD`].
pub const SIGN_INS: [(&str, &str, &str); 5] = [
    ("billing", "演示核算员", "billing_clerk"),
    ("agent", "演示客服专员", "agent"),
    ("reading", "演示抄表员", "reading_clerk"),
    ("manager", "演示主任", "manager"),
    ("admin", "演示管理员", "administrator"),
];

/// The demo's password; printed, and worthless elsewhere.
pub const PASSWORD: &str = "lamplight-demo-2026";

const ORG_CODE: &str = "33999";
/// Customers loaded in one transaction.
const CHUNK: usize = 2_000;
/// Late readings are handed in every so many days.
const LATE_EVERY_DAYS: i64 = 4;
/// The month is closed this many days after its end, when most late readings are in.
const CLOSE_AFTER_DAYS: i64 = 5;

/// A demo that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A part of the program refused.
    #[error("{part}: {error}")]
    Part {
        /// Which part.
        part: &'static str,
        /// What it said.
        error: Box<dyn Fault + Send + Sync>,
    },
    /// A drawn customer was not accepted: a mistake in the generator.
    #[error("customer {number} of the demo was not accepted: {reason}")]
    Customer {
        /// Its number.
        number: usize,
        /// Why.
        reason: String,
    },
}

impl Fault for DemoError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Part { error, .. } => error.kind(),
            Self::Customer { .. } => FaultKind::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Part { error, .. } => error.code(),
            Self::Customer { .. } => "demo.customer",
        }
    }
}

macro_rules! parts {
    ($($type:ty: $part:literal),* $(,)?) => {$(
        impl From<$type> for DemoError {
            fn from(error: $type) -> Self {
                Self::Part { part: $part, error: Box::new(error) }
            }
        }
    )*};
}

parts! {
    AccessError: "users", AgreementError: "agreements", AlertError: "alerts",
    BillingError: "bills", BulletinError: "bulletins", FieldError: "handhelds", LakeError: "lake",
    MeterError: "meters", OrderError: "orders", RegistryError: "customers",
    SettlementError: "settlement", StoreError: "database", TariffBookError: "tariffs",
}

/// What demo to make.
#[derive(Debug, Clone, Copy)]
pub struct Demo {
    /// The seed of everything drawn.
    pub seed: u64,
    /// How many customers.
    pub customers: usize,
    /// The first day with readings; its month's first day is best.
    pub first: Date,
    /// The last day with readings.
    pub last: Date,
}

/// Hears what is being done: the step, how far it is, of how much.
pub type Listen<'a> = &'a (dyn Fn(&str, u64, u64) + Send + Sync);

impl Demo {
    /// Makes the demo in an installation, or goes on with one that was begun there.
    ///
    /// # Errors
    /// [`DemoError`]; what counts by then stays.
    pub async fn make(&self, works: &Works, listen: Listen<'_>) -> Result<Id, DemoError> {
        let actor = Actor::program("demo");
        let ctx = works.ctx(&actor, "demo");
        let county = County::generate(self.seed, self.customers);
        let org = bureau(works, &ctx).await?;
        publish(works, &ctx, org).await?;
        let placed = self.place(works, &ctx, org, &county, listen).await?;
        let year =
            Year { demo: *self, works, actor: &actor, org, county: &county, placed: &placed };
        year.live(listen).await?;
        let today = self.last.saturating_add(1.days());
        let points: Vec<Id> =
            placed.iter().take(2).map(|home| Id::from_i64(home.usage_point)).collect();
        super::work::begin(works, &ctx, org, today, &points).await?;
        Ok(org)
    }

    /// The day before the first, at whose end every meter has its opening read.
    fn eve(&self) -> Date {
        self.first.checked_sub(1.day()).unwrap_or(self.first)
    }

    /// Customers, meters and agreements, in chunks that each count on their own.
    async fn place(
        &self,
        works: &Works,
        ctx: &Ctx<'_>,
        org: Id,
        county: &County,
        listen: Listen<'_>,
    ) -> Result<Vec<Placed>, DemoError> {
        let mut tx = works.db.begin().await?;
        load_network(&mut tx, org, &network(county)).await?;
        tx.commit().await?;
        let mut placed = Vec::with_capacity(county.customers.len());
        let total = county.customers.len() as u64;
        for (at, chunk) in county.customers.chunks(CHUNK).enumerate() {
            let mut tx = works.db.begin().await?;
            let ids = self.chunk(ctx, &mut tx, org, county, at * CHUNK, chunk).await?;
            tx.commit().await?;
            placed.extend(ids);
            listen("customers", placed.len() as u64, total);
        }
        Ok(placed)
    }

    async fn chunk(
        &self,
        ctx: &Ctx<'_>,
        tx: &mut Tx,
        org: Id,
        county: &County,
        from: usize,
        customers: &[Customer],
    ) -> Result<Vec<Placed>, DemoError> {
        let mut parsed = Vec::with_capacity(customers.len());
        for (number, customer) in (from..).zip(customers) {
            parsed.push(form(county, customer, self.eve()).parse().map_err(|faults| {
                let reason = faults.iter().map(|f| format!("{}: {}", f.field, f.message));
                DemoError::Customer { number, reason: reason.collect::<Vec<_>>().join("; ") }
            })?);
        }
        let outcomes = load_customers(tx, org, &parsed).await?;
        let (mut news, mut agreements, mut points) = (Vec::new(), Vec::new(), Vec::new());
        let mut is_new = true;
        for ((number, customer), outcome) in (from..).zip(customers).zip(&outcomes) {
            is_new &= matches!(outcome, LoadOutcome::Added(_));
            let loaded = outcome
                .loaded()
                .ok_or_else(|| DemoError::Customer { number, reason: format!("{outcome:?}") })?;
            news.push((new_meter(customer), self.placement(customer, loaded.usage_point)));
            agreements.push(agreement(customer, loaded.account, loaded.usage_point, self.eve()));
            points.push(loaded.usage_point);
        }
        if is_new {
            meters::load(ctx, tx, org, &news).await?;
            agreements::load(ctx, tx, org, &agreements).await?;
            for (number, customer) in (from..).zip(customers) {
                if self.exchange_day(number).is_some() {
                    meters::register(ctx, tx, org, &spare(customer)).await?;
                }
            }
        }
        self.ids(tx, org, from, customers, &points).await
    }

    /// The stored ids, whether they were made now or by an earlier start.
    async fn ids(
        &self,
        tx: &mut Tx,
        org: Id,
        from: usize,
        customers: &[Customer],
        points: &[Id],
    ) -> Result<Vec<Placed>, DemoError> {
        let mut placed = Vec::with_capacity(customers.len());
        for ((number, customer), usage_point) in (from..).zip(customers).zip(points) {
            let id = |row: Option<meters::MeterRow>| row.map_or(0, |meter| meter.id.get());
            let asset_no = &customer.meter.asset_no;
            let meter = id(meters::meter_by_asset_no(tx, org, asset_no).await?);
            let spare = match self.exchange_day(number) {
                Some(_) => id(meters::meter_by_asset_no(tx, org, &spare(customer).asset_no).await?),
                None => 0,
            };
            placed.push(Placed { usage_point: usage_point.get(), meter, spare });
        }
        Ok(placed)
    }

    fn exchange_day(&self, number: usize) -> Option<Date> {
        usage::exchange_day(self.seed, number, self.first, self.days())
    }

    fn days(&self) -> i32 {
        (self.last - self.first).get_days() + 1
    }

    fn placement(&self, customer: &Customer, usage_point: Id) -> Placement {
        Placement {
            meter: Id::from_i64(0),
            usage_point,
            ratio: Ratio::new(customer.meter.ratio, 1).unwrap_or(Ratio::ONE),
            on: self.eve(),
            opening: Registers::default(),
        }
    }
}

/// The county's bureau with its staff.
async fn bureau(works: &Works, ctx: &Ctx<'_>) -> Result<Id, DemoError> {
    let mut tx = works.db.begin().await?;
    ensure_default_roles(&mut tx).await?;
    let org = match organisation_by_code(&mut tx, ORG_CODE).await? {
        Some(org) => org.id,
        None => {
            let new = NewOrganisation {
                parent: None,
                code: ORG_CODE,
                name_zh: "明水县供电公司（演示）",
                name_en: "Mingshui County Bureau (demo)",
            };
            create_organisation(ctx, &mut tx, new).await?
        }
    };
    for (login, name, role) in SIGN_INS {
        if staff_by_login(&mut tx, login).await?.is_some() {
            continue;
        }
        let password = Password::new(PASSWORD);
        let new = NewStaff { org, login, name, password, must_change: false };
        let staff = create_staff(ctx, &mut tx, new).await?;
        let role = role_by_code(&mut tx, role).await?.ok_or(AccessError::NotFound("role"))?.id;
        grant_role(ctx, &mut tx, GrantRole { staff, role, org }).await?;
    }
    tx.commit().await?;
    Ok(org)
}

async fn publish(works: &Works, ctx: &Ctx<'_>, org: Id) -> Result<(), DemoError> {
    let mut tx = works.db.begin().await?;
    let bundled = DOCUMENTS.iter().copied().filter(|(name, _)| BUNDLED.contains(name));
    for (name, text) in bundled.chain(TARIFFS) {
        match tariffs::publish(ctx, &mut tx, org, name, text).await {
            Ok(_) | Err(TariffBookError::Published { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The year that the demo lives through.
struct Year<'a> {
    demo: Demo,
    works: &'a Works,
    actor: &'a Actor,
    org: Id,
    county: &'a County,
    placed: &'a [Placed],
}

impl Year<'_> {
    async fn live(&self, listen: Listen<'_>) -> Result<(), DemoError> {
        let zone = self.works.rules.zone.clone();
        let (seed, first) = (self.demo.seed, self.demo.first);
        let mut fleet = Fleet::new(seed, self.county, zone, first, self.demo.days());
        self.deliver(
            self.demo.eve(),
            &[(self.demo.eve(), fleet.opening(self.demo.eve(), self.placed))],
        )
        .await?;
        let mut waiting: BTreeMap<Date, Vec<(Date, ReadingRow)>> = BTreeMap::new();
        let total = u64::try_from(self.demo.days()).unwrap_or(0);
        let days = DatePeriod::new(first, self.demo.last.checked_add(1.day()).unwrap_or(first));
        for (done, day) in days.iter().flat_map(DatePeriod::iter_days).enumerate() {
            let windows = self.windows(day).await?;
            let mut night = fleet.day(day, self.placed, &windows);
            for (days, row) in night.late.drain(..) {
                let hands_in = (days + LATE_EVERY_DAYS - 1) / LATE_EVERY_DAYS * LATE_EVERY_DAYS;
                let on = day.checked_add(hands_in.days()).unwrap_or(day);
                waiting.entry(on).or_default().push((day, row));
            }
            self.night(day, night).await?;
            let arrived = waiting.remove(&day).unwrap_or_default();
            self.late(day, arrived).await?;
            self.close_months(day).await?;
            listen("days", done as u64 + 1, total);
        }
        Ok(())
    }

    /// One night: exchanges are recorded, readings written, the day settled.
    async fn night(&self, day: Date, night: Night) -> Result<(), DemoError> {
        for exchange in &night.exchanges {
            self.exchange(day, exchange).await?;
        }
        let mut tx = self.works.db.read().await?;
        let known = !lake_files_on(&mut tx, self.org, "readings", day).await?.is_empty();
        drop(tx);
        if !known {
            let mut tx = self.works.db.begin().await?;
            let (org, version) = (self.org.get(), tx.next_id().get());
            let mut files =
                vec![self.works.lake.write_readings(org, day, version, night.readings)?];
            if !night.intervals.is_empty() {
                files.push(self.works.lake.write_intervals(org, day, version, night.intervals)?);
            }
            for file in &files {
                count_file(&mut tx, self.org, None, file).await?;
            }
            tx.commit().await?;
        }
        let range = (self.demo.eve(), day);
        settlement::settle_through(self.works, self.actor, self.org, range, &|_, _, _| {}).await?;
        Ok(())
    }

    async fn exchange(&self, day: Date, exchange: &Exchange) -> Result<(), DemoError> {
        let placed = self.placed[exchange.number];
        let customer = &self.county.customers[exchange.number];
        let ctx = self.works.ctx(self.actor, "demo");
        let mut tx = self.works.db.begin().await?;
        let usage_point = Id::from_i64(placed.usage_point);
        let hangs = meters::installation_in_force(&mut tx, self.org, usage_point).await?;
        if hangs.is_some_and(|row| row.meter.get() == placed.spare) {
            return Ok(());
        }
        let placement = Placement {
            meter: Id::from_i64(placed.spare),
            on: day,
            ..self.demo.placement(customer, usage_point)
        };
        let closing = Registers(exchange.closing.clone());
        meters::exchange(&ctx, &mut tx, self.org, (&closing, "周期轮换"), &placement).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Late readings arrive: they are written for their days, which are settled again.
    async fn late(&self, day: Date, arrived: Vec<(Date, ReadingRow)>) -> Result<(), DemoError> {
        let mut by_day: BTreeMap<Date, Vec<ReadingRow>> = BTreeMap::new();
        let mut touched: BTreeMap<i64, Date> = BTreeMap::new();
        for (of, row) in arrived {
            let first = touched.entry(row.usage_point).or_insert(of);
            *first = of.min(*first);
            by_day.entry(of).or_default().push(row);
        }
        if by_day.is_empty() {
            return Ok(());
        }
        let by_day: Vec<_> = by_day.into_iter().collect();
        self.deliver(day, &by_day).await?;
        // Also when they were delivered by a start that was stopped before it settled them: where
        // nothing changes, nothing is written.
        let (works, actor) = (self.works, self.actor);
        settlement::settle_again(works, actor, self.org, "late_readings", touched).await?;
        Ok(())
    }

    /// Writes readings of several days that arrive on `on`, once: the version of their files is
    /// the arrival day's number, so that a second start finds them.
    async fn deliver(&self, on: Date, by_day: &[(Date, Vec<ReadingRow>)]) -> Result<(), DemoError> {
        let version = i64::from(lake::tables::day_number(on));
        let mut tx = self.works.db.begin().await?;
        for (day, _) in by_day {
            let files = lake_files_on(&mut tx, self.org, "readings", *day).await?;
            if files.iter().any(|file| file.version == version) {
                return Ok(());
            }
        }
        for (day, rows) in by_day {
            let org = self.org.get();
            let file = self.works.lake.write_readings(org, *day, version, rows.clone())?;
            count_file(&mut tx, self.org, None, &file).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Closes the month before, some days into the next, and issues its bills.
    async fn close_months(&self, day: Date) -> Result<(), DemoError> {
        if i64::from(day.day()) != CLOSE_AFTER_DAYS {
            return Ok(());
        }
        let to = day.first_of_month();
        let from = to.checked_sub(1.month()).unwrap_or(to);
        let Ok(period) = DatePeriod::new(from, to) else { return Ok(()) };
        if from < self.demo.first {
            return Ok(());
        }
        let (works, actor) = (self.works, self.actor);
        billing::close_month(works, actor, self.org, period, &|_, _, _| {}).await?;
        billing::issue_month(works, actor, self.org, (from, day)).await?;
        Ok(())
    }

    /// The buckets of the day's quarter-hours by tariff, as the meters keep them.
    async fn windows(&self, day: Date) -> Result<BTreeMap<String, DaySlots>, DemoError> {
        let mut tx = self.works.db.read().await?;
        let book = tariffs::load_book(&mut tx, self.org).await?;
        let mut windows = BTreeMap::new();
        for code in ["zhejiang/residential-tou", "demo-commercial", "demo-industrial-two-part"] {
            let (_, plan) = book.plan_on(code, day)?;
            let calendar = book.library().calendar_of(plan).map_err(TariffBookError::from)?;
            let slots = plan.windows.on(day, &calendar, &tariff::Weather::default());
            windows.insert(code.to_owned(), slots.map_err(TariffBookError::from)?);
        }
        Ok(windows)
    }
}

fn network(county: &County) -> Network {
    let substation = |i: usize| county.substations[i].code.clone();
    let feeder = |i: usize| county.feeders[i].code.clone();
    Network {
        substations: county
            .substations
            .iter()
            .map(|s| NewSubstation { code: s.code.clone(), name: s.name.clone() })
            .collect(),
        feeders: county
            .feeders
            .iter()
            .map(|f| NewFeeder {
                substation: substation(f.substation),
                code: f.code.clone(),
                name: f.name.clone(),
                voltage_v: Some(10_000),
            })
            .collect(),
        areas: county
            .areas
            .iter()
            .map(|a| NewTransformerArea {
                feeder: feeder(a.feeder),
                code: a.code.clone(),
                name: a.name.clone(),
                capacity_ukva: a.capacity_kva * 1_000_000,
                manager_user: None,
            })
            .collect(),
    }
}

fn form(county: &County, customer: &Customer, opened_on: Date) -> CustomerForm {
    // Most were connected long before the demo's year; their ladder is a whole year's.
    let opened_on = opened_on.checked_sub(3.years()).unwrap_or(opened_on);
    CustomerForm {
        account_no: customer.account_no.clone(),
        name: customer.name.clone(),
        kind: if customer.company { "company" } else { "person" }.to_owned(),
        phone: customer.phone.clone(),
        address: customer.address.clone(),
        community: customer.community.clone(),
        transformer_area: county.areas[customer.area].code.clone(),
        class: customer.class.word().to_owned(),
        voltage: customer.voltage.to_owned(),
        dedicated_transformer: if customer.dedicated { "yes" } else { "no" }.to_owned(),
        opened_on: opened_on.to_string(),
        marks: customer.marks.join(";"),
        ..CustomerForm::default()
    }
}

fn new_meter(customer: &Customer) -> NewMeter {
    NewMeter {
        asset_no: customer.meter.asset_no.clone(),
        model: if customer.meter.three_phase { "DTZY341" } else { "DDZY102" }.to_owned(),
        phases: if customer.meter.three_phase { 3 } else { 1 },
        digits: 6,
        register_scale: SCALE,
        has_tou: customer.meter.tou,
        has_demand: customer.meter.demand,
        interval_minutes: if customer.meter.intervals { 15 } else { 0 },
        made_on: Some(batch_of(customer, 0)),
        expires_on: Some(batch_of(customer, LIFE_YEARS)),
        concentrator: concentrator(customer),
    }
}

/// How long a verification is good: class 1 and 2 electronic meters, JJG 596-2012.
const LIFE_YEARS: i16 = 8;

/// Meters of a 台区 were hung together: each has its batch, one of six years.
fn batch_of(customer: &Customer, years: i16) -> Date {
    let year = i16::try_from(customer.area % 6).unwrap_or(0);
    Date::constant(2018, 9, 30).checked_add((year + years).years()).unwrap_or(Date::MAX)
}

/// A customer with a transformer has a terminal of its own; the others share the concentrator of
/// their 台区, which about one in fifty does not reach.
fn concentrator(customer: &Customer) -> String {
    if customer.dedicated {
        return format!("ZD{}", customer.account_no);
    }
    let number: u64 = customer.account_no.parse().unwrap_or(0);
    if number.is_multiple_of(50) { String::new() } else { format!("JZ{:04}", customer.area + 1) }
}

/// The meter from stock that will replace a customer's.
fn spare(customer: &Customer) -> NewMeter {
    let old = new_meter(customer);
    NewMeter {
        asset_no: old.asset_no.replacen("3310", "3326", 1),
        made_on: Some(Date::constant(2025, 5, 1)),
        expires_on: Some(Date::constant(2033, 9, 30)),
        ..old
    }
}

fn agreement(customer: &Customer, account: Id, usage_point: Id, from: Date) -> NewAgreement {
    NewAgreement {
        account,
        usage_point,
        tariff_code: customer.tariff_code.to_owned(),
        valid_from: from,
        capacity: Demand::from_ukva(customer.capacity_kva * 1_000_000),
        contract_demand: Power::from_ukw(customer.contract_kw * 1_000_000),
        basic_charge: BasicCharge::from_word(customer.basic_charge).unwrap_or(BasicCharge::None),
        family_of_five: customer.marks.contains(&"family_of_five"),
        low_income: customer.marks.contains(&"low_income"),
    }
}
