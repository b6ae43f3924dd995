//! The board and the rows behind its figures.

use kernel::{Id, InstantPeriod};
use store::Page;

use super::{World, at, each};
use crate::promises::queries::{self, Filter};

async fn listed(world: &World, standing: &str) -> Vec<Id> {
    let mut ids = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut tx = world.test.db.read().await.unwrap();
        let page = Page::new(Some(2), cursor.as_deref()).unwrap();
        let opened = InstantPeriod::since(at("2026-03-01T00:00"));
        let filter = Filter { org: world.org, rule_id: "crew_arrival", standing, opened };
        let part = queries::listed(&world.ctx(), &mut tx, filter, &page).await.unwrap();
        ids.extend(part.items.iter().map(|row| row.subject));
        cursor = part.next;
        if cursor.is_none() {
            return ids;
        }
    }
}

#[test]
fn every_figure_of_the_board_is_the_length_of_its_list() {
    each(|world| async move {
        let mut ids = Vec::new();
        for (minute, subject) in (0..).zip(1..=7) {
            world.now(&format!("2026-03-10T19:{minute:02}"));
            ids.push(
                world.open("power.fault_reported", &[("area", "city")], subject, None).await[0].id,
            );
        }
        world.now("2026-03-10T19:10");
        world.keep(ids[0]).await.unwrap();
        world.pause(ids[1], "weather").await.unwrap();
        world.withdraw(ids[2]).await.unwrap();
        // Of the rest, opened at 19:03 to 19:06: the first is broken, the others are at risk.
        world.now("2026-03-10T19:48:30");
        world.reconcile().await;
        let mut tx = world.test.db.read().await.unwrap();
        let opened = InstantPeriod::since(at("2026-03-01T00:00"));
        let rows = queries::board(&world.ctx(), &mut tx, world.root, opened).await.unwrap();
        drop(tx);
        assert_eq!(rows.len(), 1);
        let row = &rows[0];
        assert_eq!((row.org, row.rule_id.as_str()), (world.org, "crew_arrival"));
        assert_eq!((row.kept, row.at_risk, row.broken), (1, 3, 1));
        assert_eq!((row.on_track, row.paused, row.withdrawn), (0, 1, 1));
        assert_eq!(row.unanswered, 1);
        let subjects = |ids: &[i64]| ids.iter().map(|id| Id::from_i64(*id)).collect::<Vec<_>>();
        assert_eq!(listed(&world, "kept").await, subjects(&[1]));
        assert_eq!(listed(&world, "at_risk").await, subjects(&[5, 6, 7]));
        assert_eq!(listed(&world, "broken").await, subjects(&[4]));
        assert_eq!(listed(&world, "paused").await, subjects(&[2]));
        assert_eq!(listed(&world, "").await.len(), 7);
        let mut tx = world.test.db.read().await.unwrap();
        let open = queries::unanswered(&world.ctx(), &mut tx, world.org, &Page::first()).await;
        assert_eq!(open.unwrap().items.len(), 1);
    });
}
