//! Every statement of the area on both engines.

use crate::world::each;

#[test]
fn every_statement_fits_the_tables_of_both_engines() {
    each(|test| async move {
        store::testing::check_statements(&test.db, registry::STATEMENTS).await;
        store::testing::check_insert::<registry::Person>(&test.db, "person").await;
        store::testing::check_insert::<registry::Identity>(&test.db, "person_identity").await;
        store::testing::check_insert::<registry::ContactPoint>(&test.db, "contact_point").await;
        store::testing::check_insert::<registry::Consent>(&test.db, "consent").await;
        store::testing::check_insert::<registry::PersonMerge>(&test.db, "person_merge").await;
        store::testing::check_insert::<registry::Account>(&test.db, "account").await;
        store::testing::check_insert::<registry::ServiceLocation>(&test.db, "service_location")
            .await;
        store::testing::check_insert::<registry::UsagePoint>(&test.db, "usage_point").await;
        store::testing::check_insert::<registry::TransformerArea>(&test.db, "transformer_area")
            .await;
        store::testing::check_insert::<registry::Mark>(&test.db, "mark").await;
    });
}
