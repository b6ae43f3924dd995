//! Meters on both engines.

use access::{Actor, Ctx, Randomness};
use kernel::{Date, Id, Ratio};
use store::testing::TestDb;

use super::{
    MeterError, NewMeter, Placement, Registers, exchange, install, installations_of_usage_point,
    meter_by_id, register,
};

const ORG: Id = Id::from_i64(1);
const POINT: Id = Id::from_i64(20);

fn meter(asset_no: &str) -> NewMeter {
    NewMeter {
        asset_no: asset_no.to_owned(),
        model: "DDZY102".to_owned(),
        phases: 1,
        digits: 6,
        register_scale: 1,
        has_tou: false,
        has_demand: false,
        interval_minutes: 0,
        made_on: None,
        expires_on: None,
        concentrator: String::new(),
    }
}

fn at(meter: Id, on: Date) -> Placement {
    let ratio = Ratio::new(40, 1).unwrap();
    Placement { meter, usage_point: POINT, ratio, on, opening: Registers::default() }
}

/// Story T-08: the old meter closes at 15 410.2 and the new one begins on the same day.
#[test]
fn an_exchange_leaves_no_day_without_a_meter() {
    let migrations = [registry::MIGRATIONS, crate::MIGRATIONS].concat();
    TestDb::each(&migrations, async |test| {
        let (actor, random) = (Actor::program("test"), Randomness::from_number(1));
        let ctx = Ctx::new(test.clock.as_ref(), &random, &actor, "test");
        let mut tx = test.db.begin().await.unwrap();
        let old = register(&ctx, &mut tx, ORG, &meter("000000000001")).await.unwrap();
        let new = register(&ctx, &mut tx, ORG, &meter("000000000002")).await.unwrap();
        install(&ctx, &mut tx, ORG, &at(old, Date::constant(2020, 1, 1))).await.unwrap();
        let again = install(&ctx, &mut tx, ORG, &at(new, Date::constant(2026, 9, 20))).await;
        assert!(matches!(again, Err(MeterError::Occupied)));
        let day = Date::constant(2026, 9, 20);
        let closing = Registers([("total".to_owned(), 154_102)].into());
        exchange(&ctx, &mut tx, ORG, (&closing, "周期轮换"), &at(new, day)).await.unwrap();
        let rows = installations_of_usage_point(&mut tx, ORG, POINT).await.unwrap();
        assert_eq!((rows[0].installed_on, rows[1].removed_on), (day, Some(day)));
        assert_eq!(meter_by_id(&mut tx, ORG, old).await.unwrap().unwrap().state, "removed");
    });
}

#[test]
fn an_asset_number_is_registered_once() {
    TestDb::each(crate::MIGRATIONS, async |test| {
        let (actor, random) = (Actor::program("test"), Randomness::from_number(1));
        let ctx = Ctx::new(test.clock.as_ref(), &random, &actor, "test");
        let mut tx = test.db.begin().await.unwrap();
        register(&ctx, &mut tx, ORG, &meter("000000000001")).await.unwrap();
        let twice = register(&ctx, &mut tx, ORG, &meter("000000000001")).await;
        assert!(matches!(twice, Err(MeterError::AssetNoTaken(_))));
        let odd = NewMeter { phases: 2, ..meter("000000000003") };
        let refused = register(&ctx, &mut tx, ORG, &odd).await;
        assert!(matches!(refused, Err(MeterError::Impossible(_))));
    });
}
