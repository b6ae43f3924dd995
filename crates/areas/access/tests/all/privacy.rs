//! Personal data in clear: only with the right and a purpose, and always in the audit trail.

use access::{AccessError, Reveal};
use kernel::Id;
use store::audit_of_object;

use crate::house::{assert_denied, each};

#[test]
fn a_look_at_personal_data_needs_a_purpose_and_leaves_a_trace() {
    each(async |house| {
        house.hire("agent", "agent", house.east).await;
        house.hire("clerk", "billing_clerk", house.east).await;
        let agent = house.sign_in("agent").await.actor;
        let clerk = house.sign_in("clerk").await.actor;
        let wish = Reveal {
            org: house.station,
            object: "person:9",
            fields: &["phone"],
            purpose: "客户来电核实停电地址",
        };
        let mut tx = house.db().begin().await.unwrap();
        assert_denied(access::reveal(&house.ctx(&clerk), &mut tx, wish).await);
        let ctx = house.ctx(&agent);
        assert_denied(access::reveal(&ctx, &mut tx, Reveal { org: house.west, ..wish }).await);
        for bad in [Reveal { purpose: " ", ..wish }, Reveal { fields: &[], ..wish }] {
            let found = access::reveal(&ctx, &mut tx, bad).await;
            assert!(matches!(found, Err(AccessError::Invalid { .. })), "{found:?}");
        }
        let clearance = access::reveal(&ctx, &mut tx, wish).await.unwrap();
        tx.commit().await.unwrap();
        assert!(clearance.covers("person:9", "phone"));
        assert!(!clearance.covers("person:9", "address") && !clearance.covers("person:8", "phone"));
        let mut tx = house.db().read().await.unwrap();
        let end = Id::from_i64(i64::MAX);
        let rows = audit_of_object(&mut tx, "person:9", end, 9).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].purpose.as_deref(), Some("客户来电核实停电地址"));
        assert_eq!(rows[0].actor, agent.name());
    });
}
