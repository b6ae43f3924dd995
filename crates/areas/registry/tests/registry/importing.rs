//! Customers from files: wrong lines are named, the good ones kept or the whole refused, and an
//! import that was cut off is run again.

use access::{Actor, Ctx};
use kernel::{Fault, FaultKind};
use registry::{
    import::{CustomerFile, ImportReport, OnFault, import_customers},
    network::load_network,
};
use store::{Db, testing::TestDb};

use crate::world::{ORG, each, network, with_actor, with_ctx};

const HEADING: &str = "户号,户名,用电地址,用电类别,供电电压,立户日期,台区编号\n";

fn lines(range: std::ops::Range<usize>) -> String {
    range
        .map(|n| format!("42{n:08},王芳,柳河镇阳光花园{n}栋1室,居民,220V,2024-01-05,TQ1\n"))
        .collect()
}

async fn import(db: &Db, text: &str, on_fault: OnFault) -> ImportReport {
    with_ctx(async |ctx: &Ctx<'_>| {
        let file = CustomerFile::open(text.as_bytes()).unwrap();
        import_customers(ctx, db, ORG, file, on_fault, |_| {}).await.unwrap()
    })
    .await
}

async fn count(test: &TestDb) -> i64 {
    let mut tx = test.db.read().await.unwrap();
    tx.fetch_one("count", "SELECT COUNT(*) FROM usage_point", &[]).await.unwrap()
}

async fn with_network(test: &TestDb) {
    let mut tx = test.db.begin().await.unwrap();
    load_network(&mut tx, ORG, &network()).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn good_lines_are_kept_or_the_whole_is_refused_as_the_person_chose() {
    each(|test| async move {
        with_network(&test).await;
        let wrong = "4299999999,李四,老街1号,居民,220V,2024-01-05,TQ9\n4299999998,李四,老街1号,宫殿,220V,昨天,\n";
        let text = format!("{HEADING}{}{wrong}{}", lines(0..3), lines(3..5));
        let report = import(&test.db, &text, OnFault::RefuseWhole).await;
        assert_eq!((report.lines, report.added, report.refused), (7, 0, 2));
        assert_eq!(count(&test).await, 0);

        let report = import(&test.db, &text, OnFault::KeepGood).await;
        assert_eq!((report.lines, report.added, report.present, report.refused), (7, 5, 0, 2));
        let mut named: Vec<String> = report.faults.iter().map(ToString::to_string).collect();
        named.sort();
        assert!(
            named[0].starts_with("line 5: transformer_area: there is no 台区 TQ9"),
            "{named:?}"
        );
        assert!(named[1].starts_with("line 6: class: "), "{named:?}");
        assert!(named[1].contains("; opened_on: "), "{named:?}");

        let mended = format!("{HEADING}{}", lines(0..6));
        let report = import(&test.db, &mended, OnFault::RefuseWhole).await;
        assert_eq!((report.added, report.present), (1, 5));
        assert_eq!(count(&test).await, 6);
    });
}

#[test]
fn an_import_that_was_cut_off_is_run_again() {
    each(|test| async move {
        with_network(&test).await;
        let whole = format!("{HEADING}{}", lines(0..300));
        let cut = &whole[..whole.find("4200000200").unwrap() + 6];
        let first = import(&test.db, cut, OnFault::KeepGood).await;
        assert_eq!((first.added, first.refused), (200, 1));
        let again = import(&test.db, &whole, OnFault::KeepGood).await;
        assert_eq!((again.added, again.present, again.refused), (100, 200, 0));
        let nothing = import(&test.db, &whole, OnFault::KeepGood).await;
        assert_eq!((nothing.added, nothing.present), (0, 300));
    });
}

#[test]
fn nobody_imports_without_the_right() {
    each(|test| async move {
        with_actor(Actor::visitor(), async |ctx: &Ctx<'_>| {
            let text = format!("{HEADING}{}", lines(0..1));
            let file = CustomerFile::open(text.as_bytes()).unwrap();
            let error = import_customers(ctx, &test.db, ORG, file, OnFault::KeepGood, |_| {}).await;
            assert_eq!(error.unwrap_err().kind(), FaultKind::Denied);
        })
        .await;
        assert_eq!(count(&test).await, 0);
    });
}
