//! Keys for programs.

use access::{AccessError, NewToken, Right};

use crate::house::{assert_denied, each};

#[test]
fn a_key_does_what_it_was_made_for_until_it_ends_or_is_revoked() {
    each(async |house| {
        house.hire("admin", "administrator", house.east).await;
        let admin = house.sign_in("admin").await.actor;
        let ctx = house.ctx(&admin);
        let day = |days: i64| house.db().now().plus_seconds(days * 24 * 3_600);
        let new = NewToken {
            org: house.east,
            name: "AMI",
            rights: &[Right::ReadingImport, Right::ReadingRead],
            expires_at: day(30),
        };
        let mut tx = house.db().begin().await.unwrap();
        let issued = access::create_token(&ctx, &mut tx, new).await.unwrap();
        let other = access::create_token(&ctx, &mut tx, new).await.unwrap();
        assert_denied(
            access::create_token(&ctx, &mut tx, NewToken { org: house.west, ..new }).await,
        );
        for bad in [
            NewToken { rights: &[], ..new },
            NewToken { rights: &[Right::TokenManage], ..new },
            NewToken { expires_at: day(0), ..new },
            NewToken { expires_at: day(800), ..new },
            NewToken { name: " ", ..new },
        ] {
            let found = access::create_token(&ctx, &mut tx, bad).await;
            assert!(matches!(found, Err(AccessError::Invalid { .. })), "{found:?}");
        }
        tx.commit().await.unwrap();
        assert!(access::is_program_token(&issued.token));
        assert!(!format!("{issued:?}").contains(&issued.token));

        let known = access::recognise(house.db(), &issued.token).await.unwrap().unwrap();
        assert_eq!(known.actor.rights(), [Right::ReadingRead, Right::ReadingImport]);
        assert!(known.actor.may(Right::ReadingImport, house.station));
        assert!(!known.actor.may(Right::ReadingImport, house.west));
        assert!(!known.actor.may(Right::BillRead, house.east));
        assert_eq!(known.actor.name(), format!("token:{}", issued.id));

        let mut tx = house.db().begin().await.unwrap();
        access::revoke_token(&ctx, &mut tx, issued.id).await.unwrap();
        assert!(access::revoke_token(&ctx, &mut tx, issued.id).await.is_err());
        assert_eq!(access::tokens_of(&mut tx, house.root).await.unwrap().len(), 2);
        tx.commit().await.unwrap();
        assert_eq!(access::recognise(house.db(), &issued.token).await.unwrap(), None);
        assert!(access::recognise(house.db(), &other.token).await.unwrap().is_some());
        house.t.clock.advance_seconds(30 * 24 * 3_600);
        assert_eq!(access::recognise(house.db(), &other.token).await.unwrap(), None);
    });
}
