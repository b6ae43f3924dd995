//! Bulletins on both engines.

use access::{Actor, Randomness};
use jiff::ToSpan;
use kernel::{Date, Id};
use store::testing::TestDb;

use super::{
    BulletinError, BulletinKind, Message, NewBulletin, bulletins_for, publish, tell, withdraw,
};
use crate::metering_rules::BulletinRules;

const ORG: Id = Id::from_i64(1);

fn bulletin(effective_on: Date) -> NewBulletin {
    NewBulletin {
        kind: BulletinKind::ReadingDay(5),
        transformer_area: None,
        title: ("抄表例日改为每月5日".into(), "Meters are read on the 5th".into()),
        body: ("下月起执行。".into(), "From next month on.".into()),
        effective_on,
    }
}

/// S-071: a change of the reading day is announced one cycle ahead, and seen by customers.
#[test]
fn a_new_reading_day_is_announced_one_cycle_ahead() {
    let migrations = [registry::MIGRATIONS, crate::MIGRATIONS].concat();
    TestDb::each(&migrations, async |test| {
        let (actor, random) = (Actor::program("test"), Randomness::from_number(1));
        let ctx = access::Ctx::new(test.clock.as_ref(), &random, &actor, "test");
        let rules = BulletinRules { source: "test".into(), reading_day_notice_days: 30 };
        let today = Date::constant(2026, 6, 1);
        let mut tx = test.db.begin().await.unwrap();
        let soon = bulletin(today.checked_add(29.days()).unwrap());
        let refused = publish(&ctx, &mut tx, ORG, &soon, (today, &rules)).await.unwrap_err();
        assert!(matches!(refused, BulletinError::TooSoon { earliest, .. }
            if earliest == Date::constant(2026, 7, 1)));
        let good = bulletin(Date::constant(2026, 7, 1));
        let id = publish(&ctx, &mut tx, ORG, &good, (today, &rules)).await.unwrap();
        let account = Id::from_i64(9);
        let seen = bulletins_for(&mut tx, ORG, account, 9).await.unwrap();
        assert_eq!(seen.iter().map(|row| row.reading_day).collect::<Vec<_>>(), [Some(5)]);
        let elsewhere = bulletins_for(&mut tx, Id::from_i64(2), account, 9).await.unwrap();
        assert!(elsewhere.is_empty(), "another organisation's customers do not see it");
        withdraw(&ctx, &mut tx, ORG, id).await.unwrap();
        assert!(bulletins_for(&mut tx, ORG, account, 9).await.unwrap().is_empty());
        let twice = withdraw(&ctx, &mut tx, ORG, id).await;
        assert!(matches!(twice, Err(BulletinError::NotFound)));
    });
}

#[test]
fn a_customer_is_told_of_an_event_once() {
    TestDb::each(crate::MIGRATIONS, async |test| {
        let mut tx = test.db.begin().await.unwrap();
        let (account, event) = (Id::from_i64(9), Id::from_i64(77));
        let message =
            Message { account, kind: "unusual_use", event, zh: "用电突增", en: "More use" };
        assert_eq!(tell(&mut tx, ORG, std::slice::from_ref(&message)).await.unwrap(), 1);
        assert_eq!(tell(&mut tx, ORG, &[message]).await.unwrap(), 0);
        let told = super::messages_of_account(&mut tx, ORG, account, 9).await.unwrap();
        assert_eq!((told.len(), told[0].event), (1, event));
    });
}
