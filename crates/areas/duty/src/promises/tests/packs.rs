//! A law changes: what it touches is shown first, verdicts stay.

use super::{World, at, each};
use crate::promises::{ApplyTo, State, touched_by};

fn national(hours: &str) -> String {
    let (_, text) = promise::bundled::DOCUMENTS
        .iter()
        .find(|(name, _)| name.ends_with("national.toml"))
        .unwrap();
    let changed = text.replace("limit = 24\nunit = \"hours\"", hours);
    assert_ne!(&changed, text);
    changed
}

async fn cut_removed(world: &World, subject: i64) -> crate::promises::PromiseRow {
    world.open("supply.cut_cause_removed", &[], subject, None).await.remove(0)
}

#[test]
fn a_new_limit_shows_the_open_promises_it_touches_and_leaves_verdicts_alone() {
    each(|world| async move {
        // B-18: from 24 hours to 12.
        world.now("2026-03-10T08:00");
        let kept = cut_removed(&world, 1).await;
        let open = cut_removed(&world, 2).await;
        world.now("2026-03-11T07:00");
        world.keep(kept.id).await.unwrap();
        let text = national("limit = 12\nunit = \"hours\"");
        let mut tx = world.test.db.begin().await.unwrap();
        let touched = touched_by(&world.ctx(), &mut tx, &world.books, (world.root, &text), 100)
            .await
            .unwrap();
        drop(tx);
        assert_eq!(touched.len(), 1);
        assert_eq!(touched[0].promise, open.id);
        assert_eq!(touched[0].due_at, Some(at("2026-03-11T08:00")));
        assert_eq!(touched[0].new_due_at, Some(at("2026-03-10T20:00")));

        assert_eq!(world.publish(&text, ApplyTo::NewOnly).await, 0);
        assert_eq!(world.story(open.id).await.promise.due_at, Some(at("2026-03-11T08:00")));
        let new = cut_removed(&world, 3).await;
        assert_eq!(new.due_at, Some(at("2026-03-11T19:00")));

        assert_eq!(world.publish(&text, ApplyTo::OpenToo).await, 1);
        let moved = world.story(open.id).await;
        assert_eq!(moved.promise.state, State::Broken, "19 hours are more than 12");
        assert_eq!(moved.rule.limit.amount, 12);
        let kept = world.story(kept.id).await;
        assert_eq!((kept.promise.state, kept.rule.limit.amount), (State::Kept, 24));
    });
}

#[test]
fn pauses_survive_a_change_of_rule() {
    each(|world| async move {
        world.now("2026-03-10T08:00");
        let id = cut_removed(&world, 1).await.id;
        world.now("2026-03-10T09:00");
        world.pause(id, "customer_side").await.unwrap();
        world.now("2026-03-10T19:00");
        world.resume(id, "customer_side").await.unwrap();
        assert_eq!(
            world.publish(&national("limit = 48\nunit = \"hours\""), ApplyTo::OpenToo).await,
            1
        );
        let story = world.story(id).await;
        // 48 hours and the ten that it stood.
        assert_eq!(story.promise.due_at, Some(at("2026-03-12T18:00")));
        assert_eq!(story.pauses.len(), 1);
    });
}

#[test]
fn a_company_without_packs_lives_by_what_everybody_is_held_to() {
    each(|world| async move {
        let mut tx = world.test.db.begin().await.unwrap();
        let elsewhere = kernel::Id::from_i64(99);
        let book = world.books.of(&mut tx, elsewhere).await.unwrap();
        let ids: Vec<&str> = book.library.packs().iter().map(|pack| pack.id.as_str()).collect();
        assert_eq!(ids, ["generic", "national"]);
        let own = world.books.of(&mut tx, world.org).await.unwrap();
        assert_eq!(own.library.packs().len(), 3, "a station has those of its company");
    });
}

#[test]
fn a_pack_with_a_mistake_is_not_published() {
    each(|world| async move {
        let mut tx = world.test.db.begin().await.unwrap();
        let text = national("limit = 0\nunit = \"hours\"");
        let ctx = world.ctx();
        let refused = crate::promises::publish_pack(
            &ctx,
            &mut tx,
            &world.books,
            (world.root, &text),
            ApplyTo::NewOnly,
        );
        assert!(refused.await.is_err());
    });
}
