//! Rights follow the organisation tree, and nobody rises by giving.

use access::{
    AccessError, Actor, EditRole, GrantRole, NewOrganisation, NewStaff, Password, Right, Scope,
};
use kernel::Id;
use store::{Verdict, audit_of_actor};

use crate::house::{House, PASSWORD, assert_denied, each, organisation};

#[test]
fn a_right_holds_below_where_it_was_given_and_nowhere_else() {
    each(async |house| {
        house.hire("li", "billing_clerk", house.east).await;
        let li = house.sign_in("li").await;
        for (org, may) in
            [(house.east, true), (house.station, true), (house.west, false), (house.root, false)]
        {
            assert_eq!(li.actor.may(Right::BillIssue, org), may);
        }
        assert!(!li.actor.may(Right::UserManage, house.east));
        let orgs: Vec<Id> = li.actor.scope(Right::BillIssue).orgs().unwrap().collect();
        assert_eq!(orgs, [house.east, house.station]);
        assert_eq!(li.actor.scope(Right::UserManage), Scope::nowhere());
        assert!(li.actor.rights().contains(&Right::BillIssue));
        assert_eq!(Actor::program("job:x").scope(Right::BillIssue), Scope::Everywhere);

        // What was refused is found in the audit trail, though its transaction was dropped.
        let ctx = house.ctx(&li.actor);
        ctx.require(Right::BillIssue, house.station).unwrap();
        assert_denied(ctx.require(Right::BillIssue, house.west));
        access::write_refusals(&ctx, house.db()).await.unwrap();
        access::write_refusals(&ctx, house.db()).await.unwrap();
        let mut tx = house.db().read().await.unwrap();
        let end = Id::from_i64(i64::MAX);
        let rows = audit_of_actor(&mut tx, li.actor.name(), end, 10).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].outcome, rows[0].action.as_str()), (Verdict::Refused, "bill.issue"));
        assert_eq!(rows[0].org, house.west);
    });
}

#[test]
fn rights_move_with_the_tree() {
    each(async |house| {
        house.hire("li", "billing_clerk", house.west).await;
        assert!(!house.sign_in("li").await.actor.may(Right::BillRead, house.station));
        let program = Actor::program("test");
        let ctx = house.ctx(&program);
        let mut tx = house.db().begin().await.unwrap();
        let deep = organisation(&ctx, &mut tx, Some(house.station), "33010101").await;
        access::move_organisation(&ctx, &mut tx, house.station, house.west).await.unwrap();
        let ring = access::move_organisation(&ctx, &mut tx, house.west, deep).await;
        assert!(matches!(ring, Err(AccessError::State(_))), "{ring:?}");
        let root = access::move_organisation(&ctx, &mut tx, house.root, deep).await;
        assert!(matches!(root, Err(AccessError::State(_))), "{root:?}");
        let above = access::organisations_above(&mut tx, deep).await.unwrap();
        let above: Vec<Id> = above.iter().map(|o| o.id).collect();
        assert_eq!(above, [house.root, house.west, house.station, deep]);
        let below = access::organisations_below(&mut tx, house.east).await.unwrap();
        assert_eq!(below.len(), 1);
        tx.commit().await.unwrap();
        let li = house.sign_in("li").await;
        assert!(li.actor.may(Right::BillRead, deep) && !li.actor.may(Right::BillRead, house.east));
    });
}

async fn grant(
    house: &House,
    by: &Actor,
    staff: Id,
    role: &str,
    org: Id,
) -> Result<(), AccessError> {
    let ctx = house.ctx(by);
    let mut tx = house.db().begin().await.unwrap();
    let role = access::role_by_code(&mut tx, role).await.unwrap().unwrap().id;
    access::grant_role(&ctx, &mut tx, GrantRole { staff, role, org }).await?;
    tx.commit().await.unwrap();
    Ok(())
}

#[test]
fn nobody_gives_what_they_do_not_hold() {
    each(async |house| {
        house.hire("east.admin", "administrator", house.east).await;
        let clerk = house.hire("clerk", "billing_clerk", house.station).await;
        let chief = house.hire("chief", "manager", house.root).await;
        let admin = house.sign_in("east.admin").await.actor;

        grant(&house, &admin, clerk, "agent", house.east).await.unwrap();
        let twice = grant(&house, &admin, clerk, "agent", house.east).await;
        assert!(matches!(twice, Err(AccessError::State(_))), "{twice:?}");
        assert_denied(grant(&house, &admin, clerk, "agent", house.root).await);
        assert_denied(grant(&house, &admin, clerk, "agent", house.west).await);
        // Not even at home, to one who belongs elsewhere.
        assert_denied(grant(&house, &admin, chief, "agent", house.east).await);
        let clerk_actor = house.sign_in("clerk").await.actor;
        assert_denied(grant(&house, &clerk_actor, clerk, "administrator", house.station).await);

        // One who manages users but lacks a right cannot hand that right out.
        let program = Actor::program("test");
        let ctx = house.ctx(&program);
        let mut tx = house.db().begin().await.unwrap();
        let edit = EditRole {
            code: "user_admin",
            name_zh: "用户管理员",
            name_en: "User administrator",
            rights: &[Right::UserManage, Right::CustomerRead],
        };
        access::save_role(&ctx, &mut tx, house.root, edit).await.unwrap();
        tx.commit().await.unwrap();
        house.hire("helper", "user_admin", house.east).await;
        let helper = house.sign_in("helper").await.actor;
        assert_denied(grant(&house, &helper, clerk, "manager", house.east).await);
        grant(&house, &helper, clerk, "user_admin", house.east).await.unwrap();
        // Nor take over one who may do more by giving them a new password.
        let ctx = house.ctx(&helper);
        let mut tx = house.db().begin().await.unwrap();
        let admin_id = admin.staff_id().unwrap();
        let taken = access::reset_password(&ctx, &mut tx, admin_id, Password::new(PASSWORD)).await;
        assert_denied(taken);
        drop(tx);
        // Nor write more into a role than they hold.
        let ctx = house.ctx(&admin);
        let mut tx = house.db().begin().await.unwrap();
        assert_denied(access::save_role(&ctx, &mut tx, house.root, edit).await);
    });
}

#[test]
fn a_changed_role_changes_what_its_holders_may_do() {
    each(async |house| {
        house.hire("li", "agent", house.east).await;
        let program = Actor::program("test");
        let ctx = house.ctx(&program);
        let mut tx = house.db().begin().await.unwrap();
        let edit = EditRole {
            code: "agent",
            name_zh: "客服专员",
            name_en: "Agent",
            rights: &[Right::TariffRead],
        };
        access::save_role(&ctx, &mut tx, house.root, edit).await.unwrap();
        // A new start of the program does not undo what an administrator has decided.
        access::ensure_default_roles(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(house.sign_in("li").await.actor.rights(), [Right::TariffRead]);
    });
}

#[test]
fn fields_are_checked_and_codes_are_unique() {
    each(async |house| {
        let program = Actor::program("test");
        let ctx = house.ctx(&program);
        for (parent, code, expected) in [
            (Some(house.root), "3301", "in use"),
            (Some(house.root), " ", "1 to 40"),
            (Some(Id::from_i64(99)), "x", "no such"),
            (None, "x", "root"),
        ] {
            let mut tx = house.db().begin().await.unwrap();
            let new = NewOrganisation { parent, code, name_zh: "局", name_en: "B" };
            let found = access::create_organisation(&ctx, &mut tx, new).await.unwrap_err();
            assert!(found.to_string().contains(expected), "{found}");
        }
        let new = NewStaff {
            org: house.east,
            login: "LI",
            name: "李",
            password: Password::new(PASSWORD),
            must_change: false,
        };
        house.hire("li", "agent", house.east).await;
        let mut tx = house.db().begin().await.unwrap();
        let found = access::create_staff(&ctx, &mut tx, new).await.unwrap_err();
        assert!(matches!(found, AccessError::Taken { .. }), "{found}");
    });
}
