//! T-08: a meter exchanged in the middle of a month, with ratio 40.

use kernel::{Id, Ratio};
use store::testing::TestDb;
use supply::{
    meters::{self, Placement},
    readings::{self, BadRows},
};

use crate::world::{ORG, World, day, meter, migrations, registers};

#[test]
fn energy_is_continuous_across_an_exchange() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        let point = world.points[0].1;
        let ctx = world.works.ctx(&world.actor, "test");
        let mut tx = world.works.db.begin().await.unwrap();
        // The household's meter goes; one behind transformers of ratio 40 comes on 2 January.
        meters::remove(&ctx, &mut tx, ORG, point, (day(1, 2), &registers(10_000), "换表"))
            .await
            .unwrap();
        let ratio = Ratio::new(40, 1).unwrap();
        let place = |meter: Id, on, opening| Placement {
            meter,
            usage_point: point,
            ratio,
            on,
            opening: registers(opening),
        };
        let old = meters::register(&ctx, &mut tx, ORG, &meter("OLD")).await.unwrap();
        meters::install(&ctx, &mut tx, ORG, &place(old, day(1, 2), 152_346)).await.unwrap();
        let new = meters::register(&ctx, &mut tx, ORG, &meter("NEW")).await.unwrap();
        let closing = (&registers(154_102), "轮换");
        meters::exchange(&ctx, &mut tx, ORG, closing, &place(new, day(1, 15), 0)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(readings::deliver_exchanges(&world.works, &world.actor, ORG).await.unwrap(), 4);
        assert_eq!(readings::deliver_exchanges(&world.works, &world.actor, ORG).await.unwrap(), 0);
        let text = "usage_point,at,total\n4200000000,2026-02-01 00:00,62.5\n";
        world.import("a.csv", text, BadRows::RefuseWhole).await.unwrap();
        world.settle(day(1, 1), day(1, 31)).await;
        let sums = world.settled().await;
        let energy: i64 = sums.iter().map(|(_, energy, _)| energy).sum();
        assert_eq!(energy, 9_524_000_000, "(175.6 + 62.5) × 40 kWh");
    });
}
