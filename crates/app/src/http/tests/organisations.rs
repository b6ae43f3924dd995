//! Two organisations in one installation: whatever the staff of one can open and do, the staff of
//! another with the same roles cannot, on any route that the first can find by following links.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Date;
use supply::readings::{Form, ImportFile};

use super::*;
use crate::demo::Demo;

/// So many pages of one route are opened.
const OF_A_KIND: usize = 2;
/// Routes with a place in them that no link of this bureau leads to: a part of a page, the
/// correction of a bill that computes to something else. They are tried with the ids of others.
const WITHOUT_LINK: [(&str, &str); 3] = [
    ("/console/agreements/{agreement}/final-bill", "/console/agreements/{agreement}/hand-over"),
    ("/console/work/{job}", "/console/jobs/{id}"),
    ("/console/bills/{bill}/correct", "/console/bills/{bill}"),
];

/// A county with bills and findings, an import with a bad row, a job that waits, and a dispute;
/// `insider` holds every role in it, `outsider` every role in a sub-bureau of it. With the page of
/// the disputed bill.
async fn two_organisations() -> (House, Id, String) {
    let (folder, works) = House::works().await;
    let demo = Demo {
        seed: 5,
        customers: 120,
        first: Date::constant(2026, 6, 1),
        last: Date::constant(2026, 7, 6),
    };
    let county = demo.make(&works, &|_, _, _| {}).await.unwrap();
    let actor = Actor::program("test");
    let ctx = Ctx::new(works.db.clock().as_ref(), &works.random, &actor, "test");
    let mut tx = works.db.begin().await.unwrap();
    let part = NewOrganisation {
        parent: Some(county),
        code: "3399901",
        name_zh: "Branch",
        name_en: "Branch",
    };
    let part = access::create_organisation(&ctx, &mut tx, part).await.unwrap();
    for (login, org) in [("insider", county), ("outsider", part)] {
        let password = Password::new(PASSWORD);
        let new = NewStaff { org, login, name: "Zhang San", password, must_change: false };
        let staff = access::create_staff(&ctx, &mut tx, new).await.unwrap();
        for role in ["billing_clerk", "agent", "reading_clerk", "manager", "administrator"] {
            let role = access::role_by_code(&mut tx, role).await.unwrap().unwrap().id;
            access::grant_role(&ctx, &mut tx, GrantRole { staff, role, org }).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    let mut house = House::of(folder, works.clone(), county);
    let visitor = Actor::visitor();
    let ctx = Ctx::new(works.db.clock().as_ref(), &works.random, &visitor, "test");
    for login in ["insider", "outsider"] {
        let attempt = SignIn { login, password: Password::new(PASSWORD), origin: "test" };
        let opened = access::sign_in(&ctx, &works.db, attempt).await.unwrap().unwrap();
        house.sessions.insert(login, opened.token);
    }
    let file = house._folder.path().join("late.csv");
    std::fs::write(&file, "usage_point,at,total\nnobody,2026-06-30 00:00,7\n").unwrap();
    let file = ImportFile::new(file, Form::Registers);
    supply::readings::import_file(&works, &actor, county, file, &|_, _, _| {}).await.unwrap();
    let asked = house.post("/console/settlement", "insider", "").await;
    assert_eq!(asked.status(), StatusCode::SEE_OTHER, "a day is to be settled: {asked:?}");
    let sent = house.upload("insider", &imports::FIELDS, imports::READINGS).await;
    let file: Id = location(&sent).rsplit('/').next().unwrap().parse().unwrap();
    let looked = supply::intake::look_through(&works, &actor, county, file, &|_, _, _| {}).await;
    looked.unwrap();
    metering_work(&house, county).await;
    let mut tx = works.db.read().await.unwrap();
    let from = Date::constant(2026, 6, 1);
    let bills = supply::billing::bills_in_period(&mut tx, county, from, Id::from_i64(0), 1_000);
    let bills = bills.await.unwrap();
    let issued = bills.iter().find(|bill| bill.state == "issued").unwrap();
    drop(tx);
    let path = format!("/console/bills/{}/dispute", issued.id);
    let disputed = house.post(&path, "insider", "claim=The+fridge+was+off").await;
    assert_eq!(disputed.status(), StatusCode::SEE_OTHER, "{path}: {disputed:?}");
    (house, county, format!("/console/bills/{}", issued.id))
}

/// Orders, an alert, a request, a handheld and a bulletin, made through the pages.
async fn metering_work(house: &House, county: Id) {
    let points = text(house.get("/console/coverage/points.csv", "insider").await).await;
    let line = points.lines().find(|line| line.ends_with(",yes")).unwrap();
    let meter = line.split(',').nth(4).unwrap();
    for (path, fields) in [
        ("/console/rotation", "from=2026-07-01&to=2029-01-01".to_owned()),
        ("/console/errors/new", format!("id=7&point={meter}&code=misread")),
        ("/console/requests", format!("point={meter}")),
        (
            "/console/bulletins",
            "kind=other&effective_on=2026-07-01&title_zh=a&title_en=b&body_zh=c&body_en=d"
                .to_owned(),
        ),
    ] {
        let done = house.post(path, "insider", &fields).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER, "{path} {fields}: {done:?}");
    }
    let shown = house.post("/console/handhelds", "insider", "name=PDA&holder=Wang").await;
    assert_eq!(shown.status(), StatusCode::OK);
    let mut tx = house.web.works.db.read().await.unwrap();
    let error = supply::alerts::alert_of_source(&mut tx, county, "error:7").await.unwrap().unwrap();
    drop(tx);
    let photo = (error.id, b"\x89PNG\r\n\x1a\n a gate that is locked".to_vec());
    let (works, actor) = (&house.web.works, Actor::program("test"));
    supply::alerts::attach_photo(works, &actor, county, photo).await.unwrap();
}

/// The addresses in a page that stand in an attribute.
fn addresses<'a>(page: &'a str, attribute: &'a str) -> impl Iterator<Item = String> + 'a {
    page.split(attribute).skip(1).filter_map(|rest| {
        let address = rest.split('"').next()?.split('#').next()?;
        address.starts_with('/').then(|| address.replace("&amp;", "&").replace("&#38;", "&"))
    })
}

/// The route that an address belongs to.
fn route_of<'a>(routes: &'a [Route], method: &Method, address: &str) -> Option<&'a Route> {
    let path = address.split('?').next().unwrap_or_default();
    let fits = |pattern: &str| {
        let (mut asked, mut parts) = (path.split('/'), pattern.split('/'));
        loop {
            match (asked.next(), parts.next()) {
                (None, None) => return true,
                (Some(a), Some(p)) if a == p || (p.starts_with('{') && !a.is_empty()) => {}
                _ => return false,
            }
        }
    };
    routes.iter().find(|route| route.info.method == *method && fits(route.info.path))
}

/// Opens what links lead to as the insider. By route: the addresses opened, and the forms found.
async fn walk(
    house: &House,
    routes: &[Route],
    first: String,
) -> (BTreeMap<String, Vec<String>>, BTreeSet<String>) {
    let mut opened: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut forms, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut waiting = vec!["/console".to_owned(), first];
    while let Some(address) = waiting.pop() {
        let Some(route) = route_of(routes, &Method::GET, &address) else { continue };
        let of_route = opened.entry(route.info.path.to_owned()).or_default();
        if of_route.len() >= OF_A_KIND || !seen.insert(address.clone()) {
            continue;
        }
        let response = house.get(&address, "insider").await;
        if !response.status().is_success() {
            continue;
        }
        of_route.push(address);
        let bytes = to_bytes(response.into_body(), 8_000_000).await.unwrap();
        let page = String::from_utf8_lossy(&bytes).into_owned();
        waiting.extend(addresses(&page, "href=\""));
        forms.extend(addresses(&page, "action=\""));
    }
    (opened, forms)
}

/// What may not be told outside: account numbers and bill numbers of the county.
async fn secrets(house: &House, county: Id) -> Vec<String> {
    let mut tx = house.web.works.db.read().await.unwrap();
    let from = Date::constant(2026, 6, 1);
    let bills = supply::billing::bills_in_period(&mut tx, county, from, Id::from_i64(0), 1_000);
    let bills = bills.await.unwrap();
    assert!(bills.len() > 50, "the county has bills");
    let mut secrets: Vec<String> = bills.iter().map(|bill| bill.bill_no.clone()).collect();
    for bill in bills {
        let account = registry::premises::account_by_id(&mut tx, county, bill.account).await;
        secrets.push(account.unwrap().unwrap().account_no);
    }
    secrets
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_opens_another_organisations_data() {
    let (house, county, disputed) = two_organisations().await;
    let secrets = secrets(&house, county).await;
    let routes = all_routes();
    let (mut opened, forms) = walk(&house, &routes, disputed).await;
    for (path, like) in WITHOUT_LINK {
        let (start, end) = path.split_once('{').unwrap();
        let end = end.split_once('}').unwrap().1;
        let ids = opened[like].iter().map(|address| address.rsplit('/').next().unwrap());
        let filled = ids.map(|id| format!("{start}{id}{end}")).collect();
        opened.insert(path.to_owned(), filled);
    }
    // Its link is there while bills of the month wait to be issued.
    let issue = "/console/months/2026-06-01/issue".to_owned();
    opened.insert("/console/months/{from}/issue".to_owned(), vec![issue]);
    for route in &routes {
        let info = &route.info;
        let is_wanted = info.method == Method::GET
            && info.path.starts_with("/console/")
            && info.path.contains('{');
        let count = opened.get(info.path).map_or(0, Vec::len);
        assert!(!is_wanted || count > 0, "no link leads to {}: make one in this test", info.path);
    }
    let in_api = |bill: &str, account: &str| {
        [
            format!("/api/v1/accounts/{account}"),
            format!("/api/v1/accounts/{account}/bills"),
            format!("/api/v1/bills/{bill}"),
            format!("/api/v1/usage-points/{account}/days?from=2026-06-01&to=2026-06-30"),
            format!("/api/v1/customers?q={account}"),
            "/api/v1/exceptions".to_owned(),
            "/api/v1/settlement".to_owned(),
        ]
    };
    let last = |path: &str| opened[path][0].rsplit('/').next().unwrap().to_owned();
    let account = secrets.last().unwrap();
    let api = in_api(&last("/console/bills/{bill}"), account);
    // The insider may look at the outsider, and so may the outsider.
    let mut tx = house.web.works.db.read().await.unwrap();
    let outsider = access::staff_by_login(&mut tx, "outsider").await.unwrap().unwrap().id;
    drop(tx);
    let themselves = format!("/console/users/{outsider}");
    let mut tried = 0;
    let addresses = opened.values().flatten().filter(|address| **address != themselves);
    for address in addresses.chain(&api) {
        let is_api = address.starts_with("/api/");
        if is_api {
            let status = house.get(address, "insider").await.status();
            assert_eq!(status, StatusCode::OK, "{address} as the insider");
        }
        let response = house.get(address, "outsider").await;
        let status = response.status();
        let page = text(response).await;
        let told =
            secrets.iter().find(|secret| page.contains(*secret) && !address.contains(*secret));
        assert_eq!(told, None, "{address} tells the outsider ({status})");
        let route = route_of(&routes, &Method::GET, address).unwrap();
        let names_one = route.info.path.contains('{');
        let refused = matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN);
        assert!(refused || !names_one || !status.is_success(), "{address} lets the outsider in");
        tried += 1;
    }
    assert!(tried > 40, "only {tried} addresses were tried");
    deeds(&house, &routes, (&forms, themselves), county).await;
}

/// The forms that the insider sees change nothing when the outsider sends them.
async fn deeds(
    house: &House,
    routes: &[Route],
    (forms, outsider): (&BTreeSet<String>, String),
    county: Id,
) {
    let state = async || {
        let mut tx = house.web.works.db.read().await.unwrap();
        format!("{:?}", supply::digest::digest(&mut tx, county).await.unwrap())
    };
    let before = state().await;
    let mut sent = 0;
    for address in forms {
        let Some(route) = route_of(routes, &Method::POST, address) else { continue };
        let is_one = route.info.path.contains('{') && route.info.path.starts_with("/console/");
        if !is_one || address.starts_with(&outsider) {
            continue;
        }
        let fields = "reason=no&decision=estimate&version=1&role=1&org=1&claim=no&to=/console";
        let response = house.post(address, "outsider", fields).await;
        let status = response.status();
        assert!(status.is_client_error(), "{address} is done for the outsider: {status}");
        sent += 1;
    }
    assert!(sent > 8, "only {sent} forms were tried");
    assert_eq!(before, state().await, "an outsider's form changed something");
}
