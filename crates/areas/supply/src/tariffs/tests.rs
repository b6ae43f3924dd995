//! Publishing on both engines.

use access::{Actor, Ctx, Randomness};
use kernel::{Date, Id};
use store::testing::TestDb;

use super::{TariffBookError, load_book, publish};

const ORG: Id = Id::from_i64(1);

fn document(from: &str, to: &str, price: &str) -> String {
    format!(
        r#"[tariff]
id = "test"
name = {{ zh = "试", en = "test" }}
region = "x"
class = "residential"
decree = "d"
source = "s"
confidence = "K"
valid_from = "{from}"
valid_to = "{to}"
[energy]
[[energy.set]]
prices = {{ flat = "{price}" }}
"#
    )
}

#[test]
fn a_later_version_prices_later_days_and_none_changes() {
    TestDb::each(crate::MIGRATIONS, async |test| {
        let (actor, random) = (Actor::program("test"), Randomness::from_number(1));
        let ctx = Ctx::new(test.clock.as_ref(), &random, &actor, "test");
        let mut tx = test.db.begin().await.unwrap();
        let (old, new) = (
            document("2026-01-01", "2026-06-01", "0.5"),
            document("2026-06-01", "2027-01-01", "0.6"),
        );
        publish(&ctx, &mut tx, ORG, "old", &old).await.unwrap();
        publish(&ctx, &mut tx, ORG, "new", &new).await.unwrap();
        assert!(matches!(
            publish(&ctx, &mut tx, ORG, "again", &old).await,
            Err(TariffBookError::Published { version: 1, .. })
        ));
        let book = load_book(&mut tx, ORG).await.unwrap();
        let on = |month| book.plan_on("test", Date::constant(2026, month, 1)).unwrap().0;
        assert_eq!((on(5), on(6)), (0, 1));
        assert!(book.plan_on("test", Date::constant(2027, 1, 1)).is_err());
    });
}

#[test]
fn two_versions_for_the_same_days_are_refused() {
    TestDb::each(crate::MIGRATIONS, async |test| {
        let (actor, random) = (Actor::program("test"), Randomness::from_number(1));
        let ctx = Ctx::new(test.clock.as_ref(), &random, &actor, "test");
        let mut tx = test.db.begin().await.unwrap();
        let (old, new) = (
            document("2026-01-01", "2026-06-01", "0.5"),
            document("2026-05-01", "2027-01-01", "0.6"),
        );
        publish(&ctx, &mut tx, ORG, "old", &old).await.unwrap();
        assert!(publish(&ctx, &mut tx, ORG, "new", &new).await.is_err());
        assert_eq!(load_book(&mut tx, ORG).await.unwrap().rows().len(), 1);
    });
}
