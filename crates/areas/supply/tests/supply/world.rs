//! A bureau of a few households on one 台区, with meters, agreements, and a folder for files.

use std::{path::PathBuf, sync::Arc};

use access::{Actor, Randomness};
use kernel::{Date, Demand, Id, Power, Ratio};
use lake::Lake;
use registry::{CustomerForm, network, premises::load_customers};
use store::testing::TestDb;
use supply::{
    AreaRules, Works,
    agreements::{self, BasicCharge, NewAgreement},
    meters::{self, NewMeter, Placement, Registers},
    readings::{self, BadRows, Form, ImportFile, ImportSummary, ReadingError},
    settlement, tariffs,
};

pub const ORG: Id = Id::from_i64(7);
const TARIFF: &str = include_str!("../../../../../tariffs/zhejiang/residential.toml");

pub struct World {
    pub works: Works,
    pub actor: Actor,
    pub folder: tempfile::TempDir,
    pub points: Vec<(Id, Id)>,
    /// Keeps the database while the story runs, and holds its clock.
    pub test: TestDb,
}

pub fn migrations() -> Vec<store::Migration> {
    [registry::MIGRATIONS, supply::MIGRATIONS].concat()
}

pub fn account_no(n: usize) -> String {
    format!("42000{n:05}")
}

pub fn day(month: i8, day: i8) -> Date {
    Date::constant(2026, month, day)
}

impl World {
    /// `count` households whose meters M0, M1 … with 6 digits and 1 decimal began at 1000.0.
    pub async fn with(test: TestDb, count: usize) -> Self {
        Self::in_zone(test, count, "Asia/Shanghai", 0).await
    }

    /// As [`World::with`], where midnight is that of another zone, and with meters that keep
    /// intervals of so many minutes.
    pub async fn in_zone(test: TestDb, count: usize, zone: &str, interval_minutes: u8) -> Self {
        let mut world = Self::nothing(test, zone);
        world.move_in(count, interval_minutes).await;
        world
    }

    /// A database and a lake with nothing in them.
    pub fn empty(test: TestDb) -> Self {
        Self::nothing(test, "Asia/Shanghai")
    }

    fn nothing(test: TestDb, zone: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let works = Works {
            db: test.db.clone(),
            lake: Lake::in_folder(&folder.path().join("lake")).unwrap(),
            rules: Arc::new(AreaRules::bundled(zone).unwrap()),
            random: Arc::new(Randomness::from_number(1)),
        };
        Self { works, actor: Actor::program("test"), folder, points: Vec::new(), test }
    }

    async fn move_in(&mut self, count: usize, interval_minutes: u8) {
        let ctx = self.works.ctx(&self.actor, "test");
        let mut tx = self.works.db.begin().await.unwrap();
        let bureau = network::Network {
            substations: vec![network::NewSubstation {
                code: "S1".into(), name: "柳河变".into()
            }],
            feeders: vec![network::NewFeeder {
                substation: "S1".into(),
                code: "F1".into(),
                name: "人民路线".into(),
                voltage_v: Some(10_000),
            }],
            areas: vec![network::NewTransformerArea {
                feeder: "F1".into(),
                code: "TQ1".into(),
                name: "阳光花园台区".into(),
                capacity_ukva: 400_000_000,
                manager_user: None,
            }],
        };
        network::load_network(&mut tx, ORG, &bureau).await.unwrap();
        let customers: Vec<_> = (0..count).map(customer).collect();
        for outcome in load_customers(&mut tx, ORG, &customers).await.unwrap() {
            let loaded = outcome.loaded().expect("the customer loads");
            self.points.push((loaded.account, loaded.usage_point));
        }
        tariffs::publish(&ctx, &mut tx, ORG, "zhejiang", TARIFF).await.unwrap();
        let code = tariffs::load_book(&mut tx, ORG).await.unwrap().rows()[0].code.clone();
        let hung: Vec<_> = self
            .points
            .iter()
            .enumerate()
            .map(|(n, (_, point))| {
                let meter = NewMeter { interval_minutes, ..meter(&format!("M{n}")) };
                (meter, placement(*point, Ratio::ONE))
            })
            .collect();
        assert_eq!(meters::load(&ctx, &mut tx, ORG, &hung).await.unwrap(), count as u64);
        assert_eq!(meters::load(&ctx, &mut tx, ORG, &hung).await.unwrap(), 0, "again: nothing new");
        let terms: Vec<_> = self.points.iter().map(|point| agreement(*point, &code)).collect();
        assert_eq!(agreements::load(&ctx, &mut tx, ORG, &terms).await.unwrap(), count as u64);
        assert_eq!(agreements::load(&ctx, &mut tx, ORG, &terms).await.unwrap(), 0);
        tx.commit().await.unwrap();
        readings::deliver_exchanges(&self.works, &self.actor, ORG).await.unwrap();
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub async fn import(
        &self,
        name: &str,
        bytes: impl AsRef<[u8]>,
        bad_rows: BadRows,
    ) -> Result<ImportSummary, ReadingError> {
        let file =
            ImportFile { bad_rows, ..ImportFile::new(self.file(name, bytes), Form::Registers) };
        self.import_file(file).await
    }

    pub async fn import_file(&self, file: ImportFile) -> Result<ImportSummary, ReadingError> {
        readings::import_file(&self.works, &self.actor, ORG, file, &|_, _, _| {}).await
    }

    pub async fn settle(&self, from: Date, through: Date) -> i64 {
        settlement::settle_through(&self.works, &self.actor, ORG, (from, through), &|_, _, _| {})
            .await
            .unwrap()
    }

    /// The sums of the settled days: charge and energy.
    pub async fn settled(&self) -> Vec<(Date, i64, i64)> {
        let mut tx = self.works.db.read().await.unwrap();
        let days = settlement::settled_days(&mut tx, ORG, day(1, 1), day(12, 31)).await.unwrap();
        days.into_iter().map(|d| (d.day, d.energy_ukwh, d.charge_units)).collect()
    }

    /// The energy of a usage point on a day, µkWh.
    pub async fn energy(&self, point: usize, on: Date) -> i64 {
        let next = on.tomorrow().unwrap();
        let point = self.points[point].1;
        let (states, _) = readings::history(&self.works, ORG, point, (on, next)).await.unwrap();
        states.first().map_or(0, |(_, row)| row.day_ukwh())
    }
}

fn customer(n: usize) -> registry::Customer {
    CustomerForm {
        account_no: account_no(n),
        name: format!("住户{n}"),
        address: format!("青山县柳河镇阳光花园{n}栋1单元101室"),
        class: "residential".into(),
        voltage: "220V".into(),
        transformer_area: "TQ1".into(),
        opened_on: "2026-01-01".into(),
        ..CustomerForm::default()
    }
    .parse()
    .expect("the form is right")
}

pub fn meter(asset_no: &str) -> NewMeter {
    NewMeter {
        asset_no: asset_no.to_owned(),
        model: "DDZY".into(),
        phases: 1,
        digits: 6,
        register_scale: 1,
        has_tou: false,
        has_demand: false,
        interval_minutes: 0,
        made_on: None,
        expires_on: None,
        concentrator: "JZ1".into(),
    }
}

pub fn registers(total: i64) -> Registers {
    Registers([("total".to_owned(), total)].into())
}

pub fn placement(usage_point: Id, ratio: Ratio) -> Placement {
    Placement {
        meter: Id::from_i64(0),
        usage_point,
        ratio,
        on: day(1, 1),
        opening: registers(10_000),
    }
}

pub fn agreement((account, usage_point): (Id, Id), code: &str) -> NewAgreement {
    NewAgreement {
        account,
        usage_point,
        tariff_code: code.to_owned(),
        valid_from: day(1, 1),
        capacity: Demand::from_ukva(0),
        contract_demand: Power::from_ukw(0),
        basic_charge: BasicCharge::None,
        family_of_five: false,
        low_income: false,
    }
}

/// Readings at the end of each day of January: 5.0 kWh a day, in the documented columns.
pub fn january(points: usize, days: i8) -> String {
    let mut text = String::from("usage_point,at,total\n");
    for point in 0..points {
        for on in 1..=days {
            let at = day(1, on).tomorrow().unwrap();
            text += &format!("{},{at} 00:00,{}.0\n", account_no(point), 1000 + 5 * i32::from(on));
        }
    }
    text
}
