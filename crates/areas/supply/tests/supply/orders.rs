//! T-08 and S-054: meters are rotated by orders made before their quarter, exchanged from the
//! order, the old one kept; a fault ends with a decision, and an adjustment reaches the days.

use kernel::{Date, Energy, Id, Ratio};
use metering::reading::RegisterKind;
use store::{Page, testing::TestDb};
use supply::{
    bulletins,
    meters::{self, NewMeter, Placement},
    orders::{
        self, Exchange, FaultDecision, NewFault, OrderError, OrderFilter, RotationPlan, Schedule,
    },
    readings::{self, BadRows},
};

use crate::world::{ORG, World, day, meter, migrations, registers};

const EXPIRES: Date = Date::constant(2026, 9, 30);

/// Every household gets a meter behind transformers of ratio 40 that expires on 30 September.
async fn rehang(world: &World) {
    let ctx = world.works.ctx(&world.actor, "test");
    let mut tx = world.works.db.begin().await.unwrap();
    for (n, (_, point)) in world.points.iter().enumerate() {
        let out = (day(1, 2), &registers(10_000), "换表");
        meters::remove(&ctx, &mut tx, ORG, *point, out).await.unwrap();
        let new = NewMeter { expires_on: Some(EXPIRES), ..meter(&format!("OLD{n}")) };
        let id = meters::register(&ctx, &mut tx, ORG, &new).await.unwrap();
        let place = Placement {
            meter: id,
            usage_point: *point,
            ratio: Ratio::new(40, 1).unwrap(),
            on: day(1, 2),
            opening: registers(152_346),
        };
        meters::install(&ctx, &mut tx, ORG, &place).await.unwrap();
    }
    let spare = NewMeter { expires_on: Some(Date::constant(2034, 1, 1)), ..meter("NEW0") };
    meters::register(&ctx, &mut tx, ORG, &spare).await.unwrap();
    tx.commit().await.unwrap();
}

fn exchange(order: Id, version: i64) -> Exchange {
    Exchange {
        order,
        version,
        on: day(1, 15),
        closing: registers(154_102),
        new_asset_no: " NEW0".into(),
        opening: registers(0),
        ratio: None,
    }
}

async fn quarter(world: &World) -> orders::Quarter {
    let mut tx = world.works.db.read().await.unwrap();
    let span = (day(7, 1), Date::constant(2027, 1, 1));
    let all = orders::quarters(&mut tx, ORG, span).await.unwrap();
    all.into_iter().find(|quarter| quarter.from == day(7, 1)).unwrap()
}

#[test]
fn expiring_meters_have_orders_and_are_exchanged_from_them() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 12).await;
        rehang(&world).await;
        let zone = &world.works.rules.zone;
        let before = quarter(&world).await;
        assert_eq!(before.counts(), (12, 12, 0));
        assert_eq!(before.in_time(day(6, 30), |at| zone.date_of(at)), None, "still possible");
        assert_eq!(before.in_time(day(7, 1), |at| zone.date_of(at)), Some(false), "too late");
        let ctx = world.works.ctx(&world.actor, "test");
        let rules = &world.works.rules.metering.rotation;
        let mut tx = world.works.db.begin().await.unwrap();
        let plan = RotationPlan {
            from: day(7, 1),
            to: day(10, 1),
            model: String::new(),
            crew: "装表一班".into(),
        };
        assert_eq!(orders::plan_rotation(&ctx, &mut tx, ORG, &plan).await.unwrap(), 12);
        assert_eq!(orders::plan_rotation(&ctx, &mut tx, ORG, &plan).await.unwrap(), 0, "once");
        let first = OrderFilter { words: "OLD0".into(), ..OrderFilter::waiting() };
        let list = orders::order_list(&mut tx, ORG, &first, &Page::first()).await.unwrap();
        assert_eq!((list.items.len(), list.items[0].due_on), (1, EXPIRES));
        let order = list.items[0].id;
        let today = day(1, 12);
        let mut asked =
            Schedule { order, version: 1, planned_on: day(1, 14), crew: "装表一班".into() };
        let soon = orders::schedule(&ctx, &mut tx, ORG, &asked, (today, rules)).await;
        assert!(matches!(soon, Err(OrderError::TooSoon { days: 3, .. })), "{soon:?}");
        asked.planned_on = day(1, 15);
        orders::schedule(&ctx, &mut tx, ORG, &asked, (today, rules)).await.unwrap();
        let account = world.points[0].0;
        let told = bulletins::messages_of_account(&mut tx, ORG, account, 9).await.unwrap();
        assert_eq!((told.len(), told[0].event), (1, order), "three days before");
        let missing = Exchange { new_asset_no: "OLD1".into(), ..exchange(order, 2) };
        let refused = orders::record_exchange(&ctx, &mut tx, ORG, &missing, rules).await;
        assert!(matches!(refused, Err(OrderError::NotInStock(_))));
        let done = exchange(order, 2);
        orders::record_exchange(&ctx, &mut tx, ORG, &done, rules).await.unwrap();
        let again = orders::record_exchange(&ctx, &mut tx, ORG, &done, rules).await;
        assert!(again.is_err(), "an exchange is recorded once");
        let row = orders::order_by_id(&mut tx, ORG, order).await.unwrap().unwrap();
        assert_eq!((row.state.as_str(), row.kept_until), ("done", Some(day(2, 15))));
        let early = orders::scrap(&ctx, &mut tx, ORG, (row.meter, day(2, 14))).await;
        assert!(matches!(early, Err(OrderError::Kept(until)) if until == day(2, 15)));
        orders::scrap(&ctx, &mut tx, ORG, (row.meter, day(2, 15))).await.unwrap();
        tx.commit().await.unwrap();
        let after = quarter(&world).await;
        assert_eq!(after.counts(), (12, 0, 1));
        assert_eq!(after.in_time(day(7, 1), |_| day(1, 12)), Some(true));
        readings::deliver_exchanges(&world.works, &world.actor, ORG).await.unwrap();
        let text = "usage_point,at,total\n4200000000,2026-02-01 00:00,62.5\n";
        world.import("a.csv", text, BadRows::RefuseWhole).await.unwrap();
        world.settle(day(1, 1), day(1, 31)).await;
        let mut energy = 0;
        for on in 1..=31 {
            energy += world.energy(0, day(1, on)).await;
        }
        assert_eq!(energy, 9_524_000_000, "(175.6 + 62.5) × 40 kWh");
    });
}

#[test]
fn a_fault_ends_with_a_decision_that_reaches_the_days() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        rehang(&world).await;
        let (works, actor, point) = (&world.works, &world.actor, world.points[0].1);
        let ctx = works.ctx(actor, "test");
        let rules = &works.rules.metering;
        let mut tx = works.db.begin().await.unwrap();
        let mut fault = NewFault { usage_point: point, code: "fire".into(), note: String::new() };
        let opened = orders::open_fault(&ctx, &mut tx, ORG, &fault, (day(1, 10), &rules.fault));
        assert!(matches!(opened.await, Err(OrderError::Field { field: "code", .. })));
        fault.code = "error".into();
        let day_of_report = (day(1, 10), &rules.fault);
        let order = orders::open_fault(&ctx, &mut tx, ORG, &fault, day_of_report).await.unwrap();
        let twice = orders::open_fault(&ctx, &mut tx, ORG, &fault, day_of_report).await;
        assert!(matches!(twice, Err(OrderError::HasOrder)));
        let cancelled = orders::cancel(&ctx, &mut tx, ORG, (order, 1), "no").await;
        assert!(matches!(cancelled, Err(OrderError::NeedsDecision)));
        tx.commit().await.unwrap();
        let total = Energy::from_ukwh(-74_418_605);
        let mut decision = FaultDecision {
            order,
            version: 1,
            adjust: Some([(RegisterKind::Total, total)].into()),
            reason: "误差+3.2%，半周期2400kWh".into(),
        };
        let early = orders::decide_fault(works, actor, ORG, &decision).await;
        assert!(matches!(early, Err(OrderError::NotExchanged)), "{early:?}");
        let mut tx = works.db.begin().await.unwrap();
        let done = exchange(order, 1);
        orders::record_exchange(&ctx, &mut tx, ORG, &done, &rules.rotation).await.unwrap();
        tx.commit().await.unwrap();
        readings::deliver_exchanges(works, actor, ORG).await.unwrap();
        let text = "usage_point,at,total\n4200000000,2026-02-01 00:00,62.5\n";
        world.import("a.csv", text, BadRows::RefuseWhole).await.unwrap();
        world.settle(day(1, 1), day(1, 31)).await;
        let sum = async || world.settled().await.iter().map(|(_, energy, _)| energy).sum::<i64>();
        assert_eq!(sum().await, 9_524_000_000);
        decision.version = 2;
        let silent = FaultDecision { reason: " ".into(), ..decision.clone() };
        let refused = orders::decide_fault(works, actor, ORG, &silent).await;
        assert!(matches!(refused, Err(OrderError::ReasonMissing)));
        orders::decide_fault(works, actor, ORG, &decision).await.unwrap();
        // 74.418605 kWh over a ratio of 40 is 1.860465 on the register, of which nothing is lost.
        assert_eq!(sum().await, 9_524_000_000 - 74_418_600);
        let again = orders::decide_fault(works, actor, ORG, &decision).await;
        assert!(again.is_err(), "decided once");
        let mut tx = works.db.read().await.unwrap();
        let row = orders::order_by_id(&mut tx, ORG, order).await.unwrap().unwrap();
        assert_eq!((row.state.as_str(), row.adjusted_ukwh), ("done", Some(-74_418_605)));
    });
}
