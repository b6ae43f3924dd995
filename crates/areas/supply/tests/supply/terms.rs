//! A night asks SQL only for whose terms became different. What it derives is what asking for
//! everybody would have given, byte for byte, whatever happened.

use access::Ctx;
use kernel::{Date, Demand, Id, Power, Ratio};
use lake::Lake;
use registry::{
    network,
    premises::{MoveUsagePoint, move_usage_point},
};
use store::{Page, Tx, latest_lake_file, testing::TestDb};
use supply::{
    agreements::{self, AgreementRow, BasicCharge, NewAgreement},
    meters::{self, Placement},
    settlement, tariffs,
};

use crate::world::{ORG, World, day, meter, migrations, registers};

/// Settles a day and holds its terms against those of everybody.
async fn settle_and_compare(world: &World, plain: &Lake, on: Date) {
    world.settle(on, on).await;
    let mut tx = world.works.db.read().await.unwrap();
    let book = tariffs::load_book(&mut tx, ORG).await.unwrap();
    let rows = settlement::whole_terms(&mut tx, ORG, &book, on).await.unwrap();
    let whole = plain.write_terms(ORG.get(), on, 1, rows).unwrap();
    let kept = latest_lake_file(&mut tx, ORG, "terms", on).await.unwrap().unwrap();
    assert_eq!(
        (kept.row_count, kept.sha256),
        (i64::try_from(whole.rows).unwrap(), whole.sha256),
        "{on}"
    );
}

/// The agreement of a usage point that runs without an end.
async fn running(tx: &mut Tx, point: Id) -> AgreementRow {
    let rows = agreements::agreements_of_usage_point(tx, ORG, point).await.unwrap();
    rows.into_iter().find(|row| row.valid_to.is_none()).unwrap()
}

async fn change_agreement(ctx: &Ctx<'_>, tx: &mut Tx, (account, point): (Id, Id), on: Date) {
    let row = running(tx, point).await;
    let successor = NewAgreement {
        account,
        usage_point: point,
        tariff_code: row.tariff_code.clone(),
        valid_from: on,
        capacity: Demand::from_ukva(8_000_000),
        contract_demand: Power::from_ukw(0),
        basic_charge: BasicCharge::None,
        family_of_five: true,
        low_income: false,
    };
    agreements::change(ctx, tx, ORG, (row.id, row.version), &successor, "一户多人口")
        .await
        .unwrap();
}

#[test]
fn the_change_of_terms_gives_what_asking_for_everybody_would() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 5).await;
        let plain = Lake::in_folder(&world.folder.path().join("plain")).unwrap();
        let ctx = world.works.ctx(&world.actor, "test");
        settle_and_compare(&world, &plain, day(1, 1)).await;
        settle_and_compare(&world, &plain, day(1, 2)).await;
        let files = async || {
            let mut tx = world.works.db.read().await.unwrap();
            let all = store::lake_files_between(&mut tx, ORG, "terms", day(1, 1), day(12, 31));
            all.await.unwrap().len()
        };
        assert_eq!(files().await, 1, "a night without changes writes no terms");

        // One agreement changes on the 4th, known beforehand; one ends; a meter is exchanged, a
        // meter goes and none comes; somebody moves to another 台区; one day is known late.
        let mut tx = world.works.db.begin().await.unwrap();
        change_agreement(&ctx, &mut tx, world.points[0], day(1, 4)).await;
        let ends = running(&mut tx, world.points[1].1).await;
        let at = (ends.id, ends.version);
        agreements::end(&ctx, &mut tx, ORG, at, day(1, 5), "销户").await.unwrap();
        let new = meters::register(&ctx, &mut tx, ORG, &meter("NEW")).await.unwrap();
        let point = world.points[2].1;
        let place = Placement {
            meter: new,
            usage_point: point,
            ratio: Ratio::new(30, 1).unwrap(),
            on: day(1, 5),
            opening: registers(0),
        };
        let closing = (&registers(10_100), "轮换");
        meters::exchange(&ctx, &mut tx, ORG, closing, &place).await.unwrap();
        tx.commit().await.unwrap();
        settle_and_compare(&world, &plain, day(1, 3)).await;
        assert_eq!(files().await, 1, "what is due later waits");
        settle_and_compare(&world, &plain, day(1, 4)).await;
        settle_and_compare(&world, &plain, day(1, 5)).await;
        assert_eq!(files().await, 3);

        let mut tx = world.works.db.begin().await.unwrap();
        let point = world.points[3].1;
        let gone = (day(1, 2), &registers(10_000), "拆表");
        meters::remove(&ctx, &mut tx, ORG, point, gone).await.unwrap();
        network::load_network(&mut tx, ORG, &other_area()).await.unwrap();
        let areas = network::transformer_areas(&ctx, &mut tx, ORG, &Page::first()).await.unwrap();
        let area = areas.items.iter().find(|area| area.code == "TQ2").unwrap().id;
        let command = MoveUsagePoint {
            org: ORG,
            usage_point: world.points[4].1,
            version: 1,
            transformer_area: area,
            on: day(1, 6),
            reason: "台区割接".into(),
        };
        move_usage_point(&ctx, &mut tx, command).await.unwrap();
        tx.commit().await.unwrap();
        settle_and_compare(&world, &plain, day(1, 6)).await;
        assert_eq!(files().await, 4);
        settle_and_compare(&world, &plain, day(1, 7)).await;
    });
}

fn other_area() -> network::Network {
    network::Network {
        substations: Vec::new(),
        feeders: Vec::new(),
        areas: vec![network::NewTransformerArea {
            feeder: "F1".into(),
            code: "TQ2".into(),
            name: "柳河二号台区".into(),
            capacity_ukva: 400_000_000,
            manager_user: None,
        }],
    }
}
