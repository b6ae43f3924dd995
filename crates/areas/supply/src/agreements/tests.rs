//! Agreements on both engines.

use access::{Actor, Ctx, Randomness};
use kernel::{Date, Demand, Id, Power};
use store::testing::TestDb;

use super::{
    AgreementError, BasicCharge, NewAgreement, agreement_by_id, agreements_of_usage_point, change,
    end, open,
};

const ORG: Id = Id::from_i64(1);

fn agreement(from: Date, tariff_code: &str) -> NewAgreement {
    NewAgreement {
        account: Id::from_i64(10),
        usage_point: Id::from_i64(20),
        tariff_code: tariff_code.to_owned(),
        valid_from: from,
        capacity: Demand::from_ukva(8_000_000),
        contract_demand: Power::ZERO,
        basic_charge: BasicCharge::None,
        family_of_five: false,
        low_income: false,
    }
}

#[test]
fn a_change_ends_one_and_starts_the_next_on_the_same_day() {
    TestDb::each(crate::MIGRATIONS, async |test| {
        let (actor, random) = (Actor::program("test"), Randomness::from_number(1));
        let ctx = Ctx::new(test.clock.as_ref(), &random, &actor, "test");
        let mut tx = test.db.begin().await.unwrap();
        let (start, june) = (Date::constant(2026, 1, 1), Date::constant(2026, 6, 1));
        let first = open(&ctx, &mut tx, ORG, &agreement(start, "a")).await.unwrap();
        let twice = open(&ctx, &mut tx, ORG, &agreement(june, "b")).await;
        assert!(matches!(twice, Err(AgreementError::Overlaps(day)) if day == june));
        change(&ctx, &mut tx, ORG, (first, 1), &agreement(june, "b"), "峰谷变更").await.unwrap();
        let rows = agreements_of_usage_point(&mut tx, ORG, Id::from_i64(20)).await.unwrap();
        let days: Vec<_> = rows.iter().map(|row| (row.valid_from, row.valid_to)).collect();
        assert_eq!(days, [(june, None), (start, Some(june))]);
    });
}

#[test]
fn ending_asks_for_a_later_day_and_an_unchanged_row() {
    TestDb::each(crate::MIGRATIONS, async |test| {
        let (actor, random) = (Actor::program("test"), Randomness::from_number(1));
        let ctx = Ctx::new(test.clock.as_ref(), &random, &actor, "test");
        let mut tx = test.db.begin().await.unwrap();
        let start = Date::constant(2026, 1, 1);
        let id = open(&ctx, &mut tx, ORG, &agreement(start, "a")).await.unwrap();
        let early = end(&ctx, &mut tx, ORG, (id, 1), start, "x").await;
        assert!(matches!(early, Err(AgreementError::NotAfterStart(_))));
        let stale = end(&ctx, &mut tx, ORG, (id, 7), Date::constant(2026, 2, 1), "x").await;
        assert!(matches!(stale, Err(AgreementError::Changed)));
        assert_eq!(agreement_by_id(&mut tx, ORG, id).await.unwrap().unwrap().valid_to, None);
    });
}

#[test]
fn a_basic_charge_needs_what_it_is_measured_by() {
    TestDb::each(crate::MIGRATIONS, async |test| {
        let (actor, random) = (Actor::program("test"), Randomness::from_number(1));
        let ctx = Ctx::new(test.clock.as_ref(), &random, &actor, "test");
        let mut tx = test.db.begin().await.unwrap();
        let mut bad = agreement(Date::constant(2026, 1, 1), "a");
        bad.basic_charge = BasicCharge::ContractDemand;
        let refused = open(&ctx, &mut tx, ORG, &bad).await;
        assert!(matches!(refused, Err(AgreementError::Terms(_))));
    });
}
