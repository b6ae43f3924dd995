//! The audit trail names every deed of billing: who, what, to what.

use kernel::{DatePeriod, Id, Instant};
use store::{audit_between, testing::TestDb};
use supply::{
    billing::{self, Correction, Outcome, Stand},
    readings::BadRows,
    tariffs::load_book,
};

use crate::world::{ORG, World, account_no, day, january, migrations};

#[test]
fn every_deed_of_billing_is_in_the_audit_trail() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        world.import("a.csv", january(1, 31), BadRows::RefuseWhole).await.unwrap();
        world.settle(day(1, 1), day(1, 31)).await;
        let (works, actor) = (&world.works, &world.actor);
        let period = DatePeriod::new(day(1, 1), day(2, 1)).unwrap();
        billing::close_month(works, actor, ORG, period, &|_, _, _| {}).await.unwrap();
        let none = Id::from_i64(0);
        let mut tx = works.db.begin().await.unwrap();
        let bill = billing::bills_in_period(&mut tx, ORG, day(1, 1), none, 9).await.unwrap();
        let bill = bill[0].clone();
        let ctx = works.ctx(actor, "test");
        for (version, approve) in [(1, false), (2, true)] {
            billing::decide_review(&ctx, &mut tx, ORG, (bill.id, version), approve).await.unwrap();
        }
        tx.commit().await.unwrap();
        billing::issue_month(works, actor, ORG, (day(1, 1), day(2, 5))).await.unwrap();
        let dispute = billing::dispute(works, actor, ORG, bill.id, "偏高").await.unwrap();
        let row = format!("{},2026-02-01 00:00,1154.0,9", account_no(0));
        let more = format!("usage_point,at,total,revision\n{row}\n");
        world.import("late.csv", more, BadRows::RefuseWhole).await.unwrap();
        let mut tx = works.db.begin().await.unwrap();
        let book = load_book(&mut tx, ORG).await.unwrap();
        let again = billing::recompute(&mut tx, &works.lake, ORG, bill.id, &book, Stand::Now)
            .await
            .unwrap();
        let why = Correction { cause: "reading", reason: "复抄", on: day(2, 9) };
        let rules = &works.rules.review;
        let after = billing::correct(&ctx, &mut tx, ORG, &again, rules, why).await.unwrap();
        let said = (Outcome::Corrected, "已退");
        billing::answer_dispute(&ctx, &mut tx, ORG, (dispute, 1), said).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = works.db.read().await.unwrap();
        let (from, to) = (Instant::from_micros(0), Instant::from_micros(i64::MAX));
        let last = Id::from_i64(i64::MAX);
        let rows = audit_between(&mut tx, ORG, from, to, "", "", "", last, 99).await.unwrap();
        let run = billing::bill_run_of(&mut tx, ORG, day(1, 1)).await.unwrap().unwrap().id;
        let told = [
            ("tariff.publish", "tariff:".to_owned(), "published"),
            ("agreement.write", format!("organisation:{ORG}"), "loaded"),
            ("settlement.run", format!("bill_run:{run}"), "month close begun"),
            ("settlement.run", format!("bill_run:{run}"), "month closed"),
            ("bill.review", format!("bill:{}", bill.id), "held"),
            ("bill.review", format!("bill:{}", bill.id), "approved"),
            ("bill.issue", "month:2026-01-01".to_owned(), "bills issued"),
            ("bill.read", format!("dispute:{dispute}"), "disputed"),
            ("bill.correct", format!("bill:{after}"), "corrected"),
            ("bill.review", format!("dispute:{dispute}"), "dispute answered"),
        ];
        for (action, object, what) in told {
            let what = format!("\"what\":\"{what}\"");
            let found = rows.iter().filter(|row| {
                row.action == action
                    && row.object.starts_with(&object)
                    && row.after_json.as_ref().is_some_and(|after| after.contains(&what))
            });
            let actors: Vec<_> = found.map(|row| row.actor.as_str()).collect();
            assert_eq!(actors, [actor_name(&world)], "{action} {object} {what}");
        }
        // The ledger books on the day of issue and of correction, whatever month is billed.
        let now = Instant::from_micros(i64::MAX);
        let owner = world.points[0].0;
        let booked =
            supply::ledger::statement_of_account(&mut tx, ORG, owner, now, 9).await.unwrap();
        let mut days: Vec<_> = booked.iter().map(|row| row.booked_on).collect();
        days.dedup();
        days.sort();
        assert_eq!(days, [day(2, 5), day(2, 9)]);
    });
}

fn actor_name(world: &World) -> String {
    world.actor.name().to_owned()
}
