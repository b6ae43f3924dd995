//! Every statement of this area fits both engines.

use store::testing::{TestDb, check_insert, check_statements};

#[test]
fn every_statement_fits_both_engines() {
    TestDb::each(access::MIGRATIONS, async |t| {
        check_statements(&t.db, access::STATEMENTS).await;
        check_insert::<access::Organisation>(&t.db, "organisation").await;
        check_insert::<access::Staff>(&t.db, "staff").await;
        check_insert::<access::Role>(&t.db, "role").await;
        check_insert::<access::Grant>(&t.db, "role_grant").await;
    });
}
