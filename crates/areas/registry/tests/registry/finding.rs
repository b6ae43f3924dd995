//! One box finds a customer by whatever the person knows.

use access::Ctx;
use registry::{
    network::load_network,
    premises::load_customers,
    search::{self, Found, MatchedBy, SEARCH_MAX},
};
use store::Tx;

use crate::world::{ORG, customer, each, form, network, settle_in, with_ctx};

/// Asks as a program that may see everything.
pub async fn search(tx: &mut Tx, org: kernel::Id, question: &str) -> Found {
    with_ctx(async |ctx: &Ctx<'_>| search::search(ctx, tx, org, question).await.unwrap()).await
}

/// The account numbers found, and by what the first was found.
async fn ask(tx: &mut Tx, question: &str) -> (Vec<String>, Option<MatchedBy>) {
    let found = search(tx, ORG, question).await;
    let by = found.hits.first().map(|h| h.matched_by);
    (found.hits.into_iter().map(|h| h.account_no).collect(), by)
}

#[test]
fn a_customer_is_found_by_whatever_people_say() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let loaded = settle_in(&mut tx).await;
        search::add_meter_terms(&mut tx, ORG, loaded[2].usage_point, "4230001 00012345")
            .await
            .unwrap();
        let (one, two, firm, village) = ("4200000001", "4200000002", "4200000003", "4200000004");
        for (question, expected, by) in [
            ("4200000002", vec![two], MatchedBy::Number),
            ("42000000", vec![one, two, firm, village], MatchedBy::NumberStart),
            ("138 1234 5678", vec![one], MatchedBy::Number),
            ("+8613812345678", vec![one], MatchedBy::Number),
            ("5678", vec![one], MatchedBy::NumberTail),
            ("027-87654321", vec![firm], MatchedBy::Number),
            ("423000100012345", vec![firm], MatchedBy::Number),
            ("12345", vec![firm], MatchedBy::NumberTail),
            ("张伟", vec![two, one], MatchedBy::Name),
            ("伟民", vec![one], MatchedBy::NamePart),
            ("华信", vec![firm], MatchedBy::NamePart),
            ("zhangwei", vec![two, one], MatchedBy::Name),
            ("ZW", vec![two, one], MatchedBy::Name),
            ("hxjx", vec![firm], MatchedBy::NamePart),
            ("lcc", vec![village], MatchedBy::Name),
            ("阳光花园", vec![two, one], MatchedBy::Place),
            ("阳光花园3栋502", vec![one], MatchedBy::Place),
            ("青山县阳光花园13-1-101", vec![two], MatchedBy::Place),
            ("yghy3", vec![one], MatchedBy::Place),
            ("人民大道66", vec![firm], MatchedBy::Place),
            ("李家村", vec![village], MatchedBy::Place),
            ("老粮站", vec![village], MatchedBy::Place),
            ("llz", vec![village], MatchedBy::Place),
            ("张伟 阳光花园3栋", vec![one], MatchedBy::Place),
            ("张 5678", vec![one], MatchedBy::NumberTail),
            ("zhang 502", vec![one], MatchedBy::NameStart),
        ] {
            let (found, found_by) = ask(&mut tx, question).await;
            assert_eq!(
                (found, found_by),
                (expected.iter().map(ToString::to_string).collect(), Some(by)),
                "{question}"
            );
        }
        for nothing in
            ["", " ", "4300", "张飞", "阳光花园4栋", "张伟 李家村", "%", "_", "'; --", "有限公司"]
        {
            assert_eq!(ask(&mut tx, nothing).await, (vec![], None), "{nothing}");
        }
    });
}

#[test]
fn results_are_masked_and_stay_in_their_organisation() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        settle_in(&mut tx).await;
        let found = search(&mut tx, ORG, "张伟民").await;
        assert_eq!((found.hits[0].name.as_str(), found.more), ("张**", false));
        assert_eq!(found.hits[0].address, "青山县柳河镇阳光花园3栋2单元***");
        let firm = search(&mut tx, ORG, "华信").await;
        assert_eq!(firm.hits[0].name, "湖北华信机械有限公司");
        let other = kernel::Id::from_i64(8);
        for question in ["张伟民", "4200000001", "阳光花园"] {
            assert_eq!(search(&mut tx, other, question).await.hits, []);
        }
    });
}

#[test]
fn a_vague_question_gives_twenty_and_says_that_there_are_more() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        load_network(&mut tx, ORG, &network()).await.unwrap();
        let many: Vec<_> = (0..300)
            .map(|n| {
                let address = format!("柳河镇阳光花园{}栋{}室", n / 10 + 1, n % 10 + 1);
                customer(&form(&format!("42{n:08}"), "王芳", &format!("139{n:08}"), &address))
            })
            .collect();
        load_customers(&mut tx, ORG, &many).await.unwrap();
        for vague in ["王", "wf", "阳光", "42", "139", "王芳 阳光花园"] {
            let found = search(&mut tx, ORG, vague).await;
            assert_eq!((found.hits.len(), found.more), (SEARCH_MAX, true), "{vague}");
        }
        let exact = search(&mut tx, ORG, "王芳 阳光花园7栋3室").await;
        assert_eq!((exact.hits.len(), exact.more), (1, false));
    });
}

#[test]
fn a_removed_meter_no_longer_leads_to_the_usage_point() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let point = settle_in(&mut tx).await[0].usage_point;
        search::add_meter_terms(&mut tx, ORG, point, "M-77001").await.unwrap();
        assert_eq!(ask(&mut tx, "m77001").await.0, ["4200000001"]);
        search::remove_meter_terms(&mut tx, ORG, point, "M-77001").await.unwrap();
        assert_eq!(ask(&mut tx, "m77001").await.0, Vec::<String>::new());
    });
}
