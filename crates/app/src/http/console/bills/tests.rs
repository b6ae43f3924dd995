//! Customers and bills through the real door, on a small bureau that lived for two months.

use std::sync::Arc;

use access::{Actor, Ctx, Password, SignIn};
use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, Method, Request, StatusCode, header},
};
use kernel::{Clock, Date, Id, ManualClock, Zone};
use store::{Db, Durability, Options, Page};
use supply::{
    AreaRules, Works,
    agreements::agreements_of_account,
    billing::bills_in_state,
    readings::{self, Worklist},
    settlement,
};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    demo::{Demo, PASSWORD},
    http::{self, Web, WebSetup},
    work::PortalCustomers,
};

store::statements! {
    /// Spoils the stored arithmetic of a bill, as a wrong tariff would have.
    run spoil(org: Id, bill: Id) =
        "UPDATE bill_line SET line = REPLACE(line, '\"rule\":\"', '\"rule\":\"old/')
          WHERE org = $1 AND bill = $2";
}

async fn sign_in(works: &Works, login: &str) -> String {
    let visitor = Actor::visitor();
    let ctx = Ctx::new(works.db.clock().as_ref(), &works.random, &visitor, "test");
    let attempt = SignIn { login, password: Password::new(PASSWORD), origin: "test" };
    access::sign_in(&ctx, &works.db, attempt).await.unwrap().unwrap().token
}

struct Bureau {
    web: Web,
    org: Id,
    token: String,
    _folder: TempDir,
}

impl Bureau {
    async fn open(login: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let zone = Zone::get("Asia/Shanghai").unwrap();
        let morning = zone.instant_of(Date::constant(2026, 8, 11).at(8, 0, 0, 0)).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(morning));
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let options = Options { durability: Durability::ProcessKill, ..Options::default() };
        let db = Db::open_with(&url, clock, options).await.unwrap();
        db.migrate(&crate::house::migrations()).await.unwrap();
        let works = Works {
            db,
            lake: lake::Lake::in_folder(&folder.path().join("lake")).unwrap(),
            rules: Arc::new(AreaRules::bundled("Asia/Shanghai").unwrap()),
            random: Arc::new(access::Randomness::from_number(7)),
        };
        let (first, last) = (Date::constant(2026, 6, 1), Date::constant(2026, 8, 10));
        let demo = Demo { seed: 3, customers: 30, first, last };
        let org = demo.make(&works, &|_, _, _| {}).await.unwrap();
        let token = sign_in(&works, login).await;
        let customers = Arc::new(PortalCustomers::new(&works.db, true));
        let setup =
            WebSetup { works, customers, https: false, upload_mib: 1, zone, nav: http::nav };
        Self { web: Web::new(setup), org, token, _folder: folder }
    }

    /// From here on another member of staff works.
    async fn goes_on_as(&mut self, login: &str) {
        self.token = sign_in(&self.web.works, login).await;
    }

    async fn send(&self, method: Method, path: &str, fields: Option<&str>) -> Answer {
        let cookies = format!("lamp_session={}; lamp_language=en", self.token);
        let request = Request::builder().method(method).uri(path).header(header::COOKIE, cookies);
        let form = |fields| format!("_csrf={}&{fields}", access::csrf_secret(&self.token));
        let mut request = request.body(Body::from(fields.map_or_else(String::new, form))).unwrap();
        if fields.is_some() {
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        let response = http::router(&self.web).oneshot(request).await.unwrap();
        let status = response.status();
        let to = response.headers().get(header::LOCATION).map(|v| v.to_str().unwrap().to_owned());
        let bytes = to_bytes(response.into_body(), 8_000_000).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status, to: to.unwrap_or_default(), text }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, fields: &str) -> Answer {
        self.send(Method::POST, path, Some(fields)).await
    }

    /// The first issued bill of July.
    async fn bill(&self) -> supply::billing::BillRow {
        let mut tx = self.web.works.db.read().await.unwrap();
        let (july, none) = (Date::constant(2026, 7, 1), Id::from_i64(0));
        let bills = bills_in_state(&mut tx, self.org, "issued", july, none, 1).await.unwrap();
        bills.into_iter().next().unwrap()
    }
}

struct Answer {
    status: StatusCode,
    to: String,
    text: String,
}

#[tokio::test]
async fn a_customer_is_found_told_and_billed_in_the_open() {
    let bureau = Bureau::open("billing").await;
    let bill = bureau.bill().await;
    let start = bureau.get("/console/customers").await;
    assert!(start.text.contains("Find a customer"), "{}", start.text);
    let code = bill.bill_no.split('-').nth(1).unwrap();
    let found = bureau.get(&format!("/console/customers?q={code}")).await;
    let story = format!("/console/customers/{}", bill.account);
    assert!(found.text.contains(&story), "{}", found.text);
    let nothing = bureau.get("/console/customers?q=zzzzqqqq%3Cb%3E").await;
    assert!(nothing.text.contains("No customer matches") && !nothing.text.contains("<b>"));

    let story = bureau.get(&story).await;
    assert_eq!(story.status, StatusCode::OK, "{}", story.text);
    for part in ["Use by day, 60 days", "Supply agreements", "Meters and exchanges", "Jul 2026"] {
        assert!(story.text.contains(part), "{part} is not in {}", story.text);
    }
    assert!(!story.text.contains("Show in clear"), "a billing clerk may not");

    let here = format!("/console/bills/{}", bill.id);
    let page = bureau.get(&here).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("Check: energy lines"), "lines and days must agree");
    assert!(!page.text.contains("Check failed"));
    assert!(page.text.contains("How this is computed") && page.text.contains("31\u{a0}Jul"));
    let by_number = bureau.get(&format!("/console/bills/{}", bill.bill_no)).await;
    assert_eq!(by_number.status, StatusCode::OK);

    let why = bureau.get(&format!("{here}/compare?with=previous")).await;
    assert!(why.text.contains("Jul 2026 against Jun 2026"), "{}", why.text);
    assert!(why.text.contains("The sum of the above, exactly"));
    let year = bureau.get(&format!("{here}/compare?with=last-year")).await;
    assert!(year.text.contains("no bill to compare with"));

    let again = bureau.post(&format!("{here}/recompute"), "").await;
    assert!(again.text.contains("Every line is the same"), "{}", again.text);
    let point = format!("/console/usage-points/{}/readings", bill.usage_point);
    let readings = bureau.get(&format!("{point}?from=2026-07-01&to=2026-07-03")).await;
    assert!(readings.text.contains("3\u{a0}Jul\u{a0}2026") && readings.text.contains("Collected"));
    for path in [
        "/console/bills.csv?month=2026-07".to_owned(),
        format!("{here}/lines.csv"),
        format!("{here}/days.csv"),
        format!("{point}.csv"),
        format!("/console/customers.csv?q={code}"),
    ] {
        let csv = bureau.get(&path).await;
        assert_eq!(csv.status, StatusCode::OK, "{path}");
        assert!(csv.text.starts_with('\u{feff}') && csv.text.lines().count() > 1, "{path}");
    }
    for path in ["/console/bills/1", "/console/bills/none", "/console/customers/1"] {
        assert_eq!(bureau.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_bill_is_corrected_with_a_reason_and_both_are_kept() {
    let bureau = Bureau::open("billing").await;
    let bill = bureau.bill().await;
    let here = format!("/console/bills/{}", bill.id);
    let nothing = bureau.get(&format!("{here}/correct")).await;
    assert_eq!((nothing.status, nothing.to), (StatusCode::SEE_OTHER, here.clone()));
    let mut tx = bureau.web.works.db.begin().await.unwrap();
    spoil(&mut tx, bureau.org, bill.id).await.unwrap();
    tx.commit().await.unwrap();
    let again = bureau.post(&format!("{here}/recompute"), "").await;
    assert!(again.text.contains("It comes to something else"), "{}", again.text);
    let ask = bureau.get(&format!("{here}/correct")).await;
    assert!(ask.text.contains("the ledger reverses"), "{}", ask.text);
    let silent = bureau.post(&format!("{here}/correct"), "cause=nonsense&reason=+").await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.text.contains("Choose one from the list"));
    let done = bureau.post(&format!("{here}/correct"), "cause=tariff&reason=wrong+rule").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let new = bureau.get(&done.to).await;
    assert!(new.text.contains("corrects an earlier one"), "{}", new.text);
    assert!(new.text.contains("Wrong tariff") && new.text.contains("wrong rule"));
    let old = bureau.get(&here).await;
    assert!(old.text.contains("replaced by a correction"), "{}", old.text);
    let log = bureau.get("/console/corrections").await;
    assert!(log.text.contains("wrong rule") && log.text.contains(&done.to), "{}", log.text);
    let month = bureau.get("/console/bills?month=2026-07").await;
    assert!(month.text.contains("1 corrected after they were issued"), "{}", month.text);
}

#[tokio::test]
async fn personal_data_is_shown_for_a_purpose_that_is_written_down() {
    let bureau = Bureau::open("agent").await;
    let bill = bureau.bill().await;
    let reveal = format!("/console/customers/{}/reveal", bill.account);
    let silent = bureau.post(&reveal, "purpose=").await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = bureau.post(&reveal, "purpose=check+the+caller").await;
    assert!(shown.text.contains("This look is in the audit trail"), "{}", shown.text);
    let works = &bureau.web.works;
    let mut tx = works.db.read().await.unwrap();
    let (from, to) = (works.db.now().plus_seconds(-60), works.db.now().plus_seconds(60));
    let last = Id::from_i64(i64::MAX);
    let right = "customer.read_personal";
    let rows = store::audit_between(&mut tx, bureau.org, from, to, "", right, "", last, 9).await;
    let rows = rows.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].purpose.as_deref(), Some("check the caller"));
    let denied = bureau.get(&format!("/console/bills/{}/correct", bill.id)).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn bills_that_wait_are_approved_together() {
    let bureau = Bureau::open("billing").await;
    let month = bureau.get("/console/bills?month=2026-07").await;
    assert!(month.text.contains("Bills of Jul 2026"), "{}", month.text);
    let none = bureau.post("/console/bills/approve", "").await;
    assert_eq!(none.to, "/console/bills");
    let bill = bureau.bill().await;
    // An issued bill cannot be approved: it is counted as left, and nothing breaks.
    let fields = format!("bill={}.{}&bill=nonsense", bill.id, bill.version);
    let left = bureau.post("/console/bills/approve", &fields).await;
    assert_eq!((left.status, left.to.as_str()), (StatusCode::SEE_OTHER, "/console/bills"));
    let open = bureau.get("/console/bills?month=2026-08").await;
    assert!(open.text.contains("This month is not closed"), "{}", open.text);
}

/// A reading clerk may decide and may not settle: what follows is settled by the program, on their
/// behalf, at once, and the run names them.
#[tokio::test]
async fn what_a_reading_clerk_decides_is_settled_on_their_behalf() {
    let bureau = Bureau::open("reading").await;
    let works = &bureau.web.works;
    let mut tx = works.db.read().await.unwrap();
    let gaps = Worklist { rule: "vee.gap".to_owned(), ..Worklist::all() };
    let gaps = readings::worklist(&mut tx, bureau.org, &gaps, &Page::first()).await.unwrap();
    let clerk = access::staff_by_login(&mut tx, "reading").await.unwrap().unwrap();
    drop(tx);
    let (mut gap, mut value) = (None, 0);
    for found in gaps.items {
        let context = readings::finding(works, bureau.org, found.id).await.unwrap();
        let shown = |row: &lake::tables::StateRow| row.register[0];
        let day = lake::tables::day_number(found.day);
        let before = context.states.iter().rev().find(|(_, row)| row.read_day < day);
        let after = context.states.iter().find(|(_, row)| row.read_day > day);
        let pair = before.and_then(|(_, row)| shown(row)).zip(after.and_then(|(_, r)| shown(r)));
        if let Some((before, _)) = pair.filter(|(before, after)| after - before > 2) {
            (gap, value) = (Some(found), before + 1);
            break;
        }
    }
    let gap = gap.expect("a silent day between two readings");
    let here = format!("/console/exceptions/{}", gap.id);
    let text = format!("{}.{:02}", value / 100, value % 100);
    let fields =
        format!("decision=replace&total={text}&reason=read+by+hand&version={}", gap.version);
    let decided = bureau.post(&here, &fields).await;
    assert_eq!((decided.status, decided.to.as_str()), (StatusCode::SEE_OTHER, here.as_str()));
    let mut tx = works.db.read().await.unwrap();
    let last = Id::from_i64(i64::MAX);
    let run = settlement::runs(&mut tx, bureau.org, last, 1).await.unwrap().remove(0);
    assert_eq!(
        (run.kind.as_str(), run.state.as_str(), run.started_by),
        ("decision", "done", clerk.id)
    );
    let next = gap.day.tomorrow().unwrap();
    let changed =
        settlement::resettlements_of(&mut tx, bureau.org, gap.usage_point, gap.day, next).await;
    assert!(changed.unwrap().iter().any(|row| row.run == run.id), "the day was settled again");
    drop(tx);
    // And taken back, though nothing else was ever read on that day.
    let fields = format!("version={}", gap.version + 1);
    let undone = bureau.post(&format!("{here}/reopen"), &fields).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    let forbidden = bureau.post("/console/months", "from=2026-08-01").await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN, "the clerk still may not settle");
}

#[tokio::test]
async fn a_disputed_bill_is_answered_beside_it() {
    let bureau = Bureau::open("billing").await;
    let bill = bureau.bill().await;
    let here = format!("/console/bills/{}", bill.id);
    let silent = bureau.post(&format!("{here}/dispute"), "claim=+").await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let asked = bureau.get(&format!("{here}/dispute")).await;
    assert!(asked.text.contains("computed again at once"), "{}", asked.text);
    let opened = bureau.post(&format!("{here}/dispute"), "claim=nobody+was+at+home").await;
    assert_eq!((opened.status, opened.to), (StatusCode::SEE_OTHER, here.clone()));
    let list = bureau.get("/console/disputes").await;
    assert!(list.text.contains(&bill.bill_no) && list.text.contains("nobody was at home"));
    let home = bureau.get("/console").await;
    assert!(home.text.contains("/console/disputes"), "{}", home.text);
    let page = bureau.get(&here).await;
    assert!(page.text.contains("the arithmetic is right"), "{}", page.text);
    assert!(!page.text.contains(&format!("{here}/dispute")), "one dispute at a time");
    let link = page.text.split("/console/disputes/").nth(1).unwrap();
    let id: String = link.chars().take_while(char::is_ascii_digit).collect();
    let answer = format!("/console/disputes/{id}");
    let form = bureau.get(&answer).await;
    assert!(form.text.contains("The bill stands"), "{}", form.text);
    let early = bureau.post(&answer, "outcome=corrected&answer=done&version=1").await;
    assert_eq!(early.status, StatusCode::CONFLICT, "nothing was corrected");
    let said = "outcome=upheld&answer=read+every+day+by+radio&version=1";
    let done = bureau.post(&answer, said).await;
    assert_eq!((done.status, done.to), (StatusCode::SEE_OTHER, here.clone()), "{}", done.text);
    let page = bureau.get(&here).await;
    assert!(page.text.contains("read every day by radio"), "{}", page.text);
    let none = bureau.get("/console/disputes").await;
    assert!(none.text.contains("No dispute waits"), "{}", none.text);
}

#[tokio::test]
async fn a_forged_cursor_is_refused_by_every_list() {
    let bureau = Bureau::open("billing").await;
    for list in ["/console/corrections", "/console/disputes"] {
        let forged = bureau.get(&format!("{list}?after=forged")).await;
        assert_eq!(forged.status, StatusCode::UNPROCESSABLE_ENTITY, "{list}");
    }
}

/// Who moves out in August is billed to the last day at once; the month goes on for who moved in.
#[tokio::test]
async fn a_household_moves_out_and_gets_its_final_bill() {
    let mut bureau = Bureau::open("agent").await;
    let works = bureau.web.works.clone();
    let mut tx = works.db.read().await.unwrap();
    let july = bureau.bill().await;
    let agreement = agreements_of_account(&mut tx, bureau.org, july.account).await.unwrap();
    let agreement = agreement.into_iter().next().unwrap();
    let (june, none) = (Date::constant(2026, 6, 1), Id::from_i64(0));
    let bills =
        supply::billing::bills_in_period(&mut tx, bureau.org, june, none, 99).await.unwrap();
    let other = bills.iter().find(|bill| bill.account != july.account).unwrap().account;
    let other = registry::premises::account_by_id(&mut tx, bureau.org, other).await.unwrap();
    let other = other.unwrap();
    drop(tx);
    let story = format!("/console/customers/{}", july.account);
    let here = format!("/console/agreements/{}/hand-over", agreement.id);
    assert!(bureau.get(&story).await.text.contains(&here));
    let version = agreement.version;
    let sent = |on: &str, to: &str| format!("on={on}&to={to}&reason=moved&version={version}");
    for (on, to) in [("", ""), ("2026-08-12", ""), ("2026-07-15", ""), ("2026-08-06", "77")] {
        let refused = bureau.post(&here, &sent(on, to)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{on} {to}");
    }
    let done = bureau.post(&here, &sent("2026-08-06", &other.account_no)).await;
    assert_eq!((done.status, done.to.as_str()), (StatusCode::SEE_OTHER, story.as_str()));
    bureau.goes_on_as("billing").await;
    let last = format!("/console/agreements/{}/final-bill", agreement.id);
    let page = bureau.get(&story).await;
    assert!(page.text.contains(&last) && !page.text.contains(&here), "{}", page.text);
    let asked = bureau.get(&last).await;
    assert!(asked.text.contains("for its days up to"), "{}", asked.text);
    let made = bureau.post(&last, "").await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let bill = bureau.get(&made.to).await;
    assert!(bill.text.contains("2026-08-01&amp;to=2026-08-05"), "{}", bill.text);
    let again = bureau.post(&last, "").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "once");
    assert!(!bureau.get(&story).await.text.contains(&last), "it is made");
    let mut tx = works.db.read().await.unwrap();
    let point = registry::premises::usage_point_by_id(&mut tx, bureau.org, july.usage_point).await;
    assert_eq!(point.unwrap().unwrap().account, other.id, "the place has a new account");
}

/// Story T-09 from the dispute to the refund, and what the customer is told.
#[tokio::test]
async fn a_fast_meter_behind_a_disputed_bill_is_refunded() {
    let bureau = Bureau::open("billing").await;
    let bill = bureau.bill().await;
    let here = format!("/console/bills/{}", bill.id);
    bureau.post(&format!("{here}/dispute"), "claim=the+meter+runs+fast").await;
    let page = bureau.get(&here).await;
    let link = page.text.split("/console/disputes/").nth(1).unwrap();
    let id: String = link.chars().take_while(char::is_ascii_digit).collect();
    let answer = bureau.get(&format!("/console/disputes/{id}")).await;
    let test = format!("/console/disputes/{id}/meter-test");
    assert!(answer.text.contains(&test), "{}", answer.text);
    let asked = bureau.get(&test).await;
    assert!(asked.text.contains("name=\"error\""), "{}", asked.text);
    let fields = |error: &str, more: &str| {
        format!("error={error}&tested_on=2026-07-31&since=2026-06-01&version=1{more}")
    };
    for error in ["", "fast", "80"] {
        let refused = bureau.post(&test, &fields(error, "")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
    }
    let shown = bureau.post(&test, &fields("3.2", "")).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.text.contains("meter error +3.2%"), "{}", shown.text);
    let silent = bureau.post(&test, &fields("3.2", "&confirmed=1&answer=")).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = "&confirmed=1&answer=tested%3A+3.2+percent+fast";
    let done = bureau.post(&test, &fields("3.2", said)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let new = bureau.get(&done.to).await;
    assert!(new.text.contains("meter error +3.2%"), "{}", new.text);
    let twice = bureau.post(&test, &fields("3.2", said)).await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "once");
}
