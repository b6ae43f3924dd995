//! Signing in and out: passwords, locks, sessions, one-time codes.

use access::{AccessError, Actor, NewStaff, Password, Right, TRIES_MAX};
use kernel::Id;
use store::{Verdict, audit_of_object};

use crate::house::{House, PASSWORD, each};

const ACCOUNT: Id = Id::from_i64(4_242);

#[test]
fn a_session_ends_when_idle_and_at_its_absolute_end() {
    each(async |house| {
        house.hire("li", "agent", house.east).await;
        let token = house.try_sign_in(" LI ", PASSWORD).await.unwrap();
        // In use all day, it ends after twelve hours all the same.
        for _ in 0..35 {
            house.t.clock.advance_seconds(20 * 60);
            let known = access::recognise(house.db(), &token).await.unwrap().unwrap();
            assert_eq!(known.login, "li");
        }
        house.t.clock.advance_seconds(20 * 60);
        assert_eq!(access::recognise(house.db(), &token).await.unwrap(), None);

        let token = house.try_sign_in("li", PASSWORD).await.unwrap();
        house.t.clock.advance_seconds(31 * 60);
        assert_eq!(access::recognise(house.db(), &token).await.unwrap(), None);
        let mut tx = house.db().begin().await.unwrap();
        assert_eq!(access::end_expired(&mut tx).await.unwrap(), 2);
        assert_eq!(access::recognise(house.db(), "made up").await.unwrap(), None);
    });
}

#[test]
fn signing_out_ends_one_session_or_all() {
    each(async |house| {
        let li = house.hire("li", "agent", house.east).await;
        let (a, b) = (
            house.try_sign_in("li", PASSWORD).await.unwrap(),
            house.try_sign_in("li", PASSWORD).await.unwrap(),
        );
        let mut tx = house.db().begin().await.unwrap();
        access::sign_out(&mut tx, &a).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(access::recognise(house.db(), &a).await.unwrap(), None);
        let me = access::recognise(house.db(), &b).await.unwrap().unwrap().actor;
        let mut tx = house.db().begin().await.unwrap();
        assert_eq!(access::sessions_of_staff(&mut tx, li).await.unwrap().len(), 1);
        let ctx = house.ctx(&me);
        assert_eq!(access::sign_out_everywhere(&ctx, &mut tx, li).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(access::recognise(house.db(), &b).await.unwrap(), None);
    });
}

#[test]
fn five_failures_lock_the_login_even_for_the_right_password() {
    each(async |house| {
        let li = house.hire("li", "agent", house.east).await;
        for _ in 1..TRIES_MAX {
            assert_eq!(house.try_sign_in("li", "wrong password").await, None);
        }
        assert!(house.try_sign_in("li", PASSWORD).await.is_some(), "a success starts anew");
        for _ in 0..TRIES_MAX {
            assert_eq!(house.try_sign_in("li", "wrong password").await, None);
        }
        assert_eq!(house.try_sign_in("li", PASSWORD).await, None);
        assert_eq!(house.try_sign_in("nobody", PASSWORD).await, None);
        assert_eq!(house.try_sign_in("'; DROP TABLE staff; --", PASSWORD).await, None);
        house.t.clock.advance_seconds(access::LOCKED_S);
        assert!(house.try_sign_in("li", PASSWORD).await.is_some());
        let mut tx = house.db().read().await.unwrap();
        let end = Id::from_i64(i64::MAX);
        let rows = audit_of_object(&mut tx, &format!("user:{li}"), end, 99).await.unwrap();
        let refused = rows.iter().filter(|r| r.outcome == Verdict::Refused).count();
        assert_eq!(i64::try_from(refused).unwrap(), 2 * TRIES_MAX);
    });
}

#[test]
fn who_must_choose_a_password_can_do_nothing_else() {
    each(async |house| {
        let program = Actor::program("test");
        let li = house.hire("li", "administrator", house.east).await;
        let mut tx = house.db().begin().await.unwrap();
        let given = Password::new("from the administrator");
        access::reset_password(&house.ctx(&program), &mut tx, li, given).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(house.try_sign_in("li", PASSWORD).await, None);
        let token = house.try_sign_in("li", "from the administrator").await.unwrap();
        let known = access::recognise(house.db(), &token).await.unwrap().unwrap();
        assert!(known.must_change && known.actor.rights().is_empty());

        let ctx = house.ctx(&known.actor);
        let change = async |present: &str, chosen: &str| {
            let mut tx = house.db().begin().await.unwrap();
            let (present, chosen) = (Password::new(present), Password::new(chosen));
            access::change_password(&ctx, &mut tx, present, chosen).await?;
            tx.commit().await.unwrap();
            Ok::<(), AccessError>(())
        };
        assert!(change("wrong", PASSWORD).await.is_err());
        assert!(change("from the administrator", "short").await.is_err());
        assert!(change("from the administrator", "from the administrator").await.is_err());
        change("from the administrator", PASSWORD).await.unwrap();
        assert_eq!(access::recognise(house.db(), &token).await.unwrap(), None);
        assert!(house.sign_in("li").await.actor.may(Right::UserManage, house.station));
    });
}

#[test]
fn a_disabled_person_is_out_at_once() {
    each(async |house| {
        let li = house.hire("li", "administrator", house.east).await;
        let boss = house.hire("boss", "administrator", house.root).await;
        let token = house.try_sign_in("li", PASSWORD).await.unwrap();
        let boss_actor = house.sign_in("boss").await.actor;
        let ctx = house.ctx(&boss_actor);
        let mut tx = house.db().begin().await.unwrap();
        access::disable_staff(&ctx, &mut tx, li).await.unwrap();
        let myself = access::disable_staff(&ctx, &mut tx, boss).await;
        assert!(matches!(myself, Err(AccessError::State(_))), "{myself:?}");
        tx.commit().await.unwrap();
        assert_eq!(access::recognise(house.db(), &token).await.unwrap(), None);
        assert_eq!(house.try_sign_in("li", PASSWORD).await, None);
        let mut tx = house.db().begin().await.unwrap();
        access::enable_staff(&ctx, &mut tx, li).await.unwrap();
        let listed = access::staff_of(&mut tx, house.root, "", 10).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(listed.iter().map(|s| s.login.as_str()).collect::<Vec<_>>(), ["boss", "li"]);
        assert!(house.try_sign_in("li", PASSWORD).await.is_some());
    });
}

#[test]
fn programs_and_visitors_make_no_staff_without_the_right() {
    each(async |house| {
        let visitor = Actor::visitor();
        let mut tx = house.db().begin().await.unwrap();
        let new = NewStaff {
            org: house.root,
            login: "x1",
            name: "x",
            password: Password::new(PASSWORD),
            must_change: false,
        };
        let found = access::create_staff(&house.ctx(&visitor), &mut tx, new).await;
        crate::house::assert_denied(found);
    });
}

async fn ask(house: &House) -> Result<access::IssuedCode, AccessError> {
    let visitor = Actor::visitor();
    let mut tx = house.db().begin().await.unwrap();
    let code = access::request_code(&house.ctx(&visitor), &mut tx, house.east, ACCOUNT).await?;
    tx.commit().await.unwrap();
    Ok(code)
}

async fn enter(house: &House, ticket: Id, code: &str) -> Option<String> {
    let visitor = Actor::visitor();
    let ctx = house.ctx(&visitor);
    let mut tx = house.db().begin().await.unwrap();
    let session =
        access::sign_in_with_code(&ctx, &mut tx, ticket, code, "127.0.0.1 phone").await.unwrap();
    tx.commit().await.unwrap();
    session.map(|s| s.token)
}

#[test]
fn a_customer_signs_in_once_with_a_code_and_sees_their_own_account_only() {
    each(async |house| {
        let issued = ask(&house).await.unwrap();
        let token = enter(&house, issued.ticket, &format!(" {} ", issued.code)).await.unwrap();
        assert_eq!(enter(&house, issued.ticket, &issued.code).await, None, "a code works once");
        let known = access::recognise(house.db(), &token).await.unwrap().unwrap();
        assert_eq!(known.actor.account(), Some(ACCOUNT));
        assert_eq!(known.actor.name(), "customer:4242");
        let ctx = house.ctx(&known.actor);
        ctx.require_own(Right::BillRead, house.east, ACCOUNT).unwrap();
        assert!(ctx.require_own(Right::BillRead, house.east, Id::from_i64(4_243)).is_err());
        assert!(ctx.require(Right::BillRead, house.east).is_err());
        // A phone used daily stays signed in, at most a month.
        for _ in 0..29 {
            house.t.clock.advance_seconds(24 * 3_600);
            assert!(access::recognise(house.db(), &token).await.unwrap().is_some());
        }
        house.t.clock.advance_seconds(24 * 3_600);
        assert_eq!(access::recognise(house.db(), &token).await.unwrap(), None);
    });
}

#[test]
fn a_code_dies_by_time_by_tries_and_by_the_next_one() {
    each(async |house| {
        let wrong = |code: &str| if code == "000000" { "000001" } else { "000000" };
        let issued = ask(&house).await.unwrap();
        for _ in 0..5 {
            assert_eq!(enter(&house, issued.ticket, wrong(&issued.code)).await, None);
        }
        assert_eq!(enter(&house, issued.ticket, &issued.code).await, None, "after five tries");

        let second = ask(&house).await.unwrap();
        let third = ask(&house).await.unwrap();
        assert_eq!(enter(&house, second.ticket, &second.code).await, None, "after the next");
        assert_eq!(enter(&house, second.ticket, &third.code).await, None, "with another ticket");
        house.t.clock.advance_seconds(5 * 60);
        assert_eq!(enter(&house, third.ticket, &third.code).await, None, "after five minutes");

        let found = ask(&house).await.unwrap_err();
        assert!(matches!(found, AccessError::TooOften { .. }), "{found}");
        house.t.clock.advance_seconds(5 * 60);
        let fourth = ask(&house).await.unwrap();
        assert!(enter(&house, fourth.ticket, &fourth.code).await.is_some());
    });
}
